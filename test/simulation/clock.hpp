// Clock and timer of the process that is running, for detail::basic_refresh_scheduler.
#ifndef COAUTH_TEST_SIMULATION_CLOCK_HPP
#define COAUTH_TEST_SIMULATION_CLOCK_HPP

#include "waiting.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace coauth_test::simulation {

struct simulated_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<simulated_clock>;
    static constexpr bool is_steady = true;

    static time_point now() noexcept { return time_point(world::running()->steady()); }
    static std::chrono::system_clock::time_point wall_now() noexcept { return world::running()->wall(); }
};

/// As asio::steady_timer.
class simulated_timer {
public:
    using clock_type = simulated_clock;
    using duration = simulated_clock::duration;
    using time_point = simulated_clock::time_point;
    using executor_type = asio::any_io_executor;

    template <class Executor>
    explicit simulated_timer(const Executor& executor)
        : executor_(executor), state_(std::make_shared<state>(world::running()))
    {
    }
    simulated_timer(const simulated_timer&) = delete;
    ~simulated_timer() { cancel(); }

    executor_type get_executor() const { return executor_; }
    time_point expiry() const noexcept { return state_->deadline; }

    std::size_t expires_at(time_point when)
    {
        const std::size_t cancelled = cancel();
        state_->deadline = when;
        return cancelled;
    }
    std::size_t expires_after(duration delay) { return expires_at(simulated_clock::now() + delay); }

    std::size_t cancel() { return state_->end(asio::error::operation_aborted); }

    template <class Token>
    auto async_wait(Token&& token)
    {
        return asio::async_initiate<Token, void(boost::system::error_code)>(wait_initiation(*this), token);
    }

private:
    using outcome = boost::system::error_code;

    struct state : std::enable_shared_from_this<state> {
        explicit state(process_ptr of) : whose(std::move(of)) {}

        std::size_t end(outcome how)
        {
            ++round; // what the world was told before does not count any more
            std::size_t ended = 0;
            for (const completion<outcome>& each : std::exchange(waiting, {}))
                ended += each(how) ? 1 : 0;
            return ended;
        }
        void wind()
        {
            const duration left = deadline.time_since_epoch() - whose->steady();
            whose->in().in(left > duration(0) ? left : duration(0), whose,
                           [self = this->shared_from_this(), of = round] {
                               if (self->round != of)
                                   return;
                               // The steady clock may have stood still since.
                               if (self->whose->steady() < self->deadline.time_since_epoch())
                                   self->wind();
                               else
                                   self->end({});
                           });
        }

        process_ptr whose;
        time_point deadline{};
        std::uint64_t round = 0;
        std::vector<completion<outcome>> waiting;
    };

    class wait_initiation {
    public:
        explicit wait_initiation(simulated_timer& timer) : executor_(timer.executor_), state_(timer.state_) {}

        template <class Handler>
        void operator()(Handler&& handler)
        {
            const auto kept = state_;
            const auto executor = executor_;
            const bool first = kept->waiting.empty();
            kept->waiting.push_back(enlist<outcome>(std::decay_t<Handler>(std::forward<Handler>(handler)),
                                                    executor, asio::error::operation_aborted));
            if (first)
                kept->wind();
        }

    private:
        executor_type executor_;
        std::shared_ptr<state> state_;
    };

    executor_type executor_;
    std::shared_ptr<state> state_;
};

} // namespace coauth_test::simulation

#endif
