#include <coauth/protocol/token_response.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using detail::answer;
using detail::parse_error_response;
using detail::parse_token_response;
using detail::token_expectations;
using std::chrono::seconds;

const std::chrono::system_clock::time_point now(std::chrono::hours(480'000));

struct reading {
    unsigned status = 200;
    std::string_view content_type = "application/json";
    std::string_view retry_after{};
    std::string_view requested_scope{};
    bool id_token = false;
    leniencies tolerated{};
    limits bounds{};
};

result<token_set> read(std::string_view body, const reading& how = {})
{
    secret id_token;
    return parse_token_response({how.status, how.content_type, how.retry_after, body},
                                {how.requested_scope, how.id_token, now, how.tolerated}, how.bounds,
                                id_token);
}

std::string outcome_of(std::string_view body, const reading& how = {})
{
    const auto tokens = read(body, how);
    if (!tokens)
        BOOST_TEST(tokens.error().http_status() == how.status);
    return outcome_name(tokens);
}

/// A good response with one member replaced, added (in front of it), or removed by an empty value.
std::string body_with(std::string_view name, std::string_view value)
{
    std::string out = "{";
    bool placed = false;
    for (const auto& [own, standard] :
         {std::pair<std::string_view, std::string_view>{"access_token", "\"2YotnFZFEjr1z\""},
          {"token_type", "\"Bearer\""},
          {"expires_in", "3600"}}) {
        placed = placed || own == name;
        const std::string_view chosen = own == name ? value : standard;
        if (!chosen.empty())
            out.append(out.size() > 1 ? ",\"" : "\"").append(own).append("\":").append(chosen);
    }
    if (!placed)
        out.append(",\"").append(name).append("\":").append(value);
    return out + "}";
}

constexpr std::string_view malformed = "coauth.client:malformed_response";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_token_response)

BOOST_AUTO_TEST_CASE(the_example_of_RFC_6749_section_5_1)
{
    const auto tokens = read(R"({
       "access_token":"2YotnFZFEjr1zCsicMWpAA",
       "token_type":"Bearer",
       "expires_in":3600,
       "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
       "example_parameter":"example_value"
     })",
                             {.requested_scope = "a b"});
    BOOST_TEST_REQUIRE(outcome_name(tokens) == "ok");
    BOOST_TEST(tokens->access_token().expose() == "2YotnFZFEjr1zCsicMWpAA");
    BOOST_TEST(tokens->refresh_token().expose() == "tGzv3JOkF0XG5Qx2TlKWIA");
    BOOST_TEST(tokens->token_type() == "Bearer");
    BOOST_TEST((tokens->received_at() == now));
    BOOST_TEST((tokens->expires_at() == now + seconds(3600)));
    BOOST_TEST(tokens->scope().to_string() == "a b");
    BOOST_TEST(tokens->scope_assumed());
}

BOOST_AUTO_TEST_CASE(TE1_success_with_an_error_in_it_is_an_error)
{
    const auto tokens = read(
        R"({"access_token":"x","token_type":"Bearer","error":"invalid_grant","error_description":"spent"})");
    BOOST_TEST((failure(tokens) == server_errc::invalid_grant));
    BOOST_TEST(failure(tokens).description() == "spent");
    BOOST_TEST(failure(tokens).http_status() == 200u);
    BOOST_TEST(failure(tokens).grant_spent());
    BOOST_TEST(outcome_of(R"({"error":"bad_verification_code"})") ==
               "coauth.server:unrecognized"); // as GitHub says it
    for (const std::string_view value : {"1", "{}", "[]", "true", "{\"code\":400}"})
        BOOST_TEST(outcome_of(body_with("error", value)) == malformed, value);
    // Some write the member for every success, too.
    for (const std::string_view value : {"null", "\"\""})
        BOOST_TEST(outcome_of(body_with("error", value)) == "ok", value);
    BOOST_TEST(outcome_of(body_with("error", "\" \"")) == "coauth.server:unrecognized");
    // That it is an error needs no Content-Type.
    BOOST_TEST(outcome_of(R"({"error":"invalid_grant"})", {.content_type = "text/html"}) ==
               "coauth.server:invalid_grant");
}

