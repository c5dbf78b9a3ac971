// Floor 2. Providers whose endpoints are written down: plain OAuth 2.0, or metadata that one cannot go by.
#ifndef COAUTH_PROVIDERS_OAUTH_HPP
#define COAUTH_PROVIDERS_OAUTH_HPP

#include <coauth/providers/description.hpp>

namespace coauth::inline COAUTH_MODE::providers {
namespace detail {

inline constexpr std::string_view oauth_secret_post[] = {"client_secret_post"};
inline constexpr std::string_view oauth_secret_either_way[] = {"client_secret_basic", "client_secret_post"};

} // namespace detail

/// OAuth applications and GitHub Apps. The login name can change hands: a person is `id`, a number.
inline constexpr provider_description github{
    .name = "GitHub",
    .documentation = "https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
    // In `iss` of authorization responses, which GitHub has begun to send. It signs no ID tokens for sign-ins.
    .issuer = "https://github.com/login/oauth",
    .endpoints = {.authorization = "https://github.com/login/oauth/authorize",
                  .token = "https://github.com/login/oauth/access_token",
                  .userinfo = "https://api.github.com/user"},
    .sign_in = {.scope = "read:user user:email"},
    .person_member = "id",
    .authentication_methods = detail::oauth_secret_post,
    // With status 200.
    .tolerated = {.comma_separated_scope = true,
                  .words_for_invalid_grant = "bad_verification_code bad_refresh_token"},
    .quirks = {provider_quirk::error_with_status_200, provider_quirk::json_on_request,
               provider_quirk::unannounced_issuer, provider_quirk::refresh_token_by_settings,
               provider_quirk::own_revocation}};

/** The Graph API, at the oldest version that the application may use. Userinfo names the fields that it wants.

    The metadata document of https://www.facebook.com has no token endpoint, and is made for another kind of login.
*/
inline constexpr provider_description facebook{
    .name = "Facebook",
    .documentation = "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
    .endpoints = {.authorization = "https://www.facebook.com/dialog/oauth",
                  .token = "https://graph.facebook.com/oauth/access_token",
                  .userinfo = "https://graph.facebook.com/me?fields=id,name,email"},
    .sign_in = {.scope = "public_profile email"},
    .person_member = "id",
    .authentication_methods = detail::oauth_secret_post,
    .quirks = {provider_quirk::error_is_an_object, provider_quirk::subject_differs_by_client,
               provider_quirk::no_refresh_token, provider_quirk::own_revocation}};

/** OpenID Connect by its own rules, which leave a stolen code without defence: no policy of this library permits it.

    It neither takes PKCE's code_verifier from web applications nor puts the nonce into the ID token, so that nothing
    ties the code to the sign-in that it was issued for (RFC 9700 2.1.1). The metadata document does not list
    client_secret_post, the one method that works.
*/
inline constexpr provider_description linkedin{
    .name = "LinkedIn",
    .documentation =
        "https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
    .issuer = "https://www.linkedin.com/oauth",
    .endpoints = {.authorization = "https://www.linkedin.com/oauth/v2/authorization",
                  .token = "https://www.linkedin.com/oauth/v2/accessToken",
                  .userinfo = "https://api.linkedin.com/v2/userinfo",
                  .jwks = "https://www.linkedin.com/oauth/openid/jwks"},
    .sign_in = {.scope = "openid profile email"},
    .authentication_methods = detail::oauth_secret_post,
    .tolerated = {.comma_separated_scope = true},
    .quirks = {provider_quirk::code_verifier_refused, provider_quirk::nonce_not_returned,
               provider_quirk::subject_differs_by_client, provider_quirk::no_refresh_token}};

/// A person is `id`, a number in a string; the name can change.
inline constexpr provider_description discord{
    .name = "Discord",
    .documentation = "https://discord.com/developers/docs/topics/oauth2",
    .endpoints = {.authorization = "https://discord.com/oauth2/authorize",
                  .token = "https://discord.com/api/oauth2/token",
                  .userinfo = "https://discord.com/api/users/@me",
                  .revocation = "https://discord.com/api/oauth2/token/revoke"},
    .sign_in = {.scope = "identify email"},
    .person_member = "id",
    .authentication_methods = detail::oauth_secret_either_way};

} // namespace coauth::inline COAUTH_MODE::providers

#endif
