// The transport without a network: it keeps to the concept, and shows spoiled answers as sockets would.
#include "run.hpp"
#include "server_fixture.hpp"

#include <coauth/policy/transport.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>

namespace coauth_test {

using coauth::errc;
using coauth::testing::endpoint;
using coauth::testing::server_answer;
using coauth::testing::server_request;
using namespace std::chrono_literals;

static_assert(coauth::transport<coauth::testing::in_process_transport>);

namespace {

class in_process_fixture : public server_fixture {
public:
    using outcome = coauth::result<coauth::http_response>;
    using clock = std::chrono::steady_clock;

    coauth::http_request api_request() const
    {
        return coauth::http_request("GET", coauth::endpoint_url::parse(server.url(endpoint::api)).value());
    }
    outcome send(coauth::http_request request) const
    {
        auto transport = server.in_process_transport();
        return run(transport.send(std::move(request)));
    }
    /// What comes of an answer of these bytes.
    outcome raw(std::string bytes, std::optional<std::size_t> truncation = {}, bool byte_by_byte = false)
    {
        server.on_request(endpoint::api, [=](const server_request&) {
            server_answer answer;
            answer.set_raw(bytes);
            if (truncation)
                answer.set_truncation(*truncation);
            if (byte_by_byte)
                answer.set_byte_by_byte();
            return answer;
        });
        return send(api_request());
    }
    static std::string name(const outcome& result) { return result ? "ok" : result.error().qualified_name(); }
};

std::string lost() { return coauth::error(errc::connection_lost).qualified_name(); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_in_process, in_process_fixture)

BOOST_AUTO_TEST_CASE(an_exchange_commits_before_the_server_sees_it)
{
    int commits = 0;
    auto request = api_request();
    request.set_on_commit([&] {
        BOOST_TEST(server.count() == 0u);
        ++commits;
        return true;
    });
    const auto answer = send(std::move(request));
    BOOST_TEST(answer.value().status() == 401u);
    BOOST_TEST(commits == 1);
    BOOST_TEST(server.count(endpoint::api) == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_not_committed_does_not_arrive)
{
    auto request = api_request();
    request.set_on_commit([] { return false; });
    BOOST_TEST((send(std::move(request)).error() == coauth::error_code(asio::error::operation_aborted)));
    BOOST_TEST(server.count() == 0u);
}

BOOST_AUTO_TEST_CASE(other_origins_are_out_of_reach)
{
    for (const std::string url :
         {"https://elsewhere.example/api/hello", "https://authorization-server.test:444/api/hello"}) {
        coauth::http_request request("GET", coauth::endpoint_url::parse(url).value());
        request.set_on_commit([] {
            BOOST_ERROR("committed without a connection");
            return true;
        });
        BOOST_TEST((send(std::move(request)).error() == errc::connection_failed));
    }
    auto transport = server.in_process_transport();
    server.stop();
    BOOST_TEST((send(api_request()).error() == errc::connection_failed));
    BOOST_TEST(server.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_transport_outlives_its_server)
{
    std::optional<in_process_fixture> other(std::in_place);
    auto transport = other->server.in_process_transport();
    const auto request = other->api_request();
    other.reset();
    BOOST_TEST((run(transport.send(request)).error() == errc::connection_failed));
}

BOOST_AUTO_TEST_CASE(a_malformed_request_is_refused)
{
    auto request = api_request();
    request.add_field("X-Split", coauth::secret("a\r\nb"));
    BOOST_TEST((send(std::move(request)).error() == errc::invalid_parameter));
    BOOST_TEST(server.count() == 0u);
}

BOOST_AUTO_TEST_CASE(an_answer_can_be_late)
{
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_delay(50ms); });
    const auto began = clock::now();
    BOOST_TEST(send(api_request()).value().status() == 401u);
    BOOST_TEST((clock::now() - began >= 50ms));
}

BOOST_AUTO_TEST_CASE(a_deadline_cuts_a_delay_short)
{
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_delay(1h); });
    const auto began = clock::now();
    auto request = api_request();
    request.set_deadline(30ms);
    BOOST_TEST((send(std::move(request)).error() == errc::timed_out));
    BOOST_TEST((clock::now() - began >= 30ms));
    BOOST_TEST(server.count() == 1u);
    auto none = api_request();
    none.set_deadline(0ms);
    BOOST_TEST((send(std::move(none)).error() == errc::timed_out));
    BOOST_TEST(server.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deadline_counts_for_dribbling_too)
{
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_byte_by_byte(5ms); });
    auto request = api_request();
    request.set_deadline(40ms);
    BOOST_TEST((send(std::move(request)).error() == errc::timed_out));
}

