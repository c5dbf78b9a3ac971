// What the transport takes for an answer, and what it does not.
#include "cut_answers.hpp"
#include "fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <ostream>

namespace {

using namespace coauth_test;
using namespace std::string_literals;

const std::string unsupported_coding = "coauth.client:unsupported_coding";
const std::string header_too_large = "coauth.client:header_too_large";
const std::string body_too_large = "coauth.client:body_too_large";

std::string repeated(std::string_view text, std::size_t times)
{
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

/// An answer for a server to write, after it was read cut at every byte.
std::string cut_everywhere(std::string answer)
{
    BOOST_TEST(check_every_cut(answer).is_answer, answer.substr(0, 100));
    return answer;
}

/// The answer is refused, the connection closed, and no other request sent: not even for a GET.
void check_refused(const std::string& answer, const std::string& expected)
{
    BOOST_TEST(!check_every_cut(answer).is_answer, answer.substr(0, 100));
    for (const bool with_tls : {true, false}) {
        const auto script = answer_and_wait(answer);
        const loopback_server server =
            with_tls ? loopback_server(server_tls(), script) : loopback_server(script);
        const attempt tried(make_transport(), get(server.url()));
        BOOST_TEST(tried.result == expected,
                   tried.result << " is not " << expected << " for " << answer.substr(0, 100));
        BOOST_TEST(tried.commits == 1);
        BOOST_TEST(server.wait_until_all_closed());
        BOOST_TEST(server.connections() == 1u);
        BOOST_TEST(server.requests().size() == 1u);
    }
}

/// The same when the server closes its connection as it should.
void check_refused_at_end(const std::string& answer, const std::string& expected)
{
    BOOST_TEST(!check_every_cut(answer).is_answer, answer.substr(0, 100));
    const loopback_server server(server_tls(), answer_and_close(answer));
    BOOST_TEST(fetch(make_transport(), get(server.url())) == expected);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.requests().size() == 1u);
}

coauth::result<coauth::http_response> answer_to(const loopback_server& server)
{
    return run(make_transport().send(get(server.url())));
}

void check_body(const std::string& answer, std::string_view body,
                loopback_server::script (*script)(std::string) = answer_and_close)
{
    const loopback_server server(server_tls(), script(cut_everywhere(answer)));
    const auto got = answer_to(server);
    BOOST_TEST_REQUIRE(outcome(got) == "200");
    BOOST_TEST(got->body().expose() == body);
}

loopback_server::script answer_slowly(std::string bytes)
{
    return [bytes](server_peer& peer) {
        peer.read_request();
        peer.write_slowly(bytes, 0ms);
        peer.wait_for_close();
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(framing)

BOOST_AUTO_TEST_CASE(answers_of_all_shapes)
{
    check_body("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello");
    check_body("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "");
    check_body("HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello", "hello");
    check_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n",
               "hello");
    check_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "");
    check_body("HTTP/1.1 200 OK\r\n\r\nhello", "hello"); // to the end, with close_notify
    check_body("HTTP/1.0 200 OK\r\n\r\nhello", "hello");
    check_body("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", "hello");
}

BOOST_AUTO_TEST_CASE(body_to_the_end_without_tls)
{
    // Only TLS can tell an end from a cut; over loopback http TCP's word has to do.
    const loopback_server server(answer_and_close("HTTP/1.1 200 OK\r\n\r\nhello"));
    const auto got = answer_to(server);
    BOOST_TEST_REQUIRE(outcome(got) == "200");
    BOOST_TEST(got->body().expose() == "hello");
    const loopback_server cut([](server_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\n\r\nhello");
        peer.sleep(50ms);
        peer.reset();
    });
    BOOST_TEST(outcome(answer_to(cut)) == connection_lost);
}

BOOST_AUTO_TEST_CASE(fields_and_status_are_passed_on)
{
    const loopback_server server(
        server_tls(),
        answer_and_close(cut_everywhere("HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nX-A: 1\r\nx-a: 2\r\n"
                                        "Content-Length: 2\r\n\r\n{}")));
    const auto got = answer_to(server);
    BOOST_TEST_REQUIRE(outcome(got) == "429");
    BOOST_TEST(got->field_value("retry-after") == "7");
    BOOST_TEST(got->field_value("X-A") == "1");
    BOOST_TEST(got->fields().size() == 4u);
    BOOST_TEST(got->body().expose() == "{}");
}

BOOST_AUTO_TEST_CASE(one_byte_at_a_time)
{
    check_body("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", answer_slowly);
    check_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
               "hello", answer_slowly);
    // Beast 1.81 to 1.85 asserts on this one if it is given every byte as it comes.
    check_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", answer_slowly);
    check_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", "", answer_slowly);
    check_body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello",
               answer_slowly);
}

