// Threads that run a context, as a server has them, with stores in a Redis.
#ifndef COAUTH_TEST_REDIS_MACHINE_HPP
#define COAUTH_TEST_REDIS_MACHINE_HPP

#include "redis_server.hpp"

#include <coauth/redis_store.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace coauth_test {

namespace asio = boost::asio;

class machine {
public:
    explicit machine(unsigned threads = 1) : work_(asio::make_work_guard(context_))
    {
        for (unsigned i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context_.run(); });
    }
    machine(const machine&) = delete;
    machine& operator=(const machine&) = delete;
    ~machine()
    {
        work_.reset();
        context_.stop();
        for (std::thread& thread : threads_)
            thread.join();
    }

    asio::any_io_executor executor() { return context_.get_executor(); }

    template <class T>
    std::future<T> begin(asio::awaitable<T> operation)
    {
        return asio::co_spawn(context_, std::move(operation), asio::use_future);
    }
    template <class T>
    T run(asio::awaitable<T> operation)
    {
        std::future<T> outcome = begin(std::move(operation));
        if (outcome.wait_for(std::chrono::minutes(2)) != std::future_status::ready)
            throw std::runtime_error("an operation does not end");
        return outcome.get();
    }

    coauth::redis_connection connect(const coauth::redis_settings& settings)
    {
        return coauth::redis_connection::create(executor(), settings).value();
    }

private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

/// How long it takes, of the real time.
template <class Function>
std::chrono::milliseconds time_of(Function function)
{
    const auto begin = std::chrono::steady_clock::now();
    function();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

/// Try until it succeeds, for as long as a busy machine may take. @return the last failure, or none
template <class Function>
coauth::error retried(Function function)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    coauth::error outcome = function();
    while (outcome.code() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        outcome = function();
    }
    return outcome;
}

/// The shortest of several times: on a busy machine one alone says little.
template <class Function>
std::chrono::milliseconds shortest_time_of(std::chrono::milliseconds good_enough, Function function)
{
    auto out = std::chrono::milliseconds::max();
    for (int i = 0; i < 20 && out >= good_enough; ++i)
        out = std::min(out, time_of(function));
    return out;
}

} // namespace coauth_test

#endif
