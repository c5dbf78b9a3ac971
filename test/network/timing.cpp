// The exchange ends in time, and when it is told to, whatever it is waiting for.
#include "fixture.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <limits>
#include <list>
#include <ostream>

namespace {

using namespace coauth_test;
using answer = coauth::result<coauth::http_response>;
using steady = std::chrono::steady_clock;

/// A port where connecting takes for ever: its queue is full, and nobody accepts.
class full_port {
public:
    full_port() : acceptor_(context_)
    {
        const asio::ip::tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
        acceptor_.open(anywhere.protocol());
        acceptor_.bind(anywhere);
        acceptor_.listen(0);
        for (int i = 0; i < 4; ++i) {
            waiting_.emplace_back(context_);
            waiting_.back().async_connect(acceptor_.local_endpoint(), [](const coauth::error_code&) {});
        }
        context_.run_for(50ms);
    }
    std::string url() const
    {
        return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + '/';
    }

private:
    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_;
    std::list<asio::ip::tcp::socket> waiting_;
};

/// Everything is as it should be, but never comes to an end.
void stall(server_peer& peer) { peer.wait_for_close(); }

/// A record of the handshake is announced, and trickles in.
void trickle_handshake(server_peer& peer)
{
    peer.write(std::string_view("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", 9));
    peer.trickle("x", 20ms);
}

loopback_server::script answer_then_trickle(std::string at_once, std::string byte)
{
    return [at_once, byte](server_peer& peer) {
        peer.read_request();
        peer.write(at_once);
        peer.trickle(byte, 20ms);
    };
}

/// Fails in time, that is, when its own deadline has passed and none of the others has.
void check_times_out(const coauth::https_transport& transport, coauth::http_request request,
                     std::chrono::milliseconds deadline = 300ms)
{
    const auto started = steady::now();
    request.set_deadline(deadline);
    BOOST_TEST(fetch(transport, std::move(request)) == timed_out);
    const auto took = steady::now() - started;
    BOOST_TEST((took >= deadline - 10ms && took < deadline + long_enough / 2),
               "it took " << took / 1ms << " ms");
}

/// Does so, and leaves nothing behind: a new request would have to connect anew.
void check_times_out(loopback_server::script script, coauth::http_request (*method)(std::string_view) = get,
                     std::atomic<bool>* over = nullptr)
{
    const bool reached = within_some({300ms, 2s, 20s}, [&](std::chrono::milliseconds deadline) {
        const loopback_server server(server_tls(), script);
        if (over != nullptr)
            *over = false;
        check_times_out(make_transport(), method(server.url()), deadline);
        if (over != nullptr)
            *over = true;
        // Connections that were given up before the server looked may still be accepted.
        const bool connected = server.wait_for_connections(1, 1s);
        BOOST_TEST(server.wait_until_all_closed());
        BOOST_TEST(server.connections() <= 1u);
        BOOST_TEST(server.requests().size() <= 1u);
        return connected;
    });
    BOOST_TEST(reached);
}

coauth::http_request large_post(std::string_view url) { return post(url, std::string(12'000'000, 'x')); }

std::atomic<int> resolvers_left = 0;

/// Does not answer; counts those that were cancelled.
asio::awaitable<coauth::result<std::vector<asio::ip::address>>> resolve_never(std::string)
{
    struct leaving {
        leaving() = default;
        leaving(const leaving&) = delete;
        ~leaving() { ++resolvers_left; }
    };
    const leaving guard;
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    co_await timer.async_wait(asio::use_awaitable);
    co_return coauth::errc::name_resolution_failed;
}

coauth::https_transport transport_that_never_resolves()
{
    auto settings = trusting_settings();
    settings.set_resolver(resolve_never);
    return make_transport(settings);
}

} // namespace

BOOST_AUTO_TEST_SUITE(timing)

BOOST_AUTO_TEST_CASE(TL6_deadline_while_resolving)
{
    resolvers_left = 0;
    check_times_out(transport_that_never_resolves(), get("https://as.example.test/"));
    BOOST_TEST(resolvers_left == 1);
}

BOOST_AUTO_TEST_CASE(TL6_deadline_while_connecting)
{
    const full_port port;
    check_times_out(make_transport(), get(port.url()));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_in_a_handshake_that_stalls)
{
    const auto server = loopback_server::start_plain(server_tls(), stall);
    check_times_out(make_transport(), get(server.url()));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_in_a_handshake_that_trickles)
{
    const auto server = loopback_server::start_plain(server_tls(), trickle_handshake);
    check_times_out(make_transport(), get(server.url()));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_while_writing)
{
    std::atomic<bool> over = false;
    check_times_out([&over](server_peer& peer) { peer.wait_for(over); }, large_post,
                    &over); // it reads nothing
}

