#ifndef COAUTH_IMPL_POLICY_SEALED_STATE_STORE_IPP
#define COAUTH_IMPL_POLICY_SEALED_STATE_STORE_IPP

#include <coauth/detail/login_codec.hpp>
#include <coauth/detail/sealed_text.hpp>
#include <coauth/policy/sealed_state_store.hpp>

namespace coauth::inline COAUTH_MODE::detail {

inline seal_binding login_cookie_binding()
{
    return seal_binding("coauth pending sign-in cookie, version 1");
}

COAUTH_DECL login_sealer::login_sealer(seal_key_ring keys, const limits& bounds, std::size_t most_characters)
    : keys_(std::move(keys)),
      most_(most_characters),
      spent_(bounds.pending_logins),
      longest_(expiry_after(std::chrono::seconds(0), bounds.pending_login_lifetime))
{
}

COAUTH_DECL result<std::string> login_sealer::seal(const pending_login& login,
                                                   std::chrono::seconds expires) const
{
    const secure_bytes content = encode_login(login);
    return seal_text(keys_, {content.data(), content.size()}, login_cookie_binding(), expires, most_);
}

COAUTH_DECL result<pending_login> login_sealer::open(std::string_view cookie, const random_value& state,
                                                     std::chrono::seconds now)
{
    const auto opened = open_sealed_text(keys_, cookie, login_cookie_binding(), now, most_);
    if (!opened)
        return opened.error() == errc::seal_expired ? error(errc::expired_transaction) : opened.error();
    auto login = decode_login(*opened);
    if (!login)
        return login.error();
    if (!login->state().equals(state))
        return errc::state_mismatch;
    const std::chrono::system_clock::time_point time(now);
    if (!spent_.insert("state", state.view(), time + longest_, time))
        return errc::unknown_transaction;
    return login;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
