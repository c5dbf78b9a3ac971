#ifndef COAUTH_IMPL_TESTING_DETAIL_SESSIONS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SESSIONS_IPP

#include <coauth/testing/detail/random_token.hpp>
#include <coauth/testing/detail/sessions.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

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
    out->csrf_token = random_token();
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

COAUTH_DECL void session_table::sign_in(const std::shared_ptr<browser_session>& session,
                                        const std::string& user_name)
{
    rename(session);
    if (session->user_name != user_name) {
        signed_in_.erase(session->session_id);
        session->grants.clear();
        session->session_id = random_token();
        session->csrf_token = random_token();
        session->user_name = user_name;
        signed_in_.insert(session->session_id, session);
    }
}

COAUTH_DECL void session_table::erase(const std::shared_ptr<browser_session>& session)
{
    signed_in_.erase(session->session_id);
    sessions_.erase(session->id);
    session->user_name.clear(); // also for forms that are open in the browser
    session->grants.clear();
}

COAUTH_DECL std::shared_ptr<browser_session>
session_table::find_signed_in(std::string_view session_id, std::chrono::system_clock::time_point now)
{
    const std::weak_ptr<browser_session>* found = signed_in_.find(session_id);
    const auto held = found != nullptr ? found->lock() : nullptr;
    return held ? find(held->id, now) : nullptr;
}

COAUTH_DECL void session_table::clear()
{
    signed_in_.clear();
    sessions_.clear();
    interactions_.clear();
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
