// The authorization endpoint, and what people do at its pages.
#include "server_fixture.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace coauth_test {
namespace {

using coauth::testing::authorization_server_configuration;
using coauth::testing::browser;
using coauth::testing::browser_result;
using coauth::testing::endpoint;
using coauth::testing::registered_client;
using coauth::testing::response_issuer;

/// Whether a page asks for something.
bool asks_to_sign_in(const browser_result& at) { return contains(at.page(), "name=\"password\""); }
bool asks_for_consent(const browser_result& at) { return contains(at.page(), "Allow access?"); }

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_authorization, server_fixture)

BOOST_AUTO_TEST_CASE(metadata_tells_where_everything_is)
{
    const auto document = get(endpoint::metadata).json();
    BOOST_TEST(document.at("issuer").as_string() == server.issuer());
    BOOST_TEST(document.at("token_endpoint").as_string() == server.url(endpoint::token));
    BOOST_TEST(document.at("authorization_response_iss_parameter_supported").as_bool());
    BOOST_TEST(document.at("code_challenge_methods_supported").as_array().size() == 1u);
    BOOST_TEST(document.at("scopes_supported").as_array().size() == 7u);
    server_fixture sparing(authorization_server_configuration().set_api_scope("profile"));
    BOOST_TEST(sparing.get(endpoint::metadata).json().at("scopes_supported").as_array().size() == 6u);
    // RFC 8414 has it under another name.
    const auto other = send("GET", server.issuer() + "/.well-known/oauth-authorization-server", {}, {});
    BOOST_TEST((other.json() == document));
    BOOST_TEST(send("GET", server.issuer() + "/.well-known/openid-configuration/", {}, {}).status() == 404u);
    BOOST_TEST(post(endpoint::metadata, form()).status() == 405u);
}

BOOST_AUTO_TEST_CASE(an_issuer_may_have_a_path)
{
    server_fixture tenant(authorization_server_configuration().set_issuer_path("/tenant"));
    const std::string origin = "https://authorization-server.test";
    BOOST_TEST(tenant.server.issuer() == origin + "/tenant");
    for (const std::string path :
         {"/tenant/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/tenant"})
        BOOST_TEST(tenant.send("GET", origin + path, {}, {}).json().at("issuer").as_string() ==
                   origin + "/tenant");
    BOOST_TEST(tenant.send("GET", origin + "/.well-known/openid-configuration", {}, {}).status() == 404u);
    BOOST_TEST(tenant.exchange(tenant.code()).status() == 200u);
}

BOOST_AUTO_TEST_CASE(a_person_is_sent_back_with_a_code)
{
    const browser_result result = sign_in(question());
    BOOST_TEST(result.returned());
    BOOST_TEST(result.method() == "GET");
    BOOST_TEST(result.callback_url().starts_with(std::string(redirect) + "?code="));
    BOOST_TEST(result.parameter("state") == "the state");
    BOOST_TEST(result.parameter("iss") == server.issuer());
    BOOST_TEST(result.parameter("error").empty());
}

BOOST_AUTO_TEST_CASE(the_issuer_can_be_left_out_of_the_response)
{
    server_fixture old(
        authorization_server_configuration().set_issuer_in_response(response_issuer::left_out));
    BOOST_TEST(old.sign_in(old.question()).parameter("iss").empty());
    BOOST_TEST(
        !old.get(endpoint::metadata).json().contains("authorization_response_iss_parameter_supported"));
}

BOOST_AUTO_TEST_CASE(a_redirect_uri_with_a_query_keeps_it)
{
    const std::string uri = "https://client.example/callback?from=there";
    server.add_client(registered_client("public").add_redirect_uri(uri));
    const auto result = sign_in(question().set("client_id", "public").set("redirect_uri", uri));
    BOOST_TEST(result.callback_url().starts_with(uri + "&code="));
}

BOOST_AUTO_TEST_CASE(a_response_can_come_as_a_form)
{
    const browser_result result = sign_in(question().set("response_mode", "form_post"));
    BOOST_TEST(result.method() == "POST");
    BOOST_TEST(result.callback_url() == redirect);
    BOOST_TEST(result.parameter("state") == "the state");
    BOOST_TEST(result.parameter("iss") == server.issuer());
    BOOST_TEST(exchange(result.parameter("code")).status() == 200u);
    const auto denied = server.deny(url(question().set("response_mode", "form_post")), user_name, password);
    BOOST_TEST(denied.method() == "POST");
    BOOST_TEST(denied.parameter("error") == "access_denied");
}