BOOST_AUTO_TEST_CASE(TE2_errors_are_typed_by_body_and_status)
{
    struct error_case {
        unsigned status;
        std::string_view content_type, body, outcome;
    };
    constexpr std::string_view json = "application/json";
    const error_case cases[] = {
        {400, json, R"({"error":"invalid_request"})", "coauth.server:invalid_request"},
        {400, json, R"({"error":"invalid_grant"})", "coauth.server:invalid_grant"},
        {401, json, R"({"error":"invalid_client"})", "coauth.server:invalid_client"},
        {400, "Application/JSON ; charset=UTF-8", R"({"error":"invalid_scope"})",
         "coauth.server:invalid_scope"},
        {400, json, R"({"error":"our_own"})", "coauth.server:unrecognized"},
        {500, json, R"({"error":"server_error"})", "coauth.server:server_error"},
        {503, json, R"({"error":"temporarily_unavailable"})", "coauth.server:temporarily_unavailable"},
        {500, json, R"({"error":"invalid_grant"})", "coauth.server:invalid_grant"},
        // An error that says nothing, or that cannot be believed.
        {400, json, R"({"error":7})", malformed},
        {400, json, R"({"error":null})", "coauth.client:unexpected_status"},
        {400, json, R"({"error":""})", "coauth.client:unexpected_status"},
        {401, json, R"({"error":{"code":401,"message":"x"}})", malformed},
        {400, json, R"({"error":"invalid_grant","error":"invalid_client"})",
         "coauth.client:unexpected_status"},
        {400, json, R"({})", "coauth.client:unexpected_status"},
        {400, json, R"([])", "coauth.client:unexpected_status"},
        {400, json, "", "coauth.client:unexpected_status"},
        {400, json, "{", "coauth.client:unexpected_status"},
        // An error is one whatever it is called.
        {400, "text/html", R"({"error":"invalid_grant"})", "coauth.server:invalid_grant"},
        {400, "application/octet-stream", R"({"error":"invalid_grant"})", "coauth.server:invalid_grant"},
        {400, "", R"({"error":"invalid_grant"})", "coauth.server:invalid_grant"},
        {404, "text/html", "<html>", "coauth.client:unexpected_status"},
        {400, "text/plain", "error=invalid_grant", "coauth.client:unexpected_status"},
        {400, json, R"({"access_token":"x","token_type":"Bearer"})", "coauth.client:unexpected_status"},
        // A status that means nothing, with a body that would be a success.
        {0, json, R"({"access_token":"x","token_type":"Bearer"})", "coauth.client:unexpected_status"},
        {100, json, "", "coauth.client:unexpected_status"},
        // TL14: nobody follows.
        {300, json, "", "coauth.client:redirect_refused"},
        {302, "text/html", "", "coauth.client:redirect_refused"},
        {307, json, R"({"error":"invalid_grant"})", "coauth.server:invalid_grant"},
        {308, json, R"({"access_token":"x","token_type":"Bearer"})", "coauth.client:redirect_refused"},
        {399, json, "", "coauth.client:redirect_refused"},
        // Overloaded, whatever the words for it.
        {429, "text/html", "slow", "coauth.client:server_unavailable"},
        {429, json, R"({"error":"too_many_requests"})", "coauth.client:server_unavailable"},
        {429, json, R"({"error":{"code":429}})", "coauth.client:server_unavailable"},
        {429, json, R"({"error":"slow_down"})", "coauth.server:slow_down"},
        {428, json, "", "coauth.client:unexpected_status"},
        {430, json, "", "coauth.client:unexpected_status"},
        {499, json, "", "coauth.client:unexpected_status"},
        {500, "text/html", "<html>", "coauth.client:server_unavailable"},
        {502, "", "", "coauth.client:server_unavailable"},
        {503, json, R"({"error":"maintenance"})", "coauth.client:server_unavailable"},
        {503, json, R"({"error":[]})", "coauth.client:server_unavailable"},
        {599, json, "{", "coauth.client:server_unavailable"},
    };
    for (const error_case& one : cases) {
        const answer from{one.status, one.content_type, "", one.body};
        const std::string said =
            outcome_of(one.body, {.status = one.status, .content_type = one.content_type});
        BOOST_TEST(said == one.outcome, one.status << ' ' << one.body);
        BOOST_TEST(parse_error_response(from, {}).qualified_name() == one.outcome,
                   one.status << ' ' << one.body);
        BOOST_TEST((parse_error_response(from, {}) == condition::retryable) ==
                       ((one.status == 429 || one.status >= 500) && !contains(one.outcome, "grant")),
                   one.status << ' ' << one.body);
    }
}

