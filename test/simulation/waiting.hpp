// How simulated things complete: a process waits, and the world tells it when.
#ifndef COAUTH_TEST_SIMULATION_WAITING_HPP
#define COAUTH_TEST_SIMULATION_WAITING_HPP

#include "world.hpp"

#include <coauth/core/error.hpp>
#include <coauth/detail/callback.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace coauth_test::simulation {

/// Ends one waiting, from an event of the process that waits. Calls after the first, or after a crash, do nothing.
template <class T>
class completion {
public:
    completion() = default;
    completion(process_ptr whose, std::uint64_t ticket) : whose_(std::move(whose)), ticket_(ticket) {}

    bool operator()(T outcome) const;

private:
    process_ptr whose_;
    std::uint64_t ticket_ = 0;
};

template <class T>
class waiting_for : public waiting {
public:
    virtual void complete(T outcome) = 0;
};

template <class T>
bool completion<T>::operator()(T outcome) const
{
    const auto taken = whose_ ? whose_->take(ticket_) : nullptr;
    if (!taken)
        return false;
    static_cast<waiting_for<T>&>(*taken).complete(std::move(outcome));
    return true;
}

template <class T, class Handler>
class waiting_handler final : public waiting_for<T> {
public:
    waiting_handler(Handler&& handler, asio::any_io_executor executor)
        : handler_(std::move(handler)), work_(std::move(executor))
    {
    }

    void complete(T outcome) override
    {
        const asio::any_io_executor executor = work_.get_executor();
        work_.reset();
        asio::post(executor, [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
            Handler target = std::move(handler);
            std::move(target)(std::move(outcome));
        });
    }

private:
    Handler handler_;
    asio::executor_work_guard<asio::any_io_executor> work_;
};

/// A handler begins to wait. Its cancellation ends the waiting with this outcome.
template <class T, class Handler>
completion<T> enlist(Handler handler, const asio::any_io_executor& fallback, T cancelled)
{
    const process_ptr whose = world::running();
    const asio::any_io_executor executor = asio::get_associated_executor(handler, fallback);
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto self = std::make_shared<waiting_handler<T, Handler>>(std::move(handler), executor);
    const completion<T> end(whose, whose->enlist(self));
    if (slot.is_connected())
        slot.assign([end, cancelled](asio::cancellation_type) { end(cancelled); });
    return end;
}

/// A class, as g++ 12 copies lambdas bitwise in expressions with co_await.
template <class T>
class waiting_initiation {
public:
    using begin = coauth::detail::callback<void(completion<T>)>;
    waiting_initiation(begin how, T cancelled) : begin_(std::move(how)), cancelled_(std::move(cancelled)) {}

    template <class Handler>
    void operator()(Handler&& handler)
    {
        // The handler owns this object, too.
        const begin how = std::move(begin_);
        const asio::any_io_executor executor = asio::get_associated_executor(handler);
        how(enlist<T>(std::decay_t<Handler>(std::forward<Handler>(handler)), executor,
                      std::move(cancelled_)));
    }

private:
    begin begin_;
    T cancelled_;
};

/// Wait for a result that `begin` sees to; it is given the completion to call.
template <class T>
asio::awaitable<T> wait_for(coauth::detail::callback<void(completion<T>)> begin)
{
    using token = const asio::use_awaitable_t<>;
    const coauth::error_code aborted = asio::error::operation_aborted;
    waiting_initiation<T> initiation(std::move(begin), coauth::error(aborted));
    T outcome = co_await asio::async_initiate<token, void(T)>(std::move(initiation), asio::use_awaitable);
    co_return std::move(outcome);
}

} // namespace coauth_test::simulation

#endif
