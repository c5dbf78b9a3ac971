#ifndef COAUTH_IMPL_CORE_ERROR_IPP
#define COAUTH_IMPL_CORE_ERROR_IPP

#include <coauth/core/error.hpp>

#include <boost/throw_exception.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>

namespace coauth::inline COAUTH_MODE {
namespace detail {

struct error_entry {
    int code;
    std::string_view name;
    const char* message;
    condition meaning; // 0: none of the conditions
};

constexpr condition no_condition{};

inline constexpr std::array client_errors{
    error_entry{int(errc::invalid_parameter), "invalid_parameter",
                "a parameter holds a value that the protocol does not allow", condition::misconfigured},
    error_entry{int(errc::reserved_parameter), "reserved_parameter",
                "an extra parameter has the name of one that the library sets", condition::misconfigured},
    error_entry{int(errc::invalid_url), "invalid_url", "not a usable absolute URL", condition::misconfigured},
    error_entry{int(errc::insecure_url), "insecure_url", "the URL is not https", condition::misconfigured},
    error_entry{int(errc::invalid_configuration), "invalid_configuration",
                "the registration and the server's metadata do not fit together", condition::misconfigured},
    error_entry{int(errc::openid_scope_missing), "openid_scope_missing", "the scope lacks openid",
                condition::misconfigured},
    error_entry{int(errc::endpoint_missing), "endpoint_missing", "the server has no such endpoint",
                condition::misconfigured},
    error_entry{int(errc::client_authentication_unsupported), "client_authentication_unsupported",
                "the server does not support the client's authentication method", condition::misconfigured},
    error_entry{int(errc::origin_not_allowed), "origin_not_allowed",
                "access tokens may not be sent to this origin", condition::misconfigured},
    error_entry{int(errc::random_source_failed), "random_source_failed", "the random number generator failed",
                condition::retryable},
    error_entry{int(errc::state_store_failed), "state_store_failed", "the state store failed",
                condition::retryable},
    error_entry{int(errc::callback_too_large), "callback_too_large", "the callback is too large",
                no_condition},
    error_entry{int(errc::malformed_callback), "malformed_callback",
                "the callback's parameters are not well-formed", no_condition},
    error_entry{int(errc::duplicate_parameter), "duplicate_parameter",
                "a parameter of the callback occurs twice", no_condition},
    error_entry{int(errc::response_mode_mismatch), "response_mode_mismatch",
                "the response came by another response mode than was asked for", no_condition},
    error_entry{int(errc::redirect_uri_mismatch), "redirect_uri_mismatch",
                "the response came to another redirect URI than the request named", no_condition},
    error_entry{int(errc::state_missing), "state_missing", "the callback has no state", no_condition},
    error_entry{int(errc::state_mismatch), "state_mismatch",
                "the state is not that of a sign-in begun in this browser", no_condition},
    error_entry{int(errc::browser_binding_missing), "browser_binding_missing",
                "the callback came without the cookie of the browser that began the sign-in", no_condition},
    error_entry{int(errc::unknown_transaction), "unknown_transaction",
                "no sign-in is pending in this browser; it was completed, or never begun here",
                condition::reauthorization_required},
    error_entry{int(errc::expired_transaction), "expired_transaction", "the sign-in was begun too long ago",
                condition::reauthorization_required},
    error_entry{int(errc::issuer_missing), "issuer_missing", "the response does not name its issuer",
                no_condition},
    error_entry{int(errc::issuer_mismatch), "issuer_mismatch", "the response is from another issuer",
                no_condition},
    error_entry{int(errc::code_missing), "code_missing", "the callback has neither a code nor an error",
                no_condition},
    error_entry{int(errc::unexpected_status), "unexpected_status",
                "the server answered with an unexpected HTTP status", no_condition},
    error_entry{int(errc::server_unavailable), "server_unavailable", "the server is unavailable",
                condition::retryable},
    error_entry{int(errc::unexpected_content_type), "unexpected_content_type",
                "the server's answer is not application/json", no_condition},
    error_entry{int(errc::malformed_json), "malformed_json",
                "the server's answer is not one acceptable JSON object", no_condition},
    error_entry{int(errc::duplicate_member), "duplicate_member",
                "the server's answer has two members of one name", no_condition},
    error_entry{int(errc::malformed_response), "malformed_response",
                "a member of the server's answer has a wrong type or value", no_condition},
    error_entry{int(errc::access_token_missing), "access_token_missing",
                "the token response has no usable access token", no_condition},
    error_entry{int(errc::token_type_missing), "token_type_missing", "the token response has no token type",
                no_condition},
    error_entry{int(errc::unsupported_token_type), "unsupported_token_type",
                "the server issued a token of another type than bearer", no_condition},
    error_entry{int(errc::id_token_missing), "id_token_missing", "the token response has no ID token",
                no_condition},
    error_entry{int(errc::refresh_token_missing), "refresh_token_missing", "there is no refresh token",
                condition::reauthorization_required},
    error_entry{int(errc::subject_missing), "subject_missing", "the userinfo answer has no subject",
                no_condition},
    error_entry{int(errc::invalid_metadata), "invalid_metadata",
                "the server's metadata lacks a member or has one of a wrong type", no_condition},
    error_entry{int(errc::key_set_unavailable), "key_set_unavailable", "the server has no key set",
                condition::misconfigured},
    error_entry{int(errc::invalid_key_set), "invalid_key_set", "the server's key set is not acceptable",
                no_condition},
    error_entry{int(errc::malformed_jwt), "malformed_jwt", "a signed token is not well-formed", no_condition},
    error_entry{int(errc::critical_header), "critical_header",
                "a signed token demands an extension that is not supported", no_condition},
    error_entry{int(errc::algorithm_not_allowed), "algorithm_not_allowed",
                "a signed token's algorithm is not one that was agreed on", no_condition},
    error_entry{int(errc::signing_key_unknown), "signing_key_unknown",
                "a signed token names a key that the server does not publish", no_condition},
    error_entry{int(errc::signing_key_ambiguous), "signing_key_ambiguous",
                "a signed token does not say which of several keys it is signed with", no_condition},
    error_entry{int(errc::signature_invalid), "signature_invalid", "the signature of a signed token is wrong",
                no_condition},
    error_entry{int(errc::claim_missing), "claim_missing", "a signed token lacks a required claim",
                no_condition},
    error_entry{int(errc::claim_invalid), "claim_invalid",
                "a claim of a signed token has a wrong type or value", no_condition},
    error_entry{int(errc::id_token_issuer_mismatch), "id_token_issuer_mismatch",
                "a signed token is from another issuer", no_condition},
    error_entry{int(errc::audience_mismatch), "audience_mismatch", "a signed token is for another audience",
                no_condition},
    error_entry{int(errc::authorized_party_mismatch), "authorized_party_mismatch",
                "the ID token was issued to another client", no_condition},
    error_entry{int(errc::token_expired), "token_expired", "a signed token expired", no_condition},
    error_entry{int(errc::token_not_yet_valid), "token_not_yet_valid", "a signed token is from the future",
                no_condition},
    error_entry{int(errc::token_too_old), "token_too_old", "a signed token was issued too long ago",
                no_condition},
    error_entry{int(errc::nonce_mismatch), "nonce_mismatch", "the ID token does not belong to this sign-in",
                no_condition},
    error_entry{int(errc::token_hash_mismatch), "token_hash_mismatch",
                "the ID token belongs to another access token or code", no_condition},
    error_entry{int(errc::token_type_mismatch), "token_type_mismatch",
                "a signed token is one of another kind", no_condition},
    error_entry{int(errc::authentication_too_old), "authentication_too_old",
                "the person signed in too long ago", condition::reauthorization_required},
    error_entry{int(errc::authentication_context_mismatch), "authentication_context_mismatch",
                "the person did not sign in in the way that was demanded",
                condition::reauthorization_required},
    error_entry{int(errc::subject_mismatch), "subject_mismatch", "the answer is about another person",
                no_condition},
    error_entry{int(errc::authentication_changed), "authentication_changed",
                "the refreshed ID token is not of the sign-in that it should continue", no_condition},
    error_entry{int(errc::userinfo_not_signed), "userinfo_not_signed", "the userinfo answer is not signed",
                no_condition},
    error_entry{int(errc::logout_event_missing), "logout_event_missing",
                "the logout token has no logout event", no_condition},
    error_entry{int(errc::nonce_in_logout_token), "nonce_in_logout_token", "the logout token has a nonce",
                no_condition},
    error_entry{int(errc::session_unidentified), "session_unidentified",
                "the logout message names neither a person nor a session", no_condition},
    error_entry{int(errc::token_replayed), "token_replayed", "the logout token was used before",
                no_condition},
    error_entry{int(errc::token_store_failed), "token_store_failed", "the token store failed",
                condition::retryable},
    error_entry{int(errc::grant_unknown), "grant_unknown", "there is no such grant",
                condition::reauthorization_required},
    error_entry{int(errc::lease_lost), "lease_lost",
                "the grant is refreshed or was replaced by somebody else", condition::retryable},
    error_entry{int(errc::refreshed_too_recently), "refreshed_too_recently",
                "the tokens are of no use any more and were refreshed a moment ago", condition::retryable},
    error_entry{int(errc::refresh_refused), "refresh_refused",
                "the server refused time and again to refresh, or its answers were of no use",
                condition::reauthorization_required},
    error_entry{int(errc::seal_broken), "seal_broken",
                "sealed data were changed, belong elsewhere, or their key is not there", no_condition},
    error_entry{int(errc::seal_expired), "seal_expired", "sealed data are older than they may be",
                no_condition},
    error_entry{int(errc::sealed_data_too_large), "sealed_data_too_large",
                "what should be sealed does not fit into where it is kept", no_condition},
    error_entry{int(errc::too_many_grants), "too_many_grants", "no more grants can be managed", no_condition},
    error_entry{int(errc::timed_out), "timed_out", "the server did not answer in time", condition::retryable},
    error_entry{int(errc::name_resolution_failed), "name_resolution_failed",
                "the host name could not be resolved", condition::retryable},
    error_entry{int(errc::connection_failed), "connection_failed", "no connection could be made",
                condition::retryable},
    error_entry{int(errc::tls_handshake_failed), "tls_handshake_failed", "the TLS handshake failed",
                condition::retryable},
    error_entry{int(errc::certificate_rejected), "certificate_rejected",
                "the server's certificate was rejected", condition::misconfigured},
    error_entry{int(errc::proxy_refused), "proxy_refused", "the proxy did not open a tunnel",
                condition::retryable},
    error_entry{int(errc::connection_lost), "connection_lost",
                "the connection ended before the answer was complete", condition::retryable},
    error_entry{int(errc::malformed_http), "malformed_http", "the answer is not well-formed HTTP",
                no_condition},
    error_entry{int(errc::header_too_large), "header_too_large", "the answer's header is too large",
                no_condition},
    error_entry{int(errc::body_too_large), "body_too_large", "the answer's body is too large", no_condition},
    error_entry{int(errc::unsupported_coding), "unsupported_coding",
                "the answer has a coding that was not offered", no_condition},
    error_entry{int(errc::redirect_refused), "redirect_refused", "the server answered with a redirect",
                condition::misconfigured},
    error_entry{int(errc::outcome_unknown), "outcome_unknown",
                "the request was sent and no complete answer came; the grant may be spent",
                condition::retryable},
};

inline constexpr std::array server_errors{
    error_entry{int(server_errc::invalid_request), "invalid_request",
                "the server finds the request malformed", condition::misconfigured},
    error_entry{int(server_errc::unauthorized_client), "unauthorized_client",
                "the client may not use this method", condition::misconfigured},
    error_entry{int(server_errc::access_denied), "access_denied",
                "the person or the server denied the request", no_condition},
    error_entry{int(server_errc::unsupported_response_type), "unsupported_response_type",
                "the server does not support the response type", condition::misconfigured},
    error_entry{int(server_errc::invalid_scope), "invalid_scope", "the server does not accept the scope",
                condition::misconfigured},
    error_entry{int(server_errc::server_error), "server_error", "the server had an internal error",
                condition::retryable},
    error_entry{int(server_errc::temporarily_unavailable), "temporarily_unavailable",
                "the server is overloaded or under maintenance", condition::retryable},
    error_entry{int(server_errc::invalid_client), "invalid_client",
                "the server did not accept the client's authentication", condition::misconfigured},
    error_entry{int(server_errc::invalid_grant), "invalid_grant",
                "the code or refresh token is invalid, expired, revoked or spent",
                condition::reauthorization_required},
    error_entry{int(server_errc::unsupported_grant_type), "unsupported_grant_type",
                "the server does not support the grant type", condition::misconfigured},
    error_entry{int(server_errc::unsupported_token_type), "unsupported_token_type",
                "the server cannot revoke tokens of this type", condition::misconfigured},
    error_entry{int(server_errc::invalid_token), "invalid_token",
                "the access token is expired, revoked or malformed", condition::reauthorization_required},
    error_entry{int(server_errc::insufficient_scope), "insufficient_scope",
                "the access token's scope is too narrow", condition::reauthorization_required},
    error_entry{int(server_errc::interaction_required), "interaction_required",
                "the server has to ask the person something", condition::reauthorization_required},
    error_entry{int(server_errc::login_required), "login_required", "the person has to sign in at the server",
                condition::reauthorization_required},
    error_entry{int(server_errc::account_selection_required), "account_selection_required",
                "the person has to select an account", condition::reauthorization_required},
    error_entry{int(server_errc::consent_required), "consent_required", "the person has to consent",
                condition::reauthorization_required},
    error_entry{int(server_errc::invalid_request_uri), "invalid_request_uri",
                "the server rejects the request URI", condition::misconfigured},
    error_entry{int(server_errc::invalid_request_object), "invalid_request_object",
                "the server rejects the request object", condition::misconfigured},
    error_entry{int(server_errc::request_not_supported), "request_not_supported",
                "the server does not support request objects", condition::misconfigured},
    error_entry{int(server_errc::request_uri_not_supported), "request_uri_not_supported",
                "the server does not support request URIs", condition::misconfigured},
    error_entry{int(server_errc::registration_not_supported), "registration_not_supported",
                "the server does not support registration parameters", condition::misconfigured},
    error_entry{int(server_errc::invalid_target), "invalid_target", "the server does not know the resource",
                condition::misconfigured},
    error_entry{int(server_errc::insufficient_user_authentication), "insufficient_user_authentication",
                "the resource wants a stronger or newer sign-in", condition::reauthorization_required},
    error_entry{int(server_errc::unmet_authentication_requirements), "unmet_authentication_requirements",
                "the server cannot authenticate the person as asked", condition::reauthorization_required},
    error_entry{int(server_errc::slow_down), "slow_down", "the server wants fewer requests",
                condition::retryable},
    error_entry{int(server_errc::unrecognized), "unrecognized",
                "the server answered with an error of its own", no_condition},
};

template <std::size_t N>
constexpr bool in_order(const std::array<error_entry, N>& table)
{
    for (std::size_t i = 0; i < N; ++i)
        if (table[i].code != static_cast<int>(i) + 1)
            return false;
    return true;
}
static_assert(in_order(client_errors) && client_errors.size() == std::size_t(errc::outcome_unknown));
static_assert(in_order(server_errors) && server_errors.size() == std::size_t(server_errc::unrecognized));

template <std::size_t N>
constexpr const error_entry* find_entry(const std::array<error_entry, N>& table, int code) noexcept
{
    return code >= 1 && static_cast<std::size_t>(code) <= N ? &table[static_cast<std::size_t>(code) - 1]
                                                            : nullptr;
}

template <const auto& Table>
class table_category final : public boost::system::error_category {
public:
    constexpr table_category(const char* category_name, std::uint64_t id) noexcept
        : error_category(id), name_(category_name)
    {
    }
    const char* name() const noexcept override { return name_; }
    std::string message(int code) const override
    {
        const error_entry* entry = find_entry(Table, code);
        return entry ? entry->message : "unknown error";
    }
    bool equivalent(int code, const error_condition& other) const noexcept override
    {
        if (other.category() != condition_category())
            return default_error_condition(code) == other;
        const error_entry* entry = find_entry(Table, code);
        return entry && entry->meaning != no_condition && static_cast<int>(entry->meaning) == other.value();
    }

private:
    const char* name_;
};

class condition_category_type final : public boost::system::error_category {
public:
    constexpr condition_category_type() noexcept : error_category(0x63'6f'61'75'74'68'00'03u) {}
    const char* name() const noexcept override { return "coauth.condition"; }
    std::string message(int value) const override
    {
        switch (static_cast<condition>(value)) {
        case condition::retryable:
            return "the operation may succeed later";
        case condition::reauthorization_required:
            return "a new authorization is required";
        case condition::misconfigured:
            return "the configuration of the client or the server is wrong";
        }
        return "unknown condition";
    }
};

inline constexpr table_category<client_errors> client_category_instance{"coauth.client",
                                                                        0x63'6f'61'75'74'68'00'01u};
inline constexpr table_category<server_errors> server_category_instance{"coauth.server",
                                                                        0x63'6f'61'75'74'68'00'02u};
inline constexpr condition_category_type condition_category_instance;

inline std::string filtered(std::string_view text, std::size_t most)
{
    // RFC 6749 4.1.2.1: "Values for the "error_description" parameter MUST NOT include characters
    // outside the set %x20-21 / %x23-5B / %x5D-7E."
    std::string out(text.substr(0, most));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e || c == '"' || c == '\\'; }, '?');
    return out;
}

} // namespace detail

COAUTH_DECL std::string_view name(errc code) noexcept
{
    const auto* entry = detail::find_entry(detail::client_errors, static_cast<int>(code));
    return entry ? entry->name : std::string_view("unknown");
}

COAUTH_DECL std::string_view name(server_errc code) noexcept
{
    const auto* entry = detail::find_entry(detail::server_errors, static_cast<int>(code));
    return entry ? entry->name : std::string_view("unknown");
}

COAUTH_DECL const boost::system::error_category& client_category() noexcept
{
    return detail::client_category_instance;
}

COAUTH_DECL const boost::system::error_category& server_category() noexcept
{
    return detail::server_category_instance;
}

COAUTH_DECL const boost::system::error_category& condition_category() noexcept
{
    return detail::condition_category_instance;
}

COAUTH_DECL server_errc server_error_from(std::string_view text) noexcept
{
    const auto at = std::find_if(detail::server_errors.begin(), detail::server_errors.end(),
                                 [text](const detail::error_entry& entry) { return entry.name == text; });
    return at == detail::server_errors.end() ? server_errc::unrecognized : static_cast<server_errc>(at->code);
}

COAUTH_DECL std::string error::qualified_name() const
{
    std::string out = code_.category().name();
    out += ':';
    if (code_.category() == client_category())
        out += name(static_cast<errc>(code_.value()));
    else if (code_.category() == server_category())
        out += name(static_cast<server_errc>(code_.value()));
    else
        out += std::to_string(code_.value());
    return out;
}

COAUTH_DECL std::string error::message() const
{
    std::string out = qualified_name() + ": " + code_.message();
    // One error, one line in a log, also if the code is from a category of somebody else.
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '?');
    if (http_status_ != 0)
        out += " (HTTP status " + std::to_string(http_status_) + ')';
    if (!server_error_.empty() &&
        (code_ == server_errc::unrecognized || code_.category() != server_category()))
        out += ", error \"" + server_error_ + '"';
    if (!description_.empty())
        out += ", described as \"" + description_ + '"';
    return out;
}

COAUTH_DECL error& error::set_description(std::string_view untrusted)
{
    description_ = detail::filtered(untrusted, 1024);
    return *this;
}

COAUTH_DECL error& error::set_server_error(std::string_view untrusted)
{
    server_error_ = detail::filtered(untrusted, 64);
    return *this;
}

COAUTH_DECL error& error::set_retry_after(std::chrono::seconds delay) noexcept
{
    retry_after_ = std::clamp(delay, std::chrono::seconds(0), std::chrono::seconds(300));
    return *this;
}

COAUTH_DECL std::ostream& operator<<(std::ostream& stream, const error& value)
{
    return stream << value.message();
}

COAUTH_DECL void throw_exception_from_error(const error& reason, const boost::source_location& where)
{
    boost::throw_exception(exception(reason), where);
}

} // namespace coauth::inline COAUTH_MODE

#endif
