#include <coauth/protocol/logout_request.hpp>

#include "../expect.hpp"
#include "signed_messages.hpp"

#include <coauth/protocol/id_token_validation.hpp>

#include <boost/test/unit_test.hpp>

#include <sstream>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::check_logout_response;
using coauth::detail::make_logout_request;

endpoint_url endpoint(std::string_view text = "https://op.example/logout")
{
    return endpoint_url::parse(text).value();
}
redirect_uri back_to() { return redirect_uri::parse("https://rp.example/signed-out").value(); }

verified_id_token some_id_token()
{
    const openid_registration registration;
    const random_value nonce = filled_with(7);
    detail::id_token_expectations expected;
    expected.registration = &registration;
    expected.issuer = op_issuer;
    expected.client_id = our_client_id;
    expected.algorithms = default_signing_algorithms;
    expected.keys = &test_provider::instance().keys();
    expected.nonce = &nonce;
    expected.now = test_now;
    return detail::verify_id_token(test_provider::instance().sign({{"iss", op_issuer},
                                                                   {"sub", "1"},
                                                                   {"aud", our_client_id},
                                                                   {"exp", now_seconds + 60},
                                                                   {"iat", now_seconds},
                                                                   {"nonce", nonce.to_string()}}),
                                   expected, {})
        .value();
}

result<logout_request> make(const logout_parameters& parameters, const endpoint_url& to = endpoint(),
                            const redirect_uri& back = back_to())
{
    return make_logout_request(to, back, our_client_id, parameters, filled_with(3));
}

std::string state_text() { return filled_with(3).to_string(); }

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_logout_request)

BOOST_AUTO_TEST_CASE(a_request_with_everything)
{
    const verified_id_token id_token = some_id_token();
    const std::string compact(id_token.encoded().expose());
    const auto request = make({.id_token = &id_token, .logout_hint = "jane doe", .ui_locales = "fr-CA fr"});
    BOOST_TEST_REQUIRE(outcome_name(request) == "ok");
    const std::string parameters = "id_token_hint=" + compact +
                                   "&logout_hint=jane%20doe&client_id=client-1&post_logout_redirect_uri="
                                   "https%3A%2F%2Frp.example%2Fsigned-out&state=" +
                                   state_text() + "&ui_locales=fr-CA%20fr";
    BOOST_TEST(request->url().expose() == "https://op.example/logout?" + parameters);
    BOOST_TEST(request->form_body().expose() == parameters);
    BOOST_TEST(request->endpoint().string() == "https://op.example/logout");
    BOOST_TEST(request->state().expose() == state_text());
    BOOST_TEST_REQUIRE(request->fields().size() == 6u);
    BOOST_TEST(request->fields()[0].name == "id_token_hint");
    BOOST_TEST(request->fields()[0].value.expose() == compact);
}

BOOST_AUTO_TEST_CASE(a_request_with_nothing)
{
    const auto request = make({}, endpoint(), redirect_uri());
    BOOST_TEST_REQUIRE(outcome_name(request) == "ok");
    BOOST_TEST(request->url().expose() == "https://op.example/logout?client_id=client-1");
    BOOST_TEST(request->form_body().expose() == "client_id=client-1");
    BOOST_TEST(request->state().empty()); // nothing comes back that could carry it
}

BOOST_AUTO_TEST_CASE(AR10_the_endpoints_own_query_stays)
{
    const auto url_of = [](std::string_view text) {
        return std::string(make({}, endpoint(text), redirect_uri())->url().expose());
    };
    BOOST_TEST(url_of("https://op.example/logout?t=1") == "https://op.example/logout?t=1&client_id=client-1");
    BOOST_TEST(url_of("https://op.example/logout?") == "https://op.example/logout?client_id=client-1");
    BOOST_TEST(url_of("https://op.example") == "https://op.example?client_id=client-1");
    // A form is posted to the endpoint as it is.
    BOOST_TEST(make({}, endpoint("https://op.example/logout?t=1"))->endpoint().string() ==
               "https://op.example/logout?t=1");
    for (const std::string_view name : {"id_token_hint", "logout_hint", "client_id",
                                        "post_logout_redirect_uri", "state", "ui_locales", "st%61te"})
        BOOST_TEST(outcome_name(make({}, endpoint("https://op.example/?x=y&" + std::string(name) + "=z"))) ==
                       "coauth.client:invalid_configuration",
                   name);
}

BOOST_AUTO_TEST_CASE(AR8_hints_are_encoded)
{
    const auto request = make({.logout_hint = "a&state=x\r\n\xc3\xa9"}, endpoint(), redirect_uri());
    BOOST_TEST(request->form_body().expose() == "logout_hint=a%26state%3Dx%0D%0A%C3%A9&client_id=client-1");
    BOOST_TEST(outcome_name(make({.logout_hint = bytes("a\0b")})) == "coauth.client:invalid_parameter");
    BOOST_TEST(outcome_name(make({.ui_locales = bytes("\0")})) == "coauth.client:invalid_parameter");
}

BOOST_AUTO_TEST_CASE(LO17_no_endpoint)
{
    BOOST_TEST(outcome_name(make({}, endpoint_url())) == "coauth.client:endpoint_missing");
    BOOST_TEST(outcome_name(endpoint_url::parse("http://op.example/logout")) == "coauth.client:insecure_url");
}

BOOST_AUTO_TEST_CASE(LO18_the_id_token_need_not_go_into_a_URL)
{
    const verified_id_token id_token = some_id_token();
    const auto request = make({.id_token = &id_token});
    BOOST_TEST_REQUIRE(outcome_name(request) == "ok");
    const std::string_view compact = id_token.encoded().expose();
    BOOST_TEST(!contains(request->endpoint().string(), compact));
    BOOST_TEST(contains(request->form_body().expose(), compact));
    // Whoever logs what was made logs nothing.
    std::ostringstream log;
    log << request->url() << request->form_body() << request->state() << request->fields()[0].value;
    BOOST_TEST(log.str() == "[redacted][redacted][redacted][redacted]");
}

BOOST_AUTO_TEST_CASE(LO16_rp_init_logout_other_state_no_state)
{
    const std::string expected = state_text();
    const auto outcome = [&expected](std::string_view query) {
        return outcome_name(check_logout_response(query, expected, {}));
    };
    BOOST_TEST(outcome("state=" + expected) == "ok");
    BOOST_TEST(outcome("x=y&state=" + expected + "&x=z") == "ok");
    for (const std::string_view query : {"", "x=y", "State=x", "code=x"})
        BOOST_TEST(outcome(query) == "coauth.client:state_missing", query);
    for (const std::string& other :
         {std::string(), std::string("x"), expected + "A", expected.substr(1), filled_with(4).to_string()})
        BOOST_TEST(outcome("state=" + other) == "coauth.client:state_mismatch", other);
    // Unasked for: this browser was not sent anywhere.
    for (const std::string& state : {expected, std::string()})
        BOOST_TEST(outcome_name(check_logout_response("state=" + state, "", {})) ==
                   "coauth.client:state_mismatch");
    for (const std::string& more : {"&state=" + expected, std::string("&state=x"), std::string("&st%61te=")})
        BOOST_TEST(outcome("state=" + expected + more) == "coauth.client:duplicate_parameter", more);
    BOOST_TEST(outcome("state=%") == "coauth.client:malformed_callback");
    limits small;
    small.callback_bytes = 10;
    BOOST_TEST(outcome_name(check_logout_response("state=" + expected, expected, small)) ==
               "coauth.client:callback_too_large");
}

BOOST_AUTO_TEST_SUITE_END()