BOOST_AUTO_TEST_CASE(an_authorization_request_can_come_by_post)
{
    const reply page = post(endpoint::authorization, question());
    BOOST_TEST(page.status() == 200u);
    BOOST_TEST(contains(page.body(), "name=\"password\""));
    BOOST_TEST(send("POST", server.url(endpoint::authorization), question().text(), {}).status() == 415u);
}

BOOST_AUTO_TEST_CASE(a_person_can_say_no)
{
    const browser_result refused = server.deny(url(question()), user_name, password);
    BOOST_TEST(refused.parameter("error") == "access_denied");
    BOOST_TEST(refused.parameter("state") == "the state");
    BOOST_TEST(refused.parameter("iss") == server.issuer());
    BOOST_TEST(refused.parameter("code").empty());

    // Also one who said yes before.
    BOOST_TEST(code() != "");
    BOOST_TEST(server.deny(url(question()), user_name, password).parameter("error") == "access_denied");

    browser other(server);
    const browser_result cancelled = other.submit(other.open(url(question())), "decision=deny");
    BOOST_TEST(cancelled.parameter("error") == "access_denied");
}

// RFC 6749 4.1.2.1: never a redirect to somewhere that is not known to be the client's.
BOOST_AUTO_TEST_CASE(without_a_known_client_and_redirect_uri_nobody_is_sent_anywhere)
{
    const std::vector<form> bad{
        question().set("client_id", "nobody"),
        question().remove("client_id"),
        question().remove("redirect_uri"),
        question().set("redirect_uri", "https://attacker.example/"),
        question().set("redirect_uri", std::string(redirect) + "/"),
        question().set("redirect_uri", std::string(redirect) + "?x=1"),
        question().set("redirect_uri", "HTTPS://client.example/callback"),
        question().set("redirect_uri", "https://client.example:443/callback"),
        question().set("redirect_uri", "com.example.app:/callback"), // another client's
        question().add("client_id", "client"),
        question().add("redirect_uri", std::string(redirect)),
    };
    for (const form& asked : bad) {
        const reply page = send("GET", url(asked), {}, {});
        BOOST_TEST_CONTEXT(asked.text())
        {
            BOOST_TEST(page.status() == 400u);
            BOOST_TEST(page.field("Location") == "");
            BOOST_TEST(page.field("Content-Type") == "text/html; charset=utf-8");
        }
    }
    BOOST_TEST(browser(server).open(server.url(endpoint::authorization) + "?client_id=%ff%").status() ==
               400u);
}

class refused_request {
public:
    refused_request(std::string what, form asked, std::string error)
        : name(std::move(what)), question(std::move(asked)), code(std::move(error))
    {
    }
    std::string name;
    form question;
    std::string code;
};

BOOST_AUTO_TEST_CASE(other_mistakes_are_told_to_the_client)
{
    const std::vector<refused_request> all{
        {"no response_type", question().remove("response_type"), "invalid_request"},
        {"implicit", question().set("response_type", "token"), "unsupported_response_type"},
        {"hybrid", question().set("response_type", "code id_token"), "unsupported_response_type"},
        {"no PKCE", question().remove("code_challenge"), "invalid_request"},
        {"plain PKCE", question().set("code_challenge_method", "plain"), "invalid_request"},
        {"plain PKCE by default", question().remove("code_challenge_method"), "invalid_request"},
        {"short challenge", question().set("code_challenge", "abc"), "invalid_request"},
        {"odd challenge", question().set("code_challenge", std::string(42, 'A') + "="), "invalid_request"},
        {"foreign scope", question().set("scope", "openid admin"), "invalid_scope"},
        {"odd scope", question().set("scope", "openid \"x"), "invalid_scope"},
        {"odd mode", question().set("response_mode", "fragment"), "invalid_request"},
        {"two states", question().add("state", "another"), "invalid_request"},
        {"two unknown ones", question().add("x", "1").add("x", "1"), "invalid_request"},
        {"request object", question().set("request", "a.b.c"), "request_not_supported"},
        {"request URI", question().set("request_uri", "https://a.example"), "request_uri_not_supported"},
        {"registration", question().set("registration", "{}"), "registration_not_supported"},
        {"none and more", question().set("prompt", "none login"), "invalid_request"},
        {"odd age", question().set("max_age", "-1"), "invalid_request"},
        {"no number", question().set("max_age", "1e3"), "invalid_request"},
    };
    for (const refused_request& one : all) {
        const reply answer = send("GET", url(one.question), {}, {});
        BOOST_TEST_CONTEXT(one.name)
        {
            BOOST_TEST(answer.status() == 303u);
            const std::string location = answer.field("Location");
            BOOST_TEST(location.starts_with(std::string(redirect) + "?error=" + one.code + "&"));
            BOOST_TEST(contains(location, "state=the%20state"));
            BOOST_TEST(contains(location, "iss=https"));
        }
    }
    // Several of those are what RFC 8707 means.
    BOOST_TEST(code(question().add("resource", "https://a.example").add("resource", "https://b.example")) !=
               "");
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_told_and_can_be_corrected)
{
    browser person(server);
    const auto wrong = person.sign_in(url(question()), user_name, "guess");
    BOOST_TEST(!wrong.returned());
    BOOST_TEST(wrong.status() == 422u);
    BOOST_TEST(contains(wrong.page(), "The name or the password is wrong"));
    BOOST_TEST(contains(wrong.page(), "role=\"alert\""));
    BOOST_TEST(contains(wrong.page(), "value=\"ada\""));
    BOOST_TEST(!contains(wrong.page(), "guess"));
    BOOST_TEST(asks_for_consent(person.submit(wrong, "username=ada&password=correct+horse")));
    BOOST_TEST(person.sign_in(url(question()), "nobody", "").status() ==
               0u); // signed in by now: no form to fill in
    BOOST_TEST(server.sign_in(url(question()), "nobody", "").status() == 422u);
}

