// Many operations on one io_context.
#ifndef COAUTH_TEST_CROWD_HPP
#define COAUTH_TEST_CROWD_HPP

#include "run.hpp"

#include <cstddef>
#include <deque>

namespace coauth_test {

/// Operations that run at once, each of which can be cancelled.
template <class T>
class crowd {
public:
    crowd() : context_(1) {}
    crowd(const crowd&) = delete;

    /// @return the number by which the others know it
    std::size_t add(asio::awaitable<T> operation)
    {
        member& one = members_.emplace_back();
        asio::co_spawn(context_, std::move(operation),
                       asio::bind_cancellation_slot(one.signal.slot(), completion(one)));
        return members_.size() - 1;
    }

    void run_ready()
    {
        context_.restart();
        context_.poll();
    }
    void cancel(std::size_t index) { members_[index].signal.emit(asio::cancellation_type::terminal); }
    int completions(std::size_t index) const { return members_[index].completions; }

    /// Runs all to their end.
    void finish()
    {
        context_.restart();
        context_.run_for(std::chrono::minutes(2));
        if (!context_.stopped())
            throw std::logic_error("an operation, or something that it left behind, does not end");
    }
    const T& outcome(std::size_t index) const
    {
        const member& one = members_.at(index);
        if (one.completions != 1)
            throw std::logic_error(one.completions == 0 ? "an operation did not complete"
                                                        : "an operation completed twice");
        if (one.failure)
            std::rethrow_exception(one.failure);
        return *one.value;
    }
    std::size_t size() const noexcept { return members_.size(); }

private:
    struct member {
        asio::cancellation_signal signal;
        std::exception_ptr failure;
        std::optional<T> value;
        int completions = 0;
    };
    class completion {
    public:
        explicit completion(member& of) : of_(&of) {}
        void operator()(std::exception_ptr failure, T value) const
        {
            ++of_->completions;
            of_->failure = failure;
            of_->value.emplace(std::move(value));
        }

    private:
        member* of_;
    };

    std::deque<member> members_; // they stay where they are
    asio::io_context context_;   // the last: what it still holds may use the rest
};

} // namespace coauth_test

#endif
