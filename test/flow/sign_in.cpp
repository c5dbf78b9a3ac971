// Whole sign-ins, from the first redirect to the last revocation.
#include "flow_fixture.hpp"

#include <coauth/protocol/pkce.hpp>
#include <set>

using namespace coauth_test;
using coauth::errc;

BOOST_AUTO_TEST_SUITE(sign_in)

BOOST_AUTO_TEST_CASE(every_operation_in_turn)
{
    flow test;
    test.server.expect("POST", token_endpoint).answer(200, token_response_body());
    test.server.expect("GET", userinfo_endpoint).answer(200, userinfo_body());
    test.server.expect("GET", resource_url).answer(200, "[]");
    test.server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    test.server.expect("POST", revocation_endpoint).answer(200, "");
    test.server.expect("POST", revocation_endpoint).answer(200, "");

    const auto request = test.begin();
    const auto query = query_of(request.url());
    BOOST_TEST(request.url().starts_with(authorization_endpoint + '?'));
    BOOST_TEST(only_value(query, "response_type") == "code");
    BOOST_TEST(only_value(query, "client_id") == "client-1");
    BOOST_TEST(only_value(query, "redirect_uri") == callback_url);
    BOOST_TEST(only_value(query, "scope") == "profile");
    BOOST_TEST(only_value(query, "code_challenge_method") == "S256");
    BOOST_TEST(test.store->size() == 1u);

    auto code = test.accept(callback_query(request), request.browser_binding());
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(code->application_data() == canary_application_data);
    BOOST_TEST(test.store->size() == 0u);
    BOOST_TEST(test.server.requests().empty());

    const auto tokens = run(test.client.exchange(std::move(*code)));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST(tokens->access_token().expose() == canary_access_token);
    BOOST_TEST(tokens->refresh_token().expose() == canary_refresh_token);
    BOOST_TEST(tokens->token_type() == "Bearer");
    BOOST_TEST(tokens->scope().to_string() == "profile");
    BOOST_TEST(tokens->scope_assumed());
    BOOST_TEST((tokens->received_at() == manual_wall_clock::now()));
    BOOST_TEST_REQUIRE(tokens->expires_at().has_value());
    BOOST_TEST((*tokens->expires_at() == manual_wall_clock::now() + std::chrono::hours(1)));

    const recorded_request exchange = test.server.sent().at(0);
    const auto form = exchange.form();
    BOOST_TEST(only_value(form, "grant_type") == "authorization_code");
    BOOST_TEST(only_value(form, "code") == canary_code);
    BOOST_TEST(only_value(form, "redirect_uri") == callback_url);
    BOOST_TEST(coauth::code_challenge_s256(only_value(form, "code_verifier")).value().to_string() ==
               only_value(query, "code_challenge"));
    BOOST_TEST(exchange.field("Content-Type") == "application/x-www-form-urlencoded");
    BOOST_TEST(exchange.field("Accept") == "application/json");
    BOOST_TEST(exchange.field("Authorization").starts_with("Basic "));

    const auto who = run(test.client.fetch_userinfo(*tokens));
    BOOST_TEST_REQUIRE(who.has_value());
    BOOST_TEST(who->subject() == "person-1");
    BOOST_TEST(who->claim("name") == "A Person");
    BOOST_TEST(test.server.sent().at(1).field("Authorization") == "Bearer " + canary_access_token);

    const auto orders = run(test.client.fetch_resource(*tokens, {.url = resource_url}));
    BOOST_TEST_REQUIRE(orders.has_value());
    BOOST_TEST(orders->status() == 200u);
    BOOST_TEST(orders->body() == "[]");
    BOOST_TEST(test.server.sent().at(2).field("Authorization") == "Bearer " + canary_access_token);

    const auto renewed = run(test.client.refresh(*tokens));
    BOOST_TEST_REQUIRE(renewed.has_value());
    BOOST_TEST(renewed->access_token().expose() == canary_new_access_token);
    BOOST_TEST(renewed->refresh_token().expose() == canary_new_refresh_token);
    BOOST_TEST(renewed->scope().to_string() == "profile");
    const auto refresh_form = test.server.sent().at(3).form();
    BOOST_TEST(only_value(refresh_form, "grant_type") == "refresh_token");
    BOOST_TEST(only_value(refresh_form, "refresh_token") == canary_refresh_token);
    BOOST_TEST(refresh_form.count("scope") == 0u);

    const auto revoked = run(test.client.revoke(*renewed));
    BOOST_TEST(revoked.has_value());
    const auto first = test.server.sent().at(4).form();
    const auto second = test.server.sent().at(5).form();
    BOOST_TEST(only_value(first, "token") == canary_new_refresh_token);
    BOOST_TEST(only_value(first, "token_type_hint") == "refresh_token");
    BOOST_TEST(only_value(second, "token") == canary_new_access_token);
    BOOST_TEST(only_value(second, "token_type_hint") == "access_token");
}

/// Each secret is one of its own: a verifier that is the nonce, too, would stand in the URL, and the challenge with it.
BOOST_AUTO_TEST_CASE(AR5_no_secret_of_a_sign_in_is_another_one)
{
    flow test;
    for (const std::string_view scope : {"openid profile", "profile"}) {
        const auto request = test.begin(scope);
        auto code = test.accept(callback_query(request), request.browser_binding());
        BOOST_TEST_REQUIRE(code.has_value());
        test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
        BOOST_TEST(run(test.client.exchange(std::move(*code))).has_error());
        const std::string verifier = only_value(test.server.sent().back().form(), "code_verifier");
        const std::string binding(request.browser_binding());
        BOOST_TEST(request.url().find(verifier) == std::string::npos);
        BOOST_TEST(request.url().find(binding) == std::string::npos);
        BOOST_TEST(verifier != binding);
        std::set<std::string> values;
        std::size_t count = 0;
        for (const auto& [name, value] : query_of(request.url())) {
            if (value.size() != verifier.size())
                continue;
            ++count;
            values.insert(value);
        }
        BOOST_TEST(values.size() == count);
        BOOST_TEST(count ==
                   (scope == "profile" ? 2u : 3u)); // state, challenge, and with an identity the nonce
    }
}

BOOST_AUTO_TEST_SUITE_END()
