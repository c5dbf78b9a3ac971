// Floor 1.
#ifndef COAUTH_CORE_ERROR_HPP
#define COAUTH_CORE_ERROR_HPP

#include <coauth/detail/config.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

using error_code = boost::system::error_code;
using error_condition = boost::system::error_condition;

/// What the client itself found. The category's name is `coauth.client`.
enum class errc {
    // Parameters and configuration
    invalid_parameter = 1, ///< A parameter holds a character or a value that the protocol does not allow.
    reserved_parameter,    ///< An extra parameter has the name of one that the library owns.
    invalid_url,           ///< An endpoint, issuer or redirect URI is not a usable absolute URL.
    insecure_url,          ///< A URL is not https, and plain http to it was not allowed by name.
    invalid_configuration, ///< The registration and the server's metadata do not fit together.
    openid_scope_missing,  ///< `nonce`-bound sign-in was asked for without the scope `openid`.
    endpoint_missing,      ///< The server has no such endpoint.
    client_authentication_unsupported, ///< The server's metadata does not list the registered method.
    origin_not_allowed,   ///< The URL's origin is not on the list of origins that may see access tokens.
    random_source_failed, ///< The random number generator failed. Nothing was sent.
    state_store_failed,   ///< The state store could not be reached.
    // Authorization response
    callback_too_large,      ///< The callback is larger, or has more parameters, than the limits allow.
    malformed_callback,      ///< The callback's parameters are not well-formed.
    duplicate_parameter,     ///< A parameter of the protocol occurs twice.
    response_mode_mismatch,  ///< The response came by another response mode than was asked for.
    redirect_uri_mismatch,   ///< The response came to another redirect URI than the request named.
    state_missing,           ///< The callback has no `state`.
    state_mismatch,          ///< The `state` is not that of any login pending in this browser.
    browser_binding_missing, ///< The callback came without the browser's binding cookie.
    unknown_transaction,     ///< No login is pending: never begun here, already completed, or evicted.
    expired_transaction,     ///< The login was begun too long ago.
    issuer_missing,          ///< The server announces `iss` in its responses, and this one has none.
    issuer_mismatch,         ///< The response, or the metadata, names another issuer than the expected one.
    code_missing,            ///< The callback has neither `code` nor `error`.
    // Answers of the server
    unexpected_status,       ///< The HTTP status is neither success nor an error that the protocol knows.
    server_unavailable,      ///< The server answered 429 or 5xx without saying more.
    unexpected_content_type, ///< The answer is not `application/json`.
    malformed_json,          ///< The body is not one JSON object, or exceeds depth or node limits.
    duplicate_member,        ///< A JSON object has two members of one name.
    malformed_response,      ///< A member that the client reads has a wrong type or value.
    access_token_missing,    ///< The token response has no usable `access_token`.
    token_type_missing,      ///< The token response has no `token_type`.
    unsupported_token_type,  ///< The token is not a bearer token.
    id_token_missing,        ///< The scope has `openid`, and the token response has no `id_token`.
    refresh_token_missing,   ///< There is no refresh token to refresh with.
    subject_missing,         ///< The userinfo answer has no `sub`.
    invalid_metadata,        ///< The metadata document lacks a required member, or one has a wrong type.
    // Key sets and signed tokens
    key_set_unavailable,      ///< The server has no key set, so its signatures cannot be verified.
    invalid_key_set,          ///< The key set is not one, or too large.
    malformed_jwt,            ///< A signed token is not three parts of canonical base64url within the limits.
    critical_header,          ///< A signed token demands an extension: `crit`, `b64` or `zip`.
    algorithm_not_allowed,    ///< A signed token's algorithm is not one that was agreed on.
    signing_key_unknown,      ///< The server publishes no such key.
    signing_key_ambiguous,    ///< A signed token does not say which of several keys it is signed with.
    signature_invalid,        ///< A signed token was not signed by its issuer.
    claim_missing,            ///< A signed token lacks a claim that is required.
    claim_invalid,            ///< A claim of a signed token has a wrong type or value.
    id_token_issuer_mismatch, ///< A signed token is from another issuer.
    audience_mismatch, ///< A signed token is for somebody else, or also for somebody who is not trusted.
    authorized_party_mismatch, ///< The ID token was issued to another client.
    token_expired,             ///< A signed token expired.
    token_not_yet_valid,       ///< A signed token is from the future.
    token_too_old,             ///< A signed token was issued too long ago.
    nonce_mismatch,            ///< The ID token does not belong to this sign-in.
    token_hash_mismatch,       ///< The ID token belongs to another access token or code.
    token_type_mismatch,       ///< A signed token is one of another kind.
    authentication_too_old, ///< The person signed in longer ago than was asked for, or the token does not say.
    authentication_context_mismatch, ///< The person did not sign in in the way that was demanded.
    subject_mismatch,                ///< The answer is about another person.
    authentication_changed, ///< The refreshed ID token is not of the sign-in that it should continue: the old one stays.
    userinfo_not_signed, ///< Signed userinfo was agreed on, and this is not.
    // Logout
    logout_event_missing,  ///< The logout token has no logout event.
    nonce_in_logout_token, ///< The logout token has a nonce, as an ID token has.
    session_unidentified,  ///< The logout message says neither who nor which session.
    token_replayed,        ///< The logout token was used before.
    // Grants that are kept
    token_store_failed,     ///< The token store could not be reached.
    grant_unknown,          ///< There is no such grant: never managed, forgotten, or ended.
    lease_lost,             ///< Somebody else refreshes the grant, or replaced it.
    refreshed_too_recently, ///< The tokens are of no use any more, and were refreshed a moment ago.
    refresh_refused,        ///< The server refused time and again to refresh, or its answers were of no use.
    seal_broken,            ///< Sealed data were changed, belong elsewhere, or their key is not in the ring.
    seal_expired,           ///< Sealed data are older than they may be.
    sealed_data_too_large,  ///< What should be sealed does not fit into where it is kept.
    too_many_grants,        ///< No more grants can be managed.
    // Transport
    timed_out, ///< The total deadline of the exchange passed, or the shorter one for connecting or the handshake.
    name_resolution_failed, ///< The host name has no usable address.
    connection_failed,      ///< No connection could be made. No byte of the request left.
    tls_handshake_failed,   ///< The TLS handshake failed. No byte of the request left.
    certificate_rejected,   ///< The server's certificate is untrusted, expired, or for another host.
    proxy_refused,          ///< The proxy did not open a tunnel. No byte of the request left.
    connection_lost,        ///< The connection ended before the answer was complete.
    malformed_http,         ///< The answer is not well-formed HTTP/1.1.
    header_too_large,       ///< The answer's header exceeds its limit.
    body_too_large,         ///< The answer's body exceeds its limit.
    unsupported_coding,     ///< The answer has a content or transfer coding that was not offered.
    redirect_refused,       ///< The server answered with a redirect; those are never followed.
    /// The request was sent and no answer came: the grant may be spent. With error::grant_spent() it is not used again; without,
    /// a refresh scheduler asks again later.
    outcome_unknown,
};

