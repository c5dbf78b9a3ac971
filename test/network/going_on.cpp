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

/// How long after its deadline it ended; negative: before, or otherwise. No check here: this runs in several threads.
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
    using order = std::vector<int>;
    // Shorter ones begin after longer ones, and the other way round; others end meanwhile. The order shows only on a
    // machine that begins all of them before the first one ends.
    const auto end_in_order = [&](std::chrono::milliseconds unit) {
        const auto transport = make_transport();
        asio::io_context context;
        order ended;
        for (const int factor : {6, 2, 9, 4})
            asio::co_spawn(context, lateness(transport, server.url("/never"), factor * unit),
                           [&ended, factor](std::exception_ptr failure, std::chrono::milliseconds late) {
                               BOOST_TEST(!failure);
                               BOOST_TEST((late >= 0ms && late < long_enough / 2),
                                          "late by " << late.count() << " ms");
                               ended.push_back(factor);
                           });
        std::string answered;
        asio::co_spawn(context, fetch_often(transport, server.url(), 20),
                       [&answered](std::exception_ptr, std::string last) { answered = std::move(last); });
        context.run_for(2min);
        BOOST_TEST(ended.size() == 4u);
        BOOST_TEST(answered == "200");
        return ended == order{2, 4, 6, 9};
    };
    BOOST_TEST(within_some({100ms, 500ms, 3s}, end_in_order));
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
    while (!ended && steady::now() - begun < 2min)
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
        check_goes_on(context, transport,
                      server.url()); // each has this time, and connections stay for longer
    BOOST_TEST((steady::now() - started < long_enough));
    BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_caller_may_keep_its_thread_busy)
{
    // The first exchange has to end before its deadline, and the caller goes on long after that.
    const auto goes_on = [](std::chrono::milliseconds deadline) {
        const loopback_server server(server_tls(), answer_some);
        const auto transport = make_transport();
        asio::io_context context;
        std::string first;
        std::string second;
        auto work = [&]() -> asio::awaitable<void> {
            coauth::http_request request = get(server.url());
            request.set_deadline(deadline);
            const answer got = co_await transport.send(std::move(request));
            first = outcome(got);
            std::this_thread::sleep_for(deadline + 100ms);
            coauth::http_request next = get(server.url());
            const answer again = co_await transport.send(std::move(next));
            second = outcome(again);
        };
        asio::co_spawn(context, work(), asio::detached);
        context.run();
        BOOST_TEST((first == "200" || first == timed_out), first);
        BOOST_TEST(second == "200");
        return first == "200" && server.connections() == 1u;
    };
    BOOST_TEST(within_some({1s, 5s, 20s}, goes_on));
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
