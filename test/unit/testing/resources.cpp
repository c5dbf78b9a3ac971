// Userinfo, revocation and the protected resource.
#include "server_fixture.hpp"

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace coauth_test {

using coauth::testing::endpoint;

BOOST_FIXTURE_TEST_SUITE(testing_resources, server_fixture)

BOOST_AUTO_TEST_CASE(userinfo_goes_by_scope)
{
    const auto claims = [&](const char* scope) {
        const reply tokens = exchange(code(question().set("scope", scope)));
        return get(endpoint::userinfo, bearer(tokens.text("access_token"))).json();
    };
    const auto all = claims("openid profile email");
    BOOST_TEST(all.at("sub").as_string() == "248289761001");
    BOOST_TEST(all.at("name").as_string() == "Ada");
    BOOST_TEST(all.at("preferred_username").as_string() == "ada");
    BOOST_TEST(all.at("email").as_string() == "ada@example.com");
    BOOST_TEST(all.at("email_verified").as_bool());
    BOOST_TEST(all.at("updated_at").as_int64() == 1'700'000'000);
    const auto email = claims("openid email");
    BOOST_TEST(email.size() == 3u);
    BOOST_TEST(!email.contains("name"));
    BOOST_TEST(claims("openid").size() == 1u);
}

BOOST_AUTO_TEST_CASE(userinfo_can_be_asked_by_post)
{
    const reply tokens = exchange(code());
    BOOST_TEST(post(endpoint::userinfo, form(), bearer(tokens.text("access_token"))).status() == 200u);
}

BOOST_AUTO_TEST_CASE(the_resource_greets)
{
    const reply tokens = exchange(code());
    const reply answer = get(endpoint::api, bearer(tokens.text("access_token")));
    BOOST_TEST(answer.status() == 200u);
    BOOST_TEST(answer.text("message") == "Hello, ada");
    BOOST_TEST(answer.text("subject") == "248289761001");
    BOOST_TEST(get(endpoint::api, {{"Authorization", "bearer  " + tokens.text("access_token")}}).status() ==
               200u);
}

// RFC 6750 3 and 3.1
BOOST_AUTO_TEST_CASE(refusals_have_challenges)
{
    for (const endpoint at : {endpoint::userinfo, endpoint::api}) {
        const std::string scope = at == endpoint::api ? "api" : "openid";
        const reply nothing = get(at);
        BOOST_TEST(nothing.status() == 401u);
        BOOST_TEST(nothing.field("WWW-Authenticate") ==
                   "Bearer realm=\"authorization server\", scope=\"" + scope + '"');
        BOOST_TEST(get(at, {{"Authorization", "Basic YTpi"}}).field("WWW-Authenticate").find("error=") ==
                   std::string::npos);
        const reply unknown = get(at, bearer("made-up"));
        BOOST_TEST(unknown.status() == 401u);
        BOOST_TEST(unknown.field("WWW-Authenticate").find("error=\"invalid_token\"") != std::string::npos);
        const reply tokens = exchange(code(question().set("scope", at == endpoint::api ? "openid" : "api")));
        const reply narrow = get(at, bearer(tokens.text("access_token")));
        BOOST_TEST(narrow.status() == 403u);
        BOOST_TEST(narrow.field("WWW-Authenticate").find("error=\"insufficient_scope\"") !=
                   std::string::npos);
        BOOST_TEST(narrow.field("WWW-Authenticate").find("scope=\"" + scope + '"') != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_revoked_refresh_token_takes_its_grant_along)
{
    const reply tokens = exchange(code());
    const form asked({{"token", tokens.text("refresh_token")}, {"token_type_hint", "access_token"}});
    const reply answer = post(endpoint::revocation, asked, client_proof());
    BOOST_TEST(answer.status() == 200u);
    BOOST_TEST(api_status(tokens.text("access_token")) == 401u);
    BOOST_TEST(refresh(tokens.text("refresh_token")).error() == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(a_revoked_access_token_goes_alone)
{
    const reply tokens = exchange(code());
    const form asked({{"token", tokens.text("access_token")}});
    BOOST_TEST(post(endpoint::revocation, asked, client_proof()).status() == 200u);
    BOOST_TEST(api_status(tokens.text("access_token")) == 401u);
    BOOST_TEST(refresh(tokens.text("refresh_token")).status() == 200u);
}

BOOST_AUTO_TEST_CASE(revocation_wants_the_right_client)
{
    const reply tokens = exchange(code());
    for (const char* kind : {"access_token", "refresh_token"}) {
        const form asked({{"token", tokens.text(kind)}});
        BOOST_TEST(post(endpoint::revocation, asked).status() == 401u);
        BOOST_TEST(post(endpoint::revocation, form(asked).set("client_id", "public")).error() ==
                   "invalid_grant");
    }
    BOOST_TEST(api_status(tokens.text("access_token")) == 200u);
    // RFC 7009 2.2: an unknown one is as good as revoked.
    BOOST_TEST(post(endpoint::revocation, form({{"token", "made up"}}), client_proof()).status() == 200u);
    BOOST_TEST(post(endpoint::revocation, form(), client_proof()).error() == "invalid_request");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