/// What a server says in `error`: RFC 6749 and its children. The category's name is `coauth.server`.
enum class server_errc {
    invalid_request = 1,
    unauthorized_client,
    access_denied,
    unsupported_response_type,
    invalid_scope,
    server_error,
    temporarily_unavailable,
    invalid_client,
    invalid_grant,
    unsupported_grant_type,
    unsupported_token_type, // RFC 7009
    invalid_token,          // RFC 6750
    insufficient_scope,     // RFC 6750
    interaction_required,   // OpenID Connect Core 3.1.2.6
    login_required,
    account_selection_required,
    consent_required,
    invalid_request_uri,
    invalid_request_object,
    request_not_supported,
    request_uri_not_supported,
    registration_not_supported,
    invalid_target,                    // RFC 8707
    insufficient_user_authentication,  // RFC 9470
    unmet_authentication_requirements, // OpenID Connect Unmet Authentication Requirements
    slow_down,                         // RFC 8628
    unrecognized,                      ///< Any other; see error::server_error().
};

/// What a caller can do about an error. The category's name is `coauth.condition`.
enum class condition {
    retryable = 1,            ///< The same operation may succeed later; no grant is given up.
    reauthorization_required, ///< Only a new authorization request helps: the person has to sign in again.
    misconfigured,            ///< Somebody has to change the configuration of the client or the server.
};

/** The enumerator's own name, for logs and problem documents: `state_mismatch`. */
COAUTH_DECL std::string_view name(errc code) noexcept;
/// @copydoc name(errc)
COAUTH_DECL std::string_view name(server_errc code) noexcept;

COAUTH_DECL const boost::system::error_category& client_category() noexcept;
COAUTH_DECL const boost::system::error_category& server_category() noexcept;
COAUTH_DECL const boost::system::error_category& condition_category() noexcept;

inline error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), client_category()}; }
inline error_code make_error_code(server_errc code) noexcept
{
    return {static_cast<int>(code), server_category()};
}
inline error_condition make_error_condition(condition value) noexcept
{
    return {static_cast<int>(value), condition_category()};
}

