// An ID token's verification, by hand: a copy of a prepared context of OpenSSL's, JSON in a buffer on the stack.
#ifndef COAUTH_BENCH_FLOOR_ID_TOKEN_HPP
#define COAUTH_BENCH_FLOOR_ID_TOKEN_HPP

#include "authorization_url.hpp"
#include "base64url.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace bench::floor {

enum class signature_form { as_it_is, ecdsa };

struct id_token_expectations {
    std::string_view algorithm;
    std::string_view issuer;
    std::string_view client_id;
    std::string_view nonce;
    std::int64_t now;
    std::string_view access_token{}; ///< for at_hash; empty: not looked at
};

class id_token_verifier {
public:
    /// @param digest null for EdDSA
    id_token_verifier(std::string key_id, EVP_PKEY* key, const char* digest, signature_form form)
        : key_id_(std::move(key_id)),
          prepared_(EVP_MD_CTX_new(), EVP_MD_CTX_free),
          working_(EVP_MD_CTX_new(), EVP_MD_CTX_free),
          form_(form)
    {
        ready_ =
            EVP_DigestVerifyInit_ex(prepared_.get(), nullptr, digest, nullptr, nullptr, key, nullptr) == 1;
    }

    /// @param subject who signed in
    bool verify(std::string_view token, const id_token_expectations& expected, std::string& subject)
    {
        const std::size_t first = token.find('.');
        const std::size_t second = first == token.npos ? first : token.find('.', first + 1);
        if (!ready_ || second == token.npos)
            return false;
        const std::string_view header = token.substr(0, first);
        const std::string_view payload = token.substr(first + 1, second - first - 1);
        const std::string_view signature = token.substr(second + 1);
        if (header.size() > 1024 || payload.size() > 4096 || signature.size() > 1024)
            return false;

        unsigned char text[4096];
        unsigned char memory[8192];
        if (!decode(header, text) ||
            !header_fits({chars(text), decoded_size(header.size())}, expected, memory))
            return false;
        unsigned char raw[1024];
        if (!decode(signature, raw) ||
            !verify_signature(token.substr(0, second), raw, decoded_size(signature.size())))
            return false;
        if (!decode(payload, text))
            return false;
        boost::json::monotonic_resource resource(memory, sizeof memory);
        boost::system::error_code failure;
        const boost::json::value claims =
            boost::json::parse({chars(text), decoded_size(payload.size())}, failure, &resource);
        if (failure || !claims.is_object() || !claims_fit(claims.get_object(), expected) ||
            !access_token_fits(claims.get_object(), expected.access_token))
            return false;
        subject = std::string_view(claims.get_object().find("sub")->value().get_string());
        return true;
    }

    /// @param raw as the token has it, decoded
    bool verify_signature(std::string_view input, const unsigned char* raw, std::size_t size)
    {
        if (EVP_MD_CTX_copy_ex(working_.get(), prepared_.get()) != 1)
            return false;
        const auto* signed_octets = reinterpret_cast<const unsigned char*>(input.data());
        if (form_ == signature_form::as_it_is)
            return EVP_DigestVerify(working_.get(), raw, size, signed_octets, input.size()) == 1;
        if (size != 64)
            return false;
        const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
        if (ECDSA_SIG_set0(pair.get(), BN_bin2bn(raw, 32, nullptr), BN_bin2bn(raw + 32, 32, nullptr)) != 1)
            return false;
        unsigned char der[80];
        unsigned char* end = der;
        const int length = i2d_ECDSA_SIG(pair.get(), &end);
        return length > 0 && EVP_DigestVerify(working_.get(), der, static_cast<std::size_t>(length),
                                              signed_octets, input.size()) == 1;
    }

private:
    static const char* chars(const unsigned char* octets) { return reinterpret_cast<const char*>(octets); }

    static bool is(const boost::json::value* value, std::string_view text)
    {
        return value != nullptr && value->is_string() && std::string_view(value->get_string()) == text;
    }

    template <std::size_t Size>
    bool header_fits(std::string_view text, const id_token_expectations& expected,
                     unsigned char (&memory)[Size]) const
    {
        boost::json::monotonic_resource resource(memory, Size);
        boost::system::error_code failure;
        const boost::json::value header = boost::json::parse(text, failure, &resource);
        if (failure || !header.is_object())
            return false;
        const boost::json::object& members = header.get_object();
        return is(members.if_contains("alg"), expected.algorithm) &&
               is(members.if_contains("kid"), key_id_) && members.if_contains("crit") == nullptr;
    }

    bool access_token_fits(const boost::json::object& claims, std::string_view access_token)
    {
        const boost::json::value* expected = claims.if_contains("at_hash");
        if (access_token.empty() || expected == nullptr)
            return true;
        unsigned char hash[32];
        if (!hash_.hash(access_token.data(), access_token.size(), hash))
            return false;
        unsigned char claimed[16];
        return expected->is_string() && expected->get_string().size() == 22 &&
               decode(std::string_view(expected->get_string()), claimed) &&
               CRYPTO_memcmp(claimed, hash, sizeof claimed) == 0;
    }

    static bool claims_fit(const boost::json::object& claims, const id_token_expectations& expected)
    {
        constexpr std::int64_t tolerance = 30;
        const boost::json::value* expires = claims.if_contains("exp");
        const boost::json::value* issued = claims.if_contains("iat");
        const boost::json::value* party = claims.if_contains("azp");
        const boost::json::value* subject = claims.if_contains("sub");
        return is(claims.if_contains("iss"), expected.issuer) &&
               is(claims.if_contains("aud"), expected.client_id) &&
               (party == nullptr || is(party, expected.client_id)) &&
               is(claims.if_contains("nonce"), expected.nonce) && subject != nullptr &&
               subject->is_string() && !subject->get_string().empty() && expires != nullptr &&
               expires->is_int64() && expires->get_int64() + tolerance > expected.now && issued != nullptr &&
               issued->is_int64() && issued->get_int64() <= expected.now + tolerance &&
               issued->get_int64() + 600 + tolerance >= expected.now;
    }

    std::string key_id_;
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> prepared_;
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> working_;
    sha256 hash_;
    signature_form form_;
    bool ready_ = false;
};

} // namespace bench::floor

#endif
