// Floor 2. Providers that speak OpenID Connect with discovery.
#ifndef COAUTH_PROVIDERS_OPENID_HPP
#define COAUTH_PROVIDERS_OPENID_HPP

#include <coauth/providers/description.hpp>

namespace coauth::inline COAUTH_MODE::providers {
namespace detail {

inline constexpr std::string_view secret_post[] = {"client_secret_post"};
inline constexpr std::string_view secret_either_way[] = {"client_secret_basic", "client_secret_post"};
inline constexpr std::string_view key_or_secret[] = {"private_key_jwt", "client_secret_basic",
                                                     "client_secret_post"};
inline constexpr std::string_view keycloak_methods[] = {"private_key_jwt", "client_secret_jwt",
                                                        "client_secret_basic", "client_secret_post"};
inline constexpr parameter google_offline[] = {{"access_type", "offline"}};

} // namespace detail

inline constexpr provider_description google{
    .name = "Google",
    .documentation = "https://developers.google.com/identity/openid-connect/openid-connect",
    .issuer = "https://accounts.google.com",
    .sign_in = {.scope = "openid email profile"},
    // Not by a scope: access_type=offline, and only with the consent that prompt=consent asks for again.
    .offline = {.scope = "openid email profile", .prompt = "consent", .extra = detail::google_offline},
    .authentication_methods = detail::secret_either_way,
    // Scope `email` is granted as https://www.googleapis.com/auth/userinfo.email.
    .quirks = {provider_quirk::scope_renamed, provider_quirk::unannounced_issuer,
               provider_quirk::refresh_token_with_consent}};

/// One tenant, by its identifier (a GUID): its domain name is not in the issuer that the metadata document has.
inline constexpr provider_description microsoft_entra{
    .name = "Microsoft Entra ID",
    .documentation = "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
    .issuer = "https://login.microsoftonline.com/{tenant}/v2.0",
    .sign_in = {.scope = "openid profile email"},
    .offline = {.scope = "openid profile email offline_access"},
    .authentication_methods = detail::key_or_secret,
    .quirks = {provider_quirk::subject_differs_by_client}};

/// People of several tenants. provider_registration() takes the tenants' identifiers.
inline constexpr provider_description microsoft_entra_organizations{
    .name = "Microsoft Entra ID",
    .documentation = "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
    .issuer = "https://login.microsoftonline.com/organizations/v2.0",
    .issuer_template = "https://login.microsoftonline.com/{tenantid}/v2.0",
    .sign_in = {.scope = "openid profile email"},
    .offline = {.scope = "openid profile email offline_access"},
    .authentication_methods = detail::key_or_secret,
    .quirks = {provider_quirk::issuer_differs_by_tenant, provider_quirk::subject_differs_by_client}};

/// Likewise, and people with personal accounts; their tenant is 9188040d-6c67-4c5b-b112-36a304b66dad.
inline constexpr provider_description microsoft_entra_common{
    .name = "Microsoft",
    .documentation = "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
    .issuer = "https://login.microsoftonline.com/common/v2.0",
    .issuer_template = "https://login.microsoftonline.com/{tenantid}/v2.0",
    .sign_in = {.scope = "openid profile email"},
    .offline = {.scope = "openid profile email offline_access"},
    .authentication_methods = detail::key_or_secret,
    .quirks = {provider_quirk::issuer_differs_by_tenant, provider_quirk::subject_differs_by_client}};

/// There is no userinfo endpoint: what is to be known of a person is in the ID token. Redirect URIs are https.
inline constexpr provider_description apple{
    .name = "Apple",
    .documentation = "https://developer.apple.com/documentation/signinwithapplerestapi",
    .issuer = "https://appleid.apple.com",
    .sign_in = {.scope = "openid name email"},
    // A request with the scopes name or email has to ask for form_post.
    .response_mode = response_mode::form_post,
    .authentication_methods = detail::secret_post,
    .quirks = {provider_quirk::signed_client_secret, provider_quirk::name_at_first_sign_in,
               provider_quirk::booleans_as_strings, provider_quirk::subject_differs_by_client}};

/// gitlab.com. One's own: gitlab_self_managed.
inline constexpr provider_description gitlab{
    .name = "GitLab",
    .documentation = "https://docs.gitlab.com/integration/openid_connect_provider/",
    .issuer = "https://gitlab.com",
    .sign_in = {.scope = "openid profile email"},
    .authentication_methods = detail::secret_either_way};

inline constexpr provider_description gitlab_self_managed{
    .name = "GitLab",
    .documentation = "https://docs.gitlab.com/integration/openid_connect_provider/",
    .issuer = "{base_url}",
    .sign_in = {.scope = "openid profile email"},
    .authentication_methods = detail::secret_either_way};

/// Errors come with status 200 and `"ok":false`.
inline constexpr provider_description slack{
    .name = "Slack",
    .documentation = "https://docs.slack.dev/authentication/sign-in-with-slack/",
    .issuer = "https://slack.com",
    .sign_in = {.scope = "openid profile email"},
    .authentication_methods = detail::secret_either_way,
    .quirks = {provider_quirk::error_with_status_200, provider_quirk::no_refresh_token,
               provider_quirk::access_token_never_expires, provider_quirk::public_with_pkce_setting}};

/// An authorization server of an Okta organization, as `default`.
inline constexpr provider_description okta{.name = "Okta",
                                           .documentation =
                                               "https://developer.okta.com/docs/concepts/auth-servers/",
                                           .issuer = "https://{domain}/oauth2/{server}",
                                           .sign_in = {.scope = "openid profile email"},
                                           .offline = {.scope = "openid profile email offline_access"},
                                           .authentication_methods = detail::key_or_secret};

/// The organization's own authorization server, which every Okta organization has.
inline constexpr provider_description okta_organization{
    .name = "Okta",
    .documentation = "https://developer.okta.com/docs/concepts/auth-servers/",
    .issuer = "https://{domain}",
    .sign_in = {.scope = "openid profile email"},
    .offline = {.scope = "openid profile email offline_access"},
    .authentication_methods = detail::key_or_secret};

/// The issuer ends in a slash.
inline constexpr provider_description auth0{
    .name = "Auth0",
    .documentation = "https://auth0.com/docs/get-started/authentication-and-authorization-flow",
    .issuer = "https://{domain}/",
    .sign_in = {.scope = "openid profile email"},
    .offline = {.scope = "openid profile email offline_access"},
    .authentication_methods = detail::key_or_secret};

/// Before version 17, and by setting, the base URL ends in `/auth`.
inline constexpr provider_description keycloak{.name = "Keycloak",
                                               .documentation =
                                                   "https://www.keycloak.org/securing-apps/oidc-layers",
                                               .issuer = "{base_url}/realms/{realm}",
                                               .sign_in = {.scope = "openid profile email"},
                                               .offline = {.scope = "openid profile email offline_access"},
                                               .authentication_methods = detail::keycloak_methods};

/// A user pool; its identifier begins with the region. The endpoints are on the pool's own domain.
inline constexpr provider_description aws_cognito{
    .name = "Amazon Cognito",
    .documentation = "https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html",
    .issuer = "https://cognito-idp.{region}.amazonaws.com/{user_pool}",
    .sign_in = {.scope = "openid profile email"},
    .authentication_methods = detail::secret_either_way,
    .quirks = {provider_quirk::booleans_as_strings}};

} // namespace coauth::inline COAUTH_MODE::providers

#endif
