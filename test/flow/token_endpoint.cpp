// Answers of the token endpoint (security cases TE): one request, and no token from an answer that is not sound.
#include "flow_fixture.hpp"

using namespace coauth_test;
using coauth::errc;
using coauth::server_errc;

namespace {

/// Exchanges a code at a server that answers like this.
template <class Flow = flow>
coauth::result<coauth::token_set> exchanged(const coauth::http_response& answer,
                                            std::string_view scope = "profile")
{
    Flow test;
    test.server.expect("POST", token_endpoint).answer(answer);
    auto tokens = run(test.client.exchange(test.signed_in(scope)));
    BOOST_TEST(test.server.requests().size() == 1u);
    return tokens;
}

/// Refreshes likewise. What is wrong with one grant is wrong with the other.
template <class Flow = flow>
coauth::result<coauth::token_set> refreshed(const coauth::http_response& answer)
{
    Flow test;
    test.server.expect("POST", token_endpoint).answer(answer);
    auto tokens = run(test.client.refresh(tokens_on_paper()));
    BOOST_TEST(test.server.requests().size() == 1u);
    return tokens;
}

template <class Code>
void check_both_refuse(const coauth::http_response& answer, Code code)
{
    check_refused(exchanged(answer), code);
    check_refused(refreshed(answer), code);
}

template <class Code>
void check_body_refused(std::string_view body, Code code)
{
    BOOST_TEST_CONTEXT(body.substr(0, 200))
    check_both_refuse(make_answer(200, body), code);
}

std::string with_expires_in(std::string_view value)
{
    return R"({"access_token":"t","token_type":"Bearer","expires_in":)" + std::string(value) + '}';
}

std::string with_access_token(std::string_view value)
{
    return R"({"token_type":"Bearer","access_token":)" + std::string(value) + '}';
}

constexpr std::string_view plain_body = R"({"access_token":"t","token_type":"Bearer"})";

} // namespace

BOOST_AUTO_TEST_SUITE(token_endpoint_answers)

BOOST_AUTO_TEST_CASE(TE1_error_with_status_200)
{
    check_body_refused(R"({"error":"invalid_grant","access_token":"t","token_type":"Bearer"})",
                       server_errc::invalid_grant);
    check_body_refused(R"({"error":"bad_verification_code"})",
                       server_errc::unrecognized); // as GitHub does it
    check_body_refused(R"({"error":1,"access_token":"t","token_type":"Bearer"})", errc::malformed_response);
}

BOOST_AUTO_TEST_CASE(TE2_errors_by_status_and_body)
{
    struct row {
        unsigned status;
        std::string_view content_type;
        std::string_view body;
        coauth::error expected;
    };
    for (const row& one : std::initializer_list<row>{
             {400, "application/json", R"({"error":"invalid_grant","error_description":"x"})",
              server_errc::invalid_grant},
             {400, "application/json", R"({"error":"invalid_client"})", server_errc::invalid_client},
             {401, "application/json;charset=utf-8", R"({"error":"invalid_client"})",
              server_errc::invalid_client},
             {400, "text/html", "<h1>No</h1>", errc::unexpected_status},
             {400, "application/json", "{", errc::unexpected_status},
             {400, "application/json", "{}", errc::unexpected_status},
             {404, "", "", errc::unexpected_status},
             {500, "text/html", "<h1>Oops</h1>", errc::server_unavailable},
             {503, "application/json", R"({"error":"temporarily_unavailable"})",
              server_errc::temporarily_unavailable},
             {429, "", "", errc::server_unavailable}}) {
        BOOST_TEST_CONTEXT(one.status << ' ' << one.body)
        {
            coauth::http_response answer = make_answer(one.status, one.body, one.content_type);
            answer.add_field("Retry-After", "17");
            check_both_refuse(answer, one.expected.code());
            const auto refused = exchanged(answer);
            BOOST_TEST(refused.error().http_status() == one.status);
            BOOST_TEST((refused.error().retry_after() == std::chrono::seconds(17)));
        }
    }
}

