// Where all chance of a simulated run comes from: one number.
#ifndef COAUTH_TEST_SIMULATION_RANDOM_HPP
#define COAUTH_TEST_SIMULATION_RANDOM_HPP

#include <coauth/detail/jitter.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace coauth_test::simulation {

/// The same on every machine, unlike the distributions of <random>.
class random {
public:
    explicit random(std::uint64_t seed) noexcept : numbers_(seed) {}

    std::uint64_t next() noexcept { return numbers_.next(); }
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
    coauth::detail::jitter numbers_;
};

} // namespace coauth_test::simulation

#endif
