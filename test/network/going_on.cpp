// Callers go on inside of the exchange's last step, and all exchanges of a context share one timer.
#include "fixture.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

namespace {

using namespace coauth_test;
using answer = coauth::result<coauth::http_response>;
using steady = std::chrono::steady_clock;

/// Answers requests, but not those for `/never`.
void answer_some(server_peer& peer)
{
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
        if (request.starts_with("GET /never"))
            return peer.wait_for_close();
        peer.write(ok());
    }
}

/// How long after its deadline it ended; negative: before, or otherwise. No check here, as this runs in several threads.
asio::awaitable<std::chrono::milliseconds> lateness(coauth::https_transport transport, std::string url,
                                                    std::chrono::milliseconds deadline)
{
    coauth::http_request request = get(url);
    request.set_deadline(deadline);
    const auto begun = steady::now();
    const answer got = co_await transport.send(std::move(request));
    const auto took = steady::now() - begun;
    if (outcome(got) != timed_out)
        co_return -1h;
    co_return std::chrono::duration_cast<std::chrono::milliseconds>(took - deadline);
}

asio::awaitable<std::string> fetch_often(coauth::https_transport transport, std::string url, int times)
{
    std::string last;
    for (int i = 0; i < times; ++i) {
        coauth::http_request request = get(url);
        const answer got = co_await transport.send(std::move(request));
        last = outcome(got);
    }
    co_return last;
}

asio::awaitable<std::string> fail_often(coauth::https_transport transport, std::string url, int times)
{
    std::string last;
    for (int i = 0; i < times; ++i) {
        coauth::http_request request = get(url);
        request.set_deadline(0ms);
        const answer got = co_await transport.send(std::move(request));
        last = outcome(got);
    }
    co_return last;
}

/// The rest of its context is in order after what one of its callers threw.
void check_goes_on(asio::io_context& context, const coauth::https_transport& transport,
                   const std::string& url)
{
    std::string result;
    asio::co_spawn(context, fetch_often(transport, url, 2),
                   [&result](std::exception_ptr, std::string last) { result = std::move(last); });
    context.restart();
    context.run();
    BOOST_TEST(result == "200");
}

} // namespace

BOOST_AUTO_TEST_SUITE(going_on)

BOOST_AUTO_TEST_CASE(TL6_each_exchange_has_its_own_deadline)
{
    const loopback_server server(server_tls(), answer_some);
    const auto transport = make_transport();
    asio::io_context context;
    std::vector<std::chrono::milliseconds> order;
    // Shorter ones begin after longer ones, and the other way round; others end meanwhile.
    for (const auto deadline : {600ms, 200ms, 900ms, 400ms})
        asio::co_spawn(context, lateness(transport, server.url("/never"), deadline),
                       [&order, deadline](std::exception_ptr failure, std::chrono::milliseconds late) {
                           BOOST_TEST(!failure);
                           BOOST_TEST((late >= 0ms && late < 5s), "late by " << late.count() << " ms");
                           order.push_back(deadline);
                       });
    std::string answered;
    asio::co_spawn(context, fetch_often(transport, server.url(), 20),
                   [&answered](std::exception_ptr, std::string last) { answered = std::move(last); });
    context.run_for(20s);
    BOOST_TEST((order == std::vector<std::chrono::milliseconds>{200ms, 400ms, 600ms, 900ms}));
    BOOST_TEST(answered == "200");
}

BOOST_AUTO_TEST_CASE(TL6_a_longer_deadline_keeps_no_shorter_one_waiting)
{
    const loopback_server server(server_tls(), answer_some);
    const auto transport = make_transport();
    asio::io_context context;
    coauth::http_request patient = get(server.url("/never"));
    patient.set_deadline(1h);
    asio::co_spawn(context, transport.send(std::move(patient)), asio::detached);
    context.run_for(200ms);
    bool ended = false;
    asio::co_spawn(context, lateness(transport, server.url("/never"), 200ms),
                   [&ended](std::exception_ptr, std::chrono::milliseconds late) { ended = late >= 0ms; });
    const auto begun = steady::now();
    while (!ended && steady::now() - begun < 20s)
        context.run_for(10ms);
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(TL6_deadlines_of_several_threads)
{
    const loopback_server server(server_tls(), answer_some);
    const auto transport = make_transport();
    asio::thread_pool pool(4);
    std::vector<std::future<std::chrono::milliseconds>> ends;
    std::vector<std::future<std::string>> answered;
    for (int i = 0; i < 24; ++i) {
        ends.push_back(asio::co_spawn(
            pool, lateness(transport, server.url("/never"), std::chrono::milliseconds(100 + i * 37 % 300)),
            asio::use_future));
        if (i % 4 == 0)
            answered.push_back(
                asio::co_spawn(pool, fetch_often(transport, server.url(), 10), asio::use_future));
    }
    for (auto& end : ends)
        BOOST_TEST((end.get() >= 0ms));
    for (auto& one : answered)
        BOOST_TEST(one.get() == "200");
    pool.join();
}

BOOST_AUTO_TEST_CASE(a_context_has_nothing_to_do_when_the_last_exchange_has_ended)
{
    const loopback_server server(server_tls(), answer_some);
    const auto transport = make_transport();
    asio::io_context context;
    const auto started = steady::now();
    for (int round = 0; round < 3; ++round)
        check_goes_on(context, transport, server.url()); // each has ten seconds
    BOOST_TEST((steady::now() - started < 9s));
    BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_caller_may_keep_its_thread_busy)
{
    const loopback_server server(server_tls(), answer_some);
    const auto transport = make_transport();
    asio::io_context context;
    bool late = false;
    auto work = [&]() -> asio::awaitable<void> {
        coauth::http_request request = get(server.url());
        request.set_deadline(2s);
        const answer got = co_await transport.send(std::move(request));
        BOOST_TEST(outcome(got) == "200");
        std::this_thread::sleep_for(2100ms); // beyond the deadline of what has ended
        coauth::http_request next = get(server.url());
        const answer again = co_await transport.send(std::move(next));
        late = outcome(again) != "200";
    };
    asio::co_spawn(context, work(), asio::detached);
    context.run();
    BOOST_TEST(!late);
    BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_caller_throws_leaves_run_and_nothing_else)
{
    const loopback_server server(server_tls(), answer_some);
    const auto transport = make_transport();
    asio::io_context context;
    int told = 0;
    asio::co_spawn(context, fetch_often(transport, server.url(), 1),
                   [&told](std::exception_ptr, std::string) {
                       ++told;
                       throw std::domain_error("from the caller");
                   });
    BOOST_CHECK_THROW(context.run(), std::domain_error);
    BOOST_TEST(told == 1);
    check_goes_on(context, transport, server.url());
    BOOST_TEST(told == 1);
    BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(exchanges_that_fail_at_once_do_not_nest)
{
    // Each inside of the one before, these would need more stack than there is.
    BOOST_TEST(run(fail_often(make_transport(), "https://127.0.0.1:1/", 100'000)) == timed_out);
}

BOOST_AUTO_TEST_CASE(the_transport_may_go_where_the_caller_goes_on)
{
    const loopback_server server(server_tls(), answer_some);
    asio::io_context context;
    std::optional<coauth::https_transport> transport(make_transport());
    std::string result;
    asio::co_spawn(context, transport->send(get(server.url())), [&](std::exception_ptr, answer got) {
        transport.reset();
        result = outcome(got);
    });
    context.run();
    BOOST_TEST(result == "200");
    BOOST_TEST(server.wait_until_all_closed());
}

BOOST_AUTO_TEST_SUITE_END()
