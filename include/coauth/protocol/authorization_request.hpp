// Floor 2.
#ifndef COAUTH_PROTOCOL_AUTHORIZATION_REQUEST_HPP
#define COAUTH_PROTOCOL_AUTHORIZATION_REQUEST_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/url.hpp>
#include <coauth/protocol/form.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/// How the authorization server hands the response to the browser.
enum class response_mode : unsigned char {
    query,     ///< In the query of the redirect URI, by GET. The default of the code flow.
    form_post, ///< In the body of a form, by POST: OAuth 2.0 Form Post Response Mode.
};

/** What a caller may ask of the authorization server. All of it is optional.

    Views: whatever they point to has to live until the operation was called, not until it completes.
*/
struct authorization_parameters {
    /// Scope tokens with spaces between them. With `openid` in it, a nonce is sent and an ID token demanded.
    std::string_view scope{};
    /// OpenID Connect: `none`, `login`, `consent`, `select_account`.
    std::string_view prompt{};
    /// OpenID Connect: whom the server should expect.
    std::string_view login_hint{};
    /// OpenID Connect: authentication contexts that would be welcome. Needs the scope `openid`.
    std::string_view acr_values{};
    /// The same, but the ID token's `acr` has to be one of them. Not both.
    std::string_view required_acr_values{};
    /// OpenID Connect: how long ago the person may have signed in; zero asks for a new sign-in. Needs `openid`.
    std::optional<std::chrono::seconds> max_age{};
    /// How the response is to come back.
    coauth::response_mode response_mode = coauth::response_mode::query;
    /** Anything else that the server understands: access_type, resource, audience ...

        Names that the library sets itself are refused, and so are repeated ones, except `resource`.
    */
    std::span<const parameter> extra{};
    /// The value of the binding cookie that this browser has already, if it has; several tabs share one.
    std::string_view browser_binding{};
    /// Kept with the pending sign-in, and given back with the code: where to return to, for example.
    std::string_view application_data{};
};
static_assert(std::is_trivially_copyable_v<authorization_parameters> &&
              std::is_trivially_destructible_v<authorization_parameters>);

namespace detail {

/// A copy of authorization_parameters that owns what they point to.
class kept_authorization_parameters {
public:
    COAUTH_DECL explicit kept_authorization_parameters(const authorization_parameters& from);
    kept_authorization_parameters(kept_authorization_parameters&&) = default;

    /// Valid as long as this object.
    const authorization_parameters& view() const noexcept { return view_; }

private:
    // Vectors, as their elements stay where they are when the object is moved.
    std::vector<std::string> texts_;
    std::vector<parameter> extra_;
    authorization_parameters view_;
};

/// The part of every authorization URL that depends on the registration only.
class authorization_url_prefix {
public:
    authorization_url_prefix() = default;

    /** @par Errors errc::invalid_configuration: the endpoint's own query sets a parameter of the protocol */
    COAUTH_LAZY static result<authorization_url_prefix>
    make(const endpoint_url& endpoint, std::string_view client_id, std::string_view redirect_uri);

    /** Build the URL.

        @par Errors
        - errc::reserved_parameter: an extra parameter that the library owns, or that occurs twice
        - errc::invalid_parameter: a scope token, an empty name or a NUL that the protocol does not allow; both
          acr_values and required_acr_values
        - errc::openid_scope_missing: max_age or acr_values without the scope openid
        @par Specification RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1
    */
    COAUTH_LAZY result<std::string> build(const authorization_parameters& parameters,
                                          const random_value& state, const random_value& nonce,
                                          const random_value& code_challenge) const;

private:
    std::string prefix_;
    std::vector<std::string> own_names_; // of parameters in the endpoint's own query
};

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/authorization_request.ipp>
#endif

#endif
