// Floor 2.
#ifndef COAUTH_PROTOCOL_LOGOUT_REQUEST_HPP
#define COAUTH_PROTOCOL_LOGOUT_REQUEST_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/core/url.hpp>
#include <coauth/protocol/form.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {

class verified_id_token;
namespace detail {
class logout_request_builder;
} // namespace detail

/** What a caller may say when it sends a person to the provider to sign out. All of it is optional.

    Views: whatever they point to has to live until the operation was called.
*/
struct logout_parameters {
    /// Of the session that ends, sent as `id_token_hint`. Without it most providers ask the person first.
    const verified_id_token* id_token = nullptr;
    /// Whose session it is, in the provider's words.
    std::string_view logout_hint{};
    /// Languages for the provider's pages, as `fr-CA fr en`.
    std::string_view ui_locales{};
};
static_assert(std::is_trivially_copyable_v<logout_parameters> &&
              std::is_trivially_destructible_v<logout_parameters>);

/** Where to send a person's browser to sign out at the provider.

    End the local session before, whatever comes of this. Either redirect to url(), or have the browser post
    fields() to endpoint(), which keeps the ID token out of histories and logs.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
    @par Specification OpenID Connect RP-Initiated Logout 1.0 2
*/
class logout_request {
public:
    using field = detail::form_field;

    /// Leads nowhere. For Asio, which hands one over beside an exception.
    logout_request() = default;

    /// For a redirect: the endpoint with all parameters. It holds the ID token, so it does not belong into
    /// logs.
    COAUTH_DECL secret url() const;

    /// For a form: what to post to.
    const endpoint_url& endpoint() const noexcept { return endpoint_; }
    /// For a form of a page: its fields. Escape them for HTML.
    const std::vector<field>& fields() const noexcept { return fields_; }
    /// The fields as application/x-www-form-urlencoded.
    COAUTH_DECL secret form_body() const;

    /** To be kept in a cookie of the browser until it comes back to the post-logout redirect URI.

        Empty if the client has no such URI: nothing comes back then.
    */
    const secret& state() const noexcept { return state_; }

private:
    friend class detail::logout_request_builder;
    explicit logout_request(endpoint_url endpoint) : endpoint_(std::move(endpoint)) {}

    endpoint_url endpoint_;
    std::vector<field> fields_;
    secret state_;
};

namespace detail {

/** Make a logout request.

    @param endpoint the server's end_session_endpoint
    @param post_logout_redirect_uri as registered; empty: the browser does not come back, and no state is sent
    @param state fresh from the random source
    @par Errors
    - errc::endpoint_missing: the endpoint is empty
    - errc::invalid_configuration: the endpoint's own query sets a parameter of the protocol
    - errc::invalid_parameter: a NUL in a parameter
*/
COAUTH_LAZY result<logout_request> make_logout_request(const endpoint_url& endpoint,
                                                       const redirect_uri& post_logout_redirect_uri,
                                                       std::string_view client_id,
                                                       const logout_parameters& parameters,
                                                       const random_value& state);

/** Whether the browser comes back from the logout that it was sent to.

    The local session ended long before; this is for what is shown then.

    @param query of the post-logout redirect URI, as it was requested
    @param expected_state what the browser's cookie holds; empty if there is none
    @par Errors
    - errc::callback_too_large, errc::malformed_callback: as parse_form()
    - errc::duplicate_parameter, errc::state_missing, errc::state_mismatch
    @par Specification OpenID Connect RP-Initiated Logout 1.0 3
*/
COAUTH_LAZY result<void> check_logout_response(std::string_view query, std::string_view expected_state,
                                               const limits& bounds);

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/logout_request.ipp>
#endif

#endif
