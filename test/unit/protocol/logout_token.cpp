#include <coauth/protocol/logout_token_validation.hpp>

#include "../expect.hpp"
#include "signed_messages.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <type_traits>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::logout_token_expectations;
using coauth::detail::parse_logout_request;
using coauth::detail::replayable_until;
using coauth::detail::verify_logout_token;
using std::chrono::seconds;
namespace json = boost::json;

constexpr std::string_view event = "http://schemas.openid.net/event/backchannel-logout";

json::object logout_events()
{
    json::object out;
    out[event] = json::object();
    return out;
}

json::object base_claims()
{
    return {{"iss", op_issuer},       {"sub", "248289761001"},    {"aud", our_client_id},
            {"iat", now_seconds - 5}, {"exp", now_seconds + 120}, {"jti", "bWJq"},
            {"sid", "08a5019c"},      {"events", logout_events()}};
}

/// A client that is told to end sessions.
struct relying_party {
    openid_registration registration;
    limits bounds;
    logout_token_expectations expected;

    relying_party()
    {
        expected.registration = &registration;
        expected.issuer = op_issuer;
        expected.client_id = our_client_id;
        expected.algorithms = default_signing_algorithms;
        expected.keys = &test_provider::instance().keys();
        expected.now = test_now;
    }
    relying_party(const relying_party&) = delete;
    relying_party& operator=(const relying_party&) = delete;

    result<logout_token> verify(const json::object& claims, const json::object& header = {}) const
    {
        return verify_logout_token(test_provider::instance().sign(claims, header), expected, bounds);
    }
    std::string outcome(const json::object& claims) const { return outcome_name(verify(claims)); }
    std::string outcome_with(std::string_view name, const claim_value& value) const
    {
        return outcome(with(base_claims(), name, value));
    }
    std::string outcome_without(std::string_view name) const { return outcome(without(base_claims(), name)); }
};

constexpr std::string_view missing = "coauth.client:claim_missing";
constexpr std::string_view invalid = "coauth.client:claim_invalid";
constexpr std::string_view other_issuer = "coauth.client:id_token_issuer_mismatch";
constexpr std::string_view other_audience = "coauth.client:audience_mismatch";
constexpr std::string_view expired = "coauth.client:token_expired";
constexpr std::string_view not_yet = "coauth.client:token_not_yet_valid";
constexpr std::string_view too_old = "coauth.client:token_too_old";
constexpr std::string_view other_type = "coauth.client:token_type_mismatch";
constexpr std::string_view no_event = "coauth.client:logout_event_missing";
constexpr std::string_view has_nonce = "coauth.client:nonce_in_logout_token";
constexpr std::string_view nobody = "coauth.client:session_unidentified";
constexpr std::string_view form = "application/x-www-form-urlencoded";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_logout_token)

BOOST_AUTO_TEST_CASE(the_example_of_back_channel_logout_2_4)
{
    static_assert(!std::is_constructible_v<logout_token, std::string> &&
                  !std::is_constructible_v<logout_token, secret>);
    const logout_token nobodys;
    BOOST_TEST((nobodys.issuer() + nobodys.subject() + nobodys.session_id() + nobodys.token_id()).empty());
    const relying_party client;
    const auto token = client.verify(base_claims(), {{"typ", "logout+jwt"}});
    BOOST_TEST_REQUIRE(outcome_name(token) == "ok");
    BOOST_TEST(token->issuer() == op_issuer);
    BOOST_TEST(token->subject() == "248289761001");
    BOOST_TEST(token->session_id() == "08a5019c");
    BOOST_TEST(token->token_id() == "bWJq");
    BOOST_TEST((token->issued_at() == test_now - seconds(5)));
    BOOST_TEST((token->expires_at() == test_now + seconds(120)));
}

BOOST_AUTO_TEST_CASE(LO1_rp_backchannel_rpinitlogout_alg_none)
{
    const relying_party client;
    const std::string payload = base64url(json::serialize(base_claims()));
    for (const std::string_view algorithm : {"none", "None", "NONE"}) {
        const std::string head = base64url(R"({"alg":")" + std::string(algorithm) + "\"}");
        BOOST_TEST(outcome_name(verify_logout_token(head + '.' + payload + '.', client.expected,
                                                    client.bounds)) == "coauth.client:algorithm_not_allowed",
                   algorithm);
    }
    BOOST_TEST(outcome_name(verify_logout_token("", client.expected, client.bounds)) ==
               "coauth.client:malformed_jwt");
}

