// A timer of a manual_steady_clock, and an io_context on which time passes only when a test says so.
#ifndef COAUTH_TEST_MANUAL_TIMER_HPP
#define COAUTH_TEST_MANUAL_TIMER_HPP

#include "manual_clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace coauth_test {

namespace asio = boost::asio;

class manual_timer;

/// The waits of one context, which it owns: destroyed with it, as those of Asio's timers are.
class manual_waits final : public asio::execution_context::service {
public:
    using key_type = manual_waits;
    static inline asio::execution_context::id id;
    using handler = std::function<void(boost::system::error_code)>;

    explicit manual_waits(asio::execution_context& of) : service(of) {}

    void add(const void* timer, manual_steady_clock::time_point until, asio::any_io_executor executor,
             handler then)
    {
        const std::lock_guard lock(mutex_);
        waits_.emplace(until, wait{timer, std::move(executor), std::move(then)});
    }
    void cancel(const void* timer)
    {
        std::multimap<manual_steady_clock::time_point, wait> ended;
        {
            const std::lock_guard lock(mutex_);
            for (auto each = waits_.begin(); each != waits_.end();) {
                const auto here = each++;
                if (here->second.timer == timer)
                    ended.insert(waits_.extract(here));
            }
        }
        for (auto& [until, one] : ended)
            finish(std::move(one), asio::error::operation_aborted);
    }
    /// Ends the waits whose time has come.
    void fire()
    {
        for (;;) {
            std::optional<wait> next;
            {
                const std::lock_guard lock(mutex_);
                if (waits_.empty() || waits_.begin()->first > manual_steady_clock::now())
                    return;
                next.emplace(std::move(waits_.extract(waits_.begin()).mapped()));
            }
            finish(std::move(*next), {});
        }
    }
    std::optional<manual_steady_clock::time_point> next()
    {
        const std::lock_guard lock(mutex_);
        if (waits_.empty())
            return {};
        return waits_.begin()->first;
    }

private:
    struct wait {
        const void* timer;
        asio::any_io_executor executor;
        handler then;
    };

    static void finish(wait&& one, boost::system::error_code outcome)
    {
        asio::post(one.executor, [then = std::move(one.then), outcome] { then(outcome); });
    }
    void shutdown() override
    {
        std::multimap<manual_steady_clock::time_point, wait> dropped;
        {
            const std::lock_guard lock(mutex_);
            dropped.swap(waits_);
        }
    }

    std::mutex mutex_;
    std::multimap<manual_steady_clock::time_point, wait> waits_;
};

/// What basic_refresh_scheduler needs of a timer.
class manual_timer {
public:
    explicit manual_timer(asio::any_io_executor executor)
        : executor_(std::move(executor)),
          waits_(&asio::use_service<manual_waits>(asio::query(executor_, asio::execution::context)))
    {
    }
    manual_timer(const manual_timer&) = delete;
    ~manual_timer() { cancel(); }

    void expires_at(manual_steady_clock::time_point when)
    {
        cancel();
        until_ = when;
    }
    void cancel() { waits_->cancel(this); }
    void async_wait(manual_waits::handler then) { waits_->add(this, until_, executor_, std::move(then)); }

private:
    asio::any_io_executor executor_;
    manual_waits* waits_;
    manual_steady_clock::time_point until_{};
};

/// One thread, in which everything that is ready runs, and then nothing happens until time passes.
class manual_world {
public:
    manual_world() : context_(1) {}
    manual_world(const manual_world&) = delete;

    asio::io_context& context() noexcept { return context_; }
    asio::any_io_executor executor() { return context_.get_executor(); }

    void run_ready()
    {
        context_.restart();
        context_.poll();
    }
    /// From one wait's end to the next; both clocks.
    void pass(std::chrono::nanoseconds time)
    {
        auto& waits = asio::use_service<manual_waits>(context_);
        const auto end = manual_steady_clock::now() + time;
        for (run_ready(); waits.next() && *waits.next() <= end; run_ready()) {
            const auto step =
                std::max(*waits.next() - manual_steady_clock::now(), std::chrono::nanoseconds(0));
            manual_steady_clock::advance(step);
            manual_wall_clock::advance(step);
            waits.fire();
        }
        manual_wall_clock::advance(end - manual_steady_clock::now());
        manual_steady_clock::set(end);
    }

private:
    asio::io_context context_;
};

} // namespace coauth_test

#endif
