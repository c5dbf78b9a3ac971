#include <coauth/core/url.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;

struct url_case {
    std::string_view text;
    errc outcome = {};
};

errc code_of(const error& reason)
{
    return reason.code().category() == client_category() ? static_cast<errc>(reason.code().value()) : errc();
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_url)

BOOST_AUTO_TEST_CASE(an_endpoint_is_taken_apart)
{
    struct parts {
        std::string_view text, host;
        unsigned port;
        std::string_view target, origin, host_header;
    };
    const parts cases[] = {
        {"https://as.example", "as.example", 443, "/", "https://as.example:443", "as.example"},
        {"https://as.example/", "as.example", 443, "/", "https://as.example:443", "as.example"},
        {"https://as.example?x=1", "as.example", 443, "/?x=1", "https://as.example:443", "as.example"},
        {"https://AS.Example:8443/Token?a=b&c=d%20e", "as.example", 8443, "/Token?a=b&c=d%20e",
         "https://as.example:8443", "as.example:8443"},
        {"HTTPS://as.example:443/t", "as.example", 443, "/t", "https://as.example:443", "as.example"},
        {"https://as.example:80/t", "as.example", 80, "/t", "https://as.example:80", "as.example:80"},
        {"https://[2001:DB8::1]/t", "2001:db8::1", 443, "/t", "https://[2001:db8::1]:443", "[2001:db8::1]"},
        {"https://[::1]:8443/t", "::1", 8443, "/t", "https://[::1]:8443", "[::1]:8443"},
        {"https://192.0.2.1:1/t", "192.0.2.1", 1, "/t", "https://192.0.2.1:1", "192.0.2.1:1"},
        {"https://as.example:65535", "as.example", 65535, "/", "https://as.example:65535",
         "as.example:65535"},
        {"https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/",
         "https://xn--bcher-kva.example:443", "xn--bcher-kva.example"},
        {"https://as_1.example-2.org/a/../b//c;d=e,f@g:h!$&'()*+", "as_1.example-2.org", 443,
         "/a/../b//c;d=e,f@g:h!$&'()*+", "https://as_1.example-2.org:443", "as_1.example-2.org"},
    };
    for (const parts& one : cases) {
        const auto url = endpoint_url::parse(one.text);
        BOOST_TEST_CONTEXT(one.text)
        {
            BOOST_TEST_REQUIRE(outcome_name(url) == "ok");
            BOOST_TEST(url->string() == one.text);
            BOOST_TEST(url->host() == one.host);
            BOOST_TEST(url->port() == one.port);
            BOOST_TEST(url->target() == one.target);
            BOOST_TEST(url->origin() == one.origin);
            BOOST_TEST(url->host_header() == one.host_header);
            BOOST_TEST(url->is_https());
            BOOST_TEST(!url->empty());
            BOOST_TEST(url->has_query() == contains(one.text, "?"));
        }
    }
    BOOST_TEST(endpoint_url().empty());
    BOOST_TEST((endpoint_url::parse("https://a.example/x").value() ==
                endpoint_url::parse("https://a.example/x").value()));
    BOOST_TEST((endpoint_url::parse("https://a.example/x").value() !=
                endpoint_url::parse("https://A.example/x").value()));
}

