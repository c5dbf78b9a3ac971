// Floor 1.
#ifndef COAUTH_DETAIL_KEYED_HASH_HPP
#define COAUTH_DETAIL_KEYED_HASH_HPP

#include <coauth/core/random_value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace coauth::inline COAUTH_MODE::detail {

/** A hash whose collisions cannot be arranged without its key.

    Multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast"): for a random key, any two
    values collide with a probability of 2^-32, whoever chose them. It is no cryptographic hash; results must not
    be shown.
*/
class keyed_hash {
public:
    static constexpr std::size_t words = random_value::size_bytes / sizeof(std::uint32_t);
    using key_type = std::array<std::uint64_t, words + 1>;

    keyed_hash() = default;
    explicit keyed_hash(const key_type& key) noexcept : key_(key) {}

    std::uint32_t operator()(const random_value& value) const noexcept
    {
        std::array<std::uint32_t, words> parts;
        std::memcpy(parts.data(), value.bytes().data(), sizeof parts);
        std::uint64_t sum = key_[words];
        for (std::size_t i = 0; i < words; ++i)
            sum += key_[i] * parts[i];
        return static_cast<std::uint32_t>(sum >> 32); // the lower half is weaker
    }

private:
    key_type key_{};
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