BOOST_AUTO_TEST_CASE(TL6_deadline_before_the_answer)
{
    check_times_out([](server_peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    });
}

BOOST_AUTO_TEST_CASE(TL6_deadline_in_a_status_line_that_trickles)
{
    check_times_out(answer_then_trickle("HTTP/1.1 200 ", "x"));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_in_a_header_that_trickles)
{
    check_times_out(answer_then_trickle("HTTP/1.1 200 OK\r\n", "a: b\r\n"));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_in_a_body_that_trickles)
{
    check_times_out(answer_then_trickle("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "x"));
    check_times_out(
        answer_then_trickle("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"));
    check_times_out(answer_then_trickle("HTTP/1.1 200 OK\r\n\r\n", "x"));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_in_a_proxys_answer)
{
    const loopback_server proxy(answer_then_trickle("HTTP/1.1 200 OK\r\n", "a: b\r\n"));
    auto settings = trusting_settings();
    settings.set_proxy(coauth::http_proxy("127.0.0.1", proxy.port()));
    check_times_out(make_transport(settings), get("https://as.example.test/"));
}

BOOST_AUTO_TEST_CASE(TL6_deadline_over_a_kept_connection)
{
    const loopback_server server(server_tls(), [](server_peer& peer) {
        peer.read_request();
        peer.write(ok());
        peer.read_request();
        peer.wait_for_close();
    });
    asio::io_context context;
    std::vector<std::string> results;
    auto both = [](coauth::https_transport transport, std::string url) -> asio::awaitable<std::string> {
        coauth::http_request first = get(url);
        const answer ignored = co_await transport.send(std::move(first));
        coauth::http_request second = get(url);
        second.set_deadline(200ms);
        const answer late = co_await transport.send(std::move(second));
        co_return outcome(late);
    };
    BOOST_TEST(run(both(make_transport(), server.url())) == timed_out);
    BOOST_TEST(server.connections() == 1u); // and no second try
    BOOST_TEST(server.wait_until_all_closed());
}

BOOST_AUTO_TEST_CASE(TL6_a_deadline_of_zero_has_passed_when_it_begins)
{
    const loopback_server server(server_tls(), answer_all);
    const attempt tried(make_transport(), get(server.url()).set_deadline(0ms));
    BOOST_TEST(tried.result == timed_out);
    BOOST_TEST(tried.commits == 0);
    BOOST_TEST(fetch(make_transport(), get(server.url()).set_deadline(-1s)) == timed_out);
    BOOST_TEST(server.connections() == 0u);
    BOOST_TEST(fetch(make_transport(), get(server.url()).set_deadline(std::chrono::milliseconds::max())) ==
               "200");
}

BOOST_AUTO_TEST_CASE(connecting_and_the_handshake_have_limits_of_their_own)
{
    const auto took = [](coauth::https_transport_settings settings, const std::string& url) {
        const auto started = steady::now();
        BOOST_TEST(fetch(make_transport(std::move(settings)), get(url)) == timed_out);
        return steady::now() - started;
    };
    const full_port port;
    BOOST_TEST((took(trusting_settings().set_connect_timeout(100ms), port.url()) < long_enough / 2));
    const auto server = loopback_server::start_plain(server_tls(), stall);
    BOOST_TEST((took(trusting_settings().set_handshake_timeout(100ms), server.url()) < long_enough / 2));
    const loopback_server proxy(stall);
    BOOST_TEST((took(trusting_settings()
                         .set_proxy(coauth::http_proxy("127.0.0.1", proxy.port()))
                         .set_connect_timeout(100ms),
                     "https://as.example.test/") < long_enough / 2));
}

BOOST_AUTO_TEST_CASE(connecting_goes_on_with_the_next_address_before_time_is_up)
{
    // The first address swallows everything, as a firewall does; the second one answers.
    const loopback_server server(server_tls(), answer_all);
    asio::io_context context;
    asio::ip::tcp::acceptor swallows(context);
    const asio::ip::tcp::endpoint other(asio::ip::make_address("127.0.0.2"), server.port());
    swallows.open(other.protocol());
    swallows.bind(other);
    swallows.listen(0);
    std::list<asio::ip::tcp::socket> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.emplace_back(context);
        waiting.back().async_connect(other, [](const coauth::error_code&) {});
    }
    context.run_for(50ms);

    auto settings = trusting_settings();
    settings.set_resolver([](std::string) -> asio::awaitable<coauth::result<std::vector<asio::ip::address>>> {
        std::vector<asio::ip::address> out;
        out.push_back(asio::ip::make_address("127.0.0.2"));
        out.push_back(asio::ip::make_address("127.0.0.1"));
        co_return out;
    });
    // Each address has half of the time.
    BOOST_TEST(within_some({600ms, 6s, 25s}, [&](std::chrono::milliseconds time) {
        settings.set_connect_timeout(time);
        return fetch(make_transport(settings), get(server.url("/", "localhost"))) == "200";
    }));
}

namespace {

struct cancellation {
    asio::cancellation_type type;
    const char* name;
};
std::ostream& operator<<(std::ostream& stream, const cancellation& value) { return stream << value.name; }

constexpr cancellation cancellations[] = {{asio::cancellation_type::terminal, "terminal"},
                                          {asio::cancellation_type::partial, "partial"},
                                          {asio::cancellation_type::total, "total"}};

/// Lets every type of cancellation through.
asio::awaitable<answer> send_open_to_all(coauth::https_transport transport, coauth::http_request request)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    answer got = co_await transport.send(std::move(request));
    co_return got;
}

class cancellable {
public:
    cancellable(const coauth::https_transport& transport, coauth::http_request request)
        : operation_(send_open_to_all(transport, std::move(request)))
    {
    }

    template <class Predicate>
    void run_until(Predicate done)
    {
        const auto limit = steady::now() + 2min;
        while (!done() && steady::now() < limit) {
            operation_.context().restart();
            operation_.context().run_for(5ms);
        }
        BOOST_TEST_REQUIRE(done());
    }

    /// Ends at once, once, and says so.
    void check_cancels(asio::cancellation_type type)
    {
        BOOST_TEST_REQUIRE(operation_.completions() == 0);
        const auto started = steady::now();
        operation_.cancel(type);
        BOOST_TEST(outcome(operation_.finish()) == "operation_aborted");
        BOOST_TEST((steady::now() - started < long_enough / 2)); // and not when its deadline has passed
        BOOST_TEST(operation_.completions() == 1);
    }

private:
    stepped_operation<answer> operation_;
};

void check_cancels(loopback_server::script script, asio::cancellation_type type, std::size_t requests,
                   coauth::http_request (*method)(std::string_view) = get)
{
    const loopback_server server(server_tls(), std::move(script));
    cancellable operation(make_transport(), method(server.url()));
    operation.run_until([&] { return server.handshakes() == 1 && server.requests().size() == requests; });
    operation.check_cancels(type);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.connections() == 1u);
    BOOST_TEST(server.requests().size() == requests);
}

} // namespace

