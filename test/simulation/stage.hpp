// One run: who takes part, what goes wrong, and what must be so in the end.
#ifndef COAUTH_TEST_SIMULATION_STAGE_HPP
#define COAUTH_TEST_SIMULATION_STAGE_HPP

#include "application.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace coauth_test::simulation {

/// How a process ends.
enum class ending {
    crash,
    close, ///< The scheduler is destroyed, and the process goes on until it is done.
    stop,  ///< It waits for stop(), and then it is gone.
};

class stage {
public:
    /// Everything is as the seed has it.
    stage(std::uint64_t seed, tracing how);
    /// A plain run, in which a process ends after so many steps.
    stage(std::uint64_t seed, tracing how, unsigned crashing, std::uint64_t after_steps, ending crash);
    ~stage();

    /// @return what was wrong; empty if nothing was
    std::string play();
    std::uint64_t steps() const noexcept { return world_.steps(); }
    /// Whether the run came to that end.
    bool crashed() const noexcept { return crashed_; }
    std::uint64_t digest() const noexcept { return world_.digest(); }

private:
    using application_ptr = std::shared_ptr<application>;

    void describe();
    void start(unsigned number);
    void live(unsigned number);
    void disturb(const application_ptr& who);
    void leave(const application_ptr& who, ending how);
    void suspend(const application_ptr& who);
    bool run_until(duration when);

    bool play_with_faults();
    bool play_calmly();
    void expect_answer(const application_ptr& of, const std::string& key, coauth::detail::grant_wish wish);
    bool take_down();

    world world_;
    plan plan_;
    ledger ledger_;
    provider provider_;
    store_server store_;
    sign_ins sign_ins_;
    std::vector<application_ptr> applications_; ///< by number; null: not running
    std::vector<application_ptr> left_;
    std::vector<unsigned> starts_;
    unsigned crashing_ = 0;
    std::uint64_t crash_after_ = 0;
    ending crash_ = ending::crash;
    bool crashed_ = false;
};

} // namespace coauth_test::simulation

#endif
