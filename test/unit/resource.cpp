#include <coauth/resource.hpp>

#include "expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::make_resource_request;

result<http_request> make(const resource_parameters& parameters, bool loopback_http_allowed = false)
{
    return make_resource_request(parameters, loopback_http_allowed);
}

std::string outcome_with_field(std::string_view name, std::string_view value)
{
    const parameter fields[] = {{"X-First", "1"}, {name, value}};
    return outcome_name(make({.url = "https://api.example/", .fields = fields}));
}

std::string fields_of(const http_request& request)
{
    std::string out;
    for (const auto& field : request.fields())
        out += field.name + ": " + std::string(field.value.expose()) + '\n';
    return out;
}

constexpr std::string_view invalid = "coauth.client:invalid_parameter";
constexpr std::string_view reserved = "coauth.client:reserved_parameter";

} // namespace

BOOST_AUTO_TEST_SUITE(resource)

BOOST_AUTO_TEST_CASE(a_request_is_made)
{
    const auto plain = make({.url = "https://api.example/a?b=c"});
    BOOST_TEST_REQUIRE(outcome_name(plain) == "ok");
    BOOST_TEST(plain->method() == "GET");
    BOOST_TEST(plain->url().target() == "/a?b=c");
    BOOST_TEST(fields_of(*plain) == "Accept: application/json\n");
    BOOST_TEST(plain->body().empty());

    const parameter fields[] = {{"If-Match", "\"x\""}, {"Accept-Language", "de\t, en"}, {"X-Empty", ""}};
    const auto full = make({.url = "https://api.example/",
                            .method = "PATCH",
                            .accept = "",
                            .content_type = "application/json",
                            .body = bytes("{\0}"),
                            .fields = fields});
    BOOST_TEST_REQUIRE(outcome_name(full) == "ok");
    BOOST_TEST(full->method() == "PATCH");
    BOOST_TEST(fields_of(*full) ==
               "Content-Type: application/json\nIf-Match: \"x\"\nAccept-Language: de\t, en\nX-Empty: \n");
    BOOST_TEST(full->body().expose() == bytes("{\0}"));
}

BOOST_AUTO_TEST_CASE(RS6_the_url_is_https)
{
    BOOST_TEST(outcome_name(make({.url = "http://api.example/"})) == "coauth.client:insecure_url");
    BOOST_TEST(outcome_name(make({.url = "http://127.0.0.1/"})) == "coauth.client:insecure_url");
    BOOST_TEST(outcome_name(make({.url = "http://127.0.0.1/"}, true)) == "ok");
    BOOST_TEST(outcome_name(make({.url = "http://api.example/"}, true)) == "coauth.client:insecure_url");
    for (const std::string_view url :
         {"", "/a", "api.example", "https://u@api.example/", "https://api.example/#x",
          "https://api.example:0/", "https://api.example/ HTTP/1.1"})
        BOOST_TEST(outcome_name(make({.url = url})) == "coauth.client:invalid_url", url);
}

BOOST_AUTO_TEST_CASE(methods)
{
    for (const std::string_view method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "X"})
        BOOST_TEST(make({.url = "https://api.example/", .method = method}).value().method() == method);
    for (const std::string_view method : {"", "get", "Get", "GET ", " GET", "G-T", "GET\r\n",
                                          "GET / HTTP/1.1\r\nX:", "G\xc3\x84T", "GET1", "TRACE", "CONNECT"})
        BOOST_TEST(outcome_name(make({.url = "https://api.example/", .method = method})) == invalid, method);
    BOOST_TEST(outcome_name(make({.url = "https://api.example/", .method = bytes("GET\0")})) == invalid);
}

BOOST_AUTO_TEST_CASE(RS8_fields_that_are_ours_are_refused)
{
    for (const std::string_view name :
         {"Authorization", "authorization", "AUTHORIZATION", "DPoP", "dpop", "Host", "Content-Length",
          "Transfer-Encoding", "Connection", "Upgrade", "TE", "Trailer", "Cookie", "Expect",
          "Proxy-Authorization", "Proxy-Connection", "Accept-Encoding"})
        BOOST_TEST(outcome_with_field(name, "x") == reserved, name);
    for (const std::string_view name : {"X-Authorization", "Authorizatio", "Cookie2", "If-None-Match", "Via"})
        BOOST_TEST(outcome_with_field(name, "x") == "ok", name);
}

BOOST_AUTO_TEST_CASE(RS8_no_name_hides_a_field)
{
    for (unsigned i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        constexpr std::string_view tchar =
            "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        const bool allowed = tchar.find(c) != tchar.npos; // RFC 9110 5.6.2
        BOOST_TEST(outcome_with_field(std::string("X") + c, "x") == (allowed ? "ok" : invalid), "byte " << i);
    }
    for (const std::string_view name :
         {"", "Authorization ", " Authorization", "Authorization:", "X\r\nAuthorization", "Authorization\t"})
        BOOST_TEST(outcome_with_field(name, "x") == invalid, name);
    BOOST_TEST(outcome_with_field(bytes("Authorization\0"), "x") == invalid);
}

BOOST_AUTO_TEST_CASE(AR8_no_value_ends_a_field)
{
    for (unsigned i = 0; i < 256; ++i) {
        const std::string value = std::string("a") + static_cast<char>(i) + "b";
        const bool allowed = i == '\t' || (i >= 0x20 && i != 0x7f); // RFC 9110 5.5
        BOOST_TEST(outcome_with_field("X", value) == (allowed ? "ok" : invalid), "byte " << i);
        BOOST_TEST((outcome_name(make({.url = "https://api.example/", .accept = value})) == "ok") == allowed,
                   i);
        BOOST_TEST((outcome_name(make({.url = "https://api.example/", .content_type = value})) == "ok") ==
                       allowed,
                   i);
    }
}

BOOST_AUTO_TEST_CASE(RS4_TL14_the_answer_is_given_back_as_it_is)
{
    http_response answer(403);
    answer.add_field("content-type", "text/plain")
        .add_field("WWW-Authenticate", "Basic realm=\"b\"")
        .add_field("Location", "https://evil.example/")
        .add_field("www-authenticate", "Bearer error=\"insufficient_scope\", scope=\"a b\"")
        .set_body(secret("no"));
    const resource_response response(std::move(answer));
    BOOST_TEST(response.status() == 403u);
    BOOST_TEST(response.content_type() == "text/plain");
    BOOST_TEST(response.field_value("location") == "https://evil.example/");
    BOOST_TEST(response.body() == "no");
    BOOST_TEST_REQUIRE(response.challenge().has_value());
    BOOST_TEST(response.challenge()->scope() == "a b");
    BOOST_TEST(!resource_response(http_response(401)).challenge().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
