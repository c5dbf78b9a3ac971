#ifndef COAUTH_IMPL_DETAIL_BASE64URL_IPP
#define COAUTH_IMPL_DETAIL_BASE64URL_IPP

#include <coauth/detail/base64url.hpp>

#include <array>
#include <cstdint>

namespace coauth::inline COAUTH_MODE::detail {

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
    const auto digit = [](std::uint32_t bits) { return base64url_alphabet[bits & 63]; };
    const unsigned char* in = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 3; left -= 3, in += 3, out += 4) {
        const std::uint32_t bits = std::uint32_t(in[0]) << 16 | std::uint32_t(in[1]) << 8 | in[2];
        out[0] = digit(bits >> 18);
        out[1] = digit(bits >> 12);
        out[2] = digit(bits >> 6);
        out[3] = digit(bits);
    }
    if (left != 0) {
        const std::uint32_t bits =
            std::uint32_t(in[0]) << 16 | (left == 2 ? std::uint32_t(in[1]) << 8 : std::uint32_t(0));
        out[0] = digit(bits >> 18);
        out[1] = digit(bits >> 12);
        if (left == 2)
            out[2] = digit(bits >> 6);
    }
}

COAUTH_DECL bool base64url_decode(std::string_view text, unsigned char* out) noexcept
{
    const auto value = [](char c) { return std::uint32_t(base64url_values[static_cast<unsigned char>(c)]); };
    const char* in = text.data();
    std::size_t left = text.size();
    if (left % 4 == 1)
        return false;
    std::uint32_t foreign = 0; // its bits above the sixth are
    for (; left >= 4; left -= 4, in += 4, out += 3) {
        const std::uint32_t a = value(in[0]), b = value(in[1]), c = value(in[2]), d = value(in[3]);
        foreign |= a | b | c | d;
        const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
        out[0] = static_cast<unsigned char>(bits >> 16);
        out[1] = static_cast<unsigned char>(bits >> 8);
        out[2] = static_cast<unsigned char>(bits);
    }
    std::uint32_t rest = 0; // what stands beyond the last byte
    if (left != 0) {
        const std::uint32_t a = value(in[0]), b = value(in[1]), c = left == 3 ? value(in[2]) : 0;
        foreign |= a | b | c;
        const std::uint32_t bits = a << 18 | b << 12 | c << 6;
        out[0] = static_cast<unsigned char>(bits >> 16);
        if (left == 3)
            out[1] = static_cast<unsigned char>(bits >> 8);
        rest = bits & (left == 3 ? 0xffu : 0xffffu);
    }
    return (foreign & ~std::uint32_t(63)) == 0 && rest == 0;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
