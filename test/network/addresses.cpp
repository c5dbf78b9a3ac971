// Where the transport connects to: addresses, families, policies, loopback.
#include "fixture.hpp"

#include <coauth/address_policy.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace {

using namespace coauth_test;
using address_list = std::vector<asio::ip::address>;

const std::string name_resolution_failed = "coauth.client:name_resolution_failed";
const std::string connection_failed = "coauth.client:connection_failed";
const std::string insecure_url = "coauth.client:insecure_url";

address_list addresses(std::initializer_list<const char*> texts)
{
    address_list out;
    for (const char* text : texts)
        out.push_back(asio::ip::make_address(text));
    return out;
}

coauth::https_transport_settings resolving_to(address_list found)
{
    auto settings = trusting_settings();
    settings.set_resolver(
        [found](std::string) -> asio::awaitable<coauth::result<address_list>> { co_return found; });
    return settings;
}

bool is_public(const char* text) { return coauth::public_addresses_only(asio::ip::make_address(text)); }

} // namespace

BOOST_AUTO_TEST_SUITE(addresses_suite)

BOOST_AUTO_TEST_CASE(public_addresses)
{
    for (const char* text :
         {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",     "11.0.0.0",
          "100.63.255.255",  "100.128.0.0",     "126.255.255.255",   "128.0.0.0",
          "168.63.129.15",   "169.253.255.255", "169.255.0.0",       "172.15.255.255",
          "172.32.0.0",      "192.0.1.0",       "192.0.3.0",         "192.167.255.255",
          "192.169.0.0",     "198.17.255.255",  "198.20.0.0",        "203.0.114.0",
          "223.255.255.255", "2600::1",         "2a00:1450:4001::1", "2001:4860:4860::8888",
          "2001:200::1",     "3fff:1000::1",    "::ffff:8.8.8.8",    "64:ff9b::8.8.8.8",
          "2002:808:808::1"})
        BOOST_TEST(is_public(text), text);
}

BOOST_AUTO_TEST_CASE(DS10_addresses_that_are_not_public)
{
    for (const char* text :
         {"0.0.0.0",         "0.1.2.3",         "10.0.0.0",       "10.255.255.255",  "100.64.0.0",
          "100.100.100.200", "100.127.255.255", "127.0.0.1",      "127.255.255.255", "168.63.129.16",
          "169.254.0.0",     "169.254.169.254", "172.16.0.1",     "172.31.255.255",  "192.0.0.1",
          "192.0.0.192",     "192.0.2.1",       "192.88.99.1",    "192.168.0.1",     "192.168.255.255",
          "198.18.0.1",      "198.19.255.255",  "198.51.100.1",   "203.0.113.1",     "224.0.0.1",
          "239.255.255.255", "240.0.0.1",       "255.255.255.255"})
        BOOST_TEST(!is_public(text), text);
    for (const char* text : {"::",          "::1",           "::2",          "::8.8.8.8",
                             "fc00::1",     "fd00:ec2::254", "fe80::1",      "febf::1",
                             "fec0::1",     "ff02::1",       "100::1",       "2001::1",
                             "2001:1ff::1", "2001:db8::1",   "3fff::1",      "3fff:fff::1",
                             "4000::1",     "5f00::1",       "64:ff9b:1::1", "64:ff9b:1::8.8.8.8"})
        BOOST_TEST(!is_public(text), text);
    for (const char* text : {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
                             "::ffff:0.0.0.0", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254",
                             "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:a00:1::"})
        BOOST_TEST(!is_public(text), text);
}

