// Floor 2.
#ifndef COAUTH_PROTOCOL_LOGOUT_TOKEN_VALIDATION_HPP
#define COAUTH_PROTOCOL_LOGOUT_TOKEN_VALIDATION_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/protocol/logout_token.hpp>

#include <chrono>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// What a logout token is measured by; views.
struct logout_token_expectations {
    const openid_registration* registration = nullptr; ///< never null
    std::string_view issuer{};                         ///< the server's
    std::string_view client_id{};
    signing_algorithms algorithms{}; ///< those accepted of ID tokens
    /// The keys of the server; null: there are none yet.
    const jwk_set* keys = nullptr;
    std::chrono::system_clock::time_point now{};
};

/** Check a logout token: form, algorithm, key, signature, and every claim.

    Whether it was used before is another question.

    @par Errors
    - the errors of verify_jws()
    - errc::claim_missing, errc::claim_invalid: a required claim is missing; one has a wrong type or value
    - errc::id_token_issuer_mismatch, errc::audience_mismatch
    - errc::token_expired, errc::token_not_yet_valid, errc::token_too_old
    - errc::token_type_mismatch: the header says that it is something else
    - errc::logout_event_missing, errc::nonce_in_logout_token: it is something else
    - errc::session_unidentified: neither `sub` nor `sid`; no `sid` though the registration requires one
    @par Specification OpenID Connect Back-Channel Logout 1.0 2.6
*/
COAUTH_LAZY result<logout_token> verify_logout_token(std::string_view compact,
                                                     const logout_token_expectations& expected,
                                                     const limits& bounds);

/// From when on verify_logout_token() refuses the token, whoever brings it again: how long to remember it.
COAUTH_DECL logout_token::time_point replayable_until(const logout_token& token,
                                                      const limits& bounds) noexcept;

/** The token in the body of a back-channel logout request.

    @par Errors
    - errc::unexpected_content_type: not application/x-www-form-urlencoded
    - errc::callback_too_large, errc::malformed_callback: as parse_form(); also without a token
    - errc::duplicate_parameter: more than one token
    @par Specification OpenID Connect Back-Channel Logout 1.0 2.5
*/
COAUTH_LAZY result<secret> parse_logout_request(std::string_view content_type, std::string_view body,
                                                const limits& bounds);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/logout_token_validation.ipp>
#endif

#endif
