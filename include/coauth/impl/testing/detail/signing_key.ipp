#ifndef COAUTH_IMPL_TESTING_DETAIL_SIGNING_KEY_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SIGNING_KEY_IPP

#include <coauth/core/random_value.hpp>
#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/detail/sha256.hpp>
#include <coauth/policy/random_source.hpp>
#include <coauth/testing/detail/signing_key.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <vector>

namespace coauth::testing::detail {

inline std::string base64url_of(std::span<const unsigned char> bytes)
{
    std::string out(coauth::detail::base64url_encoded_size(bytes.size()), '\0');
    coauth::detail::base64url_encode(bytes, out.data());
    return out;
}

COAUTH_DECL std::string base64url(std::string_view bytes)
{
    return base64url_of({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

COAUTH_DECL std::string random_token()
{
    std::array<unsigned char, random_value::size_bytes> bytes;
    if (!openssl_random_source::fill(bytes))
        throw std::runtime_error("authorization_server: no randomness");
    return base64url_of(bytes);
}

/// RFC 7518 2, Base64urlUInt: as few bytes as it takes, big-endian.
inline std::string base64url_number(EVP_PKEY* key, const char* name)
{
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
        throw std::runtime_error("authorization_server: cannot read the signing key");
    const coauth::detail::openssl_pointer<BIGNUM, BN_free> number(raw);
    std::vector<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
    BN_bn2bin(number.get(), bytes.data());
    return base64url_of(bytes);
}

COAUTH_DECL signing_key::signing_key()
{
    EVP_PKEY* key = EVP_RSA_gen(2048);
    if (key == nullptr)
        throw std::runtime_error("authorization_server: cannot make a signing key");
    key_ = std::shared_ptr<void>(key, [](void* pointer) { EVP_PKEY_free(static_cast<EVP_PKEY*>(pointer)); });
    modulus_ = base64url_number(key, OSSL_PKEY_PARAM_RSA_N);
    exponent_ = base64url_number(key, OSSL_PKEY_PARAM_RSA_E);
    // RFC 7638 3: the required members in the order of their names, without white space.
    const boost::json::object required{{"e", exponent_}, {"kty", "RSA"}, {"n", modulus_}};
    const auto digest = coauth::detail::sha256(boost::json::serialize(required));
    if (!digest)
        throw std::runtime_error("authorization_server: no SHA-256");
    id_ = base64url_of(*digest);
}

COAUTH_DECL boost::json::object signing_key::public_jwk() const
{
    return {{"kty", "RSA"}, {"use", "sig"},  {"alg", "RS256"},
            {"kid", id_},   {"n", modulus_}, {"e", exponent_}};
}

COAUTH_DECL std::string signing_key::sign(const boost::json::object& header,
                                          const boost::json::object& claims) const
{
    std::string out = base64url(boost::json::serialize(header));
    out += '.';
    out += base64url(boost::json::serialize(claims));
    const coauth::detail::openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    const auto* input = reinterpret_cast<const unsigned char*>(out.data());
    auto* key = static_cast<EVP_PKEY*>(key_.get());
    std::vector<unsigned char> signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t size = signature.size();
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, input, out.size()) != 1)
        throw std::runtime_error("authorization_server: cannot sign");
    out += '.';
    out += base64url_of(std::span(signature).first(size));
    return out;
}

} // namespace coauth::testing::detail

#endif