BOOST_AUTO_TEST_CASE(TE33_every_2xx_is_an_answer)
{
    for (const unsigned status : {201u, 202u, 203u, 206u}) {
        BOOST_TEST(exchanged(make_answer(status, plain_body)).has_value());
        BOOST_TEST(refreshed(make_answer(status, plain_body)).has_value());
        const auto unusable = refreshed(make_answer(status, R"({"token_type":"Bearer"})"));
        check_refused(unusable, errc::access_token_missing);
        BOOST_TEST(unusable.error().grant_spent());
    }
}

BOOST_AUTO_TEST_CASE(TE2_redirects_are_not_followed)
{
    for (const unsigned status : {300u, 301u, 302u, 303u, 304u, 307u, 308u}) {
        coauth::http_response answer = make_answer(status, "", "");
        answer.add_field("Location", "https://evil.example/token");
        check_both_refuse(answer, errc::redirect_refused);
    }
}

BOOST_AUTO_TEST_CASE(RS7_retry_after_is_bounded)
{
    using std::chrono::seconds;
    const auto of = [](std::string value) {
        coauth::http_response answer = make_answer(503, "", "");
        answer.add_field("Retry-After", std::move(value));
        return exchanged(answer).error().retry_after();
    };
    BOOST_TEST((of("0") == seconds(0)));
    BOOST_TEST((of("301") == seconds(300)));
    BOOST_TEST((of("1000000000000") == seconds(300)));
    BOOST_TEST((of("99999999999999999999999999") == seconds(300)));
    for (const char* garbage : {"", "-1", "1.5", "1e3", " 5", "5s", "Wed, 21 Oct 2015 07:28:00 GMT", "0x10"})
        BOOST_TEST(!of(garbage).has_value());
}

BOOST_AUTO_TEST_CASE(TE4_content_type)
{
    for (const std::string_view type :
         {"application/json", "APPLICATION/JSON", "application/json; charset=utf-8",
          "Application/Json ;charset=UTF-8"}) {
        BOOST_TEST(exchanged(make_answer(200, plain_body, type)).has_value());
        BOOST_TEST(refreshed(make_answer(200, plain_body, type)).has_value());
    }
    for (const std::string_view type :
         {"text/html", "", "text/plain", "application/jsonp", "application/x-json", "application/jwt",
          "application/", "json", ";application/json"})
        check_both_refuse(make_answer(200, plain_body, type), errc::unexpected_content_type);
}

BOOST_AUTO_TEST_CASE(TE5_body_is_no_object)
{
    for (const std::string_view body : {"[]", R"(["access_token"])", R"("t")", "null", "1", "true", ""})
        check_body_refused(body, errc::malformed_json);
    check_body_refused("{}", errc::access_token_missing);
}

BOOST_AUTO_TEST_CASE(TE6_members_that_occur_twice)
{
    check_body_refused(R"({"access_token":"a","access_token":"b","token_type":"Bearer"})",
                       errc::duplicate_member);
    check_body_refused(R"({"access_token":"a","token_type":"Bearer","token_type":"Bearer"})",
                       errc::duplicate_member);
    check_body_refused(R"({"access_token":"a","token_type":"Bearer","more":{"x":1,"x":1}})",
                       errc::duplicate_member);
    check_body_refused(R"({"access_token":"a","\u0061ccess_token":"b","token_type":"Bearer"})",
                       errc::duplicate_member);
}

BOOST_AUTO_TEST_CASE(TE7_json_that_is_not_quite_json)
{
    const std::string body(plain_body);
    for (const std::string& wrong :
         {body + 'x', body + body, "\xef\xbb\xbf" + body, "/**/" + body,
          body.substr(0, body.size() - 1) + ",}",
          std::string(R"({"access_token":"t","token_type":"Bearer","x":NaN})"),
          std::string(R"({"access_token":"t","token_type":"Bearer","x":"\ud800"})"),
          std::string("{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"x\":\"\xff\"}"),
          std::string("{'access_token':'t','token_type':'Bearer'}"), body + std::string(1, '\0')})
        check_body_refused(wrong, errc::malformed_json);
    BOOST_TEST(exchanged(make_answer(200, " \r\n\t" + body + " \r\n")).has_value());
}

