// Which connections are kept and used again, and which TLS sessions are resumed.
#include "fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <barrier>
#include <mutex>
#include <tuple>

namespace {

using namespace coauth_test;
using results = std::vector<std::string>;

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

/// The request, a pause, the request again.
asio::awaitable<results> twice(coauth::https_transport transport, std::string url, std::string method,
                               std::chrono::milliseconds between)
{
    results out;
    for (int i = 0; i < 2; ++i) {
        coauth::http_request request = method == "GET" ? get(url) : post(url);
        const coauth::result<coauth::http_response> answer = co_await transport.send(std::move(request));
        out.push_back(outcome(answer));
        co_await pause(between);
    }
    co_return out;
}

/// Lets nobody through until so many are there, so that each has a connection of its own; time and again.
class gathering {
public:
    explicit gathering(std::size_t size) : barrier_(static_cast<std::ptrdiff_t>(size)) {}
    void arrive() { barrier_.arrive_and_wait(); }

private:
    std::barrier<> barrier_;
};

/// So many exchanges at once.
results fetch_together(const coauth::https_transport& transport, const std::string& url, std::size_t times,
                       asio::io_context& context)
{
    results out;
    for (std::size_t i = 0; i < times; ++i)
        asio::co_spawn(context, transport.send(get(url)),
                       [&out](std::exception_ptr, coauth::result<coauth::http_response> answer) {
                           out.push_back(outcome(answer));
                       });
    context.restart();
    context.run();
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(one_connection_serves_many_requests)
{
    for (const bool with_tls : {true, false}) {
        const loopback_server server =
            with_tls ? loopback_server(server_tls(), answer_all) : loopback_server(answer_all);
        BOOST_TEST(fetch_times(make_transport(), server.url(), 20) == results(20, "200"),
                   boost::test_tools::per_element());
        BOOST_TEST(server.connections() == 1u);
        BOOST_TEST(server.requests().size() == 20u);
        BOOST_TEST(server.wait_until_all_closed()); // the transport is gone, and its connections with it
        BOOST_TEST(server.goodbyes() == (with_tls ? 1u : 0u));
    }
}

BOOST_AUTO_TEST_CASE(origins_do_not_share_connections)
{
    const loopback_server one(server_tls(), answer_all);
    const loopback_server two(server_tls(), answer_all);
    std::vector<coauth::http_request> requests;
    for (int i = 0; i < 3; ++i) {
        requests.push_back(get(one.url()));
        requests.push_back(get(two.url()));
        requests.push_back(get(one.url("/", "localhost")));
    }
    BOOST_TEST(fetch_all(make_transport(), std::move(requests)) == results(9, "200"),
               boost::test_tools::per_element());
    BOOST_TEST(one.connections() == 2u);
    BOOST_TEST(two.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(transports_do_not_share_connections)
{
    const loopback_server server(server_tls(), answer_all);
    asio::io_context context;
    const auto one = make_transport();
    const auto two = make_transport();
    const coauth::https_transport copy = one;
    BOOST_TEST(fetch_together(one, server.url(), 1, context) == results(1, "200"));
    BOOST_TEST(fetch_together(two, server.url(), 1, context) == results(1, "200"));
    BOOST_TEST(server.connections() == 2u);
    BOOST_TEST(fetch_together(copy, server.url(), 1, context) == results(1, "200"));
    BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(answers_that_end_the_connection)
{
    for (const std::string head :
         {"HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\n",
          "HTTP/1.0 200 OK\r\n", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"}) {
        const loopback_server server(server_tls(), [head](server_peer& peer) {
            while (!peer.read_request().empty())
                peer.write(head + "Content-Length: 2\r\n\r\nok");
        });
        BOOST_TEST(fetch_times(make_transport(), server.url(), 2) == results(2, "200"));
        BOOST_TEST(server.connections() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(no_more_idle_connections_than_allowed)
{
    gathering together(12);
    const loopback_server server(server_tls(), [&together](server_peer& peer) {
        while (!peer.read_request().empty()) {
            together.arrive();
            peer.write(ok());
        }
    });
    asio::io_context context;
    const auto transport = make_transport();
    BOOST_TEST(fetch_together(transport, server.url(), 12, context) == results(12, "200"));
    BOOST_TEST(server.connections() == 12u);
    // 8 were kept.
    BOOST_TEST(fetch_together(transport, server.url(), 12, context) == results(12, "200"));
    BOOST_TEST(server.connections() == 16u);
}

BOOST_AUTO_TEST_CASE(no_more_idle_connections_than_allowed_in_all)
{
    const loopback_server one(server_tls(), answer_all);
    const loopback_server two(server_tls(), answer_all);
    const loopback_server three(server_tls(), answer_all);
    auto settings = trusting_settings();
    settings.set_idle_connections(8, 2);
    const auto transport = make_transport(settings);
    asio::io_context context;
    for (const auto* server : {&one, &two, &three, &two, &three})
        BOOST_TEST(fetch_together(transport, server->url(), 1, context) == results(1, "200"));
    BOOST_TEST(two.connections() == 1u);
    BOOST_TEST(three.connections() == 1u);
    BOOST_TEST(fetch_together(transport, one.url(), 1, context) == results(1, "200"));
    BOOST_TEST(one.connections() == 2u); // the oldest gave way
}

BOOST_AUTO_TEST_CASE(the_newest_connection_is_used_first)
{
    std::mutex mutex;
    std::vector<std::size_t> used;
    gathering together(2);
    const loopback_server server(server_tls(), [&](server_peer& peer) {
        for (int i = 0; !peer.read_request().empty(); ++i) {
            if (i == 0)
                together.arrive();
            const std::lock_guard lock(mutex);
            used.push_back(peer.number);
            peer.write(ok());
        }
    });
    asio::io_context context;
    const auto transport = make_transport();
    BOOST_TEST(fetch_together(transport, server.url(), 2, context) == results(2, "200"));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fetch_together(transport, server.url(), 1, context) == results(1, "200"));
    BOOST_TEST(used.size() == 5u);
    BOOST_TEST((used[2] == used[3] && used[3] == used[4]));
}

BOOST_AUTO_TEST_CASE(idle_connections_expire)
{
    const loopback_server server(server_tls(), answer_all);
    auto settings = trusting_settings();
    settings.set_idle_time(1min);
    BOOST_TEST(run(twice(make_transport(settings), server.url(), "GET", 10ms)) == results(2, "200"));
    BOOST_TEST(server.connections() == 1u);
    settings.set_idle_time(50ms);
    BOOST_TEST(run(twice(make_transport(settings), server.url(), "GET", 100ms)) == results(2, "200"));
    BOOST_TEST(server.connections() == 3u);
}

namespace {

/// How many connections a server saw that said this of how long it keeps them open.
std::size_t connections_with(const std::string& keep_alive, const std::string& method,
                             std::chrono::milliseconds between)
{
    const loopback_server server(server_tls(), [keep_alive](server_peer& peer) {
        while (!peer.read_request().empty())
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + keep_alive + "\r\nok");
    });
    BOOST_TEST(run(twice(make_transport(), server.url(), method, between)) == results(2, "200"));
    return server.connections();
}

} // namespace

BOOST_AUTO_TEST_CASE(TL28_connections_that_the_server_is_about_to_close_are_not_used)
{
    // As it closes after a second, a request may cross its end at any time.
    for (const std::string field :
         {"timeout=1", "timeout=0", "TimeOut=1", "timeout=1, max=100", "max=100,timeout=1", " timeout=1 ",
          "max=100, \t timeout=1;x", "timeout=x, timeout=1"})
        for (const std::string method : {"GET", "POST"})
            BOOST_TEST(connections_with("Keep-Alive: " + field + "\r\n", method, 0ms) == 2u, field);
    for (const std::string field :
         {"timeout=60", "timeout=60, max=1", "timeout=", "timeout=x", "timeout=-1", "timeout=4294967295",
          "timeout=99999999999999999999", "timeouts=1", "time=1", "=1", ",", "", "\"timeout=1\"", "max=1"})
        BOOST_TEST(connections_with("Keep-Alive: " + field + "\r\n", "POST", 0ms) == 1u, field);
    BOOST_TEST(connections_with("Keep-Alive: timeout=2\r\n", "GET", 1100ms) == 2u);
}

BOOST_AUTO_TEST_CASE(TL28_what_cannot_be_repeated_takes_only_connections_of_a_moment_ago)
{
    BOOST_TEST(connections_with("", "POST", 3100ms) == 2u);
    BOOST_TEST(connections_with("", "GET", 3100ms) == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_if_nothing_may_be)
{
    for (const auto& [per_origin, total, idle] :
         {std::tuple(0u, 8u, 30'000ms), std::tuple(8u, 0u, 30'000ms), std::tuple(8u, 8u, 0ms)}) {
        const loopback_server server(server_tls(), answer_all);
        auto settings = trusting_settings();
        settings.set_idle_connections(per_origin, total).set_idle_time(idle);
        BOOST_TEST(fetch_times(make_transport(settings), server.url(), 3) == results(3, "200"));
        BOOST_TEST(server.connections() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(idle_connections_can_be_closed)
{
    const loopback_server server(server_tls(), answer_all);
    asio::io_context context;
    const auto transport = make_transport();
    BOOST_TEST(fetch_together(transport, server.url(), 1, context) == results(1, "200"));
    transport.close_idle_connections();
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.goodbyes() == 1u);
    BOOST_TEST(fetch_together(transport, server.url(), 1, context) == results(1, "200"));
    BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(TL18_closed_while_idle_is_noticed_before_writing)
{
    for (const std::string method : {"GET", "POST"})
        for (const int how : {0, 1, 2}) {
            // The end has to be there before the second request.
            const auto is_noticed = [&](std::chrono::milliseconds between) {
                const loopback_server server(server_tls(), [how](server_peer& peer) {
                    peer.read_request();
                    peer.write(ok());
                    if (how == 0)
                        peer.close();
                    else if (how == 1)
                        peer.close_without_notify();
                    else
                        peer.reset();
                });
                const results got = run(twice(make_transport(), server.url(), method, between));
                return got == results(2, "200") && server.connections() == 2u &&
                       server.requests().size() == 2u;
            };
            BOOST_TEST(within_some({50ms, 1s, 10s}, is_noticed), method << ' ' << how);
        }
}

namespace {

/// Answers the first request of the first connection and takes the second one without a word.
loopback_server::script silent_at_the_second(bool with_reset)
{
    return [with_reset](server_peer& peer) {
        if (peer.number > 0)
            return answer_all(peer);
        peer.read_request();
        peer.write(ok());
        peer.read_request();
        if (with_reset)
            peer.reset();
        else
            peer.close();
    };
}

} // namespace

BOOST_AUTO_TEST_CASE(TL18_get_is_repeated_once_if_a_kept_connection_dies_without_a_byte)
{
    for (const bool with_reset : {false, true}) {
        const loopback_server server(server_tls(), silent_at_the_second(with_reset));
        BOOST_TEST(run(twice(make_transport(), server.url(), "GET", 0ms)) == results(2, "200"));
        BOOST_TEST(server.connections() == 2u);
        BOOST_TEST(server.requests().size() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(TL18_post_is_never_repeated)
{
    for (const bool with_reset : {false, true}) {
        const loopback_server server(server_tls(), silent_at_the_second(with_reset));
        BOOST_TEST(run(twice(make_transport(), server.url(), "POST", 0ms)) ==
                       (results{"200", connection_lost}),
                   boost::test_tools::per_element());
        BOOST_TEST(server.connections() == 1u);
        BOOST_TEST(server.requests().size() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(TL18_post_is_repeated_if_no_byte_of_it_was_written)
{
    std::atomic<bool> may_break{false};
    std::atomic<bool> is_broken{false};
    const loopback_server server(server_tls(), [&](server_peer& peer) {
        if (peer.number > 0)
            return answer_all(peer);
        peer.read_request();
        peer.write(ok());
        peer.wait_for(may_break);
        peer.reset();
        is_broken = true;
    });
    int commits = 0;
    std::vector<coauth::http_request> requests;
    requests.push_back(post(server.url()));
    requests.push_back(post(server.url()));
    // Between the look at the connection and the first byte.
    requests.back().set_on_commit([&] {
        may_break = true;
        BOOST_TEST(within_some({50ms, 1s, 10s}, [&](std::chrono::milliseconds time) {
            std::this_thread::sleep_for(time);
            return is_broken.load();
        }));
        return ++commits == 1;
    });
    BOOST_TEST(fetch_all(make_transport(), std::move(requests)) == results(2, "200"));
    BOOST_TEST(commits == 1);
    BOOST_TEST(server.connections() == 2u);
    BOOST_TEST(server.requests().size() == 2u);
}

BOOST_AUTO_TEST_CASE(TL18_get_is_not_repeated_after_the_first_byte_or_on_a_new_connection)
{
    const loopback_server one_byte(server_tls(), [](server_peer& peer) {
        peer.read_request();
        peer.write(ok());
        peer.read_request();
        peer.write("H");
        peer.close();
    });
    BOOST_TEST(run(twice(make_transport(), one_byte.url(), "GET", 0ms)) == (results{"200", connection_lost}));
    BOOST_TEST(one_byte.connections() == 1u);

    const loopback_server never(server_tls(), [](server_peer& peer) {
        peer.read_request();
        peer.close();
    });
    BOOST_TEST(fetch(make_transport(), get(never.url())) == connection_lost);
    BOOST_TEST(never.connections() == 1u);

    // And once only: the second connection is a new one.
    const loopback_server second(server_tls(), [](server_peer& peer) {
        if (peer.number == 0) {
            peer.read_request();
            peer.write(ok());
        }
        peer.read_request();
        peer.close();
    });
    BOOST_TEST(run(twice(make_transport(), second.url(), "GET", 0ms)) == (results{"200", connection_lost}));
    BOOST_TEST(second.connections() == 2u);
    BOOST_TEST(second.requests().size() == 3u);
}

BOOST_AUTO_TEST_CASE(TL18_a_request_is_committed_once_even_if_it_is_repeated)
{
    const loopback_server server(server_tls(), silent_at_the_second(false));
    int commits = 0;
    std::vector<coauth::http_request> requests;
    requests.push_back(get(server.url()));
    requests.push_back(get(server.url()));
    requests.back().set_on_commit([&commits] { return ++commits == 1; });
    BOOST_TEST(fetch_all(make_transport(), std::move(requests)) == results(2, "200"));
    BOOST_TEST(commits == 1);
    BOOST_TEST(server.requests().size() == 3u);
}

BOOST_AUTO_TEST_CASE(TL26_tls_1_3_tickets_are_used_once_each)
{
    const loopback_server server(server_tls().set_versions(TLS1_3_VERSION, TLS1_3_VERSION), answer_all);
    auto settings = trusting_settings();
    settings.set_idle_connections(0, 0);
    BOOST_TEST(fetch_times(make_transport(settings), server.url(), 10) == results(10, "200"));
    BOOST_TEST(server.handshakes() == 10u);
    BOOST_TEST(server.resumed() == 9u);
}

BOOST_AUTO_TEST_CASE(TL26_tls_1_2_sessions_are_resumed)
{
    const loopback_server server(server_tls().set_versions(TLS1_2_VERSION, TLS1_2_VERSION), answer_all);
    auto settings = trusting_settings();
    settings.set_idle_connections(0, 0);
    BOOST_TEST(fetch_times(make_transport(settings), server.url(), 10) == results(10, "200"));
    BOOST_TEST(server.handshakes() == 10u);
    BOOST_TEST(server.resumed() == 9u);
}

BOOST_AUTO_TEST_CASE(TL26_sessions_do_not_reach_other_hosts)
{
    // One server, one session ticket key, and certificates for both names.
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto shown = authority().issue(coauth::testing::certificate_request()
                                                 .add_dns_name("one.example.test")
                                                 .add_dns_name("two.example.test"));
        const loopback_server server(server_tls(shown).set_versions(version, version), answer_all);
        auto settings = settings_with_names();
        settings.set_idle_connections(0, 0);
        const auto transport = make_transport(settings);
        BOOST_TEST(fetch(transport, get(server.url("/", "one.example.test"))) == "200");
        BOOST_TEST(fetch(transport, get(server.url("/", "two.example.test"))) == "200");
        BOOST_TEST(server.resumed() == 0u);
        BOOST_TEST(fetch(transport, get(server.url("/", "one.example.test"))) == "200");
        BOOST_TEST(server.resumed() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(TL26_a_resumed_session_is_no_way_around_the_host_name)
{
    // The certificate is for one name only; a session of it must not open the door for the other.
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto shown =
            authority().issue(coauth::testing::certificate_request().add_dns_name("one.example.test"));
        const loopback_server server(server_tls(shown).set_versions(version, version), answer_all);
        auto settings = settings_with_names();
        settings.set_idle_connections(0, 0);
        const auto transport = make_transport(settings);
        BOOST_TEST(fetch(transport, get(server.url("/", "one.example.test"))) == "200");
        BOOST_TEST(fetch(transport, get(server.url("/", "two.example.test"))) == certificate_rejected);
        BOOST_TEST(server.requests().size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(TL26_sessions_do_not_reach_other_settings)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const loopback_server server(server_tls().set_versions(version, version), answer_all);
        auto settings = trusting_settings();
        settings.set_idle_connections(0, 0);
        BOOST_TEST(fetch(make_transport(settings), get(server.url())) == "200");
        BOOST_TEST(fetch(make_transport(settings), get(server.url())) == "200");
        BOOST_TEST(server.resumed() == 0u);
        // One that does not trust the authority is not helped by one that does.
        BOOST_TEST(fetch(make_transport(coauth::https_transport_settings()), get(server.url())) ==
                   certificate_rejected);
        BOOST_TEST(server.requests().size() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(TL26_sessions_survive_a_connection_that_broke_off)
{
    const loopback_server server(
        server_tls().set_versions(TLS1_2_VERSION, TLS1_2_VERSION), [](server_peer& peer) {
            peer.read_request();
            peer.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"); // refused, and the connection closed
            peer.wait_for_close();
        });
    const auto transport = make_transport();
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fetch(transport, get(server.url())) == "coauth.client:body_too_large");
    BOOST_TEST(server.resumed() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
