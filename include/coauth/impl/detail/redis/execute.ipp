// Floor 5. The coroutine that waits for a command.
#ifndef COAUTH_IMPL_DETAIL_REDIS_EXECUTE_IPP
#define COAUTH_IMPL_DETAIL_REDIS_EXECUTE_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/redis/link.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace coauth::detail {

/// Completed once: by the answer or by its cancellation.
template <class Handler>
class redis_waiter : public std::enable_shared_from_this<redis_waiter<Handler>> {
public:
    redis_waiter(Handler&& handler, boost::asio::any_io_executor executor)
        : handler_(std::move(handler)), executor_(std::move(executor)), work_(executor_)
    {
    }

    /// @return whether it was not complete before
    bool complete(std::exception_ptr failure, result<redis_answer> outcome)
    {
        if (done_.exchange(true))
            return false;
        boost::asio::post(executor_,
                          [self = this->shared_from_this(), failure, outcome = std::move(outcome)]() mutable {
                              self->work_.reset();
                              Handler target = std::move(self->handler_);
                              std::move(target)(failure, std::move(outcome));
                          });
        return true;
    }

private:
    Handler handler_;
    boost::asio::any_io_executor executor_;
    boost::asio::executor_work_guard<boost::asio::any_io_executor> work_;
    std::atomic<bool> done_{false};
};

/// A class, as g++ 12 copies lambdas bitwise in expressions with co_await.
class redis_initiation {
public:
    redis_initiation(std::shared_ptr<redis_link> link, std::shared_ptr<redis_call> call) noexcept
        : link_(std::move(link)), call_(std::move(call))
    {
    }

    template <class Handler>
    void operator()(Handler&& handler)
    {
        using waiter = redis_waiter<std::decay_t<Handler>>;
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const boost::asio::any_io_executor executor = boost::asio::get_associated_executor(handler);
        // The handler owns this object, too.
        const auto link = std::move(link_);
        const auto call = std::move(call_);
        const auto self = std::make_shared<waiter>(std::forward<Handler>(handler), executor);
        try {
            if (slot.is_connected())
                slot.assign(canceller<waiter>(self, link, call));
            link->execute(
                call, [self](result<redis_answer> outcome) { self->complete(nullptr, std::move(outcome)); });
        } catch (...) {
            // Thrown from here, it would destroy the waiting coroutine instead of reaching it.
            self->complete(std::current_exception(), aborted());
        }
    }

private:
    /// Belongs to whoever may cancel, and keeps nothing alive.
    template <class Waiter>
    class canceller {
    public:
        canceller(const std::shared_ptr<Waiter>& waiter, const std::shared_ptr<redis_link>& link,
                  const std::shared_ptr<redis_call>& call) noexcept
            : waiter_(waiter), link_(link), call_(call)
        {
        }
        void operator()(boost::asio::cancellation_type) const
        {
            const auto waiter = waiter_.lock();
            const auto link = link_.lock();
            const auto call = call_.lock();
            if (waiter && waiter->complete(nullptr, aborted()) && link && call)
                link->give_up(call);
        }

    private:
        std::weak_ptr<Waiter> waiter_;
        std::weak_ptr<redis_link> link_;
        std::weak_ptr<redis_call> call_;
    };

    std::shared_ptr<redis_link> link_;
    std::shared_ptr<redis_call> call_;
};

COAUTH_DECL boost::asio::awaitable<result<redis_answer>> execute(std::shared_ptr<redis_link> link,
                                                                 std::shared_ptr<redis_call> call)
{
    using token = const boost::asio::use_awaitable_t<>;
    redis_initiation initiation(std::move(link), std::move(call));
    try {
        result<redis_answer> outcome =
            co_await boost::asio::async_initiate<token, void(std::exception_ptr, result<redis_answer>)>(
                std::move(initiation), boost::asio::use_awaitable);
        co_return std::move(outcome);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return aborted();
}

} // namespace coauth::detail

#endif