/** The enumerator that stands for a server's `error` value; `unrecognized` for one of its own invention. */
COAUTH_DECL server_errc server_error_from(std::string_view text) noexcept;

} // namespace coauth::inline COAUTH_MODE

template <>
struct boost::system::is_error_code_enum<coauth::errc> : std::true_type {};
template <>
struct boost::system::is_error_code_enum<coauth::server_errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<coauth::condition> : std::true_type {};

namespace coauth::inline COAUTH_MODE {

/** Why an operation failed, with what a person needs to act on it.

    An error code, and as far as they are known: what the server said about it, the HTTP status, when
    to try again, and whether the authorization code or refresh token is spent. It never holds a code,
    token, verifier, state, nonce, secret, or callback URL, so it can be logged as it is.

    @par Thread safety Distinct objects: safe. Shared objects: unsafe.
*/
class error {
public:
    error() = default;
    error(error_code code) noexcept : code_(code) {}
    error(errc code) noexcept : code_(make_error_code(code)) {}
    error(server_errc code) noexcept : code_(make_error_code(code)) {}

    error_code code() const noexcept { return code_; }

    /** The server's `error_description`.

        Untrusted text of at most 1024 characters, with everything outside of %x20-21 / %x23-5B /
        %x5D-7E (RFC 6749 4.1.2.1) replaced by `?`. Escape it before it goes into a page.
    */
    std::string_view description() const& noexcept { return description_; }
    /// Of a temporary, as `outcome.error()` is one, the text itself.
    std::string description() && noexcept { return std::move(description_); }

    /** The server's `error` value as it was sent, filtered likewise, at most 64 characters. */
    std::string_view server_error() const& noexcept { return server_error_; }
    /// @copydoc description()
    std::string server_error() && noexcept { return std::move(server_error_); }

    /** The status of the HTTP answer that carried the error; 0 if there was none. */
    unsigned http_status() const noexcept { return http_status_; }

    /** The server's Retry-After, at most 300 s. */
    std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

    /** True if the authorization code or refresh token can no longer be used, or may have been used. */
    bool grant_spent() const noexcept { return grant_spent_; }

    /** `coauth.client:state_mismatch` and the like: `<category>:<enumerator>`, or `:<value>` of a foreign category. */
    COAUTH_DECL std::string qualified_name() const;

    /** The qualified name, what it means, and the server's description in quotes. For logs. */
    COAUTH_DECL std::string message() const;

    COAUTH_DECL error& set_description(std::string_view untrusted);
    COAUTH_DECL error& set_server_error(std::string_view untrusted);
    error& set_http_status(unsigned status) noexcept
    {
        http_status_ = status;
        return *this;
    }
    COAUTH_DECL error& set_retry_after(std::chrono::seconds delay) noexcept;
    error& set_grant_spent(bool spent) noexcept
    {
        grant_spent_ = spent;
        return *this;
    }

    friend bool operator==(const error& left, const error_code& right) noexcept
    {
        return left.code_ == right;
    }
    friend bool operator==(const error& left, errc right) noexcept { return left.code_ == right; }
    friend bool operator==(const error& left, server_errc right) noexcept { return left.code_ == right; }
    /// A spent grant makes reauthorization_required of whatever happened, and nothing is retryable then.
    friend bool operator==(const error& left, condition right) noexcept
    {
        if (left.grant_spent_ && right != condition::misconfigured)
            return right == condition::reauthorization_required;
        return left.code_ == right;
    }
    COAUTH_DECL friend std::ostream& operator<<(std::ostream& stream, const error& value);

private:
    error_code code_;
    std::string description_;
    std::string server_error_;
    std::optional<std::chrono::seconds> retry_after_;
    unsigned http_status_ = 0;
    bool grant_spent_ = false;
};

/** Thrown by `result<T>::value()`: the error as an exception. */
class exception : public boost::system::system_error {
public:
    explicit exception(coauth::error reason)
        : system_error(reason.code()), reason_(std::move(reason)), text_(reason_.message())
    {
    }

    const char* what() const noexcept override { return text_.c_str(); }

    const coauth::error& reason() const noexcept { return reason_; }

private:
    coauth::error reason_;
    std::string text_;
};

/** What `boost::system::result` calls to throw; found by argument-dependent lookup. */
[[noreturn]] COAUTH_DECL void throw_exception_from_error(const error& reason,
                                                         const boost::source_location& where);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/core/error.ipp>
#endif

#endif