BOOST_AUTO_TEST_CASE(who_is_signed_in_and_has_agreed_is_not_asked_again)
{
    browser person(server);
    BOOST_TEST(person.sign_in(url(question()), user_name, password).returned());
    BOOST_TEST(person.open(url(question())).parameter("code") != "");
    // Less is covered by what was agreed to, more is not.
    BOOST_TEST(person.open(url(question().set("scope", "openid"))).returned());
    BOOST_TEST(asks_for_consent(person.open(url(question().set("scope", "openid offline_access")))));
    // Neither is another client, nor another browser.
    BOOST_TEST(asks_for_consent(person.open(url(question().set("client_id", "posting")))));
    browser other(server);
    BOOST_TEST(asks_to_sign_in(other.open(url(question()))));
}

BOOST_AUTO_TEST_CASE(sessions_end)
{
    browser person(server);
    person.sign_in(url(question()), user_name, password);
    advance(std::chrono::hours(8) - std::chrono::seconds(1));
    BOOST_TEST(person.open(url(question())).returned());
    advance(std::chrono::seconds(1));
    BOOST_TEST(asks_to_sign_in(person.open(url(question()))));
}

BOOST_AUTO_TEST_CASE(consent_can_be_implied)
{
    server.add_client(registered_client("own")
                          .add_redirect_uri(std::string(redirect))
                          .set_consent(coauth::testing::consent::implied));
    browser person(server);
    const form asked = question().set("client_id", "own");
    const auto page = person.open(url(asked));
    BOOST_TEST(person.submit(page, "username=ada&password=correct+horse").returned());
    BOOST_TEST(asks_for_consent(person.open(url(form(asked).set("prompt", "consent")))));
}

BOOST_AUTO_TEST_CASE(prompt_none_shows_nothing)
{
    const auto error = [&](browser& person, const form& asked) {
        const auto result = person.open(url(form(asked).set("prompt", "none")));
        BOOST_TEST(result.returned());
        return result.parameter("error");
    };
    browser person(server);
    BOOST_TEST(error(person, question()) == "login_required");
    person.sign_in(url(question()), user_name, password);
    BOOST_TEST(error(person, question()) == "");
    BOOST_TEST(error(person, question().set("scope", "openid phone")) == "consent_required");
    BOOST_TEST(error(person, question().set("login_hint", "bea")) == "login_required");
    BOOST_TEST(error(person, question().set("max_age", "0")) == "login_required");
}

BOOST_AUTO_TEST_CASE(prompts_ask_again)
{
    browser person(server);
    person.sign_in(url(question()), user_name, password);
    BOOST_TEST(asks_to_sign_in(person.open(url(question().set("prompt", "login")))));
    BOOST_TEST(asks_to_sign_in(person.open(url(question().set("prompt", "select_account")))));
    BOOST_TEST(asks_for_consent(person.open(url(question().set("prompt", "consent")))));
    const auto both = person.open(url(question().set("prompt", "login consent")));
    BOOST_TEST(asks_to_sign_in(both));
    BOOST_TEST(asks_for_consent(person.submit(both, "username=ada&password=correct+horse")));
}

