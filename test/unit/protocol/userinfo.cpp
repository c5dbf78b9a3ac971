#include <coauth/protocol/userinfo_response.hpp>

#include "../expect.hpp"
#include "../memory.hpp"
#include "signed_messages.hpp"

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

namespace json = boost::json;

/// A person who signed in, and whose claims come signed or not.
struct person {
    openid_registration registration;
    limits bounds;
    userinfo_expectations expected;

    person()
    {
        expected.needs_subject = true;
        expected.subject = "248289761001";
        expected.issuer = op_issuer;
        expected.client_id = our_client_id;
        expected.registration = &registration;
        expected.algorithms = default_signing_algorithms;
        expected.keys = &test_provider::instance().keys();
        expected.now = test_now;
    }
    person(const person&) = delete;
    person& operator=(const person&) = delete;

    static json::object claims()
    {
        return {{"iss", op_issuer},
                {"aud", our_client_id},
                {"sub", "248289761001"},
                {"email", "jane@example.com"}};
    }

    result<userinfo> read(std::string_view body, std::string_view content_type = "application/jwt") const
    {
        return parse_userinfo({200, content_type, "", body}, expected, bounds);
    }
    std::string outcome(const json::object& claims, const json::object& header = {}) const
    {
        return outcome_name(read(test_provider::instance().sign(claims, header)));
    }
    std::string outcome_with(std::string_view name, const claim_value& value) const
    {
        return outcome(with(claims(), name, value));
    }
};

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

BOOST_AUTO_TEST_CASE(UI1_userinfo_invalid_sub)
{
    const person jane;
    const auto plain = [&jane](std::string_view body) {
        return outcome_name(jane.read(body, "application/json"));
    };
    BOOST_TEST(plain(R"({"sub":"248289761001"})") == "ok");
    for (const std::string_view other :
         {"248289761002", "24828976100", "2482897610011", "X", "248289761001 "}) {
        BOOST_TEST(plain("{\"sub\":\"" + std::string(other) + "\"}") == "coauth.client:subject_mismatch",
                   other);
        BOOST_TEST(jane.outcome_with("sub", other) == "coauth.client:subject_mismatch", other);
    }
    BOOST_TEST(plain("{}") == missing);
    // Whoever has an ID token has a subject to compare with, whatever the scope says by now.
    person odd;
    odd.expected.needs_subject = false;
    BOOST_TEST(outcome_name(odd.read("{}", "application/json")) == "coauth.client:subject_mismatch");
    odd.expected.subject = {};
    BOOST_TEST(outcome_name(odd.read("{}", "application/json")) == "ok");
}

BOOST_AUTO_TEST_CASE(UI3_plain_where_a_signature_was_agreed_on)
{
    person jane;
    jane.registration.set_userinfo_signed_response_alg(signing_algorithm::es256);
    const std::string plain = json::serialize(person::claims());
    const auto refused = failure(jane.read(plain, "application/json"));
    BOOST_TEST((refused == errc::userinfo_not_signed));
    BOOST_TEST(refused.http_status() == 200u);
    BOOST_TEST(outcome_name(jane.read(R"({"error":"x"})", "application/json")) ==
               "coauth.client:userinfo_not_signed");
    BOOST_TEST(outcome_name(jane.read(plain)) == "coauth.client:malformed_jwt");
    BOOST_TEST(outcome_name(jane.read(plain, "text/plain")) == "coauth.client:unexpected_content_type");
    BOOST_TEST(jane.outcome(person::claims()) == "ok");
    // A signed text is none unless the answer calls itself one.
    const std::string compact = test_provider::instance().sign(person::claims());
    BOOST_TEST(outcome_name(jane.read(compact, "application/json")) == "coauth.client:userinfo_not_signed");
    BOOST_TEST(outcome_name(jane.read(compact, "Application/JWT; charset=utf-8")) == "ok");
}

