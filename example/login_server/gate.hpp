// Lets so many coroutines through at once, and the others wait in line.
#ifndef LOGIN_SERVER_GATE_HPP
#define LOGIN_SERVER_GATE_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace login_server {

/** A bounded number of places, given out in the order of asking.

    @par Thread safety To be used from one thread, that of the executor.
*/
class gate {
    struct line;

public:
    /// A place, given back when it is destroyed. False if the wait was too long.
    class place {
    public:
        place() = default;
        explicit place(std::shared_ptr<line> from) : from_(std::move(from)) {}
        place(place&& other) noexcept = default;
        place& operator=(place&&) = delete;
        ~place();
        explicit operator bool() const noexcept { return from_ != nullptr; }

    private:
        std::shared_ptr<line> from_;
    };

    gate(boost::asio::any_io_executor executor, std::size_t places, std::chrono::milliseconds patience);

    boost::asio::awaitable<place> enter();

private:
    static boost::asio::awaitable<place> wait(std::shared_ptr<line> at);

    struct waiter {
        explicit waiter(const boost::asio::any_io_executor& executor) : timer(executor) {}
        boost::asio::steady_timer timer;
        bool admitted = false;
    };
    struct line {
        boost::asio::any_io_executor executor;
        std::size_t free = 0;
        std::chrono::milliseconds patience{};
        std::deque<std::shared_ptr<waiter>> waiting;
    };
    std::shared_ptr<line> line_;
};

} // namespace login_server

#endif
