// Grants for a refresh scheduler that sends nothing.
#ifndef COAUTH_BENCH_GRANTS_HPP
#define COAUTH_BENCH_GRANTS_HPP

#include "measure.hpp"
#include "sign_in.hpp"

#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace bench {

inline std::string grant_key(int number)
{
    return "https://accounts.provider.example " + std::to_string(number);
}

inline coauth::token_set make_tokens(std::chrono::system_clock::time_point now)
{
    static const std::string access_token(200, 'a');
    static const std::string refresh_token(60, 'r');
    coauth::token_set out{coauth::secret(access_token), "Bearer", coauth::scope::parse(scope).value()};
    out.set_refresh_token(coauth::secret(refresh_token))
        .set_received_at(now)
        .set_expires_at(now + std::chrono::hours(1));
    return out;
}

/// A scheduler, and the thread's context that it runs in.
class scheduler_fixture {
public:
    scheduler_fixture() : client_(make_client()), scheduler(context_.get_executor(), client_) {}

    /// Run a coroutine to its end; what goes on beside it stops.
    void run(boost::asio::awaitable<void> coroutine)
    {
        boost::asio::co_spawn(context_, std::move(coroutine), [this](std::exception_ptr failure) {
            if (failure)
                std::rethrow_exception(failure);
            context_.stop();
        });
        context_.restart();
        context_.run();
    }

    boost::asio::awaitable<void> manage(int count)
    {
        for (int i = 0; i < count; ++i) {
            coauth::token_set tokens = make_tokens(std::chrono::system_clock::now());
            const std::string key = grant_key(i);
            auto managed = co_await scheduler.manage(key, std::move(tokens));
            require(managed.has_value(), "manage");
        }
    }

    boost::asio::awaitable<void> find(int number, coauth::managed_grant& out)
    {
        const std::string key = grant_key(number);
        auto found = co_await scheduler.find(key);
        require(found.has_value(), "find");
        out = std::move(*found);
    }

private:
    boost::asio::io_context context_{1};
    coauth::client client_;

public:
    coauth::refresh_scheduler scheduler;
};

} // namespace bench

#endif
