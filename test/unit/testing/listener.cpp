// The server on real sockets: TLS as it should be, and clients as they should not be.
#include "raw_connection.hpp"
#include "run.hpp"
#include "server_fixture.hpp"

#include <coauth/https_transport.hpp>

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <thread>

namespace coauth_test {

using coauth::errc;
using coauth::testing::authorization_server_configuration;
using coauth::testing::endpoint;
using coauth::testing::server_answer;
using coauth::testing::server_request;
using namespace std::chrono_literals;

namespace {

class listening_fixture : public server_fixture {
public:
    using clock = std::chrono::steady_clock;

    listening_fixture() : listening_fixture(authorization_server_configuration()) {}
    explicit listening_fixture(authorization_server_configuration configuration)
        : server_fixture(std::move(configuration))
    {
        server.listen();
    }

    std::uint16_t port() const { return coauth::endpoint_url::parse(server.issuer()).value().port(); }

    coauth::https_transport transport() const
    {
        coauth::https_transport_settings settings;
        settings.trust_only_added_authorities().add_authorities(server.ca_pem());
        return coauth::https_transport::create(std::move(settings)).value();
    }
    coauth::result<coauth::http_response> fetch(endpoint at) const
    {
        coauth::http_request request("GET", coauth::endpoint_url::parse(server.url(at)).value());
        auto by = transport();
        return run(by.send(std::move(request)));
    }
};

class plain_fixture : public server_fixture {
public:
    plain_fixture() : plain_fixture(authorization_server_configuration()) {}
    explicit plain_fixture(authorization_server_configuration configuration)
        : server_fixture(std::move(configuration))
    {
        server.listen(coauth::insecure::http_to_loopback);
    }

