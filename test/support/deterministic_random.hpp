// A random source whose output a test can foresee, and that can be made to fail.
#ifndef COAUTH_TEST_DETERMINISTIC_RANDOM_HPP
#define COAUTH_TEST_DETERMINISTIC_RANDOM_HPP

#include <coauth/policy/random_source.hpp>

#include <atomic>
#include <cstdint>
#include <span>

namespace coauth_test {

/// A different value at each call, the same ones in each run (splitmix64). Safe from all threads.
class deterministic_random {
public:
    static coauth::result<void> fill(std::span<unsigned char> out)
    {
        ++calls_;
        if (failing_)
            return coauth::errc::random_source_failed;
        for (unsigned char& byte : out) {
            std::uint64_t mixed = counter_ += 0x9e37'79b9'7f4a'7c15u;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9u;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebu;
            byte = static_cast<unsigned char>(mixed >> 32);
        }
        return {};
    }

    static void set_failing(bool value) noexcept { failing_ = value; }
    static unsigned calls() noexcept { return calls_; }

private:
    static inline std::atomic<std::uint64_t> counter_{1};
    static inline std::atomic<unsigned> calls_{0};
    static inline std::atomic<bool> failing_{false};
};

} // namespace coauth_test

#endif