BOOST_AUTO_TEST_CASE(AR9_TL23_other_schemes_are_refused)
{
    const url_case cases[] = {
        {"http://as.example/token", errc::insecure_url},
        {"HTTP://as.example/token", errc::insecure_url},
        {"http://127.0.0.1/token", errc::insecure_url}, // only by name, see below
        {"http://localhost/token", errc::insecure_url},
        {"javascript:alert(1)", errc::invalid_url},
        {"javascript://as.example/%0aalert(1)", errc::invalid_url},
        {"file:///etc/passwd", errc::invalid_url},
        {"ftp://as.example/", errc::invalid_url},
        {"data:text/html,x", errc::invalid_url},
        {"ws://as.example/", errc::invalid_url},
        {"wss://as.example/", errc::invalid_url},
        {"httpss://as.example/", errc::invalid_url},
        {"https+unix://as.example/", errc::invalid_url},
        {"", errc::invalid_url},
        {"as.example/token", errc::invalid_url},
        {"/token", errc::invalid_url},
        {"//as.example/token", errc::invalid_url},
        {"https", errc::invalid_url},
        {"https:", errc::invalid_url},
        {"https:/as.example", errc::invalid_url},
        {"https:as.example", errc::invalid_url},
        {"://as.example", errc::invalid_url},
    };
    for (const url_case& one : cases)
        BOOST_TEST(outcome_name(endpoint_url::parse(one.text)) == expected_name(one.outcome), one.text);
}

BOOST_AUTO_TEST_CASE(AR9_fragments_and_foreign_characters_are_refused)
{
    for (const std::string_view text : {"https://as.example/#",
                                        "https://as.example/a#b",
                                        "https://as.example/a?b#c",
                                        " https://as.example/",
                                        "https://as.example/ ",
                                        "https://as.example/a b",
                                        "https://as.example/\ta",
                                        "https://as.example/\r\nHost: x",
                                        "https://as.example/\\evil",
                                        "https://as.example\\@evil.example/",
                                        "https://as.example/`id`",
                                        "https://as.example/|id",
                                        "https://as.example/<x>",
                                        "https://as.example/\"",
                                        "https://as.example/{x}",
                                        "https://as.example/^",
                                        "https://as.example/%",
                                        "https://as.example/%4",
                                        "https://as.example/%zz",
                                        "https://as.example/\xc3\xa4",
                                        "https://\xc3\xa4.example/",
                                        "https://as.example/\x7f",
                                        "https://as.example:443x/",
                                        "https://as.example:-1/",
                                        "https://as.example:+443/",
                                        "https://as.example:4 43/",
                                        "https://[::1/",
                                        "https://::1/",
                                        "https://[v1.x]/",
                                        "https://[]/",
                                        "https://[::g]/"})
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) == "coauth.client:invalid_url", text);
    BOOST_TEST(outcome_name(endpoint_url::parse(bytes("https://as.example/\0"))) ==
               "coauth.client:invalid_url");
    BOOST_TEST(outcome_name(endpoint_url::parse(bytes("https://as.example\0.evil/"))) ==
               "coauth.client:invalid_url");
}

BOOST_AUTO_TEST_CASE(AR9_a_host_is_made_of_letters_digits_dots_and_hyphens)
{
    // RFC 3986 lets all of these be a registered name.
    for (const std::string_view text : {"https://$(id)/", "https://a;b/", "https://a&b/", "https://a'b/",
                                        "https://a(b)/", "https://a,b/", "https://a=b/", "https://a+b/",
                                        "https://a*b/", "https://*.example/", "https://a!b/", "https://a~b/"})
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) == "coauth.client:invalid_url", text);
    for (const std::string_view text : {"https://a-b.c_d.e9/", "https://localhost/", "https://as.example./",
                                        "https://127.1/", "https://0x7f.1/", "https://2130706433/"})
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) == "ok", text);
}

BOOST_AUTO_TEST_CASE(DS9_an_address_is_not_split_off_a_name)
{
    // Boost.URL 1.81 takes these for an address or a port, followed by a path without a slash.
    for (const std::string_view text :
         {"https://as.example:443x/", "https://127.0.0.1:443x/", "https://[::1]x/", "https://[::1]443/",
          "https://as.example:443:444/", "http://127.0.0.1.evil.example/", "http://127.0.0.1evil.example/",
          "http://[::1].evil.example/"}) {
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) != "ok", text);
        BOOST_TEST(outcome_name(endpoint_url::parse(text, insecure::http_to_loopback)) != "ok", text);
        BOOST_TEST(outcome_name(redirect_uri::parse(text)) != "ok", text);
    }
    // A later version may understand this one. It is a host of its own, or nothing.
    for (const std::string_view host : {"127.0.0.1.example", "10.0.0.1x"}) {
        const auto url = endpoint_url::parse("https://" + std::string(host) + ":8443/x");
        BOOST_TEST((!url || (url->host() == host && url->port() == 8443)), host);
    }
}

