// Many exchanges, many threads, and execution contexts that come and go.
#include "fixture.hpp"

#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

namespace {

using namespace coauth_test;
using answer = coauth::result<coauth::http_response>;

/// Answers with the request's target, so that a mixed-up answer is seen.
void echo_target(server_peer& peer)
{
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request())
        peer.write(ok(request.substr(4, request.find(' ', 4) - 4)));
}

asio::awaitable<int> fetch_one_after_the_other(coauth::https_transport transport, std::string base, int id,
                                               int times)
{
    int right = 0;
    for (int i = 0; i < times; ++i) {
        const std::string target = '/' + std::to_string(id) + '/' + std::to_string(i);
        coauth::http_request request = get(base + target);
        const answer got = co_await transport.send(std::move(request));
        right += got && got->body().expose() == target ? 1 : 0;
    }
    co_return right;
}

void run_in_threads(asio::io_context& context, int count)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&context] { context.run(); });
    for (std::thread& one : threads)
        one.join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(concurrency)

BOOST_AUTO_TEST_CASE(parallel_exchanges_in_one_thread)
{
    const loopback_server server(server_tls(), echo_target);
    auto settings = trusting_settings();
    settings.set_idle_connections(64, 64);
    const auto transport = make_transport(settings);
    asio::io_context context;
    int right = 0;
    for (int id = 0; id < 64; ++id)
        asio::co_spawn(context, fetch_one_after_the_other(transport, server.url(""), id, 5),
                       [&right](std::exception_ptr, int count) { right += count; });
    context.run();
    BOOST_TEST(right == 64 * 5);
    BOOST_TEST(server.connections() <= 64u);
    BOOST_TEST(server.requests().size() == 64u * 5u);
}

BOOST_AUTO_TEST_CASE(parallel_exchanges_in_many_threads)
{
    // Callers on the context itself: the exchanges' strands are all that orders anything.
    const loopback_server server(server_tls(), echo_target);
    const auto transport = make_transport();
    asio::io_context context;
    std::atomic<int> right = 0;
    for (int id = 0; id < 32; ++id)
        asio::co_spawn(context, fetch_one_after_the_other(transport, server.url(""), id, 10),
                       [&right](std::exception_ptr, int count) { right += count; });
    run_in_threads(context, 4);
    BOOST_TEST(right == 32 * 10);
}

BOOST_AUTO_TEST_CASE(callers_on_strands_and_pools)
{
    const loopback_server server(server_tls(), echo_target);
    const auto transport = make_transport();
    asio::thread_pool pool(3);
    std::vector<std::future<int>> counts;
    for (int id = 0; id < 12; ++id) {
        auto work = fetch_one_after_the_other(transport, server.url(""), id, 5);
        if (id % 3 == 0)
            counts.push_back(asio::co_spawn(pool, std::move(work), asio::use_future));
        else if (id % 3 == 1)
            counts.push_back(
                asio::co_spawn(asio::make_strand(pool.get_executor()), std::move(work), asio::use_future));
        else
            counts.push_back(asio::co_spawn(asio::make_strand(asio::any_io_executor(pool.get_executor())),
                                            std::move(work), asio::use_future));
    }
    for (std::future<int>& count : counts)
        BOOST_TEST(count.get() == 5);
    pool.join();
}

BOOST_AUTO_TEST_CASE(cancelled_from_other_threads)
{
    // Cancellation comes on the caller's strand while the exchange's strand is busy on another thread.
    const loopback_server server(server_tls(), echo_target);
    const auto transport = make_transport();
    asio::io_context context;
    std::atomic<int> ended = 0;
    std::atomic<int> strange = 0;
    struct caller {
        explicit caller(asio::io_context& where) : strand(asio::make_strand(where)) {}
        asio::strand<asio::io_context::executor_type> strand;
        asio::cancellation_signal signal;
    };
    std::vector<std::shared_ptr<caller>> callers;
    for (int id = 0; id < 200; ++id) {
        const auto one = std::make_shared<caller>(context);
        callers.push_back(one);
        asio::co_spawn(
            one->strand, transport.send(get(server.url("/" + std::to_string(id)))),
            asio::bind_cancellation_slot(one->signal.slot(), [&, one](std::exception_ptr, answer got) {
                ++ended;
                const std::string result = outcome(got);
                if (result != "200" && result != "operation_aborted")
                    ++strange;
            }));
    }
    std::thread canceller([&] {
        for (const auto& one : callers) {
            asio::post(one->strand, [one] { one->signal.emit(asio::cancellation_type::terminal); });
            std::this_thread::sleep_for(std::chrono::microseconds(300));
        }
    });
    run_in_threads(context, 3);
    canceller.join();
    context.restart();
    context.run();
    BOOST_TEST(ended == 200);
    BOOST_TEST(strange == 0);
}

