// Floor 2.
#ifndef COAUTH_PROTOCOL_TOKEN_RESPONSE_HPP
#define COAUTH_PROTOCOL_TOKEN_RESPONSE_HPP

#include <coauth/core/leniencies.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/token_set.hpp>

#include <chrono>
#include <string_view>

namespace coauth::inline COAUTH_MODE {

namespace detail {

/// The parts of an HTTP answer on which its meaning rests; views.
struct answer {
    unsigned status = 0;
    std::string_view content_type{};
    std::string_view retry_after{};
    std::string_view body{};
};

/// What was asked for, as far as the reading of the answer depends on it; views.
struct token_expectations {
    std::string_view requested_scope{};
    bool id_token = false;
    std::chrono::system_clock::time_point now{};
    leniencies tolerated{};
};

/** Read the token endpoint's answer.

    @par Errors
    - a server_errc: the server said so, whatever the status (some say it with 200)
    - errc::redirect_refused, errc::server_unavailable, errc::unexpected_status: by the status, which is no 2xx
    - errc::unexpected_content_type, errc::malformed_json, errc::duplicate_member: the body cannot be trusted to say
      what it seems to say
    - errc::access_token_missing, errc::token_type_missing, errc::unsupported_token_type, errc::id_token_missing
    - errc::malformed_response: expires_in, scope or refresh_token has a wrong type or value
    @par Specification RFC 6749 5.1, 5.2; OpenID Connect Core 3.1.3.3
    @param id_token set to the ID token as it was sent, still to be verified; left alone if there is none
*/
COAUTH_LAZY result<token_set> parse_token_response(const answer& from, const token_expectations& expected,
                                                   const limits& bounds, secret& id_token);

/// The refresh token of an answer that is a JSON object, whatever else is wrong with it; empty if it has none of use. No value:
/// it is no such object, or an error.
COAUTH_LAZY std::optional<secret> refresh_token_in(const answer& from, const limits& bounds);

/** Why an answer of an OAuth endpoint is an error: by its `error` member if it is JSON, whatever its Content-Type says, else
    by its status.

    Precondition: the status is not 200.
*/
COAUTH_LAZY error parse_error_response(const answer& from, const limits& bounds,
                                       const leniencies& tolerated = {});

/// Likewise for a document, such as metadata or keys: by its status alone, as only an OAuth endpoint says what an error means
/// for a grant.
COAUTH_LAZY error document_error(const answer& from, const limits& bounds);

/// Whether a Content-Type is this media type, parameters and case aside.
COAUTH_DECL bool is_media_type(std::string_view content_type, std::string_view type) noexcept;

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/token_response.ipp>
#endif

#endif
