// Floor 4. A coroutine that waits for something that others do.
#ifndef COAUTH_DETAIL_WAITING_HPP
#define COAUTH_DETAIL_WAITING_HPP

#include <coauth/core/result.hpp>
#include <coauth/detail/callback.hpp>
#include <coauth/detail/cancellation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/** An executor whose context goes on as long as this is held.

    A thread that completes somebody on another context holds this until it touches nothing more of that context:
    which may end with the completion. The guard of Asio keeps the executor a little longer than the work.
*/
inline boost::asio::any_io_executor with_work(const boost::asio::any_io_executor& executor)
{
    return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
}

/// How somebody who waits may go on.
enum class manner {
    at_once, ///< Inside of the call.
    later,   ///< Not there: that is inside of what it called itself, or of who cancels it.
};

/** Somebody who waits, to go on once, on the executor.

    Copies share it. What it throws then is its own, and nothing that who completes it came to.
*/
template <class Handler>
class caller {
public:
    caller(Handler&& handler, const boost::asio::any_io_executor& executor)
        : handler_(std::make_shared<Handler>(std::move(handler))), executor_(with_work(executor))
    {
    }

    /// Calls the function with the handler.
    template <class Function>
    void go_on(manner how, Function function) const
    {
        auto call = [handler = handler_, executor = executor_, function = std::move(function)]() mutable {
            const auto target = std::move(handler);
            try {
                function(std::move(*target));
            } catch (...) {
                rethrow_later(executor, std::current_exception());
            }
        };
        if (how == manner::at_once)
            boost::asio::dispatch(executor_, std::move(call));
        else
            boost::asio::post(executor_, std::move(call));
    }

private:
    static void rethrow_later(const boost::asio::any_io_executor& executor,
                              std::exception_ptr thrown) noexcept
    {
        try {
            boost::asio::post(executor, [thrown] { std::rethrow_exception(thrown); });
        } catch (...) { // no memory to say so
        }
    }

    std::shared_ptr<Handler> handler_;
    boost::asio::any_io_executor executor_;
};

/// Somebody who waits. Completed once, with what came first; from any thread.
template <class T>
class waiting {
public:
    virtual ~waiting() = default;
    virtual void complete(result<T> outcome) = 0;
    /// Where the coroutine runs, for what may outlive it. Not to be called after the completion.
    virtual boost::asio::any_io_executor executor() const = 0;
    /// Whether it waits no more.
    virtual bool completed() const noexcept = 0;
};

template <class T, class Handler>
class waiting_coroutine final : public waiting<T> {
public:
    waiting_coroutine(Handler&& handler, const boost::asio::any_io_executor& executor)
        : executor_(with_work(executor)), handler_(std::move(handler))
    {
    }

    void complete(result<T> outcome) override { complete(nullptr, std::move(outcome)); }
    boost::asio::any_io_executor executor() const override
    {
        return boost::asio::prefer(executor_, boost::asio::execution::outstanding_work.untracked);
    }
    bool completed() const noexcept override { return done_.load(std::memory_order_relaxed); }

    void complete(std::exception_ptr failure, result<T> outcome)
    {
        if (done_.exchange(true))
            return;
        // Whoever holds this object longer holds nothing of the coroutine's context.
        const auto executor = std::exchange(executor_, boost::asio::any_io_executor());
        boost::asio::post(executor,
                          [handler = std::move(handler_), failure, outcome = std::move(outcome)]() mutable {
                              std::move(handler)(failure, std::move(outcome));
                          });
    }

private:
    boost::asio::any_io_executor executor_; // the last to be destroyed
    Handler handler_;
    std::atomic<bool> done_{false};
};

/// If there is no memory for one, the others are told all the same.
template <class T>
void complete_all(const std::vector<std::shared_ptr<waiting<T>>>& waiters,
                  const std::type_identity_t<result<T>>& outcome) noexcept
{
    for (const auto& each : waiters) {
        try {
            each->complete(outcome);
        } catch (...) {
        }
    }
}

/// What is done with somebody who waits, to be completed some time.
template <class T>
using enlistment = callback<void(std::shared_ptr<waiting<T>>)>;

/// A class, as g++ 12 copies lambdas bitwise in expressions with co_await.
template <class T>
class waiting_initiation {
public:
    explicit waiting_initiation(enlistment<T> enlist) : enlist_(std::move(enlist)) {}

    template <class Handler>
    void operator()(Handler&& handler)
    {
        using waiter = waiting_coroutine<T, std::decay_t<Handler>>;
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const boost::asio::any_io_executor executor = boost::asio::get_associated_executor(handler);
        // The handler owns this object, too.
        const auto enlist = std::move(enlist_);
        const auto self = std::make_shared<waiter>(std::forward<Handler>(handler), executor);
        try {
            if (slot.is_connected())
                slot.assign([weak = std::weak_ptr(self)](boost::asio::cancellation_type) {
                    if (const auto locked = weak.lock())
                        locked->complete(nullptr, aborted());
                });
            enlist(self);
        } catch (...) {
            // Thrown from here, it would destroy the waiting coroutine instead of reaching it.
            self->complete(std::current_exception(), aborted());
        }
    }

private:
    enlistment<T> enlist_;
};

/** Wait for the completion. Cancellation ends the waiting, as an error in the result. */
template <class T>
boost::asio::awaitable<result<T>> wait(enlistment<T> enlist)
{
    using token = const boost::asio::use_awaitable_t<>;
    waiting_initiation<T> initiation(std::move(enlist));
    try {
        result<T> outcome = co_await boost::asio::async_initiate<token, void(std::exception_ptr, result<T>)>(
            std::move(initiation), boost::asio::use_awaitable);
        co_return std::move(outcome);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return aborted();
}

/// Waits for a timer, and does not care why that ended. A class, as g++ 12 copies lambdas bitwise.
template <class Timer>
class sleep_initiation {
public:
    sleep_initiation(Timer& timer, boost::asio::any_io_executor executor)
        : timer_(&timer), executor_(std::move(executor))
    {
    }

    template <class Handler>
    void operator()(Handler&& handler)
    {
        const auto go_on = [shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler))](
                               const error_code&) {
            auto target = std::move(*shared);
            std::move(target)();
        };
        // Thrown from here, an exception would destroy the waiting coroutine instead of reaching it.
        try {
            timer_->async_wait(go_on);
        } catch (...) {
            boost::asio::post(executor_, [go_on] { go_on(error_code()); });
        }
    }

private:
    Timer* timer_;
    boost::asio::any_io_executor executor_;
};

/// Until the time has come, or somebody cancels the timer.
template <class Clock, class Timer>
boost::asio::awaitable<void> sleep_until(Timer& timer, boost::asio::any_io_executor executor,
                                         std::chrono::nanoseconds until)
{
    using token = const boost::asio::use_awaitable_t<>;
    timer.expires_at(typename Clock::time_point(std::chrono::duration_cast<typename Clock::duration>(until)));
    sleep_initiation<Timer> initiation(timer, std::move(executor));
    co_await boost::asio::async_initiate<token, void()>(std::move(initiation), boost::asio::use_awaitable);
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
