// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_SIGNING_KEY_HPP
#define COAUTH_TESTING_DETAIL_SIGNING_KEY_HPP

#include <coauth/detail/config.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace coauth::testing::detail {

/** An RSA key of 2048 bits that signs JWTs with RS256. Safe from all threads. */
class signing_key {
public:
    /// @throws std::runtime_error if OpenSSL fails
    COAUTH_DECL signing_key();

    /// The key's thumbprint (RFC 7638).
    const std::string& id() const noexcept { return id_; }
    /// The public key (RFC 7517).
    COAUTH_DECL boost::json::object public_jwk() const;
    /// A JWS in compact serialization (RFC 7515 7.1).
    COAUTH_DECL std::string sign(const boost::json::object& header, const boost::json::object& claims) const;

private:
    std::shared_ptr<void> key_; // EVP_PKEY
    std::string modulus_;
    std::string exponent_;
    std::string id_;
};

COAUTH_DECL std::string base64url(std::string_view bytes);
/// 32 random bytes in base64url. @throws std::runtime_error if there is no randomness
COAUTH_DECL std::string random_token();

} // namespace coauth::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/signing_key.ipp>
#endif

#endif
