// Sign-in at a server, or behind a proxy, that sends the last bytes of its answers later than the rest.
#include "fixture.hpp"

#include <coauth/client.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace {

using namespace coauth_test;

std::string in_chunks(const std::string& body)
{
    static constexpr char digits[] = "0123456789abcdef";
    const auto chunk = [](std::string_view text) {
        return std::string{digits[text.size() / 256 % 16], digits[text.size() / 16 % 16],
                           digits[text.size() % 16]} +
               "\r\n" + std::string(text) + "\r\n";
    };
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
           chunk(body.substr(0, 20)) + chunk(body.substr(20)) + "0\r\n\r\n";
}

/// Discovery document or token response, whichever was asked for.
std::string body_for(std::string_view request, std::string_view scheme)
{
    if (request.starts_with("POST"))
        return R"({"access_token":"late-token","token_type":"Bearer","expires_in":60})";
    static constexpr std::string_view name = "\r\nHost: ";
    request.remove_prefix(request.find(name) + name.size());
    const std::string issuer = std::string(scheme) + std::string(request.substr(0, request.find('\r')));
    return R"({"issuer":")" + issuer + R"(","authorization_endpoint":")" + issuer +
           R"(/authorize","token_endpoint":")" + issuer +
           R"(/token","token_endpoint_auth_methods_supported":["client_secret_basic"]})";
}

/// Answers every request, the last bytes in a segment of their own. With TLS each write is a record of its own and is
/// read by itself, however fast. Without TLS the pause keeps them apart; too short a one makes the test weaker, not red.
loopback_server::script late(std::size_t bytes, std::string_view scheme)
{
    return [bytes, scheme](server_peer& peer) {
        for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            const std::string answer = in_chunks(body_for(request, scheme));
            const std::size_t in_time = answer.size() - bytes;
            peer.write(std::string_view(answer).substr(0, in_time));
            peer.sleep(10ms);
            peer.write(std::string_view(answer).substr(in_time));
        }
    };
}

asio::awaitable<std::string> sign_in(std::string at)
{
    coauth::client client(
        coauth::issuer::parse(at, coauth::insecure::http_to_loopback).value(),
        coauth::client_registration("app", coauth::client_secret_basic(coauth::secret("late-client-secret")),
                                    coauth::redirect_uri::parse("https://app.example/callback").value()),
        make_transport());
    const coauth::result<coauth::authorization_request> request = co_await client.begin_authorization({});
    if (!request)
        co_return "begin: " + request.error().qualified_name();
    const std::string& url = request->url();
    std::string state = url.substr(url.find("state=") + 6);
    state.resize(std::min(state.size(), state.find('&')));
    const std::string parameters = "code=late-code&state=" + state;
    coauth::result<coauth::authorization_code> code = co_await client.accept_callback(
        {.parameters = parameters, .browser_binding = request->browser_binding()});
    if (!code)
        co_return "callback: " + code.error().qualified_name();
    const coauth::result<coauth::token_set> tokens = co_await client.exchange(std::move(*code));
    co_return tokens ? std::string(tokens->access_token().expose())
                     : "exchange: " + tokens.error().qualified_name();
}

} // namespace

BOOST_AUTO_TEST_SUITE(late_ends)

// The end of a chunked body and up to two bytes before it.
BOOST_DATA_TEST_CASE(TL27_sign_in_with_the_last_bytes_late, boost::unit_test::data::xrange(1, 8), bytes)
{
    for (const bool with_tls : {true, false}) {
        const auto script = late(static_cast<std::size_t>(bytes), with_tls ? "https://" : "http://");
        const loopback_server server =
            with_tls ? loopback_server(server_tls(), script) : loopback_server(script);
        BOOST_TEST(run(sign_in(server.url(""))) == "late-token");
        BOOST_TEST(server.requests().size() == 2u);
        BOOST_TEST(server.connections() == 1u); // the end was read, and nothing after it
    }
}

BOOST_AUTO_TEST_SUITE_END()
