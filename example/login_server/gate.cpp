#include "gate.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;

namespace login_server {

gate::gate(asio::any_io_executor executor, std::size_t places, std::chrono::milliseconds patience)
    : line_(std::make_shared<line>())
{
    line_->executor = std::move(executor);
    line_->free = places;
    line_->patience = patience;
}

gate::place::~place()
{
    if (!from_)
        return;
    if (from_->waiting.empty()) {
        ++from_->free;
        return;
    }
    const auto next = std::move(from_->waiting.front());
    from_->waiting.pop_front();
    next->admitted = true; // the place is theirs, also if their time runs out right now
    next->timer.cancel();
}

asio::awaitable<gate::place> gate::enter() { return wait(line_); }

asio::awaitable<gate::place> gate::wait(std::shared_ptr<line> at)
{
    if (at->free > 0) {
        --at->free;
        co_return place(std::move(at));
    }
    const auto mine = std::make_shared<waiter>(at->executor);
    at->waiting.push_back(mine);
    mine->timer.expires_after(at->patience);
    boost::system::error_code ignored;
    co_await mine->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (mine->admitted)
        co_return place(std::move(at));
    std::erase(at->waiting, mine);
    co_return place();
}

} // namespace login_server
