#ifndef COAUTH_IMPL_DETAIL_BASE64URL_IPP
#define COAUTH_IMPL_DETAIL_BASE64URL_IPP

#include <coauth/detail/base64url.hpp>

#include <array>
#include <cstdint>

namespace coauth::detail {

inline constexpr char base64url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::uint8_t, 256> make_base64url_values()
{
    std::array<std::uint8_t, 256> out{};
    out.fill(0xff);
    for (std::uint8_t i = 0; i < 64; ++i)
        out[static_cast<unsigned char>(base64url_alphabet[i])] = i;
    return out;
}
inline constexpr auto base64url_values = make_base64url_values();

COAUTH_DECL void base64url_encode(std::span<const unsigned char> bytes, char* out) noexcept
{
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const unsigned char byte : bytes) {
        bits = bits << 8 | byte;
        for (held += 8; held >= 6;)
            *out++ = base64url_alphabet[bits >> (held -= 6) & 63];
    }
    if (held != 0)
        *out = base64url_alphabet[bits << (6 - held) & 63];
}

COAUTH_DECL bool base64url_decode(std::string_view text, unsigned char* out) noexcept
{
    if (text.size() % 4 == 1)
        return false;
    std::uint32_t bits = 0;
    unsigned held = 0;
    unsigned foreign = 0;
    for (const char c : text) {
        const std::uint32_t value = base64url_values[static_cast<unsigned char>(c)];
        foreign |= value & 0x80u;
        bits = bits << 6 | (value & 63u);
        held += 6;
        if (held >= 8)
            *out++ = static_cast<unsigned char>(bits >> (held -= 8));
    }
    return foreign == 0 && (bits & ((1u << held) - 1)) == 0;
}

} // namespace coauth::detail

#endif