    std::uint16_t port() const
    {
        return coauth::endpoint_url::parse(server.issuer(), coauth::insecure::http_to_loopback)
            .value()
            .port();
    }
    /// The status line and all that follows, until the server ends the connection.
    std::string ask(std::string_view text) const
    {
        raw_connection connection(port());
        connection.send(text);
        return connection.read().text;
    }
};

const std::string get_jwks = "GET /jwks HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string get_api_and_close = "GET /api/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

} // namespace

BOOST_AUTO_TEST_SUITE(testing_listener)

BOOST_FIXTURE_TEST_CASE(the_flow_goes_over_tls, listening_fixture)
{
    BOOST_TEST(server.issuer().starts_with("https://127.0.0.1:"));
    const auto metadata = fetch(endpoint::metadata);
    BOOST_TEST(metadata.value().status() == 200u);
    BOOST_TEST(contains(metadata.value().body().expose(), server.url(endpoint::token)));

    coauth::http_request request("POST", coauth::endpoint_url::parse(server.url(endpoint::token)).value());
    const std::string given = code();
    request.add_field("Content-Type", coauth::secret("application/x-www-form-urlencoded"));
    request.add_field("Authorization", coauth::secret(client_proof().front().second));
    request.set_body(coauth::secret(code_exchange(given).text()));
    auto by = transport();
    const reply tokens(run(by.send(std::move(request))).value());
    BOOST_TEST(tokens.status() == 200u);
    // The same state, whichever way one comes.
    BOOST_TEST(api_status(tokens.text("access_token")) == 200u);
    BOOST_TEST(part_of_jwt(tokens.text("id_token"), 1).at("iss").as_string() == server.issuer());
}

BOOST_FIXTURE_TEST_CASE(its_certificate_is_good_for_those_who_trust_the_authority, listening_fixture)
{
    raw_tls_connection good(port(), server.ca_pem());
    BOOST_TEST(!good.handshake_failure);
    raw_tls_connection trusting_nobody(port(), "");
    BOOST_TEST(trusting_nobody.handshake_failure.failed());
    raw_tls_connection old(port(), server.ca_pem(),
                           asio::ssl::context::no_tlsv1_2 | asio::ssl::context::no_tlsv1_3);
    BOOST_TEST(old.handshake_failure.failed());
}

BOOST_AUTO_TEST_CASE(authority_and_certificate_can_be_chosen)
{
    const coauth::testing::certificate_authority authority;
    const auto good = authorization_server_configuration().set_authority(authority);
    listening_fixture one(good);
    listening_fixture two(good);
    BOOST_TEST(one.server.ca_pem() == authority.certificate_pem());
    BOOST_TEST(two.server.ca_pem() == authority.certificate_pem());
    BOOST_TEST(one.port() != two.port());
    BOOST_TEST(one.fetch(endpoint::metadata).value().status() == 200u);

    const auto stranger = coauth::testing::certificate_request().add_dns_name("elsewhere.example");
    listening_fixture wrong(
        authorization_server_configuration(good).set_certificate(authority.issue(stranger)));
    BOOST_TEST((wrong.fetch(endpoint::metadata).error() == errc::certificate_rejected));
    BOOST_TEST(wrong.server.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_an_error)
{
    plain_fixture first;
    server_fixture second(authorization_server_configuration().set_port(first.port()));
    BOOST_CHECK_THROW(second.server.listen(), boost::system::system_error);
}

BOOST_FIXTURE_TEST_CASE(over_plain_http_cookies_do_not_claim_to_be_secure, plain_fixture)
{
    BOOST_TEST(server.issuer().starts_with("http://127.0.0.1:"));
    BOOST_TEST(server.ca_pem().empty());
    const std::string answer =
        ask("GET /authorize?" + question().text() + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    BOOST_TEST(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    BOOST_TEST(contains(answer, "Set-Cookie: authorization-server="));
    BOOST_TEST(!contains(answer, "Secure"));
    BOOST_TEST(contains(answer, "Connection: close\r\n"));
    BOOST_TEST(sign_in(question()).returned());
}

BOOST_FIXTURE_TEST_CASE(connections_are_kept_and_requests_may_queue, plain_fixture)
{
    raw_connection connection(port());
    for (int i = 0; i < 3; ++i) {
        connection.send(get_jwks);
        BOOST_TEST(read_until(connection.socket, "]}").starts_with("HTTP/1.1 200 OK"));
    }
    connection.send(get_jwks + get_jwks + get_api_and_close);
    const std::string rest = connection.read().text;
    BOOST_TEST(contains(rest, "HTTP/1.1 401 Unauthorized"));
    BOOST_TEST(server.count(endpoint::jwks) == 5u);
    BOOST_TEST(server.count(endpoint::api) == 1u);
    BOOST_TEST(ask("GET /jwks HTTP/1.0\r\n\r\n").ends_with("]}"));
}

BOOST_FIXTURE_TEST_CASE(bodies_come_in_many_ways, plain_fixture)
{
    const std::string head = "POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                             "Content-Type: application/x-www-form-urlencoded\r\n";
    ask(head + "Transfer-Encoding: chunked\r\n\r\n4\r\ngran\r\n6\r\nt_type\r\n3\r\n=xy\r\n0\r\n\r\n");
    BOOST_TEST_REQUIRE(server.count(endpoint::token) == 1u);
    BOOST_TEST(server.requests(endpoint::token).back().body() == "grant_type=xy");

    raw_connection waiting(port());
    waiting.send(head + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    BOOST_TEST(read_until(waiting.socket, "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    waiting.send("a=%20");
    BOOST_TEST(waiting.read().text.starts_with("HTTP/1.1 401 Unauthorized"));
    BOOST_TEST(server.requests(endpoint::token).back().body() == "a=%20");

    // Byte by byte, with the five last bytes of a chunked body in pieces.
    raw_connection slow(port());
    for (const char c : head + "Transfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n")
        slow.send({&c, 1});
    slow.read();
    BOOST_TEST(server.requests(endpoint::token).back().body() == "z");
}

BOOST_FIXTURE_TEST_CASE(what_is_not_http_is_refused, plain_fixture)
{
    const std::string big(70'000, 'x');
    BOOST_TEST(ask("SSH-2.0-OpenSSH_9.2\r\n").starts_with("HTTP/1.1 400 "));
    BOOST_TEST(
        ask(std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8) + "\r\n\r\n").starts_with("HTTP/1.1 400 "));
    BOOST_TEST(ask("GET / HTTP/1.1\r\nno colon\r\n\r\n").starts_with("HTTP/1.1 400 "));
    BOOST_TEST(ask("POST /token HTTP/1.1\r\nContent-Length: -1\r\n\r\n").starts_with("HTTP/1.1 400 "));
    BOOST_TEST(ask("POST /token HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")
                   .starts_with("HTTP/1.1 4"));
    BOOST_TEST(ask("GET / HTTP/1.1\r\nX: " + big + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
    BOOST_TEST(ask("POST /token HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n").starts_with("HTTP/1.1 413 "));
    BOOST_TEST(server.count() == 0u);
    BOOST_TEST(contains(ask(get_api_and_close), "401 Unauthorized")); // it lives
}

BOOST_FIXTURE_TEST_CASE(who_leaves_in_the_middle_does_no_harm, plain_fixture)
{
    for (std::size_t size = 0; size < get_jwks.size(); ++size)
        raw_connection(port()).send(std::string_view(get_jwks).substr(0, size));
    BOOST_TEST(contains(ask(get_api_and_close), "401 Unauthorized"));
    BOOST_TEST(server.count() == 1u);
}

BOOST_AUTO_TEST_CASE(the_slow_are_cut_off)
{
    const auto impatient = authorization_server_configuration().set_request_deadline(100ms);
    plain_fixture plain(impatient);
    const auto began = std::chrono::steady_clock::now();
    BOOST_TEST(plain.ask("GET /jwks HTTP/1.1\r\n") == "");
    listening_fixture tls(impatient);
    raw_connection silent(tls.port()); // no TLS from this one
    BOOST_TEST(silent.read().text == "");
    BOOST_TEST(
        (std::chrono::steady_clock::now() - began < authorization_server_configuration().request_deadline()));
}

BOOST_FIXTURE_TEST_CASE(answers_can_be_late_and_others_do_not_wait, plain_fixture)
{
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_delay(1h); });
    raw_connection never(port());
    never.send(get_api_and_close);
    while (server.count(endpoint::api) == 0)
        std::this_thread::sleep_for(1ms);
    BOOST_TEST(contains(ask("GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), "200 OK"));
    BOOST_TEST(never.socket.available() == 0u);

    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_delay(60ms); });
    const auto began = std::chrono::steady_clock::now();
    BOOST_TEST(contains(ask(get_api_and_close), "401 Unauthorized"));
    BOOST_TEST((std::chrono::steady_clock::now() - began >= 60ms));
}

BOOST_FIXTURE_TEST_CASE(a_cut_connection_has_no_goodbye, listening_fixture)
{
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_truncation(20); });
    raw_tls_connection connection(port(), server.ca_pem());
    connection.send(get_api_and_close);
    const auto got = connection.read();
    BOOST_TEST(got.text == "HTTP/1.1 401 Unautho");
    BOOST_TEST((got.end == asio::ssl::error::stream_truncated || got.end == asio::error::connection_reset));
    BOOST_TEST((fetch(endpoint::api).error() == errc::connection_lost));

    server.clear_hooks();
    raw_tls_connection polite(port(), server.ca_pem());
    polite.send(get_api_and_close);
    BOOST_TEST((polite.read().end == asio::error::eof));
}

BOOST_FIXTURE_TEST_CASE(raw_bytes_go_out_as_they_are, listening_fixture)
{
    const std::string bytes("HTTP/1.1 200 OK\nodd\0\r\n", 22);
    server.on_request(endpoint::api, [&](const server_request&) { return server_answer().set_raw(bytes); });
    raw_tls_connection connection(port(), server.ca_pem());
    connection.send("GET /api/hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto got = connection.read();
    BOOST_TEST(got.text == bytes);
    BOOST_TEST((got.end == asio::error::eof));
    BOOST_TEST((fetch(endpoint::api).error() == errc::malformed_http));
}

BOOST_FIXTURE_TEST_CASE(answers_can_dribble, listening_fixture)
{
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_byte_by_byte(); });
    raw_tls_connection connection(port(), server.ca_pem());
    connection.send(get_api_and_close);
    const auto got = connection.read();
    BOOST_TEST(got.text.starts_with("HTTP/1.1 401 "));
    BOOST_TEST(got.pieces.size() == got.text.size()); // a TLS record each
    BOOST_TEST(fetch(endpoint::api).value().status() == 401u);
}

BOOST_FIXTURE_TEST_CASE(a_hook_that_throws_is_an_internal_error, plain_fixture)
{
    server.on_request(endpoint::api, [](const server_request&) -> std::optional<server_answer> {
        throw std::runtime_error("not now");
    });
    BOOST_TEST(ask(get_api_and_close).starts_with("HTTP/1.1 500 "));
    server.clear_hooks();
    BOOST_TEST(ask(get_api_and_close).starts_with("HTTP/1.1 401 "));
}

BOOST_FIXTURE_TEST_CASE(many_can_be_connected, plain_fixture)
{
    std::vector<std::unique_ptr<raw_connection>> idle;
    for (int i = 0; i < 400; ++i)
        idle.push_back(std::make_unique<raw_connection>(port()));
    BOOST_TEST(ask(get_api_and_close).starts_with("HTTP/1.1 401 "));
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i)
                answered += ask(get_api_and_close).starts_with("HTTP/1.1 401 ") ? 1 : 0;
        });
    for (std::thread& thread : threads)
        thread.join();
    BOOST_TEST(answered == 400);
    for (const auto& connection : idle)
        connection->send(get_api_and_close);
    for (const auto& connection : idle)
        answered += connection->read().text.starts_with("HTTP/1.1 401 ") ? 1 : 0;
    BOOST_TEST(answered == 800);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_server_is_gone, plain_fixture)
{
    raw_connection idle(port());
    raw_connection waiting(port());
    server.on_answer(endpoint::api,
                     [](const server_request&, server_answer& answer) { answer.set_delay(1h); });
    waiting.send(get_api_and_close);
    while (server.count() == 0)
        std::this_thread::sleep_for(1ms);
    const auto was = port();
    server.stop();
    BOOST_TEST(idle.read().text == "");
    BOOST_TEST(waiting.read().text == "");
    BOOST_CHECK_THROW(raw_connection{was}, boost::system::system_error);
    server.stop(); // once more is no harm
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
