// Whom the transport believes: certificates, names, versions and ciphers.
#include "fixture.hpp"

#include <coauth/detail/https/tls_context.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace {

using namespace coauth_test;
using coauth::testing::certificate_authority;
using coauth::testing::certificate_key;
using coauth::testing::certificate_request;

certificate_request for_loopback()
{
    certificate_request request;
    request.add_dns_name("localhost").add_ip_address("127.0.0.1");
    return request;
}

/// The server's certificate is refused, and nothing but the handshake has happened.
void check_refused(const certificate_authority::certificate& shown, std::string_view host = "127.0.0.1")
{
    const loopback_server server(server_tls(shown), answer_all);
    const attempt tried(make_transport(settings_with_names()), post(server.url("/token", host)));
    BOOST_TEST(tried.result == certificate_rejected);
    BOOST_TEST(tried.commits == 0);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.bytes_received() == 0u);
    BOOST_TEST(server.connections() == 1u);
    BOOST_TEST(server.handshakes() == 0u);
}

void check_accepted(const certificate_authority::certificate& shown, std::string_view host)
{
    const loopback_server server(server_tls(shown), answer_all);
    BOOST_TEST(fetch(make_transport(settings_with_names()), get(server.url("/", host))) == "200");
}

} // namespace

BOOST_AUTO_TEST_SUITE(verification)

BOOST_AUTO_TEST_CASE(trusted_certificate)
{
    check_accepted(authority().issue(for_loopback()), "127.0.0.1");
    check_accepted(authority().issue(for_loopback()), "localhost");
}

BOOST_AUTO_TEST_CASE(TL1_unknown_authority) { check_refused(certificate_authority().issue(for_loopback())); }

BOOST_AUTO_TEST_CASE(TL1_self_signed)
{
    check_refused(certificate_authority::issue_self_signed(for_loopback()));
}

BOOST_AUTO_TEST_CASE(TL1_expired)
{
    const auto now = std::chrono::system_clock::now();
    check_refused(authority().issue(for_loopback().set_validity(now - 48h, now - 1h)));
}

BOOST_AUTO_TEST_CASE(TL1_not_yet_valid)
{
    const auto now = std::chrono::system_clock::now();
    check_refused(authority().issue(for_loopback().set_validity(now + 1h, now + 48h)));
}

BOOST_AUTO_TEST_CASE(TL1_system_authorities_do_not_know_the_tests_one)
{
    const loopback_server server(server_tls(), answer_all);
    const attempt tried(make_transport(coauth::https_transport_settings()), get(server.url()));
    BOOST_TEST(tried.result == certificate_rejected);
    BOOST_TEST(tried.commits == 0);
    BOOST_TEST(server.bytes_received() == 0u);
}

BOOST_AUTO_TEST_CASE(TL2_wrong_host_name)
{
    const auto shown = authority().issue(certificate_request().add_dns_name("as.example.test"));
    check_refused(shown, "other.example.test");
    check_refused(shown, "as.example.test.evil.test");
    check_accepted(shown, "as.example.test");
    check_accepted(shown, "AS.Example.TEST");
}

BOOST_AUTO_TEST_CASE(TL2_common_name_does_not_count)
{
    check_refused(authority().issue(certificate_request().set_common_name("as.example.test")),
                  "as.example.test");
    check_refused(
        authority().issue(
            certificate_request().set_common_name("as.example.test").add_dns_name("other.example.test")),
        "as.example.test");
}

BOOST_AUTO_TEST_CASE(TL2_wildcard)
{
    check_refused(authority().issue(certificate_request().add_dns_name("*.com")), "example.com");
    check_refused(authority().issue(certificate_request().add_dns_name("*")), "localhost");
    check_refused(authority().issue(certificate_request().add_dns_name("a*.example.test")),
                  "as.example.test");
    const auto shown = authority().issue(certificate_request().add_dns_name("*.example.test"));
    check_accepted(shown, "as.example.test");
    check_refused(shown, "a.b.example.test");
    check_refused(shown, "example.test");
}

