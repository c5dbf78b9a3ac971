// Something that is under way once, however many wait for it.
#ifndef LOGIN_SERVER_FLIGHT_HPP
#define LOGIN_SERVER_FLIGHT_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace login_server {

/** @par Thread safety To be used from one thread, that of the executor. */
template <class T>
class flight {
public:
    explicit flight(const boost::asio::any_io_executor& executor) : landed_(executor)
    {
        landed_.expires_at(boost::asio::steady_timer::time_point::max());
    }

    /// No value: it is still under way, or broke off.
    const std::optional<T>& outcome() const noexcept { return outcome_; }

    /// Precondition: whoever calls holds a shared pointer to this. Completes when it has landed.
    boost::asio::awaitable<void> wait()
    {
        boost::system::error_code ignored;
        if (!over_)
            co_await landed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

    /// Likewise, but not longer than this.
    boost::asio::awaitable<void> wait_for(boost::asio::steady_timer::duration patience)
    {
        boost::system::error_code ignored;
        if (over_)
            co_return;
        landed_.expires_after(patience);
        co_await landed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

    void land(T outcome)
    {
        outcome_.emplace(std::move(outcome));
        end();
    }
    void end()
    {
        over_ = true;
        landed_.cancel();
    }

private:
    boost::asio::steady_timer landed_;
    std::optional<T> outcome_;
    bool over_ = false;
};

/// Clears the place where a flight is announced when its coroutine ends, and lets those who wait go on, whatever happened.
template <class T>
class landing {
public:
    explicit landing(std::shared_ptr<flight<T>>& announced) : announced_(announced), mine_(announced) {}
    landing(const landing&) = delete;
    landing& operator=(const landing&) = delete;
    ~landing()
    {
        announced_ = nullptr;
        mine_->end();
    }

private:
    std::shared_ptr<flight<T>>& announced_;
    std::shared_ptr<flight<T>> mine_;
};

} // namespace login_server

#endif