BOOST_AUTO_TEST_CASE(body_of_many_records)
{
    const std::string body(700'000, 'x');
    check_body(ok(body), body);
    check_body("HTTP/1.1 200 OK\r\n\r\n" + body, body);
    check_body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                   repeated("3E8\r\n" + std::string(1000, 'x') + "\r\n", 700) + "0\r\n\r\n",
               body);
}

BOOST_AUTO_TEST_CASE(trailers_change_nothing)
{
    const loopback_server server(
        server_tls(), answer_and_close(cut_everywhere(
                          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "5\r\nhello\r\n0\r\nContent-Type: application/json\r\nX-Late: 1\r\n\r\n")));
    const auto got = answer_to(server);
    BOOST_TEST_REQUIRE(outcome(got) == "200");
    BOOST_TEST(got->field_value("content-type") == "text/plain");
    BOOST_TEST(got->field_value("x-late") == "");
}

BOOST_AUTO_TEST_CASE(answers_without_a_body)
{
    const std::string no_content = cut_everywhere("HTTP/1.1 204 No Content\r\n\r\n");
    const loopback_server server(server_tls(), [&](server_peer& peer) {
        while (!peer.read_request().empty())
            peer.write(no_content);
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "204");

    const loopback_server for_head(server_tls(), [](server_peer& peer) {
        while (!peer.read_request().empty())
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n");
    });
    coauth::http_request head(
        "HEAD", coauth::endpoint_url::parse(for_head.url(), coauth::insecure::http_to_loopback).value());
    BOOST_TEST(fetch(make_transport(), std::move(head)) == "200");
}

BOOST_AUTO_TEST_CASE(TL7_body_to_the_end_without_close_notify)
{
    const loopback_server server(server_tls(), [](server_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"trunc");
        peer.close_without_notify();
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == connection_lost);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TL7_missing_close_notify_after_a_complete_answer_is_no_harm)
{
    for (const std::string& answer :
         {ok(), std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")})
        check_body(answer, "hello", [](std::string bytes) -> loopback_server::script {
            return [bytes](server_peer& peer) {
                peer.read_request();
                peer.write(bytes);
                peer.close_without_notify();
            };
        });
}

BOOST_AUTO_TEST_CASE(TL7_reset_in_the_body)
{
    const loopback_server server(server_tls(), [](server_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
        peer.reset();
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == connection_lost);
}

BOOST_AUTO_TEST_CASE(TL8_content_length_longer_than_body)
{
    check_refused_at_end("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", connection_lost);
    check_refused_at_end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello", connection_lost);
    check_refused_at_end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                         connection_lost);
    check_refused_at_end("HTTP/1.1 200 OK\r\nContent-Le", connection_lost);
    check_refused_at_end("HTTP/1.1 200 OK\r\n", connection_lost);
    check_refused_at_end("HTTP/1.1 100 Continue\r\n\r\n", connection_lost);
    check_refused_at_end("", connection_lost);
}

BOOST_AUTO_TEST_CASE(TL8_content_length_shorter_than_body)
{
    // The answer stands, the surplus is nobody's, and the next request goes over a new connection.
    for (const std::string answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n"})
        for (const std::string surplus :
             {"\r\n", "0\r\n\r\n", "HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n"}) {
            const std::string both = cut_everywhere(answer + surplus);
            const loopback_server server(server_tls(), [&](server_peer& peer) {
                while (!peer.read_request().empty())
                    peer.write(both);
            });
            const auto results = fetch_times(make_transport(), server.url(), 3);
            BOOST_TEST(results == std::vector<std::string>(3, "200"), boost::test_tools::per_element());
            BOOST_TEST(server.connections() == 3u);
        }
}

BOOST_AUTO_TEST_CASE(TL8_surplus_that_comes_later)
{
    std::atomic<int> surplus = 0;
    const loopback_server server(server_tls(), [&surplus](server_peer& peer) {
        while (!peer.read_request().empty()) {
            peer.write(ok());
            peer.sleep(20ms);
            peer.write("HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n");
            ++surplus;
        }
    });
    auto slowly = [&surplus](coauth::https_transport transport,
                             std::string url) -> asio::awaitable<std::vector<std::string>> {
        std::vector<std::string> out;
        asio::steady_timer timer(co_await asio::this_coro::executor);
        for (int i = 0; i < 3; ++i) {
            coauth::http_request request = get(url);
            const coauth::result<coauth::http_response> answer = co_await transport.send(std::move(request));
            out.push_back(outcome(answer));
            do { // the request after the surplus, not before
                timer.expires_after(50ms);
                co_await timer.async_wait(asio::use_awaitable);
            } while (answer && surplus <= i);
        }
        co_return out;
    };
    const auto results = run(slowly(make_transport(), server.url()));
    BOOST_TEST(results == std::vector<std::string>(3, "200"), boost::test_tools::per_element());
    BOOST_TEST(server.connections() == 3u);
}

BOOST_AUTO_TEST_CASE(TL9_contradicting_framing)
{
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                  malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!", malformed_http);
    check_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", malformed_http);
}

BOOST_AUTO_TEST_CASE(TL9_malformed_numbers_and_lines)
{
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nA: b\nContent-Length: 5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent Length: 5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 5\r\n\r\nhello", malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 5\r\n\r\nhello"s, malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
                  malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
                  malformed_http);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
                  malformed_http);
    check_refused(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        malformed_http);
    check_refused(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffe\r\nhello\r\n0\r\n\r\n",
        body_too_large);
}

BOOST_AUTO_TEST_CASE(TL9_malformed_status_lines)
{
    check_refused("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("<html>this is no HTTP at all, and quite long at that</html>\r\n\r\n", malformed_http);
    check_refused("\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", malformed_http);
    check_refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n", malformed_http);
}

BOOST_AUTO_TEST_CASE(TL10_transfer_codings)
{
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
                  unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
                  unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: \r\nContent-Length: 5\r\n\r\nhello",
                  unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", unsupported_coding);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  unsupported_coding);
}

BOOST_AUTO_TEST_CASE(TL10_DO8_content_codings)
{
    for (const std::string coding : {"gzip", "br", "deflate", "zstd", "x-gzip", "identity, gzip"})
        check_refused("HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\nContent-Length: 5\r\n\r\nhello",
                      unsupported_coding);
}

BOOST_AUTO_TEST_CASE(TL10_no_coding_is_offered)
{
    const loopback_server server(server_tls(), answer_all);
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "200");
    BOOST_TEST(server.requests().front().find("\r\nAccept-Encoding: identity\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(TL11_interim_answers_are_skipped)
{
    const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    check_body(repeated(interim, 5) + ok(), "hello");
    check_body("HTTP/1.1 100 Continue\r\n\r\n" + ok(), "hello");
}

BOOST_AUTO_TEST_CASE(TL11_too_many_interim_answers)
{
    check_refused(repeated("HTTP/1.1 100 Continue\r\n\r\n", 6) + ok(), malformed_http);
    check_refused("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
                  malformed_http);

    // Without an end.
    const loopback_server server(server_tls(), [](server_peer& peer) {
        peer.read_request();
        for (int i = 0; i < 1000; ++i)
            peer.write("HTTP/1.1 102 Processing\r\n\r\n");
        peer.wait_for_close();
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == malformed_http);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TL13_large_headers_within_the_limit)
{
    check_body("HTTP/1.1 200 OK\r\nA: " + std::string(9 * 1024, 'a') + "\r\nContent-Length: 5\r\n\r\nhello",
               "hello");
    check_body("HTTP/1.1 200 OK\r\n" + repeated("A: b\r\n", 5000) + "Content-Length: 5\r\n\r\nhello",
               "hello");
}

BOOST_AUTO_TEST_CASE(TL13_headers_beyond_the_limit)
{
    check_refused("HTTP/1.1 200 OK\r\nA: " + std::string(33 * 1024, 'a') +
                      "\r\nContent-Length: 5\r\n\r\nhello",
                  header_too_large);
    check_refused("HTTP/1.1 200 OK\r\nA: " + std::string(1024 * 1024, 'a'), header_too_large);
    check_refused("HTTP/1.1 200 OK\r\n" + repeated("A: b\r\n", 10'000) + "\r\n", header_too_large);
    check_refused("HTTP/1.1 200 " + std::string(40 * 1024, 'a'), header_too_large);
    // What Beast does not bound.
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " +
                      std::string(100 * 1024, 'a'),
                  header_too_large);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(100 * 1024, 'a'),
                  header_too_large);
}

BOOST_AUTO_TEST_CASE(TL13_the_requests_own_limit_counts)
{
    const loopback_server server(server_tls(),
                                 answer_and_wait("HTTP/1.1 200 OK\r\nA: " + std::string(600, 'a') +
                                                 "\r\nContent-Length: 5\r\n\r\nhello"));
    BOOST_TEST(fetch(make_transport(), get(server.url()).set_response_limits(500, 5)) == header_too_large);
    BOOST_TEST(fetch(make_transport(), get(server.url()).set_response_limits(700, 5)) == "200");
    BOOST_TEST(fetch(make_transport(), get(server.url()).set_response_limits(700, 4)) == body_too_large);
    BOOST_TEST(fetch(make_transport(), get(server.url()).set_response_limits(0, 0)) == header_too_large);
}

BOOST_AUTO_TEST_CASE(TL16_bodies_beyond_the_limit)
{
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 8100000000\r\n\r\nhello", body_too_large);
    check_refused("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\nhello", body_too_large);
    check_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      repeated("10000\r\n" + std::string(0x10000, 'x') + "\r\n", 17),
                  body_too_large);
    check_refused("HTTP/1.1 200 OK\r\n\r\n" + std::string(1024 * 1024 + 1, 'x'), body_too_large);

    // Without an end.
    const loopback_server server(server_tls(), [](server_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
        for (int i = 0; i < 10'000; ++i)
            peer.write(chunk);
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == body_too_large);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TL16_a_body_of_exactly_the_limit)
{
    const std::string body(1024 * 1024, 'x');
    check_body(ok(body), body);
    check_body("HTTP/1.1 200 OK\r\n\r\n" + body, body);
}

namespace {

constexpr int redirects[] = {301, 302, 303, 307, 308};

} // namespace

BOOST_DATA_TEST_CASE(TL14_redirects_are_answers_like_others, boost::unit_test::data::make(redirects), status)
{
    const loopback_server elsewhere(answer_all);
    const loopback_server server(server_tls(), [&](server_peer& peer) {
        while (!peer.read_request().empty())
            peer.write("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + elsewhere.url() +
                       "\r\nContent-Length: 0\r\n\r\n");
    });
    const auto transport = make_transport();
    BOOST_TEST(fetch(transport, get(server.url())) == std::to_string(status));
    BOOST_TEST(fetch(transport, post(server.url())) == std::to_string(status));
    BOOST_TEST(server.requests().size() == 2u);
    BOOST_TEST(elsewhere.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(TL15_redirect_loops_end_at_the_first_step)
{
    const loopback_server server(server_tls(), [](server_peer& peer) {
        while (!peer.read_request().empty())
            peer.write("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "302");
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