BOOST_AUTO_TEST_CASE(DS6_userinfo_is_refused)
{
    for (const std::string_view text :
         {"https://as.example@evil.example/", "https://as:pw@evil.example/", "https://@evil.example/",
          "https://:@evil.example/", "https://as.example%40x@evil.example/",
          "https://as.example:443@evil.example/"})
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) == "coauth.client:invalid_url", text);
    BOOST_TEST(endpoint_url::parse("https://as.example/@evil.example").value().host() == "as.example");
}

BOOST_AUTO_TEST_CASE(DS7_port_out_of_range)
{
    for (const std::string_view text :
         {"https://as.example:0/", "https://as.example:00/", "https://as.example:65536/",
          "https://as.example:65979/", "https://as.example:99999/", "https://as.example:131515/",
          "https://as.example:4294967739/", "https://as.example:18446744073709552059/",
          "https://as.example:/", "https://as.example:"})
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) == "coauth.client:invalid_url", text);
    BOOST_TEST(endpoint_url::parse("https://as.example:1/").value().port() == 1);
    BOOST_TEST(endpoint_url::parse("https://as.example:65535/").value().port() == 65535);
    BOOST_TEST(endpoint_url::parse("https://as.example:0443/").value().port() == 443);
}

BOOST_AUTO_TEST_CASE(DS34_zones_of_addresses_are_refused)
{
    // Boost.URL 1.88 and newer takes some of these for addresses.
    for (const std::string_view host :
         {"[::1%25eth0]", "[::1%251]", "[fe80::1%25eth0]", "[fe80::1%25et%68]", "[fe80::1%25a%2Fb]",
          "[fe80::1%eth0]", "[fe80::1%25]", "[fe80::1%]", "[::ffff:127.0.0.1%251]", "[2001:db8::1%25eth0]",
          "[v1.x]", "[v1.x%25eth0]", "[::1]%25eth0", "127.0.0.1%25eth0", "localhost%25eth0"})
        for (const std::string_view rest : {"", "/", ":443/x", "?x"}) {
            const std::string behind = std::string(host) + std::string(rest);
            BOOST_TEST(outcome_name(endpoint_url::parse("https://" + behind)) == "coauth.client:invalid_url",
                       behind);
            for (const std::string& text : {"https://" + behind, "http://" + behind}) {
                BOOST_TEST(outcome_name(endpoint_url::parse(text, insecure::http_to_loopback)) ==
                               "coauth.client:invalid_url",
                           text);
                BOOST_TEST(outcome_name(issuer::parse(text, insecure::http_to_loopback)) ==
                               "coauth.client:invalid_url",
                           text);
                BOOST_TEST(outcome_name(redirect_uri::parse(text)) == "coauth.client:invalid_url", text);
            }
        }
    for (const std::string_view text :
         {"com.example.app://[::1%25eth0]/", "com.example.app://[fe80::1%25eth0]/cb",
          "com.example.app://a%25b/", "com.example.app://fe80%3A%3A1%25eth0/"})
        BOOST_TEST(outcome_name(redirect_uri::parse(text)) == "coauth.client:invalid_url", text);
    BOOST_TEST(endpoint_url::parse("https://[fe80::1]/a%25b").value().host() == "fe80::1");
}

BOOST_AUTO_TEST_CASE(DS8_empty_and_percent_encoded_hosts_are_refused)
{
    for (const std::string_view text : {"https:///x", "https://", "https://:443/", "https://as%2eexample/",
                                        "https://%61s.example/", "https://as.example%00.evil/", "https:///"})
        BOOST_TEST(outcome_name(endpoint_url::parse(text)) == "coauth.client:invalid_url", text);
}

