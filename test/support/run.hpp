// Runs an awaitable to its end.
#ifndef COAUTH_TEST_RUN_HPP
#define COAUTH_TEST_RUN_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace coauth_test {

namespace asio = boost::asio;

/** An operation on an io_context of its own, run step by step.

    One step is one handler. That makes every point at which an operation is suspended reachable: what a test
    does after k steps, for all k, happens at all of them.
*/
template <class T>
class stepped_operation {
public:
    explicit stepped_operation(asio::awaitable<T> operation) : stepped_operation()
    {
        asio::co_spawn(context_, std::move(operation),
                       asio::bind_cancellation_slot(signal_.slot(), completion(*this)));
    }

    /// Make the operation on the context that it will run on.
    template <class Function>
        requires std::is_invocable_r_v<asio::awaitable<T>, Function>
    explicit stepped_operation(Function function) : stepped_operation(function())
    {
    }

    /// Runs one handler that is ready, or waits for one for a while.
    /// @return false if there is nothing left to do
    bool step()
    {
        context_.restart();
        begun_ = true;
        return context_.run_one_for(patience) != 0;
    }

    /// @return how many handlers ran
    std::size_t run_steps(std::size_t most)
    {
        std::size_t steps = 0;
        while (steps < most && step())
            ++steps;
        return steps;
    }

    /// Runs those handlers that need not be waited for.
    void run_ready()
    {
        context_.restart();
        begun_ = true;
        context_.poll();
    }

    /// Runs to the end, and says what the end was. An exception of the operation is thrown.
    T finish()
    {
        context_.restart();
        context_.run_for(patience);
        if (!context_.stopped())
            throw std::logic_error("the operation, or something that it left behind, does not end");
        return outcome();
    }

    T outcome()
    {
        if (completions_ != 1)
            throw std::logic_error(completions_ == 0 ? "the operation did not complete"
                                                     : "the operation completed twice");
        if (failure_)
            std::rethrow_exception(failure_);
        return std::move(*value_);
    }

    void cancel(asio::cancellation_type type)
    {
        // With Boost 1.83 a coroutine that is cancelled before it begins, and then ends at once, does not complete.
        if (BOOST_VERSION / 100 == 1083 && !begun_) {
            context_.restart();
            context_.poll_one();
        }
        signal_.emit(type);
    }
    int completions() const noexcept { return completions_; }
    asio::io_context& context() noexcept { return context_; }

private:
    stepped_operation() : context_(1) {}
    stepped_operation(const stepped_operation&) = delete;

    static constexpr std::chrono::seconds patience{120};

    class completion {
    public:
        explicit completion(stepped_operation& of) : of_(&of) {}
        void operator()(std::exception_ptr failure, T value) const
        {
            ++of_->completions_;
            of_->failure_ = failure;
            of_->value_.emplace(std::move(value));
        }

    private:
        stepped_operation* of_;
    };

    bool begun_ = false;
    int completions_ = 0;
    std::exception_ptr failure_;
    std::optional<T> value_;
    asio::cancellation_signal signal_;
    asio::io_context context_; // the last: what it still holds may use the rest
};

/// Runs an operation to its end on an io_context of its own.
template <class T>
T run(asio::awaitable<T> operation)
{
    return stepped_operation<T>(std::move(operation)).finish();
}

} // namespace coauth_test

#endif
