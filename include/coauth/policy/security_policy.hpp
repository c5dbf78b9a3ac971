// Floor 3.
#ifndef COAUTH_POLICY_SECURITY_POLICY_HPP
#define COAUTH_POLICY_SECURITY_POLICY_HPP

#include <coauth/core/client_registration.hpp>
#include <coauth/core/leniencies.hpp>
#include <coauth/policy/constant_time.hpp>
#include <coauth/policy/memory_state_store.hpp>
#include <coauth/policy/random_source.hpp>
#include <coauth/policy/state_store.hpp>

#include <chrono>
#include <concepts>

namespace coauth::inline COAUTH_MODE {

/** A security policy: one type that holds every choice on which the safety of a sign-in rests.

    - `random_source`, `comparison`, `state_store`, `clock` (a wall clock) are types;
    - `tolerated` is a `leniencies` constant;
    - `permits_authentication<A>` says whether the client authentication method A may be used.

    Derive from a shipped policy to exchange one part:
    @code
    struct my_policy : coauth::oauth21 { using state_store = my_state_store; };
    @endcode
*/
template <class P>
concept security_policy =
    random_source<typename P::random_source> && secret_comparison<typename P::comparison> &&
    state_store<typename P::state_store> && requires {
        { P::clock::now() } -> std::convertible_to<std::chrono::system_clock::time_point>;
        { P::tolerated } -> std::convertible_to<leniencies>;
        { P::template permits_authentication<public_client> } -> std::convertible_to<bool>;
    };

/** The default: OAuth 2.1, for every current provider.

    Demands PKCE with S256, a one-time state bound to the browser, a nonce with OpenID Connect, exact
    redirect URIs, https, bearer tokens in the Authorization header. There is no implicit grant.
*/
struct oauth21 {
    using random_source = openssl_random_source;
    using comparison = constant_time_comparison;
    using state_store = memory_state_store;
    using clock = std::chrono::system_clock;
    static constexpr leniencies tolerated{};
    template <client_authentication_method Authentication>
    static constexpr bool permits_authentication = Authentication::conforming;
};

/** For plain OAuth 2.0 providers with quirks: the same demands, with leniencies by name.

    Tolerates a missing `token_type`, token responses in any content type and comma-separated scopes,
    and permits insecure::unencoded_client_secret_basic.
*/
struct oauth20_compatible : oauth21 {
    static constexpr leniencies tolerated{
        .missing_token_type = true, .any_token_content_type = true, .comma_separated_scope = true};
    template <client_authentication_method Authentication>
    static constexpr bool permits_authentication = true;
};

} // namespace coauth::inline COAUTH_MODE

#endif