BOOST_AUTO_TEST_CASE(TL23_http_to_loopback_only_by_name)
{
    const url_case cases[] = {
        {"http://127.0.0.1:8080/token"},
        {"http://127.0.0.1/"},
        {"http://127.255.255.254/"},
        {"http://[::1]:1/"},
        {"http://localhost:8080/"},
        {"https://as.example/"},
        {"http://LOCALHOST/", errc::insecure_url},
        {"http://localhost./", errc::insecure_url},
        {"http://localhost.example/", errc::insecure_url},
        {"http://128.0.0.1/", errc::insecure_url},
        {"http://126.255.255.255/", errc::insecure_url},
        {"http://0.0.0.0/", errc::insecure_url},
        {"http://127.1/", errc::insecure_url},
        {"http://2130706433/", errc::insecure_url},
        {"http://0x7f.0.0.1/", errc::insecure_url},
        {"http://[::ffff:127.0.0.1]/", errc::insecure_url},
        {"http://[::2]/", errc::insecure_url},
        {"http://[::]/", errc::insecure_url},
        {"http://192.168.0.1/", errc::insecure_url},
        {"http://127.0.0.1@evil.example/", errc::invalid_url},
        {"http://127.0.0.1:0/", errc::invalid_url},
        {"http://127.0.0.1:65536/", errc::invalid_url},
        {"ftp://127.0.0.1/", errc::invalid_url},
        {"http:///", errc::invalid_url},
    };
    for (const url_case& one : cases) {
        const auto url = endpoint_url::parse(one.text, insecure::http_to_loopback);
        BOOST_TEST(outcome_name(url) == expected_name(one.outcome), one.text);
        // Without the name, none of the http ones passes, and nothing is more lenient.
        const auto strict = endpoint_url::parse(one.text);
        if (one.text.starts_with("http:") && url)
            BOOST_TEST((code_of(failure(strict)) == errc::insecure_url), one.text);
        else
            BOOST_TEST(outcome_name(strict) == outcome_name(url), one.text);
    }
    const auto plain = endpoint_url::parse("http://[::1]/x", insecure::http_to_loopback).value();
    BOOST_TEST(!plain.is_https());
    BOOST_TEST(plain.port() == 80);
    BOOST_TEST(plain.origin() == "http://[::1]:80");
    BOOST_TEST(plain.host_header() == "[::1]");
    BOOST_TEST(endpoint_url::parse("http://localhost:443/", insecure::http_to_loopback)->host_header() ==
               "localhost:443");
}

BOOST_AUTO_TEST_CASE(RS1_origins_differ_by_scheme_host_and_port)
{
    const auto origin = [](std::string_view text) {
        return endpoint_url::parse(text, insecure::http_to_loopback).value().origin();
    };
    BOOST_TEST(origin("https://API.example/a") == origin("https://api.example:443/b?c"));
    BOOST_TEST(origin("https://api.example") != origin("https://api.example:8443"));
    BOOST_TEST(origin("https://api.example") != origin("https://api.example."));
    BOOST_TEST(origin("https://api.example") != origin("https://api.example.evil"));
    BOOST_TEST(origin("https://localhost:80") != origin("http://localhost"));
}