BOOST_AUTO_TEST_CASE(TE33_every_2xx_is_an_answer)
{
    for (const unsigned status : {200u, 201u, 203u, 204u, 206u, 299u}) {
        BOOST_TEST(outcome_of(body_with("x", "1"), {.status = status}) == "ok", status);
        BOOST_TEST(outcome_of(R"({"error":"invalid_grant"})", {.status = status}) ==
                       "coauth.server:invalid_grant",
                   status);
        BOOST_TEST(outcome_of("", {.status = status}) == "coauth.client:malformed_json", status);
        BOOST_TEST(outcome_of("{}", {.status = status}) == "coauth.client:access_token_missing", status);
    }
    for (const unsigned status : {199u, 300u})
        BOOST_TEST(outcome_of(body_with("x", "1"), {.status = status}) != "ok", status);
}

BOOST_AUTO_TEST_CASE(TE34_words_of_the_server_for_invalid_grant)
{
    const auto said = [](std::string_view word, std::string_view words) {
        return outcome_of("{\"error\":\"" + std::string(word) + "\"}",
                          {.status = 400, .tolerated = {.words_for_invalid_grant = words}});
    };
    for (const std::string_view words : {"spent", "spent gone", "gone spent", " spent ", "gone  spent"}) {
        BOOST_TEST(said("spent", words) == "coauth.server:invalid_grant", words);
        BOOST_TEST(said("invalid_client", words) == "coauth.server:invalid_client", words);
    }
    for (const std::string_view words : {"", " ", "spen", "spentt", "Spent", "gone"})
        BOOST_TEST(said("spent", words) == "coauth.server:unrecognized", words);
    // What the protocol knows keeps its meaning.
    BOOST_TEST(said("invalid_client", "invalid_client") == "coauth.server:invalid_client");
    BOOST_TEST(said("gone spent", "gone spent") == "coauth.server:unrecognized");
}

BOOST_AUTO_TEST_CASE(TE2_what_the_server_says_is_kept_and_filtered)
{
    const auto reason =
        failure(read("{\"error\":\"too_many\\r\\nrequests\",\"error_description\":\"wait\\u0000\\u001b[31m "
                     "\\\"a\\\" \\u00e4\"}",
                     {.status = 429, .retry_after = "7"}));
    BOOST_TEST((reason == errc::server_unavailable));
    BOOST_TEST(reason.server_error() == "too_many??requests");
    BOOST_TEST(reason.description() == "wait??[31m ?a? ??");
    BOOST_TEST((reason.retry_after() == seconds(7)));
    BOOST_TEST(contains(reason.message(), "error \"too_many??requests\", described as \"wait"));
    // A description of a wrong type is left out, not an error of its own.
    for (const std::string_view value : {"1", "null", "{}", "[\"x\"]"}) {
        const auto other =
            failure(read("{\"error\":\"invalid_grant\",\"error_description\":" + std::string(value) + "}",
                         {.status = 400}));
        BOOST_TEST((other == server_errc::invalid_grant), value);
        BOOST_TEST(other.description().empty(), value);
    }
}

BOOST_AUTO_TEST_CASE(TE22_only_invalid_grant_spends_the_grant)
{
    for (int i = 1; i <= static_cast<int>(server_errc::unrecognized); ++i) {
        const auto code = static_cast<server_errc>(i);
        const auto reason = failure(read("{\"error\":\"" + std::string(name(code)) + "\"}", {.status = 400}));
        BOOST_TEST((reason == code), name(code));
        BOOST_TEST(reason.grant_spent() == (code == server_errc::invalid_grant), name(code));
    }
}

