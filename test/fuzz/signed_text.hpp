// Tokens whose signatures hold, made of arbitrary headers and payloads: what is behind the signature is reached.
#ifndef COAUTH_TEST_FUZZ_SIGNED_TEXT_HPP
#define COAUTH_TEST_FUZZ_SIGNED_TEXT_HPP

#include "fuzz.hpp"

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/jose/jwk_set.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

namespace fuzz {

inline std::string base64url(std::string_view bytes)
{
    std::string out(coauth::detail::base64url_encoded_size(bytes.size()), '\0');
    coauth::detail::base64url_encode({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()},
                                     out.data());
    return out;
}

inline const coauth::hmac_key& shared_secret()
{
    static const coauth::hmac_key key(coauth::hmac_algorithm::hs256,
                                      coauth::secret("a secret for tests, of 32 bytes!"));
    return key;
}

/// The keys of RFC 7515 A.2 and A.3, and RFC 8037 A.2.
inline const coauth::jwk_set& published_keys()
{
    static const coauth::jwk_set keys = *coauth::jwk_set::parse(R"({"keys":[
{"kty":"RSA","kid":"rsa","e":"AQAB",
 "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
{"kty":"EC","crv":"P-256","kid":"ec","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
 "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
    return keys;
}

/// By the private key of RFC 8037 A.1.
inline std::string ed25519_signature(std::string_view signed_text)
{
    using coauth::detail::openssl_pointer;
    static EVP_PKEY* const key = [] {
        std::array<unsigned char, 32> bytes{};
        require(coauth::detail::base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", bytes.data()),
                "a private key");
        return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size());
    }();
    const openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    std::string out(64, '\0');
    std::size_t size = out.size();
    require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
                EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                               reinterpret_cast<const unsigned char*>(signed_text.data()),
                               signed_text.size()) == 1 &&
                size == out.size(),
            "a signature");
    return out;
}

inline std::string hmac_signature(std::string_view signed_text)
{
    const std::string_view key = shared_secret().value().expose();
    std::string out(32, '\0');
    unsigned size = 0;
    require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                 reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
                 reinterpret_cast<unsigned char*>(out.data()), &size) != nullptr,
            "an HMAC");
    return out;
}

/** An input as a token.

    First line: who signs, `HS256` or `EdDSA`; second line: the header; then the payload. Or `raw`, and a token as it
    is.
*/
struct signed_text {
    std::string compact;
    std::string_view header;
    std::string_view payload;
    bool with_secret = false;
    bool raw = false;

    explicit signed_text(std::string_view input)
    {
        const std::string_view signer = take(input, '\n');
        with_secret = signer.starts_with("HS256");
        raw = !with_secret && !signer.starts_with("EdDSA");
        if (raw) {
            compact = input;
            return;
        }
        header = take(input, '\n');
        payload = input;
        compact = base64url(header) + '.' + base64url(payload);
        const std::string signature = with_secret ? hmac_signature(compact) : ed25519_signature(compact);
        compact += '.' + base64url(signature);
    }
};

} // namespace fuzz

#endif
