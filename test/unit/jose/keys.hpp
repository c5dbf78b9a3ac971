// Keys and tokens for tests of jose/. Keys are made once for the whole executable.
#ifndef COAUTH_TEST_UNIT_JOSE_KEYS_HPP
#define COAUTH_TEST_UNIT_JOSE_KEYS_HPP

#include <coauth/core/error.hpp>
#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/jose/jws.hpp>
#include <coauth/jose/signing_key.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::test {

using octet_vector = std::vector<unsigned char>;
using pkey_pointer = detail::openssl_pointer<EVP_PKEY, EVP_PKEY_free>;
using digest_context = detail::openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free>;
using bio_pointer = detail::openssl_pointer<BIO, BIO_free_all>;

inline constexpr signing_algorithm every_algorithm[] = {
    signing_algorithm::rs256, signing_algorithm::rs384, signing_algorithm::rs512, signing_algorithm::ps256,
    signing_algorithm::ps384, signing_algorithm::ps512, signing_algorithm::es256, signing_algorithm::es384,
    signing_algorithm::es512, signing_algorithm::eddsa};
inline constexpr hmac_algorithm every_hmac[] = {hmac_algorithm::hs256, hmac_algorithm::hs384,
                                                hmac_algorithm::hs512};

inline signing_algorithms all_algorithms()
{
    signing_algorithms out;
    for (const signing_algorithm each : every_algorithm)
        out.insert(each);
    return out;
}

inline const signing_key& key_for(signing_algorithm algorithm)
{
    static std::map<signing_algorithm, signing_key> keys;
    auto found = keys.find(algorithm);
    if (found == keys.end())
        found = keys.emplace(algorithm, signing_key::generate(algorithm)).first;
    return found->second;
}

inline hmac_key hmac_key_for(hmac_algorithm algorithm)
{
    return hmac_key(algorithm, secret(std::string(64, 'k')));
}

inline std::string encode(std::string_view text)
{
    std::string out(detail::base64url_encoded_size(text.size()), '\0');
    detail::base64url_encode({reinterpret_cast<const unsigned char*>(text.data()), text.size()}, out.data());
    return out;
}
inline std::string encode(const octet_vector& octets)
{
    return encode(std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
}
inline octet_vector decode(std::string_view text)
{
    octet_vector out(detail::base64url_decoded_size(text.size()));
    if (!detail::base64url_decode(text, out.data()))
        throw std::invalid_argument("decode");
    return out;
}

inline std::string signed_part(std::string_view token)
{
    return std::string(token.substr(0, token.rfind('.')));
}
inline octet_vector signature_of(std::string_view token)
{
    return decode(token.substr(token.rfind('.') + 1));
}
inline std::string with_signature(std::string_view token, const octet_vector& signature)
{
    return signed_part(token) + '.' + encode(signature);
}

inline std::string set_text(const boost::json::array& keys)
{
    return boost::json::serialize(boost::json::object{{"keys", keys}});
}
inline result<jwk_set> parse_keys(const boost::json::array& keys) { return jwk_set::parse(set_text(keys)); }
inline jwk_set set_of(const boost::json::object& jwk) { return parse_keys(boost::json::array{jwk}).value(); }
inline jwk_set set_of(const signing_key& key) { return set_of(key.public_jwk()); }

inline boost::json::object header_for(const signing_key& key)
{
    return {{"alg", name(key.algorithm())}, {"kid", key.key_id()}};
}
inline const boost::json::object& some_claims()
{
    static const boost::json::object claims{{"iss", "https://as.example"}, {"sub", "jane"}};
    return claims;
}
inline std::string token_of(const signing_key& key) { return key.sign(header_for(key), some_claims()); }

inline result<detail::verified_jws> verify(std::string_view token, const jwk_set& keys,
                                           signing_algorithms algorithms = all_algorithms(),
                                           const limits& bounds = {})
{
    return detail::verify_jws(token, {.algorithms = algorithms, .published = &keys}, bounds);
}
inline result<detail::verified_jws> verify(std::string_view token, const hmac_key& key,
                                           const limits& bounds = {})
{
    return detail::verify_jws(token, {.secret = &key}, bounds);
}

/// Whatever bytes there are in header and payload, signed with HS256.
inline std::string hmac_token(std::string_view header, std::string_view payload, const hmac_key& key)
{
    const std::string input = encode(header) + '.' + encode(payload);
    octet_vector out(32);
    std::size_t size = 0;
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.value().expose().data(),
                  key.value().size(), reinterpret_cast<const unsigned char*>(input.data()), input.size(),
                  out.data(), out.size(), &size) == nullptr)
        throw std::runtime_error("hmac_token");
    return input + '.' + encode(out);
}

inline pkey_pointer openssl_key(const signing_key& key)
{
    const secret pem = key.to_pem();
    const bio_pointer source(BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size())));
    return pkey_pointer(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
}

/// A PSS signature with parameters of one's choice.
inline octet_vector pss_signature(const signing_key& key, std::string_view input, int salt_bytes,
                                  const char* mask_digest)
{
    const pkey_pointer pkey = openssl_key(key);
    const digest_context context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    octet_vector out(256);
    std::size_t size = out.size();
    if (EVP_DigestSignInit_ex(context.get(), &parameters, "SHA256", nullptr, nullptr, pkey.get(), nullptr) !=
            1 ||
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt_bytes) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md_name(parameters, mask_digest, nullptr) != 1 ||
        EVP_DigestSign(context.get(), out.data(), &size, reinterpret_cast<const unsigned char*>(input.data()),
                       input.size()) != 1)
        throw std::runtime_error("pss_signature");
    return out;
}

} // namespace coauth::test

#endif