BOOST_AUTO_TEST_CASE(TE7_every_answer_that_was_cut_short)
{
    const std::string body = token_response_body();
    for (std::size_t size = 0; size < body.size(); ++size) {
        const auto refused = exchanged(make_answer(200, std::string_view(body).substr(0, size)));
        check_refused(refused, errc::malformed_json);
        BOOST_TEST(refused.error().grant_spent());
    }
}

BOOST_AUTO_TEST_CASE(TE8_access_tokens_that_no_header_field_can_carry)
{
    for (const std::string_view value :
         {R"("")", "1", "null", "true", "[]", R"({"x":"t"})", R"("a b")", R"("a\r\nX: y")", R"("a\u0000")",
          R"("a\u007f")", R"("\u00e9")", R"("a\tb")", R"("a\u001fb")"})
        check_body_refused(with_access_token(value), errc::access_token_missing);
    check_body_refused(R"({"token_type":"Bearer"})", errc::access_token_missing);
    const std::string longest(128 * 1024, 't');
    BOOST_TEST(exchanged(make_answer(200, with_access_token('"' + longest + '"'))).has_value());
    check_body_refused(with_access_token('"' + longest + "t\""), errc::access_token_missing);
}

BOOST_AUTO_TEST_CASE(TE8_refresh_tokens_likewise)
{
    const auto body = [](std::string_view value) {
        return R"({"access_token":"t","token_type":"Bearer","refresh_token":)" + std::string(value) + '}';
    };
    for (const std::string_view value : {R"("a b")", R"("a\r\nb")", R"("a\u0000")", "1", "[]"})
        check_body_refused(body(value), errc::malformed_response);
    for (const std::string_view value : {"null", R"("")"}) {
        const auto tokens = exchanged(make_answer(200, body(value)));
        BOOST_TEST_REQUIRE(tokens.has_value());
        BOOST_TEST(tokens->refresh_token().empty());
    }
}

BOOST_AUTO_TEST_CASE(TE9_token_type_missing)
{
    check_body_refused(R"({"access_token":"t"})", errc::token_type_missing);
    check_body_refused(R"({"access_token":"t","token_type":null})", errc::token_type_missing);
    check_body_refused(R"({"access_token":"t","token_type":1})", errc::token_type_missing);
}

BOOST_AUTO_TEST_CASE(TE10_token_type_in_any_case)
{
    for (const std::string type : {"Bearer", "bearer", "BEARER", "bEaReR"}) {
        const auto tokens =
            exchanged(make_answer(200, R"({"access_token":"t","token_type":")" + type + R"("})"));
        BOOST_TEST_REQUIRE(tokens.has_value());
        BOOST_TEST(tokens->token_type() == type);
    }
}

BOOST_AUTO_TEST_CASE(TE11_other_token_types)
{
    for (const std::string type :
         {"mac", "DPoP", "N_A", "", "Bearer ", "urn:ietf:params:oauth:token-type:jwt"})
        check_body_refused(R"({"access_token":"t","token_type":")" + type + R"("})",
                           errc::unsupported_token_type);
}

BOOST_AUTO_TEST_CASE(TE13_expires_in_absent)
{
    for (const std::string_view body : {std::string(plain_body), with_expires_in("null")}) {
        const auto tokens = exchanged(make_answer(200, body));
        BOOST_TEST_REQUIRE(tokens.has_value());
        BOOST_TEST(!tokens->expires_at().has_value());
        BOOST_TEST(!tokens->expired(manual_wall_clock::now() + std::chrono::hours(24 * 365), {}));
    }
}

BOOST_AUTO_TEST_CASE(TE14_expires_in_as_a_string)
{
    const auto tokens = exchanged(make_answer(200, with_expires_in(R"("3600")")));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST((*tokens->expires_at() - tokens->received_at() == std::chrono::hours(1)));
    for (const std::string_view value : {R"("")", R"("1e3")", R"("-1")", R"(" 1")", R"("1 ")", R"("inf")",
                                         R"("nan")", R"("0x10")", R"("1.5")", "true", "[]", "{}"})
        check_body_refused(with_expires_in(value), errc::malformed_response);
}

