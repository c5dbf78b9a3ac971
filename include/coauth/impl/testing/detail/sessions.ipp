#ifndef COAUTH_IMPL_TESTING_DETAIL_SESSIONS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SESSIONS_IPP

#include <coauth/testing/detail/sessions.hpp>
#include <coauth/testing/detail/signing_key.hpp>

namespace coauth::testing::detail {

COAUTH_DECL std::shared_ptr<browser_session> session_table::find(std::string_view id,
                                                                 std::chrono::system_clock::time_point now)
{
    const std::shared_ptr<browser_session>* found = sessions_.find(id);
    if (found == nullptr)
        return nullptr;
    if (now >= (*found)->expires_at) {
        sessions_.erase(id);
        return nullptr;
    }
    return *found;
}

COAUTH_DECL std::shared_ptr<browser_session>
session_table::create(std::chrono::system_clock::time_point expires_at)
{
    auto out = std::make_shared<browser_session>();
    out->id = random_token();
    out->expires_at = expires_at;
    sessions_.insert(out->id, out);
    return out;
}

COAUTH_DECL void session_table::rename(const std::shared_ptr<browser_session>& session)
{
    sessions_.erase(session->id);
    session->id = random_token();
    sessions_.insert(session->id, session);
}

COAUTH_DECL void session_table::clear()
{
    sessions_.clear();
    interactions_.clear();
}

} // namespace coauth::testing::detail

#endif