BOOST_AUTO_TEST_CASE(TE4_content_type)
{
    const std::string body = body_with("x", "1");
    for (const std::string_view type :
         {"application/json", "Application/JSON", "application/json;charset=UTF-8",
          "application/json ; charset=utf-8", "application/json\t;x", "application/json;",
          "APPLICATION/JSON; a=\"b;c\""}) {
        BOOST_TEST(outcome_of(body, {.content_type = type}) == "ok", type);
        BOOST_TEST(detail::is_media_type(type, "application/json"), type);
    }
    for (const std::string_view type :
         {"", "text/html", "text/plain", "text/json", "application/jsonp", "application/json2",
          "application/jwk-set+json", "application/x-www-form-urlencoded", "json", "application",
          "application/", ";application/json", "application/json, text/html", "application/json text/html",
          "text/html;application/json", "*/*"}) {
        BOOST_TEST(outcome_of(body, {.content_type = type}) == "coauth.client:unexpected_content_type", type);
        BOOST_TEST(outcome_of(body, {.content_type = type, .tolerated = {.any_token_content_type = true}}) ==
                       "ok",
                   type);
    }
    // Whatever it is called, what is not JSON is none.
    BOOST_TEST(outcome_of("access_token=x&token_type=bearer",
                          {.content_type = "text/plain", .tolerated = {.any_token_content_type = true}}) ==
               "coauth.client:malformed_json");
}

BOOST_AUTO_TEST_CASE(TE5_the_body_is_one_object)
{
    for (const std::string_view body :
         {"", "[]", "null", "\"x\"", "1", "true", R"([{"access_token":"x","token_type":"Bearer"}])",
          R"({"access_token":"x","token_type":"Bearer"} )"
          "x"})
        BOOST_TEST(outcome_of(body) == "coauth.client:malformed_json", body);
    BOOST_TEST(outcome_of("{}") == "coauth.client:access_token_missing");
}

BOOST_AUTO_TEST_CASE(TE6_no_member_occurs_twice)
{
    constexpr std::string_view duplicate = "coauth.client:duplicate_member";
    BOOST_TEST(outcome_of(R"({"access_token":"x","token_type":"Bearer","access_token":"y"})") == duplicate);
    BOOST_TEST(outcome_of(R"({"access_token":"x","token_type":"Bearer","\u0061ccess_token":"y"})") ==
               duplicate);
    BOOST_TEST(outcome_of(body_with("x", R"([{"y":{"z":1,"z":2}}])")) == duplicate);
}

