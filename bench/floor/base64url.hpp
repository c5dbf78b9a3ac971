// Base64url by tables: twelve bits at a time there, six at a time back.
#ifndef COAUTH_BENCH_FLOOR_BASE64URL_HPP
#define COAUTH_BENCH_FLOOR_BASE64URL_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bench::floor {

inline constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline constexpr auto pairs = [] {
    std::array<std::array<char, 2>, 4096> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = {alphabet[i >> 6], alphabet[i & 63]};
    return out;
}();

inline constexpr auto sextets = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(0xff);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return out;
}();

inline constexpr std::size_t encoded_32 = 43;

/// 32 bytes to 43 characters.
inline void encode_32(const unsigned char* in, char* out)
{
    for (int i = 0; i < 10; ++i, in += 3, out += 4) {
        const std::uint32_t bits = std::uint32_t(in[0]) << 16 | std::uint32_t(in[1]) << 8 | in[2];
        std::memcpy(out, pairs[bits >> 12].data(), 2);
        std::memcpy(out + 2, pairs[bits & 0xfff].data(), 2);
    }
    const std::uint32_t bits = std::uint32_t(in[0]) << 8 | in[1];
    std::memcpy(out, pairs[bits >> 4].data(), 2);
    out[2] = alphabet[(bits & 0xf) << 2];
}

constexpr std::size_t decoded_size(std::size_t characters)
{
    return characters / 4 * 3 + (characters % 4 == 0 ? 0 : characters % 4 - 1);
}

/// Writes decoded_size() bytes, which may be wrong if it returns false.
inline bool decode(std::string_view text, unsigned char* out)
{
    std::uint32_t wrong = text.size() % 4 == 1;
    std::size_t i = 0;
    const auto value = [&](std::size_t at) {
        const std::uint32_t v = sextets[static_cast<unsigned char>(text[at])];
        wrong |= v & 0x80;
        return v;
    };
    for (; i + 4 <= text.size(); i += 4, out += 3) {
        const std::uint32_t bits = value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3);
        out[0] = static_cast<unsigned char>(bits >> 16);
        out[1] = static_cast<unsigned char>(bits >> 8);
        out[2] = static_cast<unsigned char>(bits);
    }
    if (text.size() - i == 3) {
        const std::uint32_t bits = value(i) << 12 | value(i + 1) << 6 | value(i + 2);
        out[0] = static_cast<unsigned char>(bits >> 10);
        out[1] = static_cast<unsigned char>(bits >> 2);
        wrong |= bits & 3;
    } else if (text.size() - i == 2) {
        const std::uint32_t bits = value(i) << 6 | value(i + 1);
        out[0] = static_cast<unsigned char>(bits >> 4);
        wrong |= bits & 0xf;
    }
    return wrong == 0;
}

} // namespace bench::floor

#endif
