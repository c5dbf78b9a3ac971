// One refresh scheduler used by many threads.
#include "crowd.hpp"
#include "flow_fixture.hpp"

#include <coauth/policy/memory_token_store.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <deque>
#include <future>
#include <set>
#include <thread>
#include <vector>

using namespace coauth_test;
using coauth::errc;
using coauth::result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t threads = 4;

coauth::token_set tokens_for(std::chrono::seconds life, const std::string& number)
{
    coauth::token_set out(coauth::secret("access-" + number), "Bearer",
                          coauth::scope::parse("profile").value());
    out.set_refresh_token(coauth::secret("refresh-" + number));
    out.set_received_at(manual_wall_clock::now());
    out.set_expires_at(manual_wall_clock::now() + life);
    return out;
}

/// Answers each refresh token once, and notes if one comes twice.
class rotating_server {
public:
    explicit rotating_server(scripted_transport& server, std::shared_ptr<gate> hold = nullptr)
    {
        server.always("POST", token_endpoint, [this, hold](const recorded_request& request) {
            const std::string token = only_value(request.form(), "refresh_token");
            const int number = ++refreshes;
            {
                const std::lock_guard lock(mutex_);
                if (!used_.insert(token).second)
                    ++reused;
            }
            scripted_exchange out(request.method(), request.url());
            const std::string n = std::to_string(number);
            out.answer(200, R"({"access_token":"new-)" + n + R"(","token_type":"Bearer","expires_in":3600,)" +
                                R"("refresh_token":"next-)" + n + R"("})");
            if (hold)
                out.after_commit(happening::hold(hold));
            return out;
        });
        server.always("POST", revocation_endpoint, [](const recorded_request& request) {
            scripted_exchange out(request.method(), request.url());
            out.answer(200, "");
            return out;
        });
        server.always("GET", resource_url, [](const recorded_request& request) {
            scripted_exchange out(request.method(), request.url());
            out.answer(200, "[]");
            return out;
        });
    }
    std::atomic<int> refreshes{0};
    std::atomic<int> reused{0};

private:
    std::mutex mutex_;
    std::set<std::string> used_;
};

coauth::any_token_store store_if(bool stored)
{
    coauth::any_token_store out;
    if (stored)
        out = std::make_shared<coauth::memory_token_store>();
    return out;
}

