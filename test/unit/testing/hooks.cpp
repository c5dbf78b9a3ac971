// What a test can see of the server, and do to it.
#include "server_fixture.hpp"

#include <coauth/testing/detail/bounded_table.hpp>

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace coauth_test {

using coauth::testing::endpoint;
using coauth::testing::server_answer;
using coauth::testing::server_request;

BOOST_FIXTURE_TEST_SUITE(testing_hooks, server_fixture)

BOOST_AUTO_TEST_CASE(every_request_is_recorded)
{
    exchange(code());
    BOOST_TEST(server.count(endpoint::authorization) == 1u);
    BOOST_TEST(server.count(endpoint::login) == 1u);
    BOOST_TEST(server.count(endpoint::consent) == 2u); // the page and its form
    BOOST_TEST(server.count(endpoint::token) == 1u);
    BOOST_TEST(server.count() == 5u);
    const auto requests = server.requests();
    BOOST_TEST_REQUIRE(requests.size() == 5u);
    const server_request& last = requests.back();
    BOOST_TEST((last.endpoint() == endpoint::token));
    BOOST_TEST(last.method() == "POST");
    BOOST_TEST(last.target() == "/token");
    BOOST_TEST(last.field_value("authorization").starts_with("Basic "));
    BOOST_TEST(last.field_value("host") == "authorization-server.test");
    BOOST_TEST(last.parameter("grant_type").value() == "authorization_code");
    BOOST_TEST(!last.parameter("client_secret").has_value());
    BOOST_TEST((last.time() == now()));
    BOOST_TEST(requests.front().parameter("state").value() == "the state");
    BOOST_TEST(server.requests(endpoint::token).size() == 1u);
    server.clear_requests();
    BOOST_TEST(server.count() == 0u);
    BOOST_TEST(server.requests().empty());
    send("GET", server.issuer() + "/elsewhere?x=1", {}, {});
    BOOST_TEST(server.count(endpoint::other) == 1u);
}

BOOST_AUTO_TEST_CASE(the_record_does_not_grow_forever)
{
    const form big({{"x", std::string(1'000'000, 'x')}});
    for (int i = 0; i < 70; ++i)
        post(endpoint::token, big);
    BOOST_TEST(server.count(endpoint::token) == 70u);
    BOOST_TEST(server.requests().size() == 67u); // of 64 MiB
    server.clear_requests();
    post(endpoint::token, big);
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_endpoint_can_be_replaced_without_being_asked)
{
    const std::string given = code();
    server.on_request(endpoint::token,
                      [](const server_request&) { return server_answer(503).add_field("Retry-After", "7"); });
    const reply refused = exchange(given);
    BOOST_TEST(refused.status() == 503u);
    BOOST_TEST(refused.field("Retry-After") == "7");
    BOOST_TEST(server.count(endpoint::token) == 1u);
    server.on_request(endpoint::token, nullptr);
    BOOST_TEST(exchange(given).status() == 200u); // the code was not spent
}

BOOST_AUTO_TEST_CASE(a_hook_can_let_requests_through)
{
    int left = 1;
    server.on_request(endpoint::api, [&](const server_request&) {
        return left-- > 0 ? std::optional(server_answer(500)) : std::nullopt;
    });
    const reply tokens = exchange(code());
    BOOST_TEST(api_status(tokens.text("access_token")) == 500u);
    BOOST_TEST(api_status(tokens.text("access_token")) == 200u);
}

BOOST_AUTO_TEST_CASE(an_answer_can_be_spoiled)
{
    server.on_answer(endpoint::token, [](const server_request& asked, server_answer& answer) {
        if (asked.parameter("grant_type") == "refresh_token")
            answer.set_body("{").set_field("content-type", "text/plain").set_status(203);
    });
    const reply tokens = exchange(code());
    BOOST_TEST(tokens.status() == 200u);
    const reply spoiled = refresh(tokens.text("refresh_token"));
    BOOST_TEST(spoiled.status() == 203u);
    BOOST_TEST(spoiled.body() == "{");
    BOOST_TEST(spoiled.field("Content-Type") == "text/plain");
    server.clear_hooks();
    BOOST_TEST(refresh(tokens.text("refresh_token")).error() == "invalid_grant"); // it was spent
}

BOOST_AUTO_TEST_CASE(id_tokens_can_be_changed)
{
    server.on_id_token([](boost::json::object& header, boost::json::object& claims) {
        header["alg"] = "none";
        claims["aud"] = "somebody else";
        claims.erase("nonce");
    });
    const auto jwt = exchange(code()).text("id_token");
    BOOST_TEST(part_of_jwt(jwt, 0).at("alg").as_string() == "none");
    BOOST_TEST(part_of_jwt(jwt, 1).at("aud").as_string() == "somebody else");
    BOOST_TEST(!part_of_jwt(jwt, 1).contains("nonce"));
    server.clear_hooks();
    BOOST_TEST(part_of_jwt(exchange(code()).text("id_token"), 1).at("aud").as_string() == "client");
}

BOOST_AUTO_TEST_CASE(hooks_may_call_the_server)
{
    server.on_request(endpoint::token, [&](const server_request&) -> std::optional<server_answer> {
        server.on_request(endpoint::token, nullptr);
        server.revoke_everything();
        BOOST_TEST(server.count(endpoint::token) == 1u);
        return std::nullopt;
    });
    BOOST_TEST(exchange(code()).error() == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(jwts_can_be_signed_at_will)
{
    boost::json::object header;
    header["alg"] = "RS256";
    boost::json::object claims;
    claims["iss"] = "https://attacker.example";
    const std::string jwt = server.sign(header, claims);
    BOOST_TEST(part_of_jwt(jwt, 1).at("iss").as_string() == "https://attacker.example");
    BOOST_TEST(jwt.substr(jwt.rfind('.') + 1).size() == 342u);
}

BOOST_AUTO_TEST_CASE(the_oldest_gives_way)
{
    coauth::testing::detail::bounded_table<int> table(2);
    table.insert("a", 1);
    table.insert("b", 2);
    table.insert("a", 3); // young again
    table.insert("c", 4);
    BOOST_TEST(table.find("b") == nullptr);
    BOOST_TEST(*table.find("a") == 3);
    BOOST_TEST(table.erase("a"));
    BOOST_TEST(!table.erase("a"));
    BOOST_TEST(table.size() == 1u);
    table.clear();
    BOOST_TEST(table.find("c") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