BOOST_AUTO_TEST_CASE(LO2_rp_backchannel_rpinitlogout_wrong_alg)
{
    relying_party client;
    client.expected.algorithms = signing_algorithm::rs256;
    BOOST_TEST(client.outcome(base_claims()) == "coauth.client:algorithm_not_allowed");
    const std::string with_secret = sign_text(json::serialize(base_claims()));
    const auto outcome = [&](std::string_view compact) {
        return outcome_name(verify_logout_token(compact, client.expected, client.bounds));
    };
    client.expected.algorithms = default_signing_algorithms;
    BOOST_TEST(outcome(with_secret) == "coauth.client:algorithm_not_allowed");
    client.registration.set_id_token_signed_response_alg(shared_secret());
    BOOST_TEST(outcome(with_secret) == "ok");
    BOOST_TEST(client.outcome(base_claims()) == "coauth.client:algorithm_not_allowed");
}

BOOST_AUTO_TEST_CASE(LO3_rp_backchannel_rpinitlogout_no_event_wrong_event)
{
    const relying_party client;
    BOOST_TEST(client.outcome_without("events") == no_event);
    BOOST_TEST(client.outcome_with("events", nullptr) == no_event);
    for (const json::value& value : no_strings())
        BOOST_TEST(client.outcome_with("events", value) == no_event, value);
    BOOST_TEST(client.outcome_with("events", event) == no_event);
    for (const std::string_view other :
         {"http://schemas.openid.net/event/backchannel-logout/",
          "https://schemas.openid.net/event/backchannel-logout",
          "http://schemas.openid.net/event/frontchannel-logout", "backchannel-logout", ""}) {
        json::object events;
        events[other] = json::object();
        BOOST_TEST(client.outcome_with("events", events) == no_event, other);
    }
    for (const json::value& value : {json::value(nullptr), json::value(true), json::value(1),
                                     json::value("{}"), json::value(json::array())}) {
        json::object events;
        events[event] = value;
        BOOST_TEST(client.outcome_with("events", events) == no_event, value);
    }
    json::object more = logout_events();
    more["urn:example:other"] = 1;
    more[event] = json::object{{"x", 1}};
    BOOST_TEST(client.outcome_with("events", more) == "ok");
}

BOOST_AUTO_TEST_CASE(LO4_rp_backchannel_rpinitlogout_with_nonce)
{
    const relying_party client;
    for (const json::value& value : {json::value("x"), json::value(""), json::value(nullptr), json::value(1)})
        BOOST_TEST(client.outcome_with("nonce", value) == has_nonce, value);
}

BOOST_AUTO_TEST_CASE(LO5_rp_backchannel_rpinitlogout_wrong_aud_wrong_iss)
{
    relying_party client;
    BOOST_TEST(client.outcome_without("iss") == missing);
    BOOST_TEST(client.outcome_with("iss", 1) == invalid);
    for (const std::string_view other : {"https://op.example/", "https://x.example", "https://op.exampl"})
        BOOST_TEST(client.outcome_with("iss", other) == other_issuer, other);
    BOOST_TEST(client.outcome_without("aud") == missing);
    BOOST_TEST(client.outcome_with("aud", 1) == invalid);
    for (const claim_value& other : {claim_value("client-2"), claim_value(""), claim_value(list({})),
                                     claim_value(list({our_client_id, "api"}))})
        BOOST_TEST(client.outcome_with("aud", other) == other_audience);
    client.registration.set_trusted_audiences({"api"});
    BOOST_TEST(client.outcome_with("aud", list({our_client_id, "api"})) == "ok");
    BOOST_TEST(client.outcome_with("aud", "api") == other_audience);
    // One tenant of many.
    client.registration.set_multi_tenant_issuer(multi_tenant_issuer("https://login.example/{tenantid}"));
    const json::object of_tenant = with(base_claims(), "iss", "https://login.example/a");
    BOOST_TEST(client.outcome(with(of_tenant, "tid", "a")) == "ok");
    BOOST_TEST(client.outcome(with(of_tenant, "tid", "b")) == other_issuer);
}

