// Logout: asked for by clients, told to clients.
#include "server_fixture.hpp"

#include <coauth/jose/jws.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace coauth_test {

using coauth::testing::browser;
using coauth::testing::browser_result;
using coauth::testing::endpoint;
using coauth::testing::registered_client;

namespace {

constexpr const char* after_logout = "https://client.example/signed-out";

class logout_fixture : public server_fixture {
public:
    logout_fixture()
    {
        server.add_client(client());
        server.on_backchannel_logout(
            [this](const std::string& uri, const std::string& body) { told.emplace_back(uri, body); });
    }
    static registered_client client()
    {
        return registered_client("client", "se:cret+1")
            .set_name("The Client")
            .add_redirect_uri(std::string(redirect))
            .add_post_logout_redirect_uri(after_logout)
            .add_post_logout_redirect_uri("https://client.example/other?x=1");
    }

    /// Somebody signs in with this browser. @return the token response
    reply sign_in_with(browser& with, const form& asked) const
    {
        const browser_result at = with.sign_in(url(asked), user_name, password);
        BOOST_TEST_REQUIRE(at.returned(), at.page());
        return exchange(at.parameter("code"));
    }
    reply sign_in_with(browser& with) const { return sign_in_with(with, question()); }
    std::string logout_url(const form& parameters) const
    {
        return server.url(endpoint::end_session) + '?' + parameters.text();
    }
    bool signed_in(browser& with) const
    {
        return with.open(url(question().set("prompt", "none"))).parameter("error") != "login_required";
    }

