// Where all chance of a simulated run comes from: one number.
#ifndef COAUTH_TEST_SIMULATION_RANDOM_HPP
#define COAUTH_TEST_SIMULATION_RANDOM_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace coauth_test::simulation {

/// splitmix64: the same on every machine, unlike the distributions of <random>.
class random {
public:
    explicit random(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept
    {
        std::uint64_t mixed = state_ += 0x9e37'79b9'7f4a'7c15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebu;
        return mixed ^ (mixed >> 31);
    }
    /// 0 to end - 1
    std::uint64_t below(std::uint64_t end) noexcept { return next() % end; }
    std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept
    {
        return least + below(most - least + 1);
    }
    bool chance(unsigned permille) noexcept { return below(1000) < permille; }

    template <class Rep, class Period>
    auto between(std::chrono::duration<Rep, Period> least, std::chrono::duration<Rep, Period> most) noexcept
    {
        const auto width = static_cast<std::uint64_t>((most - least).count());
        return least + std::chrono::duration<Rep, Period>(static_cast<Rep>(below(width + 1)));
    }

private:
    std::uint64_t state_;
};

} // namespace coauth_test::simulation

#endif
