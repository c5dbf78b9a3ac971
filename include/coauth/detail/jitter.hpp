// Floor 1. Random numbers of no secrecy.
#ifndef COAUTH_DETAIL_JITTER_HPP
#define COAUTH_DETAIL_JITTER_HPP

#include <coauth/detail/config.hpp>

#include <chrono>
#include <cstdint>

namespace coauth::inline COAUTH_MODE::detail {

/// So that many do not do the same at the same time. SplitMix64: anybody who sees some results knows all.
class jitter {
public:
    explicit jitter(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept
    {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        return mixed ^ (mixed >> 31);
    }

    /// From 0 up to, but without, the duration; 0 if that is not positive.
    std::chrono::nanoseconds up_to(std::chrono::nanoseconds most) noexcept
    {
        const auto bound = static_cast<std::uint64_t>(most.count());
        return std::chrono::nanoseconds(
            most.count() > 0 ? static_cast<std::chrono::nanoseconds::rep>(next() % bound) : 0);
    }

    /// Between a half of the duration and all of it.
    std::chrono::nanoseconds shortened(std::chrono::nanoseconds whole) noexcept
    {
        return whole - up_to(whole / 2);
    }

private:
    std::uint64_t state_;
};

/// Twice as much for each failure.
inline std::chrono::nanoseconds doubled(std::chrono::nanoseconds first, unsigned times,
                                        std::chrono::nanoseconds longest) noexcept
{
    while (times-- > 0 && first < longest)
        first *= 2;
    return first < longest ? first : longest;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
