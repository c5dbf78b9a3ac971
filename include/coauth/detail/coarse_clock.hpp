// Floor 1. A steady clock that is quick to read.
#ifndef COAUTH_DETAIL_COARSE_CLOCK_HPP
#define COAUTH_DETAIL_COARSE_CLOCK_HPP

#include <coauth/detail/config.hpp>

#include <chrono>
#include <ctime>

namespace coauth::inline COAUTH_MODE::detail {

/** std::chrono::steady_clock, up to some milliseconds behind, for a seventh of the time where the system has it.

    Same epoch, so that times of both can be compared.
*/
struct coarse_clock {
    using duration = std::chrono::nanoseconds;

    static duration since_epoch() noexcept
    {
#if defined(__linux__) && defined(CLOCK_MONOTONIC_COARSE)
        // What std::chrono::steady_clock reads on Linux is CLOCK_MONOTONIC.
        std::timespec now;
        if (::clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0)
            return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
#endif
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
