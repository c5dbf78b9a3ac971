// Floor 2.
#ifndef COAUTH_JOSE_JWS_HPP
#define COAUTH_JOSE_JWS_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/detail/json_document.hpp>
#include <coauth/jose/algorithm.hpp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/jose/key_algorithm.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// The payload of a JWS whose signature was verified. Only verify_jws() makes one with something in it.
class verified_jws {
public:
    const json_document& payload() const noexcept { return payload_; }
    /// `typ` of the header, empty if there is none.
    const std::string& type() const noexcept { return type_; }
    hash_function hash() const noexcept { return hash_; }

private:
    friend class jws_verification;
    verified_jws(json_document payload, std::string type, hash_function hash) noexcept
        : payload_(std::move(payload)), type_(std::move(type)), hash_(hash)
    {
    }

    json_document payload_;
    std::string type_;
    hash_function hash_;
};

/// Who may have signed: the server's published keys, or whoever knows the secret; never both.
struct jws_keys {
    signing_algorithms algorithms{};
    const jwk_set* published = nullptr;
    const hmac_key* secret = nullptr; ///< if set, the only thing that counts
};

/** Verify a JWS in compact serialization, and read its payload as a JSON object.

    Sizes are checked before anything is decoded, form before keys are looked at, and the payload is not
    parsed before the signature was verified.

    @par Errors
    - errc::malformed_jwt, errc::critical_header, errc::algorithm_not_allowed
    - errc::signing_key_unknown, also while there is no key set yet; errc::signing_key_ambiguous
    - errc::signature_invalid
    - errc::malformed_json, errc::duplicate_member: of header or payload
    @par Specification RFC 7515 5.2, RFC 8725 3
*/
COAUTH_LAZY result<verified_jws> verify_jws(std::string_view compact, const jws_keys& keys,
                                            const limits& bounds);

/** Whether `at_hash` or `c_hash` is that of a token or code: the left half of its hash, in base64url.
    @par Specification OpenID Connect Core 3.1.3.6, 3.3.2.11
*/
COAUTH_LAZY bool token_hash_matches(hash_function hash, std::string_view token, std::string_view claim);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/jose/jws.ipp>
#endif

#endif