BOOST_AUTO_TEST_CASE(UI4_userinfo_signed)
{
    const person jane;
    const auto info = jane.read(test_provider::instance().sign(person::claims(), {{"typ", "JWT"}}));
    BOOST_TEST_REQUIRE(outcome_name(info) == "ok");
    BOOST_TEST(info->subject() == "248289761001");
    BOOST_TEST(info->claim("email") == "jane@example.com");
    // Tolerated, as some servers leave them out.
    BOOST_TEST(jane.outcome(without(person::claims(), "iss")) == "ok");
    BOOST_TEST(jane.outcome(without(person::claims(), "aud")) == "ok");
    BOOST_TEST(jane.outcome(without(without(person::claims(), "aud"), "iss")) == "ok");
    BOOST_TEST(jane.outcome_with("iss", nullptr) == "ok");
    BOOST_TEST(jane.outcome_with("aud", nullptr) == "ok");
    BOOST_TEST(jane.outcome_with("aud", list({"other", our_client_id})) == "ok");
    for (const std::string_view other : {"https://op.example/", "https://x.example", ""})
        BOOST_TEST(jane.outcome_with("iss", other) == "coauth.client:id_token_issuer_mismatch", other);
    BOOST_TEST(jane.outcome_with("aud", "client-2") == "coauth.client:audience_mismatch");
    BOOST_TEST(jane.outcome_with("aud", list({})) == "coauth.client:audience_mismatch");
    for (const json::value& value : no_strings())
        BOOST_TEST(jane.outcome_with("iss", value) == "coauth.client:claim_invalid", value);
    for (const json::value& value : {json::value(1), json::value(true), json::value(json::object())})
        BOOST_TEST(jane.outcome_with("aud", value) == "coauth.client:claim_invalid", value);
    BOOST_TEST(jane.outcome_with("exp", now_seconds - 31) == "coauth.client:token_expired");
    BOOST_TEST(jane.outcome_with("exp", now_seconds) == "ok");
    BOOST_TEST(jane.outcome_with("exp", "soon") == "coauth.client:claim_invalid");
    BOOST_TEST(jane.outcome_with("nbf", now_seconds + 31) == "coauth.client:token_not_yet_valid");
    BOOST_TEST(jane.outcome_with("nbf", now_seconds) == "ok");
    BOOST_TEST(jane.outcome(without(person::claims(), "sub")) == missing);
    BOOST_TEST(jane.outcome_with("sub", 1) == missing);
    // A signed error is no error of the endpoint's.
    BOOST_TEST(jane.outcome(with(without(person::claims(), "sub"), "error", "x")) == missing);
    // Another kind of token.
    BOOST_TEST(jane.outcome(person::claims(), {{"typ", "at+jwt"}}) == "coauth.client:token_type_mismatch");
    const json::object events{{"http://schemas.openid.net/event/backchannel-logout", json::object()}};
    BOOST_TEST(jane.outcome_with("events", events) == "coauth.client:token_type_mismatch");
}

BOOST_AUTO_TEST_CASE(UI4_signatures)
{
    person jane;
    const std::string forged = test_provider::other().sign(person::claims());
    BOOST_TEST(outcome_name(jane.read(forged)) == "coauth.client:signing_key_unknown");
    std::string altered = test_provider::instance().sign(person::claims());
    altered[altered.find('.') + 20] ^= 1;
    BOOST_TEST(outcome_name(jane.read(altered)) == "coauth.client:signature_invalid");
    BOOST_TEST(failure(jane.read(altered)).http_status() == 200u);
    // Of what was registered for userinfo, else of what is accepted of ID tokens.
    jane.registration.set_userinfo_signed_response_alg(signing_algorithm::rs256);
    BOOST_TEST(jane.outcome(person::claims()) == "coauth.client:algorithm_not_allowed");
    jane.expected.algorithms = signing_algorithm::rs256;
    jane.registration.set_userinfo_signed_response_alg(signing_algorithm::es256);
    BOOST_TEST(jane.outcome(person::claims()) == "ok");
    person john;
    john.expected.algorithms = signing_algorithm::rs256;
    BOOST_TEST(john.outcome(person::claims()) == "coauth.client:algorithm_not_allowed");
    john.expected.keys = nullptr;
    john.expected.algorithms = signing_algorithm::es256;
    BOOST_TEST(john.outcome(person::claims()) == "coauth.client:signing_key_unknown");
    // With a secret, unless it was agreed that the server's keys sign.
    const std::string with_secret = sign_text(json::serialize(person::claims()));
    BOOST_TEST(outcome_name(john.read(with_secret)) == "coauth.client:algorithm_not_allowed");
    john.registration.set_id_token_signed_response_alg(shared_secret());
    BOOST_TEST(outcome_name(john.read(with_secret)) == "ok");
    john.registration.set_userinfo_signed_response_alg(signing_algorithm::es256);
    BOOST_TEST(outcome_name(john.read(with_secret)) == "coauth.client:algorithm_not_allowed");
}

BOOST_AUTO_TEST_CASE(UI4_whether_keys_are_needed)
{
    using coauth::detail::is_signed_userinfo;
    BOOST_TEST(is_signed_userinfo({200, "application/jwt", "", ""}));
    BOOST_TEST(!is_signed_userinfo({200, "application/json", "", ""}));
    BOOST_TEST(!is_signed_userinfo({401, "application/jwt", "", ""}));
}

BOOST_AUTO_TEST_CASE(UI10_a_body_beyond_the_limits)
{
    person jane;
    jane.bounds.token_bytes = 500;
    BOOST_TEST(jane.outcome_with("x", std::string(1000, 'x')) == "coauth.client:malformed_jwt");
    jane.bounds.json_nodes = 20;
    BOOST_TEST(outcome_name(jane.read(R"({"sub":"248289761001","x":[)" + repeated("1,", 30) + "1]}",
                                      "application/json")) == "coauth.client:malformed_json");
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