BOOST_DATA_TEST_CASE(TL20_cancelled_while_resolving, boost::unit_test::data::make(cancellations), by)
{
    resolvers_left = 0;
    cancellable operation(transport_that_never_resolves(), get("https://as.example.test/"));
    bool begun = false;
    operation.run_until([&] { return std::exchange(begun, true); });
    operation.check_cancels(by.type);
    BOOST_TEST(resolvers_left == 1);
}

BOOST_DATA_TEST_CASE(TL20_cancelled_while_connecting, boost::unit_test::data::make(cancellations), by)
{
    const full_port port;
    cancellable operation(make_transport(), get(port.url()));
    bool begun = false;
    operation.run_until([&] { return std::exchange(begun, true); });
    operation.check_cancels(by.type);
}

BOOST_DATA_TEST_CASE(TL20_cancelled_in_the_handshake, boost::unit_test::data::make(cancellations), by)
{
    const auto server = loopback_server::start_plain(server_tls(), stall);
    int commits = 0;
    auto request = get(server.url());
    request.set_on_commit([&commits] { return ++commits > 0; });
    cancellable operation(make_transport(), std::move(request));
    operation.run_until([&] { return server.bytes_received() > 0; });
    operation.check_cancels(by.type);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(commits == 0);
}

BOOST_DATA_TEST_CASE(TL20_cancelled_while_writing, boost::unit_test::data::make(cancellations), by)
{
    std::atomic<bool> cancelled = false;
    const loopback_server server(server_tls(), [&cancelled](server_peer& peer) {
        peer.wait_for(cancelled);
        peer.wait_for_close();
    });
    cancellable operation(make_transport(), large_post(server.url()));
    operation.run_until([&] { return server.handshakes() == 1; });
    operation.check_cancels(by.type);
    cancelled = true;
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.bytes_received() < 12'000'000u);
}

BOOST_DATA_TEST_CASE(TL20_cancelled_before_the_answer, boost::unit_test::data::make(cancellations), by)
{
    check_cancels(
        [](server_peer& peer) {
            peer.read_request();
            peer.wait_for_close();
        },
        by.type, 1);
}