BOOST_AUTO_TEST_CASE(DS9_DS10_policy_refuses_what_a_name_leads_to)
{
    const loopback_server server(server_tls(), answer_all);
    auto settings =
        resolving_to(addresses({"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"}));
    settings.set_address_policy(coauth::public_addresses_only);
    const attempt tried(make_transport(settings), post(server.url("/", "localhost")));
    BOOST_TEST(tried.result == name_resolution_failed);
    BOOST_TEST(tried.commits == 0);
    BOOST_TEST(server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(DS10_policy_refuses_literal_addresses)
{
    const loopback_server server(server_tls(), answer_all);
    auto settings = trusting_settings();
    settings.set_address_policy(coauth::public_addresses_only);
    const auto transport = make_transport(settings);
    for (const char* host : {"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost"})
        BOOST_TEST(fetch(transport, get(server.url("/", host))) == name_resolution_failed, host);
    BOOST_TEST(server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(DS11_policy_sees_the_address_that_is_connected_to)
{
    // Only the second address passes, and that is where the connection goes: no second resolution in between.
    const loopback_server server(server_tls(), answer_all);
    std::atomic<int> resolutions = 0;
    auto settings = trusting_settings();
    settings.set_resolver([&](std::string) -> asio::awaitable<coauth::result<address_list>> {
        ++resolutions;
        co_return addresses({"127.0.0.2", "127.0.0.1"});
    });
    settings.set_address_policy(
        [](const asio::ip::address& address) { return address.to_string() == "127.0.0.1"; });
    BOOST_TEST(fetch(make_transport(settings), get(server.url("/", "localhost"))) == "200");
    BOOST_TEST(resolutions == 1);
}

BOOST_AUTO_TEST_CASE(TL21_no_address)
{
    using answer = coauth::result<address_list>;
    const auto outcome_with = [](coauth::host_resolver resolver) {
        auto settings = trusting_settings();
        settings.set_resolver(std::move(resolver));
        const attempt tried(make_transport(settings), get("https://as.example.test/"));
        BOOST_TEST(tried.commits == 0);
        return tried.result;
    };
    BOOST_TEST(outcome_with([](std::string) -> asio::awaitable<answer> { co_return address_list(); }) ==
               name_resolution_failed);
    BOOST_TEST(outcome_with([](std::string) -> asio::awaitable<answer> {
                   co_return coauth::errc::connection_lost;
               }) == name_resolution_failed);
    BOOST_TEST(outcome_with([](std::string) -> asio::awaitable<answer> {
                   throw std::runtime_error("in the coroutine");
                   co_return address_list();
               }) == name_resolution_failed);
    BOOST_TEST(outcome_with([](std::string) -> asio::awaitable<answer> {
                   throw std::runtime_error("before the coroutine");
               }) == name_resolution_failed);
}

BOOST_AUTO_TEST_CASE(TL21_the_systems_resolver)
{
    const loopback_server server(server_tls(), answer_all);
    BOOST_TEST(fetch(make_transport(), get(server.url("/", "localhost"))) == "200");

    // RFC 6761 6.4: such a name never exists. Whether that is found out in time is the machine's affair.
    const std::string result = fetch(make_transport(), get("https://no-such-host.invalid/").set_deadline(5s));
    BOOST_TEST((result == name_resolution_failed || result == timed_out), result);
}

BOOST_AUTO_TEST_CASE(TL21_eight_of_two_hundred_addresses_are_tried)
{
    const loopback_server server(server_tls(), answer_all);
    address_list many;
    for (unsigned i = 2; i < 202; ++i)
        many.push_back(asio::ip::address_v4(0x7f000000u + i)); // nobody listens there
    address_list eighth = many;
    eighth[7] = asio::ip::address_v4::loopback();
    address_list ninth = many;
    ninth[8] = asio::ip::address_v4::loopback();
    BOOST_TEST(fetch(make_transport(resolving_to(eighth)), get(server.url("/", "localhost"))) == "200");
    BOOST_TEST(fetch(make_transport(resolving_to(ninth)), get(server.url("/", "localhost"))) ==
               connection_failed);
    BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(TL21_both_families_are_tried)
{
    const loopback_server server(server_tls(), answer_all);
    BOOST_TEST(fetch(make_transport(resolving_to(addresses({"::1", "127.0.0.1"}))),
                     get(server.url("/", "localhost"))) == "200");
    // However many there are of the other one.
    address_list many(20, asio::ip::address_v6::loopback());
    many.push_back(asio::ip::address_v4::loopback());
    BOOST_TEST(fetch(make_transport(resolving_to(many)), get(server.url("/", "localhost"))) == "200");
}

BOOST_AUTO_TEST_CASE(nobody_listens)
{
    std::string url;
    {
        const loopback_server gone(server_tls(), answer_all);
        url = gone.url();
    }
    const attempt tried(make_transport(), post(url));
    BOOST_TEST(tried.result == connection_failed);
    BOOST_TEST(tried.commits == 0);
}

BOOST_AUTO_TEST_CASE(TL23_http_goes_to_loopback_addresses_only)
{
    const loopback_server server(answer_all);
    for (const address_list& found : {addresses({"192.0.2.1"}), addresses({"0.0.0.0"}),
                                      addresses({"::ffff:192.0.2.1"}), addresses({"fe80::1"})}) {
        const attempt tried(make_transport(resolving_to(found)), post(server.url("/", "localhost")));
        BOOST_TEST(tried.result == insecure_url);
        BOOST_TEST(tried.commits == 0);
    }
    BOOST_TEST(server.connections() == 0u);
    // Those that are not are left out.
    BOOST_TEST(fetch(make_transport(resolving_to(addresses({"192.0.2.1", "127.0.0.1"}))),
                     get(server.url("/", "localhost"))) == "200");
}

BOOST_AUTO_TEST_CASE(TL23_http_needs_its_insecure_name)
{
    const loopback_server server(answer_all);
    const auto refused = coauth::endpoint_url::parse(server.url());
    BOOST_TEST_REQUIRE(!refused);
    BOOST_TEST(refused.error().qualified_name() == insecure_url);
    BOOST_TEST(fetch(make_transport(), coauth::http_request("GET", coauth::endpoint_url())) ==
               "coauth.client:invalid_url");
    BOOST_TEST(server.connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
