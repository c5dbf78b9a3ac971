// What the server does wrong when it is asked to. Whether clients refuse it is for test/hostile.
#include "run.hpp"
#include "server_fixture.hpp"

#include <coauth/jose/jws.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <stdexcept>

namespace coauth_test {

using coauth::testing::browser;
using coauth::testing::browser_result;
using coauth::testing::client_duty;
using coauth::testing::endpoint;
using coauth::testing::misbehaviour;

namespace {

class misbehaving_fixture : public server_fixture {
public:
    misbehaving_fixture()
    {
        server.add_client(coauth::testing::registered_client("client", "se:cret+1")
                              .add_redirect_uri(std::string(redirect))
                              .add_post_logout_redirect_uri("https://client.example/signed-out")
                              .set_backchannel_logout_uri("https://client.example/backchannel")
                              .set_frontchannel_logout_uri("https://client.example/frontchannel"));
        server.on_backchannel_logout([this](const std::string&, const std::string& body) { told = body; });
    }

    /// Some answers are not acceptable as HTTP.
    void touch(endpoint at, const fields& with = {}) const
    {
        coauth::http_request request("GET", coauth::endpoint_url::parse(server.url(at)).value());
        for (const auto& [name, value] : with)
            request.add_field(name, coauth::secret(value));
        auto transport = server.in_process_transport();
        run(transport.send(std::move(request)));
    }

    /// All that happens in the life of a sign-in, whatever the answers are.
    void live() const
    {
        touch(endpoint::metadata);
        browser ada(server);
        for (int times = 0; times < 2; ++times) {
            const browser_result at = ada.sign_in(url(question()), user_name, password);
            BOOST_TEST_REQUIRE(at.returned(), at.page());
            const reply tokens = exchange(at.parameter("code"));
            touch(endpoint::jwks);
            if (tokens.status() != 200)
                continue;
            touch(endpoint::userinfo, bearer(tokens.text("access_token")));
            refresh(tokens.text("refresh_token"));
            const form leaving({{"id_token_hint", tokens.text("id_token")},
                                {"client_id", "client"},
                                {"post_logout_redirect_uri", "https://client.example/signed-out"},
                                {"state", "the state"}});
            ada.sign_out(server.url(endpoint::end_session) + '?' + leaving.text());
        }
    }
    std::string id_token() const { return exchange(code()).text("id_token"); }
    bool verifies(const std::string& jwt, coauth::signing_algorithm algorithm) const
    {
        const auto keys = coauth::jwk_set::parse(get(endpoint::jwks).body()).value();
        coauth::detail::jws_keys allowed;
        allowed.algorithms = algorithm;
        allowed.published = &keys;
        return coauth::detail::verify_jws(jwt, allowed, coauth::limits()).has_value();
    }