BOOST_DATA_TEST_CASE(TL20_cancelled_in_the_body, boost::unit_test::data::make(cancellations), by)
{
    check_cancels(answer_then_trickle("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "x"), by.type, 1);
}

BOOST_AUTO_TEST_CASE(TL20_cancelled_in_a_proxys_answer)
{
    const loopback_server proxy([](server_peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    });
    auto settings = trusting_settings();
    settings.set_proxy(coauth::http_proxy("127.0.0.1", proxy.port()));
    cancellable operation(make_transport(settings), get("https://as.example.test/"));
    operation.run_until([&] { return proxy.requests().size() == 1; });
    operation.check_cancels(asio::cancellation_type::terminal);
    BOOST_TEST(proxy.wait_until_all_closed());
}

BOOST_AUTO_TEST_CASE(TL20_cancelled_after_every_step)
{
    std::size_t steps = 0;
    for (bool finished = false; !finished; ++steps) {
        BOOST_TEST_REQUIRE(steps < 1000u);
        const loopback_server server(server_tls(), answer_all);
        {
            const auto transport = make_transport();
            stepped_operation<answer> operation(
                send_open_to_all(transport, get(server.url("/", "localhost"))));
            finished = operation.run_steps(steps) < steps || operation.completions() == 1;
            operation.cancel(asio::cancellation_type::total);
            const std::string result = outcome(operation.finish());
            BOOST_TEST((result == (finished ? "200" : "operation_aborted") || (!finished && result == "200")),
                       "after " << steps << " steps: " << result);
            BOOST_TEST(operation.completions() == 1);
        }
        BOOST_TEST(server.wait_until_all_closed());
        BOOST_TEST(server.connections() <= 1u);
    }
    BOOST_TEST(steps > 5u);
}

BOOST_AUTO_TEST_CASE(TL20_cancelled_before_it_begins)
{
    const loopback_server server(server_tls(), answer_all);
    // The coroutine itself gives the signal, so that it comes neither too early nor too late.
    asio::cancellation_signal signal;
    auto cancelled_first = [](coauth::https_transport transport, std::string url,
                              asio::cancellation_signal& own) -> asio::awaitable<std::string> {
        co_await asio::this_coro::throw_if_cancelled(false);
        own.emit(asio::cancellation_type::terminal);
        coauth::http_request request = get(url);
        const answer got = co_await transport.send(std::move(request));
        co_return outcome(got);
    };
    asio::io_context context;
    std::string result;
    asio::co_spawn(
        context, cancelled_first(make_transport(), server.url(), signal),
        asio::bind_cancellation_slot(
            signal.slot(), [&result](std::exception_ptr, std::string end) { result = std::move(end); }));
    context.run();
    BOOST_TEST(result == "operation_aborted");
    BOOST_TEST(server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_request_that_may_not_be_committed_is_not_sent)
{
    const loopback_server server(server_tls(), answer_all);
    auto request = post(server.url());
    request.set_on_commit([] { return false; });
    BOOST_TEST(fetch(make_transport(), std::move(request)) == "operation_aborted");
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.bytes_received() == 0u);
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_CASE(TL19_no_answer_reaches_another_request)
{
    // The first answer is under way when its request is cancelled.
    std::atomic<bool> half_way = false;
    std::atomic<bool> cancelled = false;
    const loopback_server server(server_tls(), [&half_way, &cancelled](server_peer& peer) {
        for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            const std::string target = request.substr(4, request.find(' ', 4) - 4);
            const std::string whole = ok(target);
            peer.write(whole.substr(0, whole.size() - 3));
            if (target == "/first") {
                half_way = true;
                peer.wait_for(cancelled);
            }
            peer.write(whole.substr(whole.size() - 3));
        }
    });
    const auto transport = make_transport();
    stepped_operation<answer> first(send_open_to_all(transport, get(server.url("/first"))));
    while (!half_way) {
        first.context().restart();
        first.context().run_for(5ms);
    }
    first.cancel(asio::cancellation_type::total);
    BOOST_TEST(outcome(first.finish()) == "operation_aborted");
    cancelled = true;

    asio::co_spawn(first.context(), transport.send(get(server.url("/second"))),
                   [](std::exception_ptr, answer got) {
                       BOOST_TEST_REQUIRE(outcome(got) == "200");
                       BOOST_TEST(got->body().expose() == "/second");
                   });
    first.context().restart();
    first.context().run();
    BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_waiting_after_an_exchange)
{
    // Neither the deadline's timer nor a kept connection keeps the context running.
    const loopback_server server(server_tls(), answer_all);
    auto settings = trusting_settings();
    settings.set_idle_time(1h);
    const auto transport = make_transport(settings);
    asio::io_context context;
    bool done = false;
    asio::co_spawn(context, transport.send(get(server.url()).set_deadline(1h)),
                   [&done](std::exception_ptr, answer got) { done = outcome(got) == "200"; });
    context.run_for(1min);
    BOOST_TEST(done);
    BOOST_TEST(context.stopped());
}

BOOST_AUTO_TEST_SUITE_END()