BOOST_AUTO_TEST_CASE(every_kind_of_cancellation_ends_it)
{
    for (const auto kind : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                            asio::cancellation_type::total}) {
        server.on_answer(endpoint::api,
                         [](const server_request&, server_answer& answer) { answer.set_delay(1h); });
        auto transport = server.in_process_transport();
        const auto with_all_kinds = [&]() -> asio::awaitable<outcome> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            outcome result = co_await transport.send(api_request());
            co_return result;
        };
        stepped_operation<outcome> operation(with_all_kinds());
        operation.run_ready();
        BOOST_TEST(operation.completions() == 0);
        operation.cancel(kind);
        BOOST_TEST((operation.finish().error() == coauth::error_code(asio::error::operation_aborted)));
    }
    BOOST_TEST(server.count() == 3u);
}

BOOST_AUTO_TEST_CASE(raw_bytes_are_read_as_http)
{
    const auto answer = raw("HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello");
    BOOST_TEST(answer.value().status() == 200u);
    BOOST_TEST(answer.value().field_value("x-one") == "1");
    BOOST_TEST(answer.value().body().expose() == "hello");
    BOOST_TEST(raw("HTTP/1.1 200 OK\r\n\r\nto the end").value().body().expose() == "to the end");
    BOOST_TEST(raw("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").value().status() ==
               204u);
    BOOST_TEST((raw("HTTP/2 200 OK\r\n\r\n").error() == errc::malformed_http));
    BOOST_TEST((raw("SSH-2.0-OpenSSH\r\n").error() == errc::malformed_http));
    BOOST_TEST((raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n").error() ==
                errc::unsupported_coding));
    BOOST_TEST(name(raw("")) == lost());
    BOOST_TEST(name(raw("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")) == lost());
}

BOOST_AUTO_TEST_CASE(wherever_it_is_cut_it_is_lost)
{
    const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(name(raw(whole, size)) == lost(), "after " << size << " bytes");
    BOOST_TEST(raw(whole, whole.size()).value().body().expose() == "hello");
    // Without a length the end of the connection ends the body, but not if it was cut.
    BOOST_TEST(name(raw("HTTP/1.1 200 OK\r\n\r\nto the end", 25)) == lost());
}

BOOST_AUTO_TEST_CASE(byte_by_byte_is_the_same)
{
    BOOST_TEST(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", {}, true)
                   .value()
                   .body()
                   .expose() == "hello");
    BOOST_TEST(raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", {}, true).value().body().expose() ==
               "hello");
}

BOOST_AUTO_TEST_CASE(limits_are_kept)
{
    const std::string long_field(5000, 'x');
    server.on_request(endpoint::api, [&](const server_request&) {
        return server_answer(200).add_field("X-Long", long_field).set_body(long_field);
    });
    auto request = api_request();
    request.set_response_limits(6000, 5000);
    BOOST_TEST(send(request).value().body().size() == 5000u);
    request.set_response_limits(4000, 5000);
    BOOST_TEST((send(request).error() == errc::header_too_large));
    request.set_response_limits(6000, 4999);
    BOOST_TEST((send(request).error() == errc::body_too_large));
}

BOOST_AUTO_TEST_CASE(a_head_request_gets_no_body)
{
    coauth::http_request request("HEAD", coauth::endpoint_url::parse(server.url(endpoint::metadata)).value());
    const auto answer = send(std::move(request));
    BOOST_TEST(answer.value().status() == 200u);
    BOOST_TEST(answer.value().body().empty());
    BOOST_TEST(answer.value().field_value("Content-Length") != "0");
    BOOST_TEST(answer.value().field_value("Date").size() == 29u);
    BOOST_TEST(answer.value().field_value("Date") == "Wed, 18 May 2033 03:33:20 GMT");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
