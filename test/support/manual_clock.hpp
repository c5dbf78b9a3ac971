// Clocks that move only when a test says so.
#ifndef COAUTH_TEST_MANUAL_CLOCK_HPP
#define COAUTH_TEST_MANUAL_CLOCK_HPP

#include <atomic>
#include <chrono>
#include <cstdint>

namespace coauth_test {

/// Static, as policies name clocks by type: one test of a program uses it at a time.
template <class Base>
class manual_clock {
public:
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Base, duration>;
    static constexpr bool is_steady = Base::is_steady;

    static time_point now() noexcept { return time_point(duration(since_epoch_.load())); }
    static void advance(duration by) noexcept { since_epoch_ += by.count(); }
    static void set(time_point to) noexcept { since_epoch_ = to.time_since_epoch().count(); }

private:
    // Somewhere in 2033, and for a steady clock somewhere after the machine was switched on.
    static inline std::atomic<std::int64_t> since_epoch_{2'000'000'000'000'000'000};
};

/// For Policy::clock.
struct manual_wall_clock : manual_clock<std::chrono::system_clock> {
    static std::chrono::system_clock::time_point now() noexcept
    {
        return std::chrono::time_point_cast<std::chrono::system_clock::duration>(manual_clock::now());
    }
};

/// Their time, as claims have it.
inline std::int64_t seconds_now()
{
    return std::chrono::floor<std::chrono::seconds>(manual_wall_clock::now().time_since_epoch()).count();
}

/// For basic_memory_state_store.
using manual_steady_clock = manual_clock<std::chrono::steady_clock>;

} // namespace coauth_test

#endif
