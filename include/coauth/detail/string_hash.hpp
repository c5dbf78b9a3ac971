// Floor 1.
#ifndef COAUTH_DETAIL_STRING_HASH_HPP
#define COAUTH_DETAIL_STRING_HASH_HPP

#include <coauth/detail/jitter.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** A hash of short strings whose collisions cannot be arranged without its seed; see keyed_hash.

    Strings that are longer than `longest` are cut off.
*/
class string_hash {
public:
    static constexpr std::size_t longest = 512;

    explicit string_hash(std::uint64_t seed) noexcept
    {
        jitter numbers(seed);
        for (std::uint64_t& each : key_)
            each = numbers.next();
    }

    std::uint32_t operator()(std::string_view text) const noexcept
    {
        text = text.substr(0, longest);
        std::uint64_t sum = key_[0] + key_[1] * text.size();
        for (std::size_t i = 2; !text.empty(); ++i) {
            std::uint32_t word = 0;
            const std::size_t taken = text.size() < sizeof word ? text.size() : sizeof word;
            std::memcpy(&word, text.data(), taken);
            sum += key_[i] * word;
            text.remove_prefix(taken);
        }
        return static_cast<std::uint32_t>(sum >> 32); // the lower half is weaker
    }

private:
    std::array<std::uint64_t, longest / sizeof(std::uint32_t) + 2> key_{};
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