    std::string told;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_misbehaviours, misbehaving_fixture)

BOOST_AUTO_TEST_CASE(the_table_is_in_order)
{
    std::set<std::string_view> names;
    for (const misbehaviour& each : coauth::testing::misbehaviours()) {
        BOOST_TEST(names.insert(each.name).second, each.name);
        BOOST_TEST(each.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                   std::string_view::npos);
        BOOST_TEST(each.description.ends_with('.'), each.name);
        BOOST_TEST(coauth::testing::find_misbehaviour(each.name) == &each);
    }
    BOOST_TEST(names.size() > 180u);
    BOOST_TEST(coauth::testing::find_misbehaviour("nothing") == nullptr);
    BOOST_CHECK_THROW(server.misbehave("nothing"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_server_survives_each_of_them)
{
    for (const misbehaviour& each : coauth::testing::misbehaviours()) {
        BOOST_TEST_CONTEXT(each.name)
        {
            server.misbehave(each.name);
            live();
        }
    }
    server.behave();
    const std::string jwt = id_token();
    BOOST_TEST(verifies(jwt, coauth::signing_algorithm::rs256));
    BOOST_TEST(part_of_jwt(jwt, 1).at("aud").as_string() == "client");
}

BOOST_AUTO_TEST_CASE(one_ends_the_other)
{
    server.misbehave("oidcc-client-test-invalid-iss");
    BOOST_TEST(part_of_jwt(id_token(), 1).at("iss").as_string() == server.issuer() + '1');
    server.misbehave("oidcc-client-test-invalid-aud");
    const auto claims = part_of_jwt(id_token(), 1);
    BOOST_TEST(claims.at("iss").as_string() == server.issuer());
    BOOST_TEST(claims.at("aud").as_string() == "client1");
}

// A signature that is refused for another reason than the one in the name would test nothing.
BOOST_AUTO_TEST_CASE(wrong_signatures_are_wrong_in_one_thing_only)
{
    server.misbehave("oidcc-client-test-invalid-sig-es256");
    std::string jwt = id_token();
    BOOST_TEST(part_of_jwt(jwt, 0).at("alg").as_string() == "ES256");
    BOOST_TEST(part_of_jwt(jwt, 0).at("kid").as_string() ==
               server.signing_key(coauth::signing_algorithm::es256).key_id());
    BOOST_TEST(jwt.substr(jwt.rfind('.') + 1).size() == 86u);
    BOOST_TEST(!verifies(jwt, coauth::signing_algorithm::es256));
    for (const char* const name : {"id15-iss-elsewhere", "id35-iss-twice", "id12-payload-an-array",
                                   "lo10-type-of-an-access-token", "id32-auth-time-zero"}) {
        server.misbehave(name);
        jwt = id_token();
        const auto keys = coauth::jwk_set::parse(get(endpoint::jwks).body()).value();
        coauth::detail::jws_keys allowed;
        allowed.algorithms = coauth::signing_algorithm::rs256;
        allowed.published = &keys;
        const auto verified = coauth::detail::verify_jws(jwt, allowed, coauth::limits());
        BOOST_TEST((verified || verified.error() != coauth::errc::signature_invalid), name);
    }
    server.misbehave("id4-another-algorithm");
    BOOST_TEST(verifies(id_token(), coauth::signing_algorithm::ps256));
    BOOST_TEST(get(endpoint::metadata).json().at("id_token_signing_alg_values_supported").as_array() ==
               boost::json::array{"RS256"});
}

BOOST_AUTO_TEST_CASE(keys_are_rotated_when_they_say)
{
    const auto before = server.signing_key_id();
    server.misbehave("oidcc-client-test-signing-key-rotation");
    BOOST_TEST(part_of_jwt(id_token(), 0).at("kid").as_string() == before);
    const auto after = part_of_jwt(id_token(), 0).at("kid");
    BOOST_TEST(after.as_string() != before);
    BOOST_TEST(part_of_jwt(id_token(), 0).at("kid") == after);
    server.misbehave("oidcc-client-test-signing-key-rotation-just-before-signing");
    BOOST_TEST(part_of_jwt(id_token(), 0).at("kid") != after);
}

BOOST_AUTO_TEST_CASE(replays_are_the_same_again)
{
    server.misbehave("id29-replayed");
    const std::string first = id_token();
    BOOST_TEST(id_token() == first);
    server.misbehave("lo9-replayed");
    const auto logout = server.make_logout_token("client", "x", "y");
    BOOST_TEST(server.make_logout_token("client", "x", "y") == logout);
}

BOOST_AUTO_TEST_CASE(logout_comes_back_with_what_they_say)
{
    const auto back = [&](const char* name) {
        server.misbehave(name);
        browser ada(server);
        const browser_result at = ada.sign_in(url(question()), user_name, password);
        const form leaving({{"id_token_hint", exchange(at.parameter("code")).text("id_token")},
                            {"post_logout_redirect_uri", "https://client.example/signed-out"},
                            {"state", "the state"}});
        return ada.open(server.url(endpoint::end_session) + '?' + leaving.text()).callback_url();
    };
    const std::string uri = "https://client.example/signed-out";
    BOOST_TEST(back("oidcc-client-test-rp-init-logout") == uri + "?state=the%20state");
    BOOST_TEST(back("oidcc-client-test-rp-init-logout-no-state") == uri);
    const std::string other = back("oidcc-client-test-rp-init-logout-other-state");
    BOOST_TEST(other.starts_with(uri + "?state="));
    BOOST_TEST(other.find("the") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