/// None of them has tokens of use.
std::vector<coauth::managed_grant> eight_grants(coauth::refresh_scheduler& scheduler)
{
    std::vector<coauth::managed_grant> out;
    for (int i = 0; i < 8; ++i)
        out.push_back(
            run(scheduler.manage("grant " + std::to_string(i), tokens_for(-1s, std::to_string(i)))).value());
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(thread_safety_refresh_scheduler)

BOOST_AUTO_TEST_CASE(RF1_RF11_one_refresh_for_a_thousand_waiters_in_four_threads)
{
    for (const bool stored : {false, true}) {
        flow test;
        const auto hold = std::make_shared<gate>();
        rotating_server server(test.server, hold);
        asio::thread_pool pool(threads);
        coauth::refresh_scheduler scheduler(pool.get_executor(), test.client, store_if(stored));
        auto grant = run(scheduler.manage("grant", tokens_for(-1s, "old"))).value();
        std::atomic<int> good{0};
        std::atomic<int> cancelled{0};
        std::atomic<int> other{0};
        struct member {
            explicit member(asio::thread_pool& pool) : executor(asio::make_strand(pool)) {}
            asio::any_io_executor executor;
            asio::cancellation_signal signal;
        };
        std::deque<member> members;
        for (int i = 0; i < 1000; ++i) {
            member& one = members.emplace_back(pool);
            const auto done = [&good, &cancelled, &other](std::exception_ptr failure,
                                                          const result<coauth::shared_tokens>& outcome) {
                if (!failure && outcome && (*outcome)->access_token().expose() == "new-1")
                    ++good;
                else if (!failure && !outcome &&
                         outcome.error() == boost::system::error_code(asio::error::operation_aborted))
                    ++cancelled;
                else
                    ++other;
            };
            asio::post(one.executor, [&one, grant, done]() mutable {
                asio::co_spawn(one.executor, grant.token(),
                               asio::bind_cancellation_slot(one.signal.slot(), done));
            });
        }
        BOOST_TEST(hold->wait_for(1));
        // Every tenth is cancelled, the first included, while others still come.
        for (std::size_t i = 0; i < members.size(); i += 10)
            asio::post(members[i].executor,
                       [&one = members[i]] { one.signal.emit(asio::cancellation_type::terminal); });
        std::this_thread::sleep_for(100ms);
        hold->open();
        pool.join();
        BOOST_TEST(good + cancelled == 1000);
        BOOST_TEST(good >= 900);
        BOOST_TEST(other == 0);
        BOOST_TEST(server.refreshes == 1);
        BOOST_TEST(run(grant.token()).has_value());
    }
}

BOOST_AUTO_TEST_CASE(RF1_waiters_whose_contexts_end_with_the_operation)
{
    for (int round = 0; round < 50; ++round) {
        flow test;
        rotating_server server(test.server);
        asio::thread_pool pool(1);
        coauth::refresh_scheduler scheduler(pool.get_executor(), test.client);
        auto grant = run(scheduler.manage("grant", tokens_for(-1s, "old"))).value();
        std::atomic<int> good{0};
        std::vector<std::thread> askers;
        for (std::size_t i = 0; i < threads; ++i)
            askers.emplace_back([&good, grant]() mutable { good += run(grant.token()).has_value(); });
        for (std::thread& each : askers)
            each.join();
        pool.join();
        BOOST_TEST(good == int(threads));
        BOOST_TEST(server.refreshes == 1);
    }
}

asio::awaitable<int> live(coauth::refresh_scheduler& scheduler, int seed, int rounds)
{
    // Which of them does what does not matter, but that all meet at the same few grants.
    int operations = 0;
    for (int i = 0; i < rounds; ++i) {
        const std::string key = "grant-" + std::to_string((seed + i) % 5);
        const std::string number = std::to_string(seed) + "-" + std::to_string(i);
        switch ((seed * 7 + i) % 8) {
        case 0: {
            auto managed = co_await scheduler.manage(key, tokens_for(i % 2 ? -1s : 3600s, number));
            operations += managed.has_value();
            break;
        }
        case 1: {
            auto found = co_await scheduler.find(key);
            if (found) {
                operations += found->current() != nullptr;
                const auto tokens = co_await found->token();
                operations += tokens.has_value();
                const auto response = co_await found->fetch_resource({.url = resource_url});
                operations += response.has_value();
            }
            break;
        }
        case 2: {
            const auto forgotten = co_await scheduler.forget(key);
            operations += forgotten.has_value();
            break;
        }
        case 3: {
            const auto fresh = co_await scheduler.refresh_now(key);
            operations += fresh.has_value();
            break;
        }
        default: {
            const auto tokens = co_await scheduler.token(key);
            operations += tokens.has_value();
        }
        }
    }
    co_return operations;
}

BOOST_AUTO_TEST_CASE(RF11_everything_at_once_on_a_few_grants)
{
    for (const bool stored : {false, true}) {
        flow test;
        rotating_server server(test.server);
        asio::thread_pool pool(threads);
        auto scheduler =
            std::make_optional<coauth::refresh_scheduler>(pool.get_executor(), test.client, store_if(stored));
        std::atomic<int> events{0};
        scheduler->on_event([&events](const coauth::refresh_event&) { ++events; });
        asio::cancellation_signal stop;
        const auto strand = asio::make_strand(pool);
        auto running = asio::co_spawn(strand, scheduler->run(),
                                      asio::bind_cancellation_slot(stop.slot(), asio::use_future));
        std::vector<std::future<int>> people;
        for (int i = 0; i < 16; ++i)
            people.push_back(asio::co_spawn(pool, live(*scheduler, i, 60), asio::use_future));
        int operations = 0;
        for (auto& each : people)
            operations += each.get();
        BOOST_TEST(operations > 100);
        asio::post(strand, [&stop] { stop.emit(asio::cancellation_type::terminal); });
        running.get();
        scheduler.reset();
        pool.join();
        BOOST_TEST(server.reused == 0);
        BOOST_TEST(events > 0);
    }
}

BOOST_AUTO_TEST_CASE(RF11_the_scheduler_goes_while_many_wait)
{
    for (int round = 0; round < 20; ++round) {
        flow test;
        rotating_server server(test.server);
        asio::thread_pool pool(threads);
        auto scheduler = std::make_optional<coauth::refresh_scheduler>(pool.get_executor(), test.client);
        auto grants = eight_grants(*scheduler);
        std::vector<std::future<result<coauth::shared_tokens>>> waiters;
        for (int i = 0; i < 64; ++i)
            waiters.push_back(
                asio::co_spawn(pool, grants[static_cast<std::size_t>(i) % 8].token(), asio::use_future));
        scheduler.reset();
        for (auto& each : waiters) {
            const auto outcome = each.get();
            if (!outcome)
                check_refused(outcome, boost::system::error_code(asio::error::operation_aborted));
        }
        pool.join();
        BOOST_TEST(server.reused == 0);
    }
}

/// While many want tokens, several stop it from threads and contexts of their own: each is told when nothing is under
/// way any more, and the server answers nothing after that.
BOOST_AUTO_TEST_CASE(RF10_RF11_to_stop_from_many_threads)
{
    for (int round = 0; round < 20; ++round) {
        for (const bool stored : {false, true}) {
            flow test;
            rotating_server server(test.server);
            asio::thread_pool pool(threads);
            std::atomic<int> persisted{0};
            coauth::refresh_scheduler scheduler(pool.get_executor(), test.client, store_if(stored));
            scheduler.on_persist(
                [&persisted](std::string, coauth::shared_tokens) -> asio::awaitable<result<void>> {
                    ++persisted;
                    co_return result<void>();
                });
            auto grants = eight_grants(scheduler);
            const auto running = asio::co_spawn(pool, scheduler.run(), asio::use_future);
            std::vector<std::future<result<coauth::shared_tokens>>> waiters;
            std::vector<std::thread> others;
            std::atomic<int> early{0};
            const auto stop = [&] {
                asio::io_context context;
                asio::co_spawn(context, scheduler.stop(), asio::detached);
                context.run();
                // All that was sent has been answered and persisted, and nothing comes after it.
                early += persisted != server.refreshes;
            };
            for (int i = 0; i < 64; ++i) {
                waiters.push_back(
                    asio::co_spawn(pool, grants[static_cast<std::size_t>(i) % 8].token(), asio::use_future));
                if (i >= round && others.size() < 3)
                    others.emplace_back(stop);
            }
            for (std::thread& each : others)
                each.join();
            const int refreshes = server.refreshes;
            running.wait();
            for (auto& each : waiters) {
                const auto outcome = each.get();
                if (!outcome)
                    check_refused(outcome, boost::system::error_code(asio::error::operation_aborted));
            }
            pool.join();
            BOOST_TEST(early == 0);
            BOOST_TEST(server.refreshes == refreshes);
            BOOST_TEST(server.reused == 0);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