BOOST_AUTO_TEST_CASE(TE15_expires_in_beyond_all_bounds)
{
    for (const std::string_view value : {"-1", "-0.5", "-9223372036854775808", "-1e300", "1e400", "-1e400"})
        check_body_refused(with_expires_in(value), errc::malformed_response);
    for (const std::string_view value :
         {"1e300", "9223372036854775807", "9223372036854775808", "18446744073709551615",
          "18446744073709551616", "2147483648", R"("99999999999999999999")"}) {
        const auto tokens = exchanged(make_answer(200, with_expires_in(value)));
        BOOST_TEST_REQUIRE(tokens.has_value());
        BOOST_TEST((*tokens->expires_at() - tokens->received_at() == std::chrono::seconds(2'147'483'647)));
    }
}

BOOST_AUTO_TEST_CASE(TE16_expires_at_once)
{
    for (const std::string_view value : {"0", "0.0", "-0", "0.9"}) {
        const auto tokens = exchanged(make_answer(200, with_expires_in(value)));
        BOOST_TEST_REQUIRE(tokens.has_value());
        BOOST_TEST(tokens->expired(manual_wall_clock::now(), std::chrono::seconds(30)));
    }
    const auto tokens = exchanged(make_answer(200, with_expires_in("1")));
    BOOST_TEST(!tokens->expired(manual_wall_clock::now(), std::chrono::seconds(30)));
    BOOST_TEST(tokens->expired(manual_wall_clock::now() + std::chrono::seconds(1), std::chrono::seconds(30)));
}

BOOST_AUTO_TEST_CASE(TE18_granted_scope)
{
    const auto of = [](std::string_view member) {
        return exchanged(
            make_answer(200, R"({"access_token":"t","token_type":"Bearer")" + std::string(member) + '}'),
            "read write");
    };
    BOOST_TEST(of("")->scope().to_string() == "read write");
    BOOST_TEST(of("")->scope_assumed());
    BOOST_TEST(of(R"(,"scope":"read")")->scope().to_string() == "read");
    BOOST_TEST(!of(R"(,"scope":"read")")->scope_assumed());
    BOOST_TEST(of(R"(,"scope":"read write admin")")->scope().contains("admin"));
    BOOST_TEST(of(R"(,"scope":"")")->scope().empty());
    BOOST_TEST(!of(R"(,"scope":"")")->scope_assumed());
    check_refused(of(R"(,"scope":["read"])"), errc::malformed_response);
    check_refused(of(R"(,"scope":"a\"b")"), errc::malformed_response);
    // A comma is a character of a token like any other.
    BOOST_TEST(of(R"(,"scope":"read,write")")->scope().tokens().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TE18_scope_of_a_refresh)
{
    flow test;
    for (int i = 0; i < 2; ++i)
        test.server.expect("POST", token_endpoint).answer(200, plain_body);
    const auto same = run(test.client.refresh(tokens_on_paper("read write")));
    BOOST_TEST(same->scope().to_string() == "read write");
    BOOST_TEST(same->scope_assumed());
    const auto narrowed = run(test.client.refresh(tokens_on_paper("read write"), {.scope = "read"}));
    BOOST_TEST(narrowed->scope().to_string() == "read");
    BOOST_TEST(only_value(test.server.sent().at(1).form(), "scope") == "read");
    check_refused(run(test.client.refresh(tokens_on_paper(), {.scope = "a\"b"})), errc::invalid_parameter);
    BOOST_TEST(test.server.requests().size() == 2u);
}

BOOST_AUTO_TEST_CASE(TE20_id_token_missing)
{
    const auto refused = exchanged(make_answer(200, token_response_body(false)), "openid");
    check_refused(refused, errc::id_token_missing);
    BOOST_TEST(refused.error().grant_spent());
    check_refused(
        exchanged(make_answer(200, R"({"access_token":"t","token_type":"Bearer","id_token":1})"), "openid"),
        errc::id_token_missing);
    // OpenID Connect Core 12.2: a refresh need not bring one.
    BOOST_TEST(refreshed(make_answer(200, plain_body)).has_value());
}

BOOST_AUTO_TEST_CASE(TE21_id_token_that_nobody_asked_for)
{
    BOOST_TEST(exchanged(make_answer(200, token_response_body(true)), "profile").has_value());
    BOOST_TEST(exchanged(make_answer(200, R"({"access_token":"t","token_type":"Bearer","id_token":1})"))
                   .has_value());
}

BOOST_AUTO_TEST_CASE(TE22_code_already_used)
{
    const auto refused = exchanged(make_answer(400, R"({"error":"invalid_grant"})"));
    check_refused(refused, server_errc::invalid_grant);
    BOOST_TEST(refused.error().grant_spent());
    BOOST_TEST((refused.error() == coauth::condition::reauthorization_required));
    BOOST_TEST((refused.error() != coauth::condition::retryable));
}

BOOST_AUTO_TEST_CASE(TE23_connection_lost_after_the_request)
{
    for (const bool refresh : {false, true}) {
        flow test;
        test.server.expect("POST", token_endpoint).after_commit(happening::fail(errc::connection_lost));
        const auto refused = refresh ? run(test.client.refresh(tokens_on_paper()))
                                     : run(test.client.exchange(test.signed_in()));
        check_refused(refused, errc::outcome_unknown);
        BOOST_TEST(refused.error().grant_spent());
        BOOST_TEST((refused.error() != coauth::condition::retryable));
        BOOST_TEST(test.server.requests().size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(TE30_header_fields_that_are_nobodys_business)
{
    flow test;
    coauth::http_response answer = make_answer(200, token_response_body());
    answer.add_field("Set-Cookie", "session=1").add_field("Refresh", "0;url=https://evil.example");
    test.server.expect("POST", token_endpoint).answer(answer);
    test.server.expect("GET", userinfo_endpoint).answer(200, userinfo_body());
    const auto tokens = run(test.client.exchange(test.signed_in()));
    BOOST_TEST(run(test.client.fetch_userinfo(tokens.value())).has_value());
    BOOST_TEST(test.server.sent().at(1).field("Cookie").empty());
    BOOST_TEST(test.server.sent().at(1).number_of_fields() == 2u);
}

BOOST_AUTO_TEST_CASE(compatible_policy_tolerates_what_it_names_and_no_more)
{
    const auto lenient = [](std::string_view body, std::string_view type = "application/json") {
        return exchanged<compatible_flow>(make_answer(200, body, type), "read write");
    };
    BOOST_TEST(lenient(R"({"access_token":"t"})")->token_type() == "Bearer");
    BOOST_TEST(lenient(plain_body, "text/html").has_value());
    BOOST_TEST(lenient(plain_body, "").has_value());
    const auto commas = lenient(R"({"access_token":"t","scope":"read,write admin"})");
    BOOST_TEST_REQUIRE(commas.has_value());
    BOOST_TEST(commas->scope().tokens().size() == 3u);

    check_refused(lenient(R"({"access_token":"t","token_type":"mac"})"), errc::unsupported_token_type);
    check_refused(lenient(R"({"access_token":"t","token_type":null})"), errc::token_type_missing);
    check_refused(lenient(R"({"access_token":"a","access_token":"b"})"), errc::duplicate_member);
    check_refused(lenient("access_token=t&token_type=bearer", "application/x-www-form-urlencoded"),
                  errc::malformed_json);
    check_refused(lenient(R"({"access_token":"a b"})"), errc::access_token_missing);
}

BOOST_AUTO_TEST_CASE(RF3_refresh_keeps_the_refresh_token_that_the_server_does_not_replace)
{
    const auto kept = refreshed(make_answer(200, plain_body));
    BOOST_TEST(kept->refresh_token().expose() == canary_refresh_token);
    const auto replaced = refreshed(make_answer(200, refresh_response_body()));
    BOOST_TEST(replaced->refresh_token().expose() == canary_new_refresh_token);

    flow test;
    coauth::token_set without(coauth::secret("t"), "Bearer", {});
    check_refused(run(test.client.refresh(without)), errc::refresh_token_missing);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()
