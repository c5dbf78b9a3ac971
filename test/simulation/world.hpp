// Virtual time, and the processes that live in it, all of them in one thread.
#ifndef COAUTH_TEST_SIMULATION_WORLD_HPP
#define COAUTH_TEST_SIMULATION_WORLD_HPP

#include "random.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

namespace coauth_test::simulation {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using duration = std::chrono::nanoseconds;

class world;

/// Something that a process waits for; whoever destroys it ends the waiting without a word, as a crash does.
class waiting {
public:
    waiting() = default;
    waiting(const waiting&) = delete;
    virtual ~waiting() = default;
};

/** A process, from its start to its end: its threads are an io_context, its clocks its own.

    It does something only while it is the running one.
*/
class process : public std::enable_shared_from_this<process> {
public:
    process(world& in, unsigned number, unsigned start);
    ~process();
    process(const process&) = delete;

    const std::string& name() const noexcept { return name_; }
    unsigned number() const noexcept { return number_; }
    world& in() noexcept { return world_; }
    asio::io_context& context() noexcept { return *context_; }

    /// The steady clock: from an origin of its own, and it may stand still while the process is suspended.
    duration steady() const noexcept;
    std::chrono::system_clock::time_point wall() const noexcept;
    void set_wall_error(duration error) noexcept { wall_error_ = error; }
    duration wall_error() const noexcept { return wall_error_; }

    bool alive() const noexcept { return context_ != nullptr; }
    /// Whether it ended of itself, having waited for what must not be lost.
    bool ended_well() const noexcept { return ended_well_; }
    void end_well(const std::function<void()>& before)
    {
        ended_well_ = true;
        crash(before, [] {});
    }
    /// Everything that it waits for is gone; `before` and `after` destroy what else it is made of.
    void crash(const std::function<void()>& before, const std::function<void()>& after);

    void suspend(duration until, bool steady_clock_stops);
    duration suspended_until() const noexcept { return suspended_until_; }

    /// Runs everything that can run now.
    void poll();
    /// Whether nothing is left that could run or that it waits for.
    bool idle();
    std::size_t waits() const noexcept { return waits_.size(); }

    std::uint64_t enlist(std::shared_ptr<waiting> what);
    /// @return null if it was taken before
    std::shared_ptr<waiting> take(std::uint64_t ticket);

private:
    world& world_;
    std::string name_;
    unsigned number_;
    duration origin_;
    duration stood_still_{};
    duration suspended_until_{};
    duration wall_error_{};
    bool ended_well_ = false;
    std::uint64_t tickets_ = 0;
    std::map<std::uint64_t, std::shared_ptr<waiting>> waits_;
    std::unique_ptr<asio::io_context> context_;
};
using process_ptr = std::shared_ptr<process>;

/// What becomes of the account of what happens.
enum class tracing { none, digested, printed };

/// All that happens, in its order. A seed determines it.
class world {
public:
    world(std::uint64_t seed, tracing how);
    ~world();
    world(const world&) = delete;

    /// The one that runs in this thread.
    static world& current() noexcept { return *current_; }
    /// The process that is running; null between them.
    static const process_ptr& running() noexcept { return current_->running_; }

    duration now() const noexcept { return now_; }
    random& chance() noexcept { return random_; }

    /// Happens to no process.
    void in(duration delay, std::function<void()> action) { in(delay, nullptr, std::move(action)); }
    /// Happens to a process: not if it ended, and when it goes on if it is suspended.
    void in(duration delay, process_ptr whom, std::function<void()> action);
    /// Makes the process the running one for as long as the action lasts, and then lets it do what it can.
    void run(const process_ptr& whom, const std::function<void()>& action);

    /// @return false if nothing is left to happen
    bool step();
    std::uint64_t steps() const noexcept { return steps_; }

    bool traced() const noexcept { return tracing_ != tracing::none; }
    /// Of two runs that went the same way the same.
    std::uint64_t digest() const noexcept { return digest_; }
    template <class... Words>
    void say(const Words&... words)
    {
        if (traced())
            print({text(words)...});
    }
    /// The first thing that must not be. The run goes on to a point where it can end.
    void violation(std::string what);
    const std::string& violated() const noexcept { return violated_; }

private:
    struct event {
        duration at;
        std::uint64_t sequence;
        process_ptr whom;
        std::shared_ptr<std::function<void()>> action;
    };
    struct later {
        bool operator()(const event& left, const event& right) const noexcept
        {
            return left.at != right.at ? left.at > right.at : left.sequence > right.sequence;
        }
    };

    static std::string text(const char* words) { return words; }
    static std::string text(const std::string& words) { return words; }
    static std::string text(duration time);
    static std::string text(std::uint64_t number) { return std::to_string(number); }
    static std::string text(unsigned number) { return std::to_string(number); }
    void print(std::initializer_list<std::string> words);

    static inline world* current_ = nullptr;

    random random_;
    tracing tracing_;
    std::uint64_t digest_ = 0xcbf2'9ce4'8422'2325u;
    duration now_{};
    std::uint64_t sequence_ = 0;
    std::uint64_t steps_ = 0;
    process_ptr running_;
    std::priority_queue<event, std::vector<event>, later> events_;
    std::string violated_;
};

} // namespace coauth_test::simulation

#endif