BOOST_AUTO_TEST_CASE(AR11_AR15_redirect_uri)
{
    const url_case cases[] = {
        {"https://client.example/cb"},
        {"https://client.example/cb?tenant=x"},
        {"https://client.example:8443/cb"},
        {"http://127.0.0.1:49152/cb"},
        {"http://127.0.0.1/cb"},
        {"http://[::1]:1/cb"},
        {"http://localhost:8080/cb"},
        {"com.example.app:/cb"},
        {"com.example.app://cb"},
        {"https://client.example/cb#", errc::invalid_url},
        {"https://client.example/cb#x", errc::invalid_url},
        {"com.example.app:/cb#x", errc::invalid_url},
        {"http://client.example/cb", errc::insecure_url},
        {"http://0.0.0.0/cb", errc::insecure_url},
        {"http://[::ffff:127.0.0.1]/cb", errc::insecure_url},
        {"https://user@client.example/cb", errc::invalid_url},
        {"https://client.example:0/cb", errc::invalid_url},
        {"https://client.example:65536/cb", errc::invalid_url},
        {"https:///cb", errc::invalid_url},
        {"https:/cb", errc::invalid_url},
        {"/cb", errc::invalid_url},
        {"", errc::invalid_url},
        {"myapp:/cb", errc::invalid_url},
        {"javascript:alert(1)", errc::invalid_url},
        {"data:text/html,x", errc::invalid_url},
        {"file:///cb", errc::invalid_url},
        {"ftp://client.example/cb", errc::invalid_url},
        {"urn:ietf:wg:oauth:2.0:oob", errc::invalid_url},
        {"https://client.example/c b", errc::invalid_url},
        {"https://client.example/cb\r\nSet-Cookie: a=b", errc::invalid_url},
        {"https://client.example/\xc3\xa4", errc::invalid_url},
    };
    for (const url_case& one : cases) {
        const auto uri = redirect_uri::parse(one.text);
        BOOST_TEST(outcome_name(uri) == expected_name(one.outcome), one.text);
        if (uri)
            BOOST_TEST(uri->string() == one.text); // byte for byte
    }
    BOOST_TEST(outcome_name(redirect_uri::parse(bytes("https://client.example/\0"))) ==
               "coauth.client:invalid_url");
    BOOST_TEST(redirect_uri().empty());
}

BOOST_AUTO_TEST_CASE(DS4_issuer)
{
    const url_case cases[] = {
        {"https://as.example"},
        {"https://as.example/"},
        {"https://as.example/tenant/a"},
        {"https://as.example:8443"},
        {"https://as.example?x", errc::invalid_url},
        {"https://as.example/?", errc::invalid_url},
        {"https://as.example/a?b=c", errc::invalid_url},
        {"https://as.example/#", errc::invalid_url},
        {"https://user@as.example", errc::invalid_url},
        {"http://as.example", errc::insecure_url},
        {"http://127.0.0.1:8080", errc::insecure_url},
        {"as.example", errc::invalid_url},
        {"urn:x", errc::invalid_url},
        {"", errc::invalid_url},
    };
    for (const url_case& one : cases)
        BOOST_TEST(outcome_name(issuer::parse(one.text)) == expected_name(one.outcome), one.text);
    const auto local = issuer::parse("http://127.0.0.1:8080/x", insecure::http_to_loopback).value();
    BOOST_TEST(!local.url().is_https());
    BOOST_TEST(outcome_name(issuer::parse("http://as.example", insecure::http_to_loopback)) ==
               "coauth.client:insecure_url");
    BOOST_TEST(outcome_name(issuer::parse("http://127.0.0.1/?x", insecure::http_to_loopback)) ==
               "coauth.client:invalid_url");
}

BOOST_AUTO_TEST_CASE(CB8_issuers_compare_as_strings)
{
    const issuer one = issuer::parse("https://as.example/a").value();
    BOOST_TEST((one == "https://as.example/a"));
    for (const std::string_view other :
         {std::string_view("https://as.example/a/"), std::string_view("https://AS.example/a"),
          std::string_view("HTTPS://as.example/a"), std::string_view("https://as.example:443/a"),
          std::string_view("https://as.example/%61"), std::string_view("https://as.example/A"),
          std::string_view("https://as.example/aINVALID"), std::string_view("https://as.example/"),
          bytes("https://as.example/a\0"), std::string_view("")})
        BOOST_TEST(!(one == other), other);
    BOOST_TEST((issuer() == ""));
    BOOST_TEST(issuer().empty());
}

BOOST_AUTO_TEST_SUITE_END()
