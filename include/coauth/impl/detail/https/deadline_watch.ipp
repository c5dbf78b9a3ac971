#ifndef COAUTH_IMPL_DETAIL_HTTPS_DEADLINE_WATCH_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_DEADLINE_WATCH_IPP

#include <coauth/core/error.hpp>
#include <coauth/detail/https/deadline_watch.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/system_executor.hpp>

namespace coauth::inline COAUTH_MODE::detail {

class deadline_service final : public boost::asio::execution_context::service {
public:
    using key_type = deadline_service;
    static inline boost::asio::execution_context::id id;

    explicit deadline_service(boost::asio::execution_context& context)
        : service(context), watch(std::make_shared<deadline_watch>())
    {
    }

    const std::shared_ptr<deadline_watch> watch;

private:
    void shutdown() override { watch->shut_down(); }
};

COAUTH_DECL std::shared_ptr<deadline_watch> deadline_watch::of(const boost::asio::any_io_executor& executor)
{
    boost::asio::execution_context& context = boost::asio::query(executor, boost::asio::execution::context);
    return boost::asio::use_service<deadline_service>(context).watch;
}

COAUTH_DECL void deadline_watch::set_limit(watched& one, time_point limit,
                                           const boost::asio::any_io_executor& executor)
{
    const std::lock_guard lock(mutex_);
    if (!timer_)
        timer_.emplace(executor);
    if (!next_)
        next_.emplace(executor);
    if (one.is_linked())
        watched_.erase(watched_.iterator_to(one));
    one.limit_ = limit;
    const auto place = watched_.insert(one);
    try {
        if (const time_point earliest = watched_.begin()->limit_; earliest < until_)
            arm(earliest);
    } catch (...) {
        watched_.erase(place);
        throw;
    }
    ++one.limits_set_;
}

COAUTH_DECL void deadline_watch::leave(watched& one) noexcept
{
    const std::lock_guard lock(mutex_);
    if (one.is_linked())
        watched_.erase(watched_.iterator_to(one));
    if (!watched_.empty() || until_ == time_point::max())
        return;
    until_ = time_point::max();
    ++waits_;
    try {
        timer_->cancel();
    } catch (...) { // then it waits, for nothing
    }
}

COAUTH_DECL void deadline_watch::shut_down() noexcept
{
    const std::lock_guard lock(mutex_);
    until_ = time_point::max(); // exchanges leave when their handlers are destroyed, which is later
    timer_.reset();
    next_.reset();
}

/// With the lock.
COAUTH_DECL void deadline_watch::arm(time_point until)
{
    next_->expires_at(until);
    // On no executor: that of whoever came first may be busy while others' limits pass.
    next_->async_wait(
        boost::asio::bind_executor(boost::asio::system_executor(),
                                   [self = shared_from_this(), waits = waits_ + 1](const error_code& ec) {
                                       if (!ec)
                                           self->look(waits);
                                   }));
    ++waits_;
    until_ = until;
    timer_.swap(next_);
    next_->cancel();
}

COAUTH_DECL void deadline_watch::look(unsigned waits) noexcept
{
    for (;;) {
        std::shared_ptr<watched> passed;
        unsigned limits_set = 0;
        {
            const std::lock_guard lock(mutex_);
            if (waits != waits_ || watched_.empty() || !timer_)
                return;
            watched& first = *watched_.begin();
            if (first.limit_ > clock::now()) {
                try {
                    arm(first.limit_);
                    return;
                } catch (...) { // no memory to wait: rather too early than never
                }
            }
            until_ = time_point::max();
            watched_.erase(watched_.begin());
            passed = first.share();
            limits_set = first.limits_set_;
        }
        if (passed)
            passed->lapse(limits_set);
    }
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
