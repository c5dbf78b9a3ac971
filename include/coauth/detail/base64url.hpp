// Floor 1. Base64url without padding (RFC 4648 5, RFC 7515 2), canonical only.
#ifndef COAUTH_DETAIL_BASE64URL_HPP
#define COAUTH_DETAIL_BASE64URL_HPP

#include <coauth/detail/config.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

constexpr std::size_t base64url_encoded_size(std::size_t size_bytes) noexcept
{
    return size_bytes / 3 * 4 + (size_bytes % 3 == 0 ? 0 : size_bytes % 3 + 1);
}

constexpr std::size_t base64url_decoded_size(std::size_t characters) noexcept
{
    return characters / 4 * 3 + (characters % 4 == 0 ? 0 : characters % 4 - 1);
}

/// Writes base64url_encoded_size() characters.
COAUTH_DECL void base64url_encode(std::span<const unsigned char> bytes, char* out) noexcept;

/** Writes base64url_decoded_size() bytes.

    @return false for a foreign character, an impossible length, or bits set beyond the last byte: two
    texts never decode to the same bytes. What was written then is meaningless.
*/
COAUTH_DECL bool base64url_decode(std::string_view text, unsigned char* out) noexcept;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/base64url.ipp>
#endif

#endif
