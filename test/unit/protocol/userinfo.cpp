#include <coauth/protocol/userinfo.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::parse_userinfo;
using coauth::detail::userinfo_expectations;

result<userinfo> read(std::string_view body, bool needs_subject = true, unsigned status = 200,
                      std::string_view content_type = "application/json")
{
    userinfo_expectations expected;
    expected.needs_subject = needs_subject;
    return parse_userinfo({status, content_type, "7", body}, expected, {});
}

constexpr std::string_view missing = "coauth.client:subject_missing";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_userinfo)

BOOST_AUTO_TEST_CASE(the_example_of_openid_connect_core_5_3_2)
{
    auto info = read(R"({
       "sub": "248289761001",
       "name": "Jane Doe",
       "email": "janedoe@example.com",
       "email_verified": true,
       "address": {"country": "US"}
      })");
    BOOST_TEST_REQUIRE(outcome_name(info) == "ok");
    BOOST_TEST(info->subject() == "248289761001");
    BOOST_TEST(info->claim("name") == "Jane Doe");
    BOOST_TEST(info->claim("email_verified") == ""); // no string
    BOOST_TEST(info->claim("address") == "");
    BOOST_TEST(info->claim("nickname") == "");
    BOOST_TEST(info->claims().at("email_verified").as_bool());
    BOOST_TEST(info->claims().size() == 5u);
    const userinfo copy = *info;
    info = errc::malformed_json;
    BOOST_TEST(copy.claim("email") == "janedoe@example.com");
}

BOOST_AUTO_TEST_CASE(UI2_subject)
{
    for (const std::string_view body :
         {"{}", R"({"sub":null})", R"({"sub":1})", R"({"sub":""})", R"({"sub":true})", R"({"sub":{}})",
          R"({"sub":["x"]})", R"({"Sub":"x"})", R"({"sub":"admin\u0000x"})", R"({"sub":"a\nb"})",
          R"({"sub":"\u007f"})", R"({"sub":"\u001f"})"})
        BOOST_TEST(outcome_name(read(body)) == missing, body);
    const auto sized = [](std::size_t size) { return "{\"sub\":\"" + std::string(size, 'x') + "\"}"; };
    BOOST_TEST(outcome_name(read(sized(1))) == "ok");
    BOOST_TEST(outcome_name(read(sized(255))) == "ok");
    BOOST_TEST(outcome_name(read(sized(256))) == missing);
    BOOST_TEST(read(R"({"sub":" a|b:c@d/e \"f\" "})")->subject() == " a|b:c@d/e \"f\" ");
}

BOOST_AUTO_TEST_CASE(without_openid_connect_there_may_be_no_subject)
{
    const auto info = read(R"({"id":1,"login":"octocat"})", false);
    BOOST_TEST_REQUIRE(outcome_name(info) == "ok");
    BOOST_TEST(info->subject().empty());
    BOOST_TEST(info->claim("login") == "octocat");
    BOOST_TEST(outcome_name(read(R"({"sub":null})", false)) == "ok");
    BOOST_TEST(read(R"({"sub":"x"})", false)->subject() == "x");
    // One that is there and cannot be used is not left out.
    for (const std::string_view body : {R"({"sub":1})", R"({"sub":""})", R"({"sub":"a\u0000"})"})
        BOOST_TEST(outcome_name(read(body, false)) == missing, body);
}

BOOST_AUTO_TEST_CASE(UI3_TE4_only_json_is_read)
{
    for (const std::string_view type : {"application/jwt", "text/html", "", "text/plain"})
        BOOST_TEST(outcome_name(read(R"({"sub":"x"})", true, 200, type)) ==
                       "coauth.client:unexpected_content_type",
                   type);
    for (const std::string_view body : {"", "[]", "null", "\"x\"", "{"})
        BOOST_TEST(outcome_name(read(body)) == "coauth.client:malformed_json", body);
    BOOST_TEST(outcome_name(read(R"({"sub":"x","sub":"y"})")) == "coauth.client:duplicate_member");
    BOOST_TEST(failure(read("")).http_status() == 200u);
}

BOOST_AUTO_TEST_CASE(TE1_UI6_errors)
{
    const auto denied =
        failure(read(R"({"error":"invalid_token","error_description":"expired"})", true, 401));
    BOOST_TEST((denied == server_errc::invalid_token));
    BOOST_TEST(denied.description() == "expired");
    BOOST_TEST(denied.http_status() == 401u);
    // In an answer that calls itself a success.
    const auto odd = failure(read(R"({"error":"access_denied"})", false));
    BOOST_TEST((odd == server_errc::access_denied));
    BOOST_TEST(odd.http_status() == 200u);
    BOOST_TEST(outcome_name(read(R"({"error":{"message":"x"}})", false)) ==
               "coauth.client:malformed_response");
    // A claim of that name beside a subject is a claim.
    BOOST_TEST(read(R"({"sub":"x","error":"none"})")->claim("error") == "none");
    BOOST_TEST(outcome_name(read("", true, 302)) == "coauth.client:redirect_refused");
    BOOST_TEST(outcome_name(read("", true, 503)) == "coauth.client:server_unavailable");
    BOOST_TEST(outcome_name(read(R"({"sub":"x"})", true, 206)) == "coauth.client:unexpected_status");
    BOOST_TEST((failure(read("", true, 503)).retry_after() == std::chrono::seconds(7)));
}

BOOST_AUTO_TEST_CASE(LG1_errors_hold_nothing_of_the_answer)
{
    for (const std::string_view body : {R"({"sub":1,"email":"canary"})", R"({"sub":"canary\n"})", R"(canary)",
                                        R"({"canary":1,"canary":2})"})
        BOOST_TEST(!contains(failure(read(body)).message(), "canary"), body);
}

BOOST_AUTO_TEST_SUITE_END()
