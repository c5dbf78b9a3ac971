#ifndef COAUTH_IMPL_DETAIL_HTTPS_EXCHANGE_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_EXCHANGE_IPP

#include <coauth/detail/https/exchange.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL exchange::exchange(std::shared_ptr<https_core> core, http_request&& request,
                               const boost::asio::any_io_executor& executor)
    : core_(std::move(core)),
      request_(std::move(request)),
      strand_(executor),
      watch_(deadline_watch::of(executor)),
      deadline_(clock::now() +
                std::min<std::chrono::milliseconds>(request_.deadline(), std::chrono::hours(24)))
{
}

COAUTH_DECL void exchange::set_limit(time_point limit)
{
    lapsed_ = false;
    watch_->set_limit(*this, std::min(limit, deadline_), executor());
}

COAUTH_DECL std::shared_ptr<deadline_watch::watched> exchange::share() noexcept
{
    return weak_from_this().lock();
}

COAUTH_DECL void exchange::lapse(unsigned limits_set) noexcept
{
    try {
        boost::asio::dispatch(strand_, [self = shared_from_this(), limits_set] {
            if (limits_set != self->limits_set()) // replaced while this was on its way
                return;
            self->lapsed_ = true;
            self->interrupt();
        });
    } catch (...) { // no memory to say so
    }
}

COAUTH_DECL error exchange::interruption() const
{
    if (cancelled_)
        return error_code(boost::asio::error::operation_aborted);
    return errc::timed_out;
}

COAUTH_DECL void exchange::cancel()
{
    cancelled_ = true;
    interrupt();
}

COAUTH_DECL void exchange::interrupt()
{
    error_code ignored;
    if (socket_ != nullptr)
        socket_->close(ignored);
    wake();
}

COAUTH_DECL void exchange::finish()
{
    socket_ = nullptr;
    sleep_.reset();
}

COAUTH_DECL bool exchange::commit() { return std::exchange(committed_, true) || request_.commit(); }

COAUTH_DECL exchange::timer_type& exchange::sleep() { return sleep_.emplace(strand_, time_point::max()); }

COAUTH_DECL void exchange::wake()
{
    if (sleep_)
        sleep_->cancel();
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