BOOST_AUTO_TEST_CASE(TL2_address_needs_an_address_in_the_certificate)
{
    check_refused(authority().issue(certificate_request().add_dns_name("localhost")), "127.0.0.1");
    check_refused(authority().issue(certificate_request().add_dns_name("127.0.0.1")), "127.0.0.1");
    check_refused(authority().issue(certificate_request().add_ip_address("127.0.0.2")), "127.0.0.1");
    check_accepted(authority().issue(certificate_request().add_ip_address("127.0.0.1")), "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(TL3_server_name_is_sent)
{
    std::vector<std::string> names;
    server_tls tls(authority().issue(certificate_request().add_dns_name("default.example.test")));
    tls.add_virtual_host("as.example.test",
                         authority().issue(certificate_request().add_dns_name("as.example.test")));
    const loopback_server server(tls, [&names](server_peer& peer) {
        names.push_back(peer.server_name());
        answer_all(peer);
    });
    BOOST_TEST(fetch(make_transport(settings_with_names()), get(server.url("/", "as.example.test"))) ==
               "200");
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(names == std::vector<std::string>{"as.example.test"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(TL3_no_server_name_for_addresses)
{
    std::string name = "none yet";
    const loopback_server server(server_tls(), [&name](server_peer& peer) {
        name = peer.server_name();
        answer_all(peer);
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "200");
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(name == "");
}

BOOST_AUTO_TEST_CASE(protocol_is_http_1_1)
{
    std::string protocol;
    const loopback_server server(server_tls(), [&protocol](server_peer& peer) {
        protocol = peer.alpn();
        answer_all(peer);
    });
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "200");
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(protocol == "http/1.1");
}

namespace {

struct offer {
    const char* name;
    int oldest;
    int newest;
    const char* ciphers;
    certificate_key key;
};
std::ostream& operator<<(std::ostream& stream, const offer& value) { return stream << value.name; }

constexpr offer weak_offers[] = {
    {"TLS 1.0", TLS1_VERSION, TLS1_VERSION, "ALL:@SECLEVEL=0", certificate_key::p256},
    {"TLS 1.1", TLS1_1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0", certificate_key::p256},
    {"static RSA", TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256:@SECLEVEL=0",
     certificate_key::rsa_2048},
    {"finite-field DH", TLS1_2_VERSION, TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
     certificate_key::rsa_2048},
    {"CBC", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0",
     certificate_key::p256},
    {"anonymous", TLS1_2_VERSION, TLS1_2_VERSION, "aNULL:@SECLEVEL=0", certificate_key::p256},
    {"no encryption", TLS1_2_VERSION, TLS1_2_VERSION, "eNULL:@SECLEVEL=0", certificate_key::rsa_2048},
};

constexpr offer good_offers[] = {
    {"TLS 1.3", TLS1_3_VERSION, TLS1_3_VERSION, "", certificate_key::p256},
    {"ECDHE-ECDSA-AES128-GCM", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256",
     certificate_key::p256},
    {"ECDHE-RSA-AES256-GCM", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384",
     certificate_key::rsa_2048},
    {"ECDHE-RSA-CHACHA20", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305",
     certificate_key::rsa_2048},
};

server_tls offering(const offer& what)
{
    server_tls tls(authority().issue(for_loopback().set_key(what.key)));
    tls.set_versions(what.oldest, what.newest).set_ciphers(what.ciphers);
    return tls;
}

} // namespace

BOOST_DATA_TEST_CASE(TL4_weak_versions_and_ciphers_are_refused, boost::unit_test::data::make(weak_offers),
                     what)
{
    const loopback_server server(offering(what), answer_all);
    const attempt tried(make_transport(), post(server.url()));
    BOOST_TEST(tried.result == tls_handshake_failed);
    BOOST_TEST(tried.commits == 0);
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(server.connections() == 1u);
    BOOST_TEST(server.bytes_received() == 0u);
}

BOOST_DATA_TEST_CASE(TL4_good_versions_and_ciphers_are_accepted, boost::unit_test::data::make(good_offers),
                     what)
{
    const loopback_server server(offering(what), answer_all);
    BOOST_TEST(fetch(make_transport(), get(server.url())) == "200");
}

BOOST_AUTO_TEST_CASE(TL4_only_tls_1_3_if_asked_for)
{
    const loopback_server server(server_tls().set_versions(TLS1_2_VERSION, TLS1_2_VERSION), answer_all);
    auto settings = trusting_settings();
    settings.set_oldest_tls(coauth::tls_version::tls1_3);
    const attempt tried(make_transport(settings), get(server.url()));
    BOOST_TEST(tried.result == tls_handshake_failed);
    BOOST_TEST(tried.commits == 0);
}

BOOST_AUTO_TEST_CASE(TL5_renegotiation_is_refused)
{
    bool renegotiated = true;
    const loopback_server server(server_tls().set_versions(TLS1_2_VERSION, TLS1_2_VERSION),
                                 [&renegotiated](server_peer& peer) {
                                     peer.read_request();
                                     renegotiated = peer.renegotiate();
                                     peer.write(ok());
                                 });
    const std::string result = fetch(make_transport(), post(server.url()));
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(!renegotiated);
    BOOST_TEST(result == connection_lost);
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TL5_no_compression)
{
    const auto context = coauth::detail::make_tls_context(trusting_settings()).value();
    BOOST_TEST((SSL_CTX_get_options(context.get()) & SSL_OP_NO_COMPRESSION) != 0u);
}

BOOST_AUTO_TEST_CASE(TL5_no_early_data)
{
    bool early = false;
    std::size_t resumed = 0;
    const loopback_server server(server_tls().offer_early_data(), [&](server_peer& peer) {
        early = early || peer.was_early_data_used();
        resumed += peer.is_resumed() ? 1u : 0u;
        answer_all(peer);
    });
    auto settings = trusting_settings();
    settings.set_idle_connections(0, 0);
    const auto transport = make_transport(settings);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fetch(transport, post(server.url())) == "200");
    BOOST_TEST(server.wait_until_all_closed());
    BOOST_TEST(resumed == 2u); // it could have
    BOOST_TEST(!early);
}

BOOST_AUTO_TEST_CASE(TL24_unreadable_authorities_fail_closed)
{
    const auto refusal = [](coauth::https_transport_settings settings) {
        const auto made = coauth::https_transport::create(std::move(settings));
        return made ? "made" : made.error().qualified_name();
    };
    const std::string misconfigured = "coauth.client:invalid_configuration";
    using settings = coauth::https_transport_settings;
    const std::string good = authority().certificate_pem();

    BOOST_TEST(refusal(settings().add_authorities("")) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities("no certificate")) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities(good.substr(0, good.size() / 2))) == misconfigured);
    std::string spoilt = good;
    spoilt[spoilt.size() / 2] = '!';
    BOOST_TEST(refusal(settings().add_authorities(good + spoilt)) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities_file("/nonexistent/authority.pem")) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities_file("/")) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities_file("/dev/null")) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities_file("/dev/zero")) == misconfigured);
    BOOST_TEST(refusal(settings().add_authorities(good)) == "made");
}

