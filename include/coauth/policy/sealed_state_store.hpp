// Floor 3.
#ifndef COAUTH_POLICY_SEALED_STATE_STORE_HPP
#define COAUTH_POLICY_SEALED_STATE_STORE_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/detail/replay_cache.hpp>
#include <coauth/policy/pending_login.hpp>
#include <coauth/policy/seal_key_ring.hpp>
#include <coauth/policy/state_store.hpp>
#include <coauth/sealed_cookie.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// What of sealed_state_store does not depend on the clock.
class login_sealer {
public:
    COAUTH_DECL login_sealer(seal_key_ring keys, const limits& bounds, std::size_t most_characters);

    COAUTH_DECL result<std::string> seal(const pending_login& login, std::chrono::seconds expires) const;
    COAUTH_DECL result<pending_login> open(std::string_view cookie, const random_value& state,
                                           std::chrono::seconds now);

private:
    seal_key_ring keys_;
    std::size_t most_;
    replay_cache spent_;
    std::chrono::seconds longest_;
};

} // namespace detail

/** Keeps pending sign-ins nowhere: each is sealed into the cookie of the browser that began it.

    So any number of servers with the same keys serve one site, and need nothing else in common. In a policy:
    @code
    struct many_servers : coauth::oauth21 { using state_store = coauth::sealed_state_store; };
    auto store = std::make_shared<coauth::sealed_state_store>(coauth::seal_key_ring::load("keys").value());
    coauth::basic_client<many_servers> client(server, registration, transport, store);
    @endcode

    Each sign-in has a cookie of its own, so that several tabs can sign in at once: append
    authorization_request::cookie_suffix() to the cookie's name, and look for the name with
    basic_client::cookie_suffix() of the callback's parameters. Set Max-Age to limits::pending_login_lifetime, and
    expire the cookie when the callback is answered.

    What it cannot do is forget for all servers that a sign-in was used. The process that it was used at remembers (the
    last limits::pending_logins of them); at another one, whoever has the callback's URL and the browser's cookie
    gets as far as the token request, where the server refuses a code that was used (RFC 6749 4.1.2). A server may
    then revoke the tokens that it issued for it: a cookie that is not expired can let a reloaded page end a session.

    @tparam Clock the policy's clock, which has the system's time
    @par Thread safety Distinct and shared objects: safe.
    @par Specification RFC 9700 4.7.1, RFC 6749 4.1.2
*/
template <class Clock>
class basic_sealed_state_store {
public:
    /**
        @param keys of all servers that callbacks may come to
        @param most_characters of a cookie's value: what the application keeps with a sign-in has to fit in
        @throws coauth::exception errc::random_source_failed
    */
    explicit basic_sealed_state_store(seal_key_ring keys, const limits& bounds = {},
                                      std::size_t most_characters = default_cookie_characters)
        : sealer_(std::move(keys), bounds, most_characters)
    {
    }

    /** Make the value of the binding cookie.
        @par Errors
        - errc::sealed_data_too_large: scope, acr values and application data are too long for a cookie
        - errc::random_source_failed
    */
    result<std::string> seal(const pending_login& login, std::chrono::seconds lifetime)
    {
        return sealer_.seal(login, detail::expiry_after(now(), lifetime));
    }

    /** Open the value of the binding cookie, if it is of the sign-in with this state.
        @par Errors
        - errc::seal_broken: changed, or sealed with a key that is not here
        - errc::expired_transaction
        - errc::state_mismatch: of another sign-in
        - errc::unknown_transaction: it was opened here before
    */
    result<pending_login> open(std::string_view cookie, const random_value& state)
    {
        return sealer_.open(cookie, state, now());
    }

private:
    static std::chrono::seconds now() { return detail::whole_seconds_now<Clock>(); }

    detail::login_sealer sealer_;
};

using sealed_state_store = basic_sealed_state_store<std::chrono::system_clock>;

static_assert(sealing_state_store<sealed_state_store>);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/sealed_state_store.ipp>
#endif

#endif
