// Floor 2.
#ifndef COAUTH_JOSE_SIGNING_KEY_HPP
#define COAUTH_JOSE_SIGNING_KEY_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/jose/algorithm.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** A private key, bound to one algorithm and named by a key identifier: for client assertions.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe. Copies share.
    @par Specification RFC 7515 5.1, RFC 7518 3
*/
class signing_key {
public:
    /** Read a private key in PEM: PKCS #8, or the older forms that OpenSSL reads. Never asks for a password.

        @param key_id what the server knows the key by (`kid`); may be empty
        @par Errors errc::invalid_configuration: not a private key, encrypted, of a kind or curve that does not fit the
        algorithm, or RSA of fewer than 2048 or more than 8192 bits
    */
    static COAUTH_DECL result<signing_key> from_pem(signing_algorithm algorithm, const secret& pem,
                                                    std::string key_id);

    /** Make a new key, its identifier the thumbprint (RFC 7638). RSA keys have 2048 bits.
        @throws coauth::exception errc::invalid_configuration if OpenSSL cannot
    */
    static COAUTH_DECL signing_key generate(signing_algorithm algorithm);

    signing_algorithm algorithm() const noexcept { return algorithm_; }
    const std::string& key_id() const noexcept { return key_id_; }

    /// The public part, with kid, use and alg (RFC 7517 4).
    COAUTH_DECL boost::json::object public_jwk() const;
    /// In PKCS #8, not encrypted.
    COAUTH_DECL secret to_pem() const;

    /** Sign in compact serialization. The header is taken as it is: `alg` and `kid` are the caller's to set.
        @throws coauth::exception errc::invalid_configuration if OpenSSL cannot
    */
    COAUTH_DECL std::string sign(const boost::json::object& header, const boost::json::object& payload) const;

private:
    signing_key(std::shared_ptr<void> key, signing_algorithm algorithm, std::string key_id) noexcept
        : key_(std::move(key)), key_id_(std::move(key_id)), algorithm_(algorithm)
    {
    }

    std::shared_ptr<void> key_; // EVP_PKEY
    std::string key_id_;
    signing_algorithm algorithm_;
};

/// The same with a secret. @copydoc signing_key::sign()
COAUTH_DECL std::string sign(const hmac_key& key, const boost::json::object& header,
                             const boost::json::object& payload);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/jose/signing_key.ipp>
#endif

#endif
