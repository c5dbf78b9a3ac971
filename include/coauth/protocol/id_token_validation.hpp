// Floor 2.
#ifndef COAUTH_PROTOCOL_ID_TOKEN_VALIDATION_HPP
#define COAUTH_PROTOCOL_ID_TOKEN_VALIDATION_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/protocol/id_token.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// What an ID token is measured by; views. Everything that is set is demanded.
struct id_token_expectations {
    const openid_registration* registration = nullptr; ///< never null
    std::string_view issuer{};                         ///< the server's
    std::string_view client_id{};
    signing_algorithms algorithms{}; ///< those accepted, cut to what the server announces
    /// The keys of the server; null: there are none yet.
    const jwk_set* keys = nullptr;

    /// Of the authorization request; null: none was sent, and the token must not have one.
    const random_value* nonce = nullptr;
    std::string_view access_token{}; ///< for `at_hash`, if the token has it
    std::string_view code{};         ///< for `c_hash`, likewise
    std::optional<std::chrono::seconds> max_age{};
    /// Contexts of authentication with spaces between them, one of which it must be; empty: any.
    std::string_view required_acr{};
    /// At a refresh, the token of the sign-in. nonce, max_age and required_acr are of no meaning then.
    const verified_id_token* previous = nullptr;

    std::chrono::system_clock::time_point now{};
};

/** Check an ID token: form, algorithm, key, signature, and every claim.

    @par Errors
    - errc::malformed_jwt, errc::malformed_json, errc::duplicate_member: not one acceptable JWS of an object
    - errc::critical_header: `crit`, `b64` or `zip` in the header
    - errc::algorithm_not_allowed: none, unknown, or not among those accepted
    - errc::signing_key_unknown: no key of that identifier, kind and use; fetching the key set again may help
    - errc::signing_key_ambiguous: the token names no key, and several would do
    - errc::signature_invalid
    - errc::claim_missing, errc::claim_invalid: a required claim is missing; one has a wrong type or value
    - errc::id_token_issuer_mismatch, errc::audience_mismatch, errc::authorized_party_mismatch
    - errc::token_expired, errc::token_not_yet_valid, errc::token_too_old
    - errc::nonce_mismatch, errc::token_hash_mismatch, errc::token_type_mismatch
    - errc::authentication_too_old, errc::authentication_context_mismatch
    - errc::subject_mismatch, errc::authentication_changed: not the person or the sign-in of the token before
    @par Specification OpenID Connect Core 3.1.3.7, 3.1.3.8, 12.2; RFC 7515 5.2; RFC 8725 3
*/
COAUTH_LAZY result<verified_id_token>
verify_id_token(std::string_view compact, const id_token_expectations& expected, const limits& bounds);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/id_token_validation.ipp>
#endif

#endif