BOOST_AUTO_TEST_CASE(LO6_nobody_and_no_session)
{
    relying_party client;
    BOOST_TEST(client.outcome(without(without(base_claims(), "sub"), "sid")) == nobody);
    BOOST_TEST(client.outcome(with(with(base_claims(), "sub", nullptr), "sid", nullptr)) == nobody);
    BOOST_TEST(client.verify(without(base_claims(), "sub"))->subject() == "");
    BOOST_TEST(client.verify(without(base_claims(), "sid"))->session_id() == "");
    client.registration.set_logout_session_required(true);
    BOOST_TEST(client.outcome_without("sid") == nobody);
    BOOST_TEST(client.outcome_without("sub") == "ok");
    BOOST_TEST(client.outcome(base_claims()) == "ok");
    // What is there and no use is not left out: it would mean all sessions.
    for (const std::string_view name : {"sub", "sid"}) {
        BOOST_TEST(client.outcome_with(name, "") == invalid, name);
        for (const json::value& value : no_strings())
            BOOST_TEST(client.outcome_with(name, value) == invalid, value);
    }
    BOOST_TEST(client.outcome_with("sub", std::string(256, 'x')) == invalid);
    BOOST_TEST(client.outcome_with("sub", bytes("a\0b")) == invalid);
}

BOOST_AUTO_TEST_CASE(LO7_iat_or_jti_missing)
{
    const relying_party client;
    for (const std::string_view name : {"iat", "jti"}) {
        BOOST_TEST(client.outcome_without(name) == missing, name);
        BOOST_TEST(client.outcome_with(name, nullptr) == missing, name);
    }
    BOOST_TEST(client.outcome_with("jti", "") == invalid);
    for (const json::value& value : no_strings())
        BOOST_TEST(client.outcome_with("jti", value) == invalid, value);
    for (const json::value& value : no_times())
        BOOST_TEST(client.outcome_with("iat", value) == invalid, value);
    BOOST_TEST(client.outcome_with("iat", now_seconds + 30) == "ok");
    BOOST_TEST(client.outcome_with("iat", now_seconds + 31) == not_yet);
}

BOOST_AUTO_TEST_CASE(LO8_expired_or_without_end)
{
    relying_party client;
    BOOST_TEST(client.outcome_with("exp", now_seconds - 30) == expired);
    BOOST_TEST(client.outcome_with("exp", now_seconds - 29) == "ok");
    BOOST_TEST(client.outcome_with("exp", 1e300) == "ok");
    for (const json::value& value : no_times())
        BOOST_TEST(client.outcome_with("exp", value) == invalid, value);
    const json::object endless = without(base_claims(), "exp");
    BOOST_TEST_REQUIRE(client.outcome(endless) == "ok");
    BOOST_TEST(!client.verify(endless)->expires_at().has_value());
    BOOST_TEST(client.outcome(with(endless, "iat", now_seconds - 330)) == "ok");
    BOOST_TEST(client.outcome(with(endless, "iat", now_seconds - 331)) == too_old);
    BOOST_TEST(client.outcome_with("iat", now_seconds - 331) == "ok"); // its own end counts
    client.bounds.logout_token_age = seconds(0);
    BOOST_TEST(client.outcome(with(endless, "iat", now_seconds - 31)) == too_old);
    BOOST_TEST(client.outcome_with("nbf", now_seconds + 31) == not_yet);
    BOOST_TEST(client.outcome_with("nbf", "x") == invalid);
    BOOST_TEST(client.outcome_with("nbf", now_seconds) == "ok");
}

