// Floor 2.
#ifndef COAUTH_PROVIDERS_DESCRIPTION_HPP
#define COAUTH_PROVIDERS_DESCRIPTION_HPP

#include <coauth/core/openid_registration.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/protocol/authorization_request.hpp>
#include <coauth/protocol/token_response.hpp>
#include <coauth/protocol/userinfo.hpp>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/** What a provider does otherwise than most, by its own documentation or by what it was seen to do.

    For people who set a client up, and for the tests. The library acts on none of it, but for what
    provider_description::tolerated says.
*/
enum class provider_quirk : unsigned char {
    error_with_status_200, ///< The token endpoint reports errors with 200. They are errors all the same.
    json_on_request,       ///< Answers are JSON only if the Accept field asks for it, which it always does.
    error_is_an_object,    ///< `error` is an object, no word of RFC 6749's: errc::malformed_response.
    scope_renamed,         ///< The granted scope names some of the requested tokens otherwise.
    unannounced_issuer,    ///< Responses may have `iss`, without the metadata saying so. It is compared.
    issuer_differs_by_tenant, ///< The metadata document's issuer is a template: set_multi_tenant_issuer().
    signed_client_secret, ///< The client secret is a JWT that the client signs: coauth::signed_client_secret.
    name_at_first_sign_in,     ///< The person's name comes once, in the callback's `user` parameter.
    booleans_as_strings,       ///< `email_verified` and its like may be the strings `true` and `false`.
    subject_differs_by_client, ///< The subject of one person is another one for each client or team of clients.
    refresh_token_with_consent, ///< A refresh token comes with the first consent only: see offline.
    no_refresh_token,           ///< There are no refresh tokens.
    refresh_token_by_settings,  ///< Whether there are refresh tokens is a setting of the application's.
    access_token_never_expires, ///< No expires_in, and the token is good until it is revoked.
    own_revocation,             ///< Tokens are revoked by an API of its own, not by RFC 7009.
    public_with_pkce_setting, ///< An application with the provider's PKCE setting on may not send its secret.
    code_verifier_refused,    ///< A token request with PKCE's code_verifier is refused.
    nonce_not_returned,       ///< The ID token lacks the nonce of the request.
};

/// A set of quirks.
class provider_quirks {
public:
    constexpr provider_quirks() = default;
    constexpr provider_quirks(std::initializer_list<provider_quirk> some) noexcept
    {
        for (const provider_quirk each : some)
            bits_ |= std::uint32_t(1) << static_cast<unsigned>(each);
    }
    constexpr bool has(provider_quirk quirk) const noexcept
    {
        return (bits_ >> static_cast<unsigned>(quirk) & 1u) != 0;
    }
    friend constexpr bool operator==(provider_quirks, provider_quirks) noexcept = default;

private:
    std::uint32_t bits_ = 0;
};

/// Endpoints of a provider whose metadata are not discovered; those that it has not are empty.
struct provider_endpoints {
    std::string_view authorization{};
    std::string_view token{};
    std::string_view userinfo{};
    std::string_view revocation{};
    std::string_view jwks{};
};

/// What to ask for in an authorization request.
struct provider_request {
    std::string_view scope{};
    std::string_view prompt{};
    std::span<const parameter> extra{};
};

/** One provider, as data.

    The shipped ones are in coauth::providers; for another one, write it down likewise as a constexpr variable of
    namespace scope. Texts in braces, as `{tenant}`, stand for what differs from one customer to the next.
*/
struct provider_description {
    std::string_view name{};
    /// Where the provider says how to sign people in.
    std::string_view documentation{};
    /// May have placeholders. Empty: the provider has no name of its own.
    std::string_view issuer{};
    /// What the metadata document says in its place, with `{tenantid}` in it, if tenants are issuers.
    std::string_view issuer_template{};
    /// Without an authorization endpoint, they are discovered.
    provider_endpoints endpoints{};
    /// To know who it is.
    provider_request sign_in{};
    /// To get a refresh token, too. Without a scope: there are none, or they come unasked.
    provider_request offline{};
    coauth::response_mode response_mode = coauth::response_mode::query;
    /// The member of userinfo that says who it is. Text or a whole number.
    std::string_view person_member = "sub";
    /// How clients authenticate at the token endpoint, by the names of RFC 7591 2. Best first.
    std::span<const std::string_view> authentication_methods{};
    /// What a policy has to tolerate: see provider_policy.
    leniencies tolerated{};
    provider_quirks quirks{};

    constexpr bool is_discovered() const noexcept { return endpoints.authorization.empty(); }

    /// Parameters that ask for a sign-in.
    constexpr authorization_parameters sign_in_parameters() const noexcept { return parameters_of(sign_in); }
    /// Parameters that ask for a sign-in with a refresh token.
    constexpr authorization_parameters offline_parameters() const noexcept
    {
        return parameters_of(offline.scope.empty() ? sign_in : offline);
    }

private:
    constexpr authorization_parameters parameters_of(const provider_request& request) const noexcept
    {
        authorization_parameters out;
        out.scope = request.scope;
        out.prompt = request.prompt;
        out.extra = request.extra;
        out.response_mode = response_mode;
        return out;
    }
};

/** The issuer of a provider, to discover its metadata by.

    @code
    provider_issuer(providers::keycloak, {{"base_url", "https://login.example/auth"}, {"realm", "staff"}})
    @endcode

    @param values one for each placeholder. `base_url` is the beginning of a URL without a final `/`; all others
    consist of letters, digits, `-`, `.`, `_` and `~`, so that none of them leads to another host or path.
    @par Errors
    - errc::invalid_parameter: a value is missing, or not one of those; a name is not that of a placeholder
    - errc::invalid_url, errc::insecure_url: see issuer::parse()
    - errc::invalid_configuration: the provider has no issuer
*/
COAUTH_LAZY result<issuer> provider_issuer(const provider_description& provider,
                                           std::initializer_list<parameter> values = {});

/** The metadata of a provider that has none to discover.

    @par Errors as provider_issuer(); errc::invalid_configuration: they are discovered
*/
COAUTH_LAZY result<server_metadata> provider_metadata(const provider_description& provider,
                                                      std::initializer_list<parameter> values = {});

/** What a registration at the provider has to say about OpenID Connect: for client_registration::set_openid().

    @param tenants of a provider with quirk issuer_differs_by_tenant: those whose people may sign in. Empty: all.
*/
COAUTH_LAZY openid_registration provider_registration(const provider_description& provider,
                                                      std::vector<std::string> tenants = {});

/** Who it is that userinfo is about, by the provider's own identifier: a number in decimal.

    With OpenID Connect, the ID token's subject is the same.

    @par Errors errc::subject_missing: it does not say, or says it otherwise than in text or a whole number
*/
COAUTH_LAZY result<std::string> person_identifier(const provider_description& provider,
                                                  const userinfo& about);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/providers/description.ipp>
#endif

#endif
