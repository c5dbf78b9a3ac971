// Floor 3. Ready-made descriptions of identity providers.
#ifndef COAUTH_PROVIDERS_HPP
#define COAUTH_PROVIDERS_HPP

#include <coauth/policy/security_policy.hpp>
#include <coauth/providers/description.hpp>
#include <coauth/providers/oauth.hpp>
#include <coauth/providers/openid.hpp>

namespace coauth::inline COAUTH_MODE {

/** The default policy with exactly what a provider needs tolerated, which is often nothing.

    @code
    using namespace coauth;
    basic_client<provider_policy<providers::github>> github(
        provider_metadata(providers::github).value(),
        client_registration("id", client_secret_post(secret("...")), callback), transport);
    auto request = co_await github.begin_authorization(providers::github.sign_in_parameters());
    @endcode

    What protects the person is not up to the provider: one that does not work with PKCE or without the nonce
    does not compile.

    @tparam Provider a variable of namespace scope
*/
template <const provider_description& Provider, class Base = oauth21>
struct provider_policy : Base {
    static_assert(
        !Provider.quirks.has(provider_quirk::code_verifier_refused) &&
            !Provider.quirks.has(provider_quirk::nonce_not_returned),
        "coauth: this provider does without PKCE or without the nonce, so that a stolen code could be "
        "used in another person's browser; no policy permits that");
    static constexpr leniencies tolerated = Provider.tolerated;
};

} // namespace coauth::inline COAUTH_MODE

#endif
