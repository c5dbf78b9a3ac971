// Tunnels through an HTTP proxy, and no proxy that nobody has configured.
#include "fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace coauth_test;

const std::string proxy_refused = "coauth.client:proxy_refused";

/// Answers the CONNECT request, then is the server that was asked for.
loopback_server tunnelling(server_tls tls, std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n")
{
    return loopback_server::start_plain(std::move(tls), [answer](server_peer& peer) {
        peer.read_request();
        peer.write(answer);
        if (peer.handshake())
            answer_all(peer);
    });
}

coauth::https_transport through(const loopback_server& proxy)
{
    auto settings = trusting_settings();
    settings.set_proxy(coauth::http_proxy("127.0.0.1", proxy.port()));
    return make_transport(settings);
}

server_tls tls_of(std::string name)
{
    return server_tls(
        authority().issue(coauth::testing::certificate_request().add_dns_name(std::move(name))));
}

/// Sets variables of the environment for a while.
class environment {
public:
    explicit environment(std::vector<std::string> names, const std::string& value) : names_(std::move(names))
    {
        for (const std::string& name : names_)
            ::setenv(name.c_str(), value.c_str(), 1);
    }
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;
    ~environment()
    {
        for (const std::string& name : names_)
            ::unsetenv(name.c_str());
    }

private:
    std::vector<std::string> names_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(proxy)

BOOST_AUTO_TEST_CASE(tunnel_and_keep_alive)
{
    const loopback_server proxy = tunnelling(tls_of("as.example.test"));
    const auto results = fetch_times(through(proxy), "https://as.example.test/token?a=b", 3);
    BOOST_TEST(results == std::vector<std::string>(3, "200"), boost::test_tools::per_element());
    BOOST_TEST(proxy.connections() == 1u);
    const auto requests = proxy.requests();
    BOOST_TEST_REQUIRE(requests.size() == 4u);
    BOOST_TEST(requests[0] == "CONNECT as.example.test:443 HTTP/1.1\r\nHost: as.example.test:443\r\n\r\n");
    BOOST_TEST(requests[1].starts_with("GET /token?a=b HTTP/1.1\r\nHost: as.example.test\r\n"));
}

BOOST_AUTO_TEST_CASE(credentials)
{
    const loopback_server proxy = tunnelling(tls_of("as.example.test"));
    auto settings = trusting_settings();
    settings.set_proxy(coauth::http_proxy("127.0.0.1", proxy.port())
                           .set_credentials("Aladdin", coauth::secret("open sesame")));
    BOOST_TEST(fetch(make_transport(settings), get("https://as.example.test/")) == "200");
    const auto requests = proxy.requests();
    BOOST_TEST_REQUIRE(requests.size() == 2u);
    // The example of RFC 7617 2.
    BOOST_TEST(requests[0].find("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") !=
               std::string::npos);
    BOOST_TEST(requests[1].find("Proxy-Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_servers_certificate_is_verified_through_the_tunnel)
{
    const loopback_server proxy = tunnelling(tls_of("other.example.test"));
    const attempt tried(through(proxy), post("https://as.example.test/"));
    BOOST_TEST(tried.result == certificate_rejected);
    BOOST_TEST(tried.commits == 0);
    BOOST_TEST(proxy.wait_until_all_closed());
    BOOST_TEST(proxy.requests().size() == 1u); // CONNECT, and nothing else
}

BOOST_AUTO_TEST_CASE(answers_that_open_no_tunnel)
{
    for (const std::string answer :
         {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 502 Bad Gateway\r\n\r\n",
          "HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n",
          "HTTP/1.1 200 OK\r\n\r\nand more"}) {
        const loopback_server proxy(answer_and_wait(answer));
        const attempt tried(through(proxy), post("https://as.example.test/"));
        BOOST_TEST(tried.result == proxy_refused, answer << ": " << tried.result);
        BOOST_TEST(tried.commits == 0);
        BOOST_TEST(proxy.wait_until_all_closed());
        BOOST_TEST(proxy.requests().size() == 1u);
        BOOST_TEST(proxy.connections() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(the_proxys_status_is_told)
{
    const loopback_server proxy(answer_and_wait("HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n"));
    const auto answer = run(through(proxy).send(get("https://as.example.test/")));
    BOOST_TEST_REQUIRE(!answer);
    BOOST_TEST(answer.error().http_status() == 407u);
}

BOOST_AUTO_TEST_CASE(the_proxys_answer_is_bounded)
{
    const loopback_server proxy([](server_peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 100'000; ++i)
            peer.write("a: b\r\n");
    });
    BOOST_TEST(fetch(through(proxy), get("https://as.example.test/")) == proxy_refused);
}

BOOST_AUTO_TEST_CASE(interim_answers_and_lengths_of_the_proxy)
{
    // RFC 9110 9.3.6: a successful response to CONNECT has no content, whatever its header says.
    for (const std::string field :
         {"Content-Length: 50", "Content-Length: 0\r\nContent-Length: 0", "Transfer-Encoding: chunked",
          "Transfer-Encoding: gzip", "Content-Encoding: gzip",
          "Content-Encoding: gzip\r\nTransfer-Encoding: chunked"})
        for (const std::string status : {"HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 204 No Content"}) {
            const loopback_server proxy =
                tunnelling(tls_of("as.example.test"),
                           "HTTP/1.1 100 Continue\r\n\r\n" + status + "\r\n" + field + "\r\n\r\n");
            BOOST_TEST(fetch(through(proxy), get("https://as.example.test/")) == "200",
                       status << ", " << field);
        }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_goes_away)
{
    const loopback_server proxy([](server_peer& peer) { peer.read_request(); });
    BOOST_TEST(fetch(through(proxy), get("https://as.example.test/")) == "coauth.client:connection_failed");
    BOOST_TEST(proxy.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(plain_http_to_loopback_does_not_use_the_proxy)
{
    const loopback_server proxy(answer_and_wait("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    const loopback_server server(answer_all);
    BOOST_TEST(fetch(through(proxy), get(server.url())) == "200");
    BOOST_TEST(proxy.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(policy_judges_literal_addresses_behind_the_proxy)
{
    const loopback_server proxy = tunnelling(server_tls());
    auto settings = trusting_settings();
    settings.set_proxy(coauth::http_proxy("127.0.0.1", proxy.port()));
    settings.set_address_policy(coauth::public_addresses_only);
    const auto transport = make_transport(settings);
    BOOST_TEST(fetch(transport, get("https://169.254.169.254/latest/meta-data")) ==
               "coauth.client:name_resolution_failed");
    BOOST_TEST(fetch(transport, get("https://[::ffff:10.0.0.1]/")) == "coauth.client:name_resolution_failed");
    BOOST_TEST(proxy.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(TL22_variables_of_the_environment_change_nothing)
{
    const loopback_server proxy(answer_and_wait("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    const environment set(
        {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}, proxy.url());
    const loopback_server server(server_tls(), answer_all);
    const loopback_server plain(answer_all);
    const auto transport = make_transport();
    BOOST_TEST(fetch(transport, get(server.url())) == "200");
    BOOST_TEST(fetch(transport, get(plain.url())) == "200");
    BOOST_TEST(proxy.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(LG6_no_variable_makes_a_key_log)
{
    const auto path =
        std::filesystem::temp_directory_path() / ("coauth_key_log_" + std::to_string(::getpid()));
    const environment set({"SSLKEYLOGFILE"}, path.string());
    const loopback_server server(server_tls(), answer_all);
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "200");
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_proxy_without_host_or_port_is_no_proxy)
{
    const auto refused = [](coauth::http_proxy given) {
        auto settings = trusting_settings();
        settings.set_proxy(std::move(given));
        return !coauth::https_transport::create(std::move(settings));
    };
    BOOST_TEST(refused(coauth::http_proxy("", 8080)));
    BOOST_TEST(refused(coauth::http_proxy("localhost", 0)));
    BOOST_TEST(refused(coauth::http_proxy("localhost", 8080).set_credentials("a:b", coauth::secret("c"))));
    BOOST_TEST(!refused(coauth::http_proxy("localhost", 8080)));
}

BOOST_AUTO_TEST_SUITE_END()