BOOST_AUTO_TEST_CASE(DO1_DO2_the_limits_of_json_hold)
{
    BOOST_TEST(outcome_of(body_with("x", repeated("[", 31) + repeated("]", 31))) == "ok");
    BOOST_TEST(outcome_of(body_with("x", repeated("[", 32) + repeated("]", 32))) ==
               "coauth.client:malformed_json");
    BOOST_TEST(outcome_of(body_with("x", "[" + repeated("0,", 20'000) + "0]")) ==
               "coauth.client:malformed_json");
}

BOOST_AUTO_TEST_CASE(TE8_access_token)
{
    constexpr std::string_view missing = "coauth.client:access_token_missing";
    for (const std::string_view value : {"",
                                         "null",
                                         "\"\"",
                                         "0",
                                         "12345",
                                         "true",
                                         "{}",
                                         "[]",
                                         "[\"x\"]",
                                         "\" \"",
                                         "\"a b\"",
                                         "\"a \"",
                                         "\" a\"",
                                         R"("a\r\nb")",
                                         R"("a\nX-Header: y")",
                                         R"("\u0000")",
                                         R"("a\u0000")",
                                         R"("a\tb")",
                                         R"("a\u007f")",
                                         R"("\u00e4")",
                                         R"("a\ud83d\ude00")"})
        BOOST_TEST(outcome_of(body_with("access_token", value)) == missing, value);
    // RFC 6749 A.12, less the space: every other visible character.
    std::string all;
    for (char c = 0x21; c < 0x7f; ++c)
        all += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    const auto tokens = read(body_with("access_token", '"' + all + '"'));
    BOOST_TEST(tokens.value().access_token().size() == 94u);
    for (unsigned i = 0; i < 0x80; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        const std::string value = std::string("\"\\u00") + digits[i / 16] + digits[i % 16] + "\"";
        BOOST_TEST(outcome_of(body_with("access_token", value)) == (i > 0x20 && i < 0x7f ? "ok" : missing),
                   i);
    }
    const limits bounds;
    const auto sized = [](std::size_t size) { return '"' + std::string(size, 'x') + '"'; };
    BOOST_TEST(outcome_of(body_with("access_token", sized(bounds.token_bytes))) == "ok");
    BOOST_TEST(outcome_of(body_with("access_token", sized(bounds.token_bytes + 1))) == missing);
}

BOOST_AUTO_TEST_CASE(TE9_TE10_TE11_token_type)
{
    for (const std::string_view value : {"Bearer", "bearer", "BEARER", "bEaReR"}) {
        const auto tokens = read(body_with("token_type", '"' + std::string(value) + '"'));
        BOOST_TEST_REQUIRE(outcome_name(tokens) == "ok");
        BOOST_TEST(tokens->token_type() == value); // in the letters of the server
    }
    for (const std::string_view value : {"", "null", "1", "true", "[]", "{}", "[\"Bearer\"]"})
        BOOST_TEST(outcome_of(body_with("token_type", value)) == "coauth.client:token_type_missing", value);
    for (const std::string_view value :
         {"mac", "MAC", "DPoP", "dpop", "N_A", "", " Bearer", "Bearer ", "Bearer\\u0000", "Bearer,DPoP",
          "Beare", "bearertoken", "B\\u00e9arer"})
        BOOST_TEST(outcome_of(body_with("token_type", '"' + std::string(value) + '"')) ==
                       "coauth.client:unsupported_token_type",
                   value);
    // By name, a missing one is tolerated. A wrong one is not.
    const reading lenient{.tolerated = {.missing_token_type = true}};
    const auto tokens = read(body_with("token_type", ""), lenient);
    BOOST_TEST_REQUIRE(outcome_name(tokens) == "ok");
    BOOST_TEST(tokens->token_type() == "Bearer");
    BOOST_TEST(outcome_of(body_with("token_type", "\"mac\""), lenient) ==
               "coauth.client:unsupported_token_type");
    BOOST_TEST(outcome_of(body_with("token_type", "1"), lenient) == "coauth.client:token_type_missing");
}

BOOST_AUTO_TEST_CASE(TE13_expires_in_absent)
{
    for (const std::string_view value : {"", "null"}) {
        const auto tokens = read(body_with("expires_in", value));
        BOOST_TEST_REQUIRE(outcome_name(tokens) == "ok");
        BOOST_TEST(!tokens->expires_at().has_value());
    }
}

BOOST_AUTO_TEST_CASE(TE14_TE15_TE16_DO4_expires_in)
{
    constexpr std::int64_t most = 2'147'483'647;
    const std::pair<std::string_view, std::int64_t> good[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0", 0},
        {"1", 1},
        {"3600", 3600},
        {"3600.0", 3600},
        {"3600.999", 3600},
        {"3.6e3", 3600},
        {"1e-400", 0},
        {"2147483646", most - 1},
        {"2147483647", most},
        {"2147483648", most},
        {"9223372036854775807", most},  // 2^63 - 1
        {"9223372036854775808", most},  // 2^63
        {"18446744073709551615", most}, // 2^64 - 1
        {"18446744073709551616", most}, // 2^64
        {"1e300", most},
        {"\"3600\"", 3600},
        {"\"0\"", 0},
        {"\"0003600\"", 3600},
        {"\"2147483648\"", most},
        {"\"18446744073709551615\"", most},
        {"\"18446744073709551616\"", most},
        {"\"99999999999999999999999999999999999999999999999999\"", most},
    };
    for (const auto& [value, life] : good) {
        const auto tokens = read(body_with("expires_in", value));
        BOOST_TEST_CONTEXT(value)
        {
            BOOST_TEST_REQUIRE(outcome_name(tokens) == "ok");
            BOOST_TEST_REQUIRE(tokens->expires_at().has_value());
            BOOST_TEST((*tokens->expires_at() - now) / seconds(1) == life);
            BOOST_TEST(tokens->expired(now, seconds(30)) == (life == 0));
        }
    }
    for (const std::string_view value : {"-1",
                                         "-0.5",
                                         "-1e-300",
                                         "-9223372036854775808",
                                         "-9223372036854775809",
                                         "-1e300",
                                         "1e400",
                                         "-1e400",
                                         "true",
                                         "false",
                                         "{}",
                                         "[]",
                                         "[3600]",
                                         "\"\"",
                                         "\" 3600\"",
                                         "\"3600 \"",
                                         "\"+3600\"",
                                         "\"-1\"",
                                         "\"-0\"",
                                         "\"3600s\"",
                                         "\"3.6e3\"",
                                         "\"3600.0\"",
                                         "\"0x10\"",
                                         "\"1e400\"",
                                         "\"NaN\"",
                                         "\"inf\"",
                                         "\"Infinity\"",
                                         "\"3600\\u0000\"",
                                         "\"\\u0663\"",
                                         "\"99999999999999999999999999999999999999999x\"",
                                         "\"12 34\"",
                                         "\"1,000\""})
        BOOST_TEST(outcome_of(body_with("expires_in", value)) == malformed, value);
}

BOOST_AUTO_TEST_CASE(TE18_scope)
{
    const auto granted = [](std::string_view value, std::string_view requested, leniencies tolerated = {}) {
        const auto tokens =
            read(body_with("scope", value), {.requested_scope = requested, .tolerated = tolerated});
        if (!tokens)
            return tokens.error().qualified_name();
        return (tokens->scope_assumed() ? "assumed " : "granted ") + tokens->scope().to_string();
    };
    BOOST_TEST(granted("null", "a b") == "assumed a b");
    BOOST_TEST(granted("null", "") == "assumed ");
    BOOST_TEST(granted("\"a b\"", "a b") == "granted a b");
    BOOST_TEST(granted("\"a\"", "a b") == "granted a");         // narrower
    BOOST_TEST(granted("\"a b c\"", "a b") == "granted a b c"); // wider
    BOOST_TEST(granted("\"\"", "a b") == "granted ");           // nothing at all, and not assumed
    BOOST_TEST(granted("\"  b  a b \"", "a") == "granted b a");
    BOOST_TEST(granted("\"a,b\"", "a") == "granted a,b");
    BOOST_TEST(granted("\"a,b c\"", "a", {.comma_separated_scope = true}) == "granted a b c");
    for (const std::string_view value : {"1", "true", "{}", "[]", "[\"a\",\"b\"]", R"("a\"b")", R"("a\\b")",
                                         R"("a\nb")", R"("a\u0000")", R"("\u00e4")", R"("a\tb")"})
        BOOST_TEST(granted(value, "a") == malformed, value);
}

BOOST_AUTO_TEST_CASE(DO6_the_granted_scope_is_bounded)
{
    const limits bounds;
    const auto sized = [](std::size_t size) {
        return body_with("scope", '"' + std::string(size, 'x') + '"');
    };
    BOOST_TEST(outcome_of(sized(bounds.scope_bytes)) == "ok");
    BOOST_TEST(outcome_of(sized(bounds.scope_bytes + 1)) == malformed);
    // Telling many tokens apart takes time that grows with the square of their number.
    std::string many;
    for (int i = 0; many.size() < 1'000'000; ++i)
        many += std::to_string(i) + ' ';
    BOOST_TEST(outcome_of(body_with("scope", '"' + many + '"')) == malformed);
}

BOOST_AUTO_TEST_CASE(TE20_TE21_id_token)
{
    constexpr std::string_view missing = "coauth.client:id_token_missing";
    for (const std::string_view value :
         {"null", "\"\"", "1", "{}", "[]", "true", R"("a b")", R"("a\nb")", R"("\u0000")"}) {
        BOOST_TEST(outcome_of(body_with("id_token", value), {.id_token = true}) == missing, value);
        BOOST_TEST(outcome_of(body_with("id_token", value)) == "ok", value); // nobody asked
    }
    BOOST_TEST(outcome_of(body_with("x", "1"), {.id_token = true}) == missing);
    BOOST_TEST(outcome_of(body_with("id_token", R"("eyJ.eyJ.sig")"), {.id_token = true}) == "ok");
    const limits bounds;
    BOOST_TEST(outcome_of(body_with("id_token", '"' + std::string(bounds.token_bytes + 1, 'x') + '"'),
                          {.id_token = true}) == missing);
}

BOOST_AUTO_TEST_CASE(TE8_RF4_refresh_token)
{
    const auto refresh_token = [](std::string_view value) {
        const auto tokens = read(body_with("refresh_token", value));
        return tokens ? std::string(tokens->refresh_token().expose()) : tokens.error().qualified_name();
    };
    BOOST_TEST(refresh_token(R"("tGzv3JOkF0XG5Qx2TlKWIA")") == "tGzv3JOkF0XG5Qx2TlKWIA");
    BOOST_TEST(refresh_token("null") == "");
    BOOST_TEST(refresh_token("\"\"") == "");
    for (const std::string_view value :
         {"1", "true", "{}", "[]", R"("a b")", R"("a\r\nb")", R"("a\u0000")", R"("\u00e4")"})
        BOOST_TEST(refresh_token(value) == malformed, value);
    const limits bounds;
    BOOST_TEST(refresh_token('"' + std::string(bounds.token_bytes, 'x') + '"').size() == bounds.token_bytes);
    BOOST_TEST(refresh_token('"' + std::string(bounds.token_bytes + 1, 'x') + '"') == malformed);
}

BOOST_AUTO_TEST_CASE(RS7_retry_after)
{
    const std::pair<std::string_view, int> cases[] = {
        {"0", 0},
        {"1", 1},
        {"120", 120},
        {"0120", 120},
        {"300", 300},
        {"301", 300},
        {"1000000000000", 300},
        {"18446744073709551615", 300},
        {"99999999999999999999999999", 300},
        {"", -1},
        {"-1", -1},
        {"+5", -1},
        {" 5", -1},
        {"5 ", -1},
        {"5s", -1},
        {"1.5", -1},
        {"1e3", -1},
        {"0x10", -1},
        {"Fri, 31 Dec 1999 23:59:59 GMT", -1},
        {"soon", -1},
        {"5, 10", -1},
        {"99999999999999999999999999x", -1},
    };
    for (const auto& [value, expected] : cases) {
        for (const std::string_view body : {"", "{\"error\":\"slow_down\"}"}) {
            const auto reason = failure(read(body, {.status = 429, .retry_after = value}));
            BOOST_TEST(
                (reason.retry_after() == (expected < 0 ? std::nullopt : std::optional(seconds(expected)))),
                value);
        }
    }
}

BOOST_AUTO_TEST_CASE(LG1_LG2_errors_hold_nothing_of_the_body)
{
    const std::string canary = "canaryCANARY0123456789";
    const std::string token = "\"access_token\":\"" + canary + "\",\"refresh_token\":\"" + canary + "\"";
    for (const std::string& body :
         {"{" + token + "}", "{" + token + ",\"token_type\":\"" + canary + "\"}", "{" + token,
          "{" + token + "," + token + "}",
          "{" + token + ",\"token_type\":\"Bearer\",\"expires_in\":\"" + canary + "\"}",
          "{" + token + ",\"token_type\":\"Bearer\",\"scope\":\"" + canary + "\\n\"}", canary,
          "\"" + canary + "\"", "{" + token + ",\"error\":7}",
          "{" + token + ",\"error\":\"invalid_grant\"}"}) {
        for (const unsigned status : {200u, 400u, 503u}) {
            for (const std::string_view type : {"application/json", "text/html"}) {
                const auto reason = failure(read(body, {.status = status, .content_type = type}));
                BOOST_TEST(reason.code().failed());
                BOOST_TEST(!contains(reason.message(), "canary"), reason);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(LG5_a_read_response_leaves_nothing_behind)
{
    const std::string token = "2YotnFZFEjr1zCsicMWpAA-canary-0123456789";
    const std::string body = "{\"access_token\":\"" + token +
                             "\",\"token_type\":\"Bearer\",\"refresh_token\":\"" + token +
                             "\",\"id_token\":\"" + token + "\",\"x\":\"\\n" + token + "\"}";
    const freed_memory_watch watch(token);
    {
        const auto tokens = read(body, {.id_token = true});
        BOOST_TEST(tokens->access_token().expose() == token);
    }
    BOOST_TEST(watch.blocks() > 3u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