BOOST_AUTO_TEST_CASE(each_context_has_connections_of_its_own)
{
    const loopback_server server(server_tls(), echo_target);
    const auto transport = make_transport();
    asio::io_context one;
    asio::io_context two;
    for (int round = 0; round < 3; ++round)
        for (asio::io_context* context : {&one, &two}) {
            int right = 0;
            asio::co_spawn(*context, fetch_one_after_the_other(transport, server.url(""), round, 2),
                           [&right](std::exception_ptr, int count) { right = count; });
            context->restart();
            context->run();
            BOOST_TEST(right == 2);
        }
    BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(a_context_may_go_before_the_transport)
{
    const loopback_server server(server_tls(), echo_target);
    const auto transport = make_transport();
    for (int round = 0; round < 3; ++round) {
        asio::io_context context;
        int right = 0;
        asio::co_spawn(context, fetch_one_after_the_other(transport, server.url(""), round, 2),
                       [&right](std::exception_ptr, int count) { right = count; });
        context.run();
        BOOST_TEST(right == 2);
    }
    BOOST_TEST(server.connections() == 3u);
    BOOST_TEST(server.wait_until_all_closed()); // although the transport lives
    transport.close_idle_connections();
}

BOOST_AUTO_TEST_CASE(the_transport_may_go_before_the_context)
{
    const loopback_server server(server_tls(), echo_target);
    asio::io_context context;
    int right = 0;
    {
        const auto transport = make_transport();
        asio::co_spawn(context, fetch_one_after_the_other(transport, server.url(""), 1, 3),
                       [&right](std::exception_ptr, int count) { right = count; });
    }
    context.run();
    BOOST_TEST(right == 3);
    BOOST_TEST(server.wait_until_all_closed());
}

BOOST_AUTO_TEST_CASE(a_context_may_go_with_exchanges_in_flight)
{
    const auto never = [](server_peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    };
    const loopback_server silent(server_tls(), never);
    const auto stalled =
        loopback_server::start_plain(server_tls(), [](server_peer& peer) { peer.wait_for_close(); });
    const loopback_server answering(server_tls(), echo_target);
    for (const bool transport_first : {false, true}) {
        // However long this takes, none of those that hang comes to its end by itself.
        auto settings = trusting_settings();
        settings.set_connect_timeout(10min).set_handshake_timeout(10min);
        std::optional<coauth::https_transport> transport(make_transport(settings));
        bool completed = false;
        {
            asio::io_context context;
            int right = 0;
            asio::co_spawn(context, fetch_one_after_the_other(*transport, answering.url(""), 1, 1),
                           [&right](std::exception_ptr, int count) { right = count; });
            for (const std::string& url : {silent.url(), stalled.url(), silent.url("/", "localhost")}) {
                coauth::http_request request = get(url);
                request.set_deadline(10min);
                asio::co_spawn(context, transport->send(std::move(request)),
                               [&completed](std::exception_ptr, answer) { completed = true; });
            }
            const auto limit = std::chrono::steady_clock::now() + 50s;
            const std::size_t before = silent.requests().size();
            while ((silent.requests().size() < before + 2 || right == 0) &&
                   std::chrono::steady_clock::now() < limit) {
                context.restart();
                context.run_for(5ms);
            }
            BOOST_TEST(right == 1);
            if (transport_first)
                transport.reset();
        }
        BOOST_TEST(!completed);
        BOOST_TEST(silent.wait_until_all_closed());
        BOOST_TEST(stalled.wait_until_all_closed());
        BOOST_TEST(answering.wait_until_all_closed());
    }
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_commit_function_reaches_the_caller)
{
    const loopback_server server(server_tls(), answer_all);
    auto request = get(server.url());
    request.set_on_commit([]() -> bool { throw std::length_error("from on_commit"); });
    BOOST_CHECK_THROW(run(make_transport().send(std::move(request))), std::length_error);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.bytes_received() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
