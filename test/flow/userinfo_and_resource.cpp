// Calls with an access token (security cases UI and RS).
#include "flow_fixture.hpp"

using namespace coauth_test;
using coauth::errc;
using coauth::server_errc;

namespace {

coauth::result<coauth::userinfo> userinfo_from(const coauth::http_response& answer,
                                               std::string_view scope = "openid profile")
{
    flow test;
    test.server.expect("GET", userinfo_endpoint).answer(answer);
    auto who = run(test.client.fetch_userinfo(tokens_on_paper(scope)));
    BOOST_TEST(test.server.requests().size() == 1u);
    return who;
}

template <class Code>
void check_resource_refused(const coauth::resource_parameters& parameters, Code code)
{
    BOOST_TEST_CONTEXT(parameters.url)
    {
        flow test;
        check_refused(run(test.client.fetch_resource(tokens_on_paper(), parameters)), code);
        BOOST_TEST(test.server.requests().empty());
    }
}

coauth::http_response challenged(unsigned status, std::string challenge, std::string_view body = "",
                                 std::string_view type = "")
{
    coauth::http_response out = make_answer(status, body, type);
    out.add_field("WWW-Authenticate", std::move(challenge));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(userinfo)

BOOST_AUTO_TEST_CASE(UI2_subject_missing)
{
    for (const std::string& body :
         {std::string("{}"), std::string(R"({"sub":""})"), std::string(R"({"sub":1})"),
          std::string(R"({"sub":null})"), R"({"sub":")" + std::string(256, 's') + R"("})"})
        check_refused(userinfo_from(make_answer(200, body)), errc::subject_missing);
    BOOST_TEST(userinfo_from(make_answer(200, R"({"sub":")" + std::string(255, 's') + R"("})")).has_value());
    // Without OpenID Connect nobody promised a subject; but what stands there has to be one.
    BOOST_TEST(userinfo_from(make_answer(200, R"({"login":"x"})"), "profile")->subject().empty());
    check_refused(userinfo_from(make_answer(200, R"({"sub":1})"), "profile"), errc::subject_missing);
}

BOOST_AUTO_TEST_CASE(userinfo_of_another_content_type)
{
    check_refused(userinfo_from(make_answer(200, userinfo_body(), "text/html")),
                  errc::unexpected_content_type);
}

BOOST_AUTO_TEST_CASE(UI5_token_in_the_header_only)
{
    flow test;
    test.server.expect("GET", userinfo_endpoint).answer(200, userinfo_body());
    BOOST_TEST(run(test.client.fetch_userinfo(tokens_on_paper())).has_value());
    const recorded_request sent = test.server.sent().at(0);
    BOOST_TEST(sent.url() == userinfo_endpoint);
    BOOST_TEST(sent.body().empty());
    BOOST_TEST(sent.field("Authorization") == "Bearer " + canary_access_token);
}

BOOST_AUTO_TEST_CASE(UI8_claims_at_other_places_are_not_fetched)
{
    const std::string body =
        R"({"sub":"a","_claim_names":{"age":"s"},)"
        R"("_claim_sources":{"s":{"endpoint":"https://169.254.169.254/","access_token":"t"}}})";
    const auto who = userinfo_from(make_answer(200, body)); // one request, and no other
    BOOST_TEST_REQUIRE(who.has_value());
    BOOST_TEST(who->claim("age").empty());
}

BOOST_AUTO_TEST_CASE(UI6_challenges_become_errors)
{
    const auto refused = userinfo_from(
        challenged(401, R"(Bearer realm="x", error="invalid_token", error_description="expired")"));
    check_refused(refused, server_errc::invalid_token);
    BOOST_TEST(refused.error().http_status() == 401u);
    BOOST_TEST(coauth::error(refused.error()).description() == "expired");
    check_refused(userinfo_from(challenged(403, R"(bearer ERROR=insufficient_scope)")),
                  server_errc::insufficient_scope);
    check_refused(userinfo_from(challenged(401, "Basic realm=x")), errc::unexpected_status);
    check_refused(userinfo_from(challenged(401, R"(Bearer realm="x)", R"({"error":"invalid_token"})",
                                           "application/json")),
                  server_errc::invalid_token);
}

BOOST_AUTO_TEST_CASE(UI9_redirects_are_not_followed)
{
    for (const unsigned status : {301u, 302u, 303u, 307u, 308u}) {
        coauth::http_response answer = make_answer(status, "", "");
        answer.add_field("Location", "https://evil.example/");
        check_refused(userinfo_from(answer), errc::redirect_refused);
    }
}

BOOST_AUTO_TEST_CASE(UI10_bodies_that_are_too_large_or_not_sound)
{
    flow test;
    test.server.expect("GET", userinfo_endpoint).after_commit(happening::fail(errc::body_too_large));
    check_refused(run(test.client.fetch_userinfo(tokens_on_paper())), errc::body_too_large);
    check_refused(userinfo_from(make_answer(200, R"({"sub":"a","sub":"b"})")), errc::duplicate_member);
    check_refused(userinfo_from(make_answer(200, R"(["sub"])")), errc::malformed_json);
    check_refused(userinfo_from(make_answer(200, R"({"error":"invalid_token"})")),
                  server_errc::invalid_token);
}

BOOST_AUTO_TEST_CASE(no_endpoint_no_request)
{
    flow test(coauth::server_metadata(endpoint(authorization_endpoint), endpoint(token_endpoint)));
    check_refused(run(test.client.fetch_userinfo(tokens_on_paper())), errc::endpoint_missing);
    check_refused(run(test.client.revoke(tokens_on_paper())), errc::endpoint_missing);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(tokens_that_would_break_the_header)
{
    flow test;
    for (const std::string_view token : {"", "a b", "a\r\nX: y", "\xc3\xa9"}) {
        const coauth::token_set tokens(coauth::secret(token), "Bearer", {});
        check_refused(run(test.client.fetch_userinfo(tokens)), errc::access_token_missing);
        check_refused(run(test.client.fetch_resource(tokens, {.url = resource_url})),
                      errc::access_token_missing);
    }
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(resource)

BOOST_AUTO_TEST_CASE(RS1_tokens_go_to_allowed_origins_only)
{
    for (const std::string_view url : {"https://evil.example/orders", "https://api.example:8443/orders",
                                       "https://api.example.evil.example/", "https://xapi.example/",
                                       "https://api.example./orders", "https://as.example/userinfo"})
        check_resource_refused({.url = url}, errc::origin_not_allowed);
    for (const std::string_view url :
         {"https://api.example@evil.example/", "https://api.example\\@evil.example/", "", "//api.example/",
          "/orders", "https://api.example/#f", "https://api.example:99999/", "https://api%2eexample/"})
        check_resource_refused({.url = url}, errc::invalid_url);
}

BOOST_AUTO_TEST_CASE(RS1_allowed_origins_in_other_letters)
{
    flow test;
    for (const std::string url :
         {"https://API.example/orders", "https://api.example:443/orders", "HTTPS://api.example/"}) {
        test.server.expect("GET", url).answer(200, "[]");
        BOOST_TEST(run(test.client.fetch_resource(tokens_on_paper(), {.url = url})).has_value());
    }
}

BOOST_AUTO_TEST_CASE(RS1_redirects_are_handed_over_not_followed)
{
    flow test;
    coauth::http_response answer = make_answer(302, "", "");
    answer.add_field("Location", "https://evil.example/");
    test.server.expect("GET", resource_url).answer(answer);
    const auto response = run(test.client.fetch_resource(tokens_on_paper(), {.url = resource_url}));
    BOOST_TEST(response->status() == 302u);
    BOOST_TEST(response->field_value("location") == "https://evil.example/");
    BOOST_TEST(test.server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(RS4_challenge_is_handed_over)
{
    flow test;
    test.server.expect("GET", resource_url)
        .answer(challenged(401, R"(DPoP algs="ES256", Bearer error="insufficient_user_authentication", )"
                                R"(acr_values="mfa", max_age="5")"));
    const auto response = run(test.client.fetch_resource(tokens_on_paper(), {.url = resource_url}));
    const auto challenge = response->challenge();
    BOOST_TEST_REQUIRE(challenge.has_value());
    BOOST_TEST((challenge->reason().value() == server_errc::insufficient_user_authentication));
    BOOST_TEST(challenge->acr_values() == "mfa");
    BOOST_TEST(challenge->max_age() == "5");
    BOOST_TEST(test.server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(RS5_challenges_that_are_not_well_formed)
{
    std::string many;
    for (int i = 0; i < 200; ++i)
        many += "Basic realm=x, ";
    for (const std::string& text :
         {std::string("Bearer realm=\"x"), many + "Bearer error=invalid_token", std::string("="),
          std::string(9000, 'B'), std::string("Basic, DPoP"), std::string("Negotiate abc=="),
          std::string("Bearer"), std::string(",,,")}) {
        flow test;
        test.server.expect("GET", resource_url).answer(challenged(401, text));
        const auto response = run(test.client.fetch_resource(tokens_on_paper(), {.url = resource_url}));
        BOOST_TEST(response->status() == 401u);
        const auto challenge = response->challenge();
        BOOST_TEST((!challenge || !challenge->reason()));
    }
}

BOOST_AUTO_TEST_CASE(RS6_plain_http)
{
    check_resource_refused({.url = "http://api.example/orders"}, errc::insecure_url);
    check_resource_refused({.url = "http://127.0.0.1/orders"}, errc::insecure_url);
    // Allowed by its name: http to this loopback address, and nothing more.
    flow test;
    test.client.allow_resource_origin(
        coauth::endpoint_url::parse("http://127.0.0.1:8080", coauth::insecure::http_to_loopback).value());
    test.server.expect("GET", "http://127.0.0.1:8080/x").answer(200, "");
    BOOST_TEST(
        run(test.client.fetch_resource(tokens_on_paper(), {.url = "http://127.0.0.1:8080/x"})).has_value());
    check_refused(run(test.client.fetch_resource(tokens_on_paper(), {.url = "http://127.0.0.1:8081/x"})),
                  errc::origin_not_allowed);
    check_refused(run(test.client.fetch_resource(tokens_on_paper(), {.url = "http://api.example/orders"})),
                  errc::insecure_url);
}

BOOST_AUTO_TEST_CASE(RS8_fields_that_carry_credentials_or_frame_the_message)
{
    for (const std::string_view name : {"Authorization", "authorization", "DPoP", "Host", "Content-Length",
                                        "Transfer-Encoding", "Connection", "Upgrade", "TE", "Trailer",
                                        "Cookie", "Expect", "Proxy-Authorization", "Accept-Encoding"}) {
        const coauth::parameter fields[]{{name, "x"}};
        check_resource_refused({.url = resource_url, .fields = fields}, errc::reserved_parameter);
    }
    using namespace std::string_view_literals;
    for (const coauth::parameter& field : {coauth::parameter{"X-A", "a\r\nAuthorization: b"},
                                           {"X\r\nY", "a"},
                                           {"X Y", "a"},
                                           {"", "a"},
                                           {"X", "a\0b"sv},
                                           {"X:", "a"},
                                           {"Authorization\0"sv, "b"}})
        check_resource_refused({.url = resource_url, .fields = std::span(&field, 1)},
                               errc::invalid_parameter);
    for (const std::string_view method : {"", "get", "GET /x HTTP/1.1\r\nX:", "G T"})
        check_resource_refused({.url = resource_url, .method = method}, errc::invalid_parameter);
    check_resource_refused({.url = resource_url, .accept = "a\r\nb"}, errc::invalid_parameter);
    check_resource_refused({.url = resource_url, .content_type = "a\nb"}, errc::invalid_parameter);
}

BOOST_AUTO_TEST_CASE(a_request_with_everything)
{
    flow test;
    test.server.expect("PATCH", resource_url).answer(make_answer(422, "no", "text/plain"));
    const coauth::parameter fields[]{{"If-Match", "\"1\""}};
    const auto response =
        run(test.client.fetch_resource(tokens_on_paper(), {.url = resource_url,
                                                           .method = "PATCH",
                                                           .accept = "text/plain",
                                                           .content_type = "application/json",
                                                           .body = "{}",
                                                           .fields = fields}));
    BOOST_TEST(response->status() == 422u);
    BOOST_TEST(response->content_type() == "text/plain");
    BOOST_TEST(response->body() == "no");
    const recorded_request sent = test.server.sent().at(0);
    BOOST_TEST(sent.body() == "{}");
    BOOST_TEST(sent.field("If-Match") == "\"1\"");
    BOOST_TEST(sent.field("Accept") == "text/plain");
    BOOST_TEST(sent.field("Content-Type") == "application/json");
}

BOOST_AUTO_TEST_SUITE_END()
