// What leaves: the request's text, and nothing that breaks out of it.
#include "../unit/memory.hpp"
#include "fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

namespace {

using namespace coauth_test;

std::string sent(const coauth::https_transport& transport, coauth::http_request request,
                 const loopback_server& server)
{
    BOOST_TEST(fetch(transport, std::move(request)) == "200");
    const auto requests = server.requests();
    BOOST_TEST_REQUIRE(!requests.empty());
    return requests.back();
}

} // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_AUTO_TEST_CASE(text_of_a_request)
{
    for (const bool with_tls : {true, false}) {
        const loopback_server server =
            with_tls ? loopback_server(server_tls(), answer_all) : loopback_server(answer_all);
        const auto transport = make_transport();
        const std::string host = "127.0.0.1:" + std::to_string(server.port());

        auto form = post(server.url("/token"), "grant_type=authorization_code&code=abc");
        form.add_field("Content-Type", coauth::secret("application/x-www-form-urlencoded"));
        form.add_field("Authorization", coauth::secret("Basic Y2xpZW50OnNlY3JldA=="));
        BOOST_TEST(sent(transport, std::move(form), server) ==
                   "POST /token HTTP/1.1\r\nHost: " + host +
                       "\r\nUser-Agent: coauth\r\nAccept-Encoding: identity\r\nContent-Length: 38\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic "
                       "Y2xpZW50OnNlY3JldA==\r\n"
                       "\r\ngrant_type=authorization_code&code=abc");
        BOOST_TEST(sent(transport, get(server.url("/userinfo?a=b%20c")), server) ==
                   "GET /userinfo?a=b%20c HTTP/1.1\r\nHost: " + host +
                       "\r\nUser-Agent: coauth\r\nAccept-Encoding: identity\r\n\r\n");
        BOOST_TEST(sent(transport, post(server.url("/"), ""), server).find("\r\nContent-Length: 0\r\n") !=
                   std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(user_agent)
{
    const loopback_server server(answer_all);
    auto settings = trusting_settings();
    BOOST_TEST(sent(make_transport(settings.set_user_agent("login/1.0")), get(server.url()), server)
                   .find("\r\nUser-Agent: login/1.0\r\n") != std::string::npos);
    BOOST_TEST(
        sent(make_transport(settings.set_user_agent("")), get(server.url()), server).find("User-Agent") ==
        std::string::npos);
    BOOST_TEST(!coauth::https_transport::create(settings.set_user_agent("a\r\nX: y")));
}

BOOST_AUTO_TEST_CASE(nothing_secret_is_left_in_freed_memory)
{
    const std::string canary = "canary-7d1f0c63a2";
    for (const bool with_tls : {true, false}) {
        const auto script = [&canary](server_peer& peer) {
            while (!peer.read_request().empty())
                peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n" + canary +
                           "\r\n12\r\n " + canary + "\r\n0\r\n\r\n");
        };
        const loopback_server server =
            with_tls ? loopback_server(server_tls(), script) : loopback_server(script);
        auto transport = std::make_optional(make_transport());
        auto request = std::make_optional(post(server.url(), canary));
        request->add_field("Authorization", coauth::secret(canary));
        const coauth::test::freed_memory_watch watch(canary);
        {
            auto answer = run(transport->send(std::move(*request)));
            BOOST_TEST_REQUIRE(outcome(answer) == "200");
            BOOST_TEST(answer->body().size() == 35u);
        }
        request.reset();
        transport.reset(); // with its connection
        BOOST_TEST(watch.blocks() > 0u);
        BOOST_TEST(watch.leaks() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(large_requests_arrive_whole)
{
    const loopback_server server(server_tls(), answer_all);
    const std::string body(3'000'000, 'b');
    BOOST_TEST(sent(make_transport(), post(server.url(), body), server).ends_with("\r\n\r\n" + body));
}

BOOST_AUTO_TEST_CASE(requests_that_would_break_out_of_their_lines)
{
    const loopback_server server(answer_all);
    const auto refused_as = [&server](std::string name, std::string_view value) {
        auto request = post(server.url());
        request.add_field(std::move(name), coauth::secret(value));
        const attempt tried(make_transport(), std::move(request));
        BOOST_TEST(tried.commits == 0);
        return tried.result;
    };
    const std::string invalid = "coauth.client:invalid_parameter";
    const std::string_view values[] = {"a\r\nX-Evil: b", "a\nb", "a\rb", {"a\0b", 3}, "a\x7f", "a\x01"};
    for (const std::string_view value : values)
        BOOST_TEST(refused_as("X-Field", value) == invalid);
    for (const std::string name : {"", "a b", "a:", "a\r\nb", "\xc3\xa4"})
        BOOST_TEST(refused_as(name, "value") == invalid);
    for (const std::string name :
         {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Expect", "TE"})
        BOOST_TEST(refused_as(name, "value") == "coauth.client:reserved_parameter");
    for (const std::string method : {"", "GET / HTTP/1.1\r\nX: ", "CONNECT"})
        BOOST_TEST(fetch(make_transport(), coauth::http_request(method, get(server.url()).url())) == invalid);
    BOOST_TEST(server.connections() == 0u);
    BOOST_TEST(fetch(make_transport(),
                     post(server.url()).add_field("X-Field", coauth::secret("tab\tand caf\xc3\xa9"))) ==
               "200");
}

BOOST_AUTO_TEST_SUITE_END()