BOOST_AUTO_TEST_CASE(LO9_remembered_as_long_as_it_would_be_accepted)
{
    relying_party client;
    const json::object endless = without(base_claims(), "exp");
    for (const json::object& claims :
         {base_claims(), endless, with(base_claims(), "exp", now_seconds + 0.5)}) {
        client.expected.now = test_now;
        const logout_token token = client.verify(claims).value();
        const auto end = replayable_until(token, client.bounds);
        client.expected.now = end;
        BOOST_TEST(client.outcome(claims) == (token.expires_at() ? expired : too_old));
        client.expected.now = end - seconds(2);
        BOOST_TEST(client.outcome(claims) == "ok");
    }
    client.expected.now = test_now;
    const logout_token eternal = client.verify(with(base_claims(), "exp", 1e300)).value();
    const logout_token::time_point latest{seconds(9'000'000'000)};
    BOOST_TEST((replayable_until(eternal, client.bounds) == latest));
    client.bounds.clock_tolerance = seconds::max();
    client.bounds.logout_token_age = seconds::max();
    BOOST_TEST((replayable_until(eternal, client.bounds) == latest));
    BOOST_TEST((replayable_until(client.verify(endless).value(), client.bounds) == latest));
}

BOOST_AUTO_TEST_CASE(LO10_other_kinds_of_tokens)
{
    const relying_party client;
    const auto outcome = [&client](std::string_view type) {
        return outcome_name(client.verify(base_claims(), {{"typ", type}}));
    };
    for (const std::string_view type : {"logout+jwt", "Logout+JWT", "JWT", "jwt", ""})
        BOOST_TEST(outcome(type) == "ok", type);
    for (const std::string_view type : {"at+jwt", "secevent+jwt", "logout", "logout+jwt ", "id+jwt"})
        BOOST_TEST(outcome(type) == other_type, type);
    // An ID token of the same provider for the same client.
    json::object id_token = without(without(base_claims(), "events"), "jti");
    BOOST_TEST(client.outcome(id_token) == no_event);
    id_token["nonce"] = filled_with(7).to_string();
    BOOST_TEST(client.outcome(id_token) == no_event);
}

BOOST_AUTO_TEST_CASE(LO13_no_keys)
{
    relying_party client;
    client.expected.keys = nullptr;
    BOOST_TEST(client.outcome(base_claims()) == "coauth.client:signing_key_unknown");
    const jwk_set none;
    client.expected.keys = &none;
    BOOST_TEST(client.outcome(base_claims()) == "coauth.client:signing_key_unknown");
    client.expected.keys = &test_provider::other().keys();
    BOOST_TEST(client.outcome(base_claims()) == "coauth.client:signing_key_unknown");
}

BOOST_AUTO_TEST_CASE(the_request_of_back_channel_logout_2_5)
{
    const auto token = parse_logout_request(form, "logout_token=eyJhbGci.eyJpc3Mi.T3BlbklE", {});
    BOOST_TEST_REQUIRE(outcome_name(token) == "ok");
    BOOST_TEST(token->expose() == "eyJhbGci.eyJpc3Mi.T3BlbklE");
    BOOST_TEST(parse_logout_request("Application/X-WWW-Form-URLencoded;charset=UTF-8",
                                    "x=y&logout_token=a%2Eb&x=z", {})
                   ->expose() == "a.b");
    const auto outcome = [](std::string_view body, std::string_view type = form, const limits& bounds = {}) {
        return outcome_name(parse_logout_request(type, body, bounds));
    };
    for (const std::string_view type : {"", "application/json", "multipart/form-data", "text/plain"})
        BOOST_TEST(outcome("logout_token=x", type) == "coauth.client:unexpected_content_type", type);
    for (const std::string_view body :
         {"", "x=y", "logout_token", "logout_token=", "Logout_token=x", "logout_token=%zz"})
        BOOST_TEST(outcome(body) == "coauth.client:malformed_callback", body);
    for (const std::string_view body : {"logout_token=x&logout_token=x", "logout_token=x&a=b&logout_token=y",
                                        "logout_token=&logout_token=x", "logout_token=x&logout%5Ftoken=y"})
        BOOST_TEST(outcome(body) == "coauth.client:duplicate_parameter", body);
    limits small;
    small.callback_bytes = 14;
    BOOST_TEST(outcome("logout_token=x", form, small) == "ok");
    BOOST_TEST(outcome("logout_token=xy", form, small) == "coauth.client:callback_too_large");
}

BOOST_AUTO_TEST_SUITE_END()
