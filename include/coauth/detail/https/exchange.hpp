// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_EXCHANGE_HPP
#define COAUTH_DETAIL_HTTPS_EXCHANGE_HPP

#include <coauth/detail/https/connection_pool.hpp>
#include <coauth/detail/https/deadline_watch.hpp>
#include <coauth/detail/https/tls_context.hpp>
#include <coauth/https_transport_settings.hpp>
#include <coauth/policy/http.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace coauth::inline COAUTH_MODE::detail {

/// A duration that can be added to a time without overflow.
inline std::chrono::milliseconds at_most_a_day(std::chrono::milliseconds time) noexcept
{
    return std::min<std::chrono::milliseconds>(time, std::chrono::hours(24));
}

/// What the copies of a transport share.
class https_core {
public:
    https_core(https_transport_settings given, tls_context made)
        : settings(std::move(given)),
          tls(std::move(made)),
          pool(std::make_shared<connection_pool>(settings.idle_per_origin(), settings.idle_total(),
                                                 at_most_a_day(settings.idle_time())))
    {
    }
    https_core(const https_core&) = delete;
    ~https_core() { pool->close(); }

    const https_transport_settings settings;
    const tls_context tls;
    tls_session_cache sessions; // before the pool, as connections refer to it
    const std::shared_ptr<connection_pool> pool;
};

/** One exchange: its request, its time limit, and what there is to interrupt.

    An exchange has a strand of its own, on which everything of it happens: its steps, its connection's
    operations, its interruption. A strand a connection would do too, but then the caller, who goes on
    inside of the strand, could keep the next exchange on that connection waiting.

    @par Thread safety Unsafe; all on its strand.
*/
class exchange : public std::enable_shared_from_this<exchange>, public deadline_watch::watched {
public:
    using strand_type = boost::asio::strand<boost::asio::any_io_executor>;
    using clock = deadline_watch::clock;
    using time_point = deadline_watch::time_point;

    COAUTH_DECL exchange(std::shared_ptr<https_core> core, http_request&& request,
                         const boost::asio::any_io_executor& executor);

    /// Only now its limit is no longer watched: the caller has gone on, and may have begun the next exchange.
    ~exchange() { watch_->leave(*this); }

    const strand_type& strand() const noexcept { return strand_; }
    boost::asio::any_io_executor executor() const { return strand_.get_inner_executor(); }
    https_core& core() const noexcept { return *core_; }
    const https_transport_settings& settings() const noexcept { return core_->settings; }
    const http_request& request() const noexcept { return request_; }

    time_point deadline() const noexcept { return deadline_; }
    /// So much from now, but not beyond the deadline.
    time_point limit_in(std::chrono::milliseconds time) const noexcept
    {
        return std::min(deadline_, clock::now() + at_most_a_day(time));
    }
    /// Interrupt the exchange then, or at its deadline if that comes first. Replaces the limit before.
    COAUTH_DECL void set_limit(time_point limit);
    /// Whether the limit has passed; set_limit() resets it.
    bool has_lapsed() const noexcept { return lapsed_; }
    bool is_cancelled() const noexcept { return cancelled_; }
    bool is_interrupted() const noexcept { return lapsed_ || cancelled_; }
    /// Why it was interrupted.
    COAUTH_DECL error interruption() const;

    COAUTH_DECL void cancel();
    /// No more interruptions.
    COAUTH_DECL void finish();

    /// http_request::commit(), the first time. False: nothing may be sent.
    [[nodiscard]] COAUTH_DECL bool commit();

    /// While it lives, an interruption closes the socket.
    class interruptible {
    public:
        interruptible(exchange& owner, connection& c) noexcept : owner_(owner)
        {
            owner_.socket_ = &c.socket();
        }
        interruptible(const interruptible&) = delete;
        interruptible& operator=(const interruptible&) = delete;
        ~interruptible() { owner_.socket_ = nullptr; }

    private:
        exchange& owner_;
    };

    using timer_type = boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>, strand_type>;

    /// Wait on it for wake() or an interruption.
    COAUTH_DECL timer_type& sleep();
    COAUTH_DECL void wake();

private:
    COAUTH_DECL void interrupt();
    COAUTH_DECL std::shared_ptr<watched> share() noexcept override;
    COAUTH_DECL void lapse(unsigned limits_set) noexcept override;

    std::shared_ptr<https_core> core_;
    http_request request_;
    strand_type strand_;
    std::shared_ptr<deadline_watch> watch_;
    std::optional<timer_type> sleep_;
    connection::socket_type* socket_ = nullptr;
    time_point deadline_;
    bool lapsed_ = false;
    bool cancelled_ = false;
    bool committed_ = false;
};

/// A coroutine on an exchange's strand.
template <class T>
using on_strand = boost::asio::awaitable<T, exchange::strand_type>;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/exchange.ipp>
#endif

#endif
