// Floor 4. For other .ipp files: how the scenarios of contract test kits run.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SIDE_BY_SIDE_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SIDE_BY_SIDE_IPP

#include <coauth/testing/detail/broken_rules.hpp>
#include <coauth/testing/store_check_settings.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

inline boost::asio::awaitable<void> wait_on_timer(std::chrono::milliseconds duration)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    timer.expires_after(duration);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Lets leases of the short duration end.
inline boost::asio::awaitable<void> let_end(const store_check_settings& settings,
                                            std::chrono::milliseconds duration)
{
    return settings.wait() ? settings.wait()(duration) : wait_on_timer(duration);
}

class one_of_many {
public:
    explicit one_of_many(std::shared_ptr<std::atomic<std::size_t>> running) : running_(std::move(running)) {}
    void operator()(std::exception_ptr) const { --*running_; }

private:
    std::shared_ptr<std::atomic<std::size_t>> running_;
};

inline void add_thrown(const std::exception& failure, broken_rules& rules)
{
    rules.add(std::string("No operation throws (") + failure.what() + ")");
}

/// An exception is one more broken rule; unless memory is used up, or all of it is cancelled.
inline boost::asio::awaitable<void> run_scenario(boost::asio::awaitable<void> scenario, broken_rules& rules)
{
    try {
        co_await std::move(scenario);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const boost::system::system_error& failure) {
        if (failure.code() == boost::asio::error::operation_aborted)
            throw;
        add_thrown(failure, rules);
    } catch (const std::exception& failure) {
        add_thrown(failure, rules);
    }
}

/// Begins all operations and waits for their ends. What they throw is dropped: they say themselves what they did.
inline boost::asio::awaitable<void> run_side_by_side(std::vector<boost::asio::awaitable<void>> operations)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto running = std::make_shared<std::atomic<std::size_t>>(operations.size());
    for (auto& operation : operations)
        boost::asio::co_spawn(executor, std::move(operation), one_of_many(running));
    boost::asio::steady_timer pause(executor);
    while (*running != 0) { // their ends come on any thread
        pause.expires_after(std::chrono::milliseconds(1));
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