BOOST_AUTO_TEST_CASE(max_age_asks_for_a_new_sign_in)
{
    browser person(server);
    person.sign_in(url(question()), user_name, password);
    advance(std::chrono::seconds(100));
    BOOST_TEST(person.open(url(question().set("max_age", "100"))).returned());
    const auto page = person.open(url(question().set("max_age", "99")));
    BOOST_TEST(asks_to_sign_in(page));
    const auto result = person.submit(page, "username=ada&password=correct+horse");
    const auto claims = part_of_jwt(exchange(result.parameter("code")).text("id_token"), 1);
    BOOST_TEST(claims.at("auth_time").as_int64() == std::chrono::system_clock::to_time_t(now()));
}

BOOST_AUTO_TEST_CASE(a_login_hint_fills_in_the_name)
{
    browser person(server);
    BOOST_TEST(contains(person.open(url(question().set("login_hint", "bea"))).page(), "value=\"bea\""));
}

BOOST_AUTO_TEST_CASE(another_account_can_be_chosen)
{
    browser person(server);
    person.sign_in(url(question()), user_name, password);
    const auto consent = person.open(url(question().set("prompt", "consent")));
    const auto login = person.submit(consent, "decision=switch");
    BOOST_TEST(asks_to_sign_in(login));
    const auto again = person.submit(login, "username=bea&password=another+password");
    BOOST_TEST(asks_for_consent(again));
    BOOST_TEST(contains(again.page(), "<strong>bea</strong>"));
    const auto result = person.submit(again, "decision=allow");
    const auto claims = part_of_jwt(exchange(result.parameter("code")).text("id_token"), 1);
    BOOST_TEST(claims.at("sub").as_string() == "bea");
}

BOOST_AUTO_TEST_CASE(nobody_agrees_in_the_name_of_one_who_signed_in_later)
{
    browser person(server);
    const auto first = person.open(url(question()));
    const auto consent = person.submit(first, "username=ada&password=correct+horse"); // one tab
    BOOST_TEST(asks_for_consent(consent));
    const auto other = person.open(url(question().set("prompt", "login"))); // another one
    person.submit(other, "username=bea&password=another+password");
    BOOST_TEST(asks_to_sign_in(person.submit(consent, "decision=allow")));
}

BOOST_AUTO_TEST_CASE(forms_are_good_once_in_one_browser_for_a_while)
{
    browser person(server);
    const auto login = person.open(url(question()));
    browser stranger(server);
    stranger.open(url(question())); // has a session, but another one
    BOOST_TEST(stranger.submit(login, "username=ada&password=correct+horse").status() == 403u);

    const auto consent = person.submit(login, "username=ada&password=correct+horse");
    BOOST_TEST(asks_for_consent(consent));
    BOOST_TEST(stranger.submit(consent, "decision=allow").status() == 403u);
    BOOST_TEST(person.submit(consent, "decision=allow").returned());
    BOOST_TEST(person.submit(consent, "decision=allow").status() == 403u);

    const auto late = person.open(url(question().set("prompt", "consent")));
    advance(std::chrono::minutes(10));
    BOOST_TEST(person.submit(late, "decision=allow").status() == 403u);
}

BOOST_AUTO_TEST_CASE(a_form_wants_its_token)
{
    browser person(server);
    const auto login = person.open(url(question()));
    std::string spoiled = login.page();
    const std::string_view mark = "name=\"csrf_token\" value=\"";
    const auto at = spoiled.find(mark) + mark.size();
    spoiled[at] = spoiled[at] == 'A' ? 'B' : 'A';
    const browser_result forged(login.status(), spoiled);
    BOOST_TEST(person.submit(forged, "username=ada&password=correct+horse").status() == 403u);
    BOOST_TEST(asks_for_consent(person.submit(login, "username=ada&password=correct+horse")));
}

BOOST_AUTO_TEST_CASE(signing_in_changes_the_session)
{
    browser person(server);
    const auto login = person.open(url(question()));
    BOOST_TEST_REQUIRE(person.cookies().size() == 1u);
    const auto before = *person.cookies().begin();
    BOOST_TEST(before.first == "__Host-authorization-server");
    person.submit(login, "username=ada&password=correct+horse");
    BOOST_TEST_REQUIRE(person.cookies().size() == 1u);
    BOOST_TEST(person.cookies().begin()->second != before.second);

    const reply page = send("GET", url(question()), {}, {});
    const std::string cookie = page.field("Set-Cookie");
    for (const std::string part : {"; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"})
        BOOST_TEST(contains(cookie, part));
    // One that was signed in before is worth nothing afterwards.
    const fields old{{"Cookie", "x=y; " + before.first + "=" + before.second}};
    BOOST_TEST(contains(send("GET", url(question()), {}, old).body(), "name=\"password\""));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
