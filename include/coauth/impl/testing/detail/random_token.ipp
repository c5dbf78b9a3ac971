#ifndef COAUTH_IMPL_TESTING_DETAIL_RANDOM_TOKEN_IPP
#define COAUTH_IMPL_TESTING_DETAIL_RANDOM_TOKEN_IPP

#include <coauth/core/random_value.hpp>
#include <coauth/detail/base64url.hpp>
#include <coauth/detail/sha256.hpp>
#include <coauth/policy/random_source.hpp>
#include <coauth/testing/detail/random_token.hpp>

#include <array>
#include <span>
#include <stdexcept>

namespace coauth::inline COAUTH_MODE::testing::detail {

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

COAUTH_DECL std::string fingerprint(std::string_view text)
{
    const auto digest = coauth::detail::sha256(text);
    if (!digest)
        throw std::runtime_error("authorization_server: no SHA-256");
    return base64url_of(*digest);
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