BOOST_AUTO_TEST_CASE(authorities_from_a_file)
{
    const std::string path = "network_test_authority_" + std::to_string(::getpid()) + ".pem";
    std::ofstream(path) << authority().certificate_pem();
    const loopback_server server(server_tls(), answer_all);
    coauth::https_transport_settings settings;
    settings.trust_only_added_authorities().add_authorities_file(path);
    const auto transport = make_transport(settings);
    std::remove(path.c_str()); // it is read once
    BOOST_TEST(fetch(transport, get(server.url())) == "200");
}

BOOST_AUTO_TEST_CASE(DO14_a_file_of_authorities_has_a_bound)
{
    const std::string path = "network_test_large_authority_" + std::to_string(::getpid()) + ".pem";
    const std::string good = authority().certificate_pem();
    const auto outcome_with = [&](std::size_t size) {
        std::ofstream(path) << std::string(size - good.size(), '\n') << good;
        const auto made =
            coauth::https_transport::create(coauth::https_transport_settings().add_authorities_file(path));
        std::remove(path.c_str());
        return made ? "made" : std::string(made.error().description());
    };
    BOOST_TEST(outcome_with(1024 * 1024) == "made");
    BOOST_TEST(outcome_with(1024 * 1024 + 1) == "more than 1 MiB of authorities are in the file " + path);
}

BOOST_AUTO_TEST_CASE(client_certificate_is_presented)
{
    const loopback_server server(server_tls().set_client_authority(authority().certificate_pem()),
                                 answer_all);
    auto settings = trusting_settings();
    const auto shown = authority().issue(certificate_request().set_common_name("client"));
    settings.set_client_certificate(shown.chain_pem, coauth::secret(shown.private_key_pem));
    BOOST_TEST(fetch(make_transport(settings), get(server.url())) == "200");
    BOOST_TEST(fetch(make_transport(), get(server.url())) != "200");
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TL25_client_key_of_another_certificate_fails_at_construction)
{
    const auto one = authority().issue(certificate_request().set_common_name("one"));
    const auto two = authority().issue(certificate_request().set_common_name("two"));
    const auto refused = [](const std::string& chain, const std::string& key) {
        auto settings = trusting_settings();
        settings.set_client_certificate(chain, coauth::secret(key));
        const auto made = coauth::https_transport::create(std::move(settings));
        return !made && made.error() == coauth::errc::invalid_configuration;
    };
    BOOST_TEST(refused(one.chain_pem, two.private_key_pem));
    BOOST_TEST(refused(one.chain_pem, ""));
    BOOST_TEST(refused("", one.private_key_pem));
    BOOST_TEST(refused(one.private_key_pem, one.chain_pem));
    BOOST_TEST(!refused(one.chain_pem, one.private_key_pem));
}

BOOST_AUTO_TEST_SUITE_END()