    std::vector<std::pair<std::string, std::string>> told;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_logout, logout_fixture)

BOOST_AUTO_TEST_CASE(metadata_say_that_there_is_logout)
{
    const auto metadata = get(endpoint::metadata).json();
    BOOST_TEST(metadata.at("end_session_endpoint").as_string() == server.url(endpoint::end_session));
    BOOST_TEST(metadata.at("backchannel_logout_supported").as_bool());
    BOOST_TEST(metadata.at("backchannel_logout_session_supported").as_bool());
    BOOST_TEST(metadata.at("frontchannel_logout_supported").as_bool());
    BOOST_TEST(metadata.at("frontchannel_logout_session_supported").as_bool());
}

BOOST_AUTO_TEST_CASE(with_a_hint_nobody_is_asked)
{
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    BOOST_TEST(signed_in(ada));
    const browser_result at = ada.open(logout_url({{"id_token_hint", tokens.text("id_token")},
                                                   {"post_logout_redirect_uri", after_logout},
                                                   {"state", "x y&z"}}));
    BOOST_TEST(at.callback_url() == "https://client.example/signed-out?state=x%20y%26z");
    BOOST_TEST(at.parameter("state") == "x y&z");
    BOOST_TEST(!signed_in(ada));
    // Again: nobody is there, and there is nothing to ask.
    BOOST_TEST(ada.open(logout_url({{"id_token_hint", tokens.text("id_token")},
                                    {"post_logout_redirect_uri", "https://client.example/other?x=1"},
                                    {"state", "s"}}))
                   .callback_url() == "https://client.example/other?x=1&state=s");
}

BOOST_AUTO_TEST_CASE(an_expired_hint_is_as_good)
{
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    advance(std::chrono::hours(2));
    server.rotate_signing_key();
    server.rotate_signing_key();
    BOOST_TEST(ada.open(logout_url({{"id_token_hint", tokens.text("id_token")}})).page().find("signed out") !=
               std::string::npos);
    BOOST_TEST(!signed_in(ada));
}

BOOST_AUTO_TEST_CASE(by_post_the_hint_is_enough)
{
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    // Another site's form: browsers leave the cookie out.
    browser other(server);
    const browser_result at = other.open(
        server.url(endpoint::end_session),
        form({{"id_token_hint", tokens.text("id_token")}, {"post_logout_redirect_uri", after_logout}})
            .text());
    BOOST_TEST(at.callback_url() == after_logout);
    BOOST_TEST(!signed_in(ada));
    BOOST_TEST(send("POST", server.url(endpoint::end_session), "x=1", {}).status() == 415u);
}

BOOST_AUTO_TEST_CASE(without_a_hint_people_are_asked)
{
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    for (const form& asked :
         {form({{"client_id", "client"}, {"post_logout_redirect_uri", after_logout}, {"state", "s"}}),
          form({{"client_id", "client"},
                {"id_token_hint", "made.up.token"},
                {"post_logout_redirect_uri", after_logout},
                {"state", "s"}})}) {
        const browser_result page = ada.open(logout_url(asked));
        BOOST_TEST(!page.returned());
        BOOST_TEST(page.page().find("The Client") != std::string::npos);
        BOOST_TEST(signed_in(ada));
        // Not without the page's own token, as another site would send it.
        const form forged = form(asked).add("decision", "allow").add("csrf_token", "guessed");
        BOOST_TEST(!ada.open(server.url(endpoint::end_session), forged.text()).returned());
        BOOST_TEST(signed_in(ada));
    }
    const browser_result at = ada.sign_out(
        logout_url({{"client_id", "client"}, {"post_logout_redirect_uri", after_logout}, {"state", "s"}}));
    BOOST_TEST(at.parameter("state") == "s");
    BOOST_TEST(!signed_in(ada));
    const browser_result nothing = ada.sign_out(logout_url({}));
    BOOST_TEST(nothing.status() == 200u);
}

BOOST_AUTO_TEST_CASE(the_hint_of_somebody_else_does_not_sign_out)
{
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    browser bea(server);
    BOOST_TEST(bea.sign_in(url(question()), "bea", "another password").returned());
    const browser_result page = bea.open(logout_url({{"id_token_hint", tokens.text("id_token")}}));
    BOOST_TEST(page.page().find("Sign out?") != std::string::npos);
    BOOST_TEST(signed_in(bea));
    BOOST_TEST(signed_in(ada));
}

BOOST_AUTO_TEST_CASE(nobody_is_sent_to_an_address_that_is_not_registered)
{
    browser ada(server);
    const std::string hint = sign_in_with(ada).text("id_token");
    const auto refused = [&](const form& asked) {
        const browser_result at = ada.open(logout_url(asked));
        return !at.returned() && at.status() == 400u && signed_in(ada);
    };
    BOOST_TEST(refused({{"id_token_hint", hint}, {"post_logout_redirect_uri", "https://attacker.example/"}}));
    BOOST_TEST(refused({{"id_token_hint", hint}, {"post_logout_redirect_uri", std::string(redirect)}}));
    BOOST_TEST(
        refused({{"id_token_hint", hint}, {"post_logout_redirect_uri", std::string(after_logout) + '/'}}));
    BOOST_TEST(refused({{"post_logout_redirect_uri", after_logout}})); // whose?
    BOOST_TEST(refused({{"id_token_hint", "made.up.token"}, {"post_logout_redirect_uri", after_logout}}));
    BOOST_TEST(refused({{"client_id", "nobody"}, {"post_logout_redirect_uri", after_logout}}));
    BOOST_TEST(refused({{"client_id", "public"}, {"id_token_hint", hint}}));
    BOOST_TEST(refused({{"id_token_hint", hint}, {"state", "a"}, {"state", "b"}}));
    BOOST_TEST(ada.open(server.url(endpoint::end_session) + "?%").status() == 400u);
}

BOOST_AUTO_TEST_CASE(logout_takes_refresh_tokens_along_that_are_not_for_offline_access)
{
    browser ada(server);
    const reply online = sign_in_with(ada);
    const reply offline = sign_in_with(ada, question().set("scope", "openid offline_access api"));
    ada.open(logout_url({{"id_token_hint", online.text("id_token")}}));
    BOOST_TEST(refresh(online.text("refresh_token")).error() == "invalid_grant");
    BOOST_TEST(api_status(online.text("access_token")) == 401u);
    BOOST_TEST(refresh(offline.text("refresh_token")).status() == 200u);
}

BOOST_AUTO_TEST_CASE(clients_learn_of_it_by_the_back_channel)
{
    server.add_client(client().set_backchannel_logout_uri("https://client.example/backchannel"));
    server.add_client(registered_client("public")
                          .add_redirect_uri(std::string(redirect))
                          .set_id_token_signed_response_alg(coauth::signing_algorithm::es256)
                          .set_backchannel_logout_uri("https://public.example/backchannel",
                                                      coauth::testing::session_in_logout::not_named));
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    sign_in_with(ada); // twice the same client is one client
    BOOST_TEST(ada.sign_in(url(question().set("client_id", "public")), user_name, password).returned());
    ada.open(logout_url({{"id_token_hint", tokens.text("id_token")}}));
    BOOST_TEST_REQUIRE(told.size() == 2u);
    BOOST_TEST(told[0].first == "https://client.example/backchannel");
    BOOST_TEST(told[1].first == "https://public.example/backchannel");
    const std::string prefix = "logout_token=";
    BOOST_TEST(told[0].second.starts_with(prefix));
    const std::string jwt = told[0].second.substr(prefix.size());
    BOOST_TEST(part_of_jwt(jwt, 0).at("typ").as_string() == "logout+jwt");
    const auto claims = part_of_jwt(jwt, 1);
    BOOST_TEST(claims.at("iss").as_string() == server.issuer());
    BOOST_TEST(claims.at("aud").as_string() == "client");
    BOOST_TEST(claims.at("sub").as_string() == "248289761001");
    BOOST_TEST(claims.at("sid").as_string() == part_of_jwt(tokens.text("id_token"), 1).at("sid").as_string());
    BOOST_TEST(claims.at("iat").as_int64() == 2'000'000'000);
    BOOST_TEST(claims.at("exp").as_int64() == 2'000'000'120);
    BOOST_TEST(claims.at("jti").as_string().size() == 43u);
    BOOST_TEST(
        claims.at("events").at("http://schemas.openid.net/event/backchannel-logout").as_object().empty());
    BOOST_TEST(!claims.contains("nonce"));
    const auto keys = coauth::jwk_set::parse(get(endpoint::jwks).body()).value();
    coauth::detail::jws_keys allowed;
    allowed.algorithms = coauth::signing_algorithm::rs256;
    allowed.published = &keys;
    BOOST_TEST(coauth::detail::verify_jws(jwt, allowed, coauth::limits()).has_value());
    const std::string second = told[1].second.substr(prefix.size());
    BOOST_TEST(part_of_jwt(second, 0).at("alg").as_string() == "ES256");
    BOOST_TEST(!part_of_jwt(second, 1).contains("sid"));
    BOOST_TEST(part_of_jwt(second, 1).at("jti").as_string() != claims.at("jti").as_string());
    ada.open(logout_url({{"id_token_hint", tokens.text("id_token")}}));
    BOOST_TEST(told.size() == 2u); // nobody was signed in any more
}

BOOST_AUTO_TEST_CASE(clients_learn_of_it_by_the_front_channel)
{
    server.add_client(client().set_frontchannel_logout_uri("https://client.example:8443/front?tenant=1"));
    server.add_client(registered_client("public")
                          .add_redirect_uri(std::string(redirect))
                          .set_frontchannel_logout_uri("https://public.example/front",
                                                       coauth::testing::session_in_logout::not_named));
    browser ada(server);
    const reply tokens = sign_in_with(ada);
    BOOST_TEST(ada.sign_in(url(question().set("client_id", "public")), user_name, password).returned());
    const std::string hint = tokens.text("id_token");
    const browser_result at = ada.open(
        logout_url({{"id_token_hint", hint}, {"post_logout_redirect_uri", after_logout}, {"state", "s"}}));
    BOOST_TEST(at.callback_url() == std::string(after_logout) + "?state=s");
    BOOST_TEST_REQUIRE(at.frames().size() == 2u);
    const std::string sid(part_of_jwt(hint, 1).at("sid").as_string());
    BOOST_TEST(at.frames()[0] == "https://client.example:8443/front?tenant=1&iss=" +
                                     form({{"iss", server.issuer()}}).text().substr(4) + "&sid=" + sid);
    BOOST_TEST(at.frames()[1] == "https://public.example/front");

    const std::string again = sign_in_with(ada).text("id_token");
    const browser_result page = ada.open(logout_url({{"id_token_hint", again}}));
    BOOST_TEST(!page.returned());
    BOOST_TEST(page.frames().size() == 1u); // nobody signed in to the other one this time
    const reply shown = get(endpoint::end_session);
    BOOST_TEST(shown.field("Content-Security-Policy").find("frame-src") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(frames_are_allowed_where_they_are)
{
    server.add_client(client().set_frontchannel_logout_uri("https://client.example:8443/front"));
    browser ada(server);
    const std::string hint = sign_in_with(ada).text("id_token");
    const reply shown = send("GET", logout_url({{"id_token_hint", hint}}), {}, {});
    BOOST_TEST(shown.field("Content-Security-Policy").find("; frame-src https://client.example:8443;") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(logout_tokens_can_be_made_at_will)
{
    const auto made = part_of_jwt(server.make_logout_token("client", "somebody", ""), 1);
    BOOST_TEST(made.at("sub").as_string() == "somebody");
    BOOST_TEST(!made.contains("sid"));
    server.on_jwt(coauth::testing::server_jwt::logout_token,
                  [](boost::json::object&, boost::json::object& claims) { claims["nonce"] = "x"; });
    const auto changed = part_of_jwt(server.make_logout_token("client", "", "a session"), 1);
    BOOST_TEST(!changed.contains("sub"));
    BOOST_TEST(changed.at("sid").as_string() == "a session");
    BOOST_TEST(changed.contains("nonce"));
    BOOST_CHECK_THROW(server.make_logout_token("nobody", "x", "y"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
