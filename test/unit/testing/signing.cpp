// What the server signs: with every algorithm, and with what claims.
#include "server_fixture.hpp"

#include <coauth/jose/jws.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace coauth_test {

using coauth::hmac_algorithm;
using coauth::signing_algorithm;
using coauth::testing::authorization_server_configuration;
using coauth::testing::endpoint;
using coauth::testing::registered_client;
using coauth::testing::token_algorithm;

namespace {

constexpr std::string_view long_secret =
    "a secret of sixty-four bytes, which is enough for each of the algorithms";
static_assert(long_secret.size() >= 64);

constexpr signing_algorithm published[] = {
    signing_algorithm::rs256, signing_algorithm::rs384, signing_algorithm::rs512, signing_algorithm::ps256,
    signing_algorithm::ps384, signing_algorithm::ps512, signing_algorithm::es256, signing_algorithm::es384,
    signing_algorithm::es512, signing_algorithm::eddsa};
constexpr hmac_algorithm secret[] = {hmac_algorithm::hs256, hmac_algorithm::hs384, hmac_algorithm::hs512};

class signing_fixture : public server_fixture {
public:
    signing_fixture() : signing_fixture(authorization_server_configuration()) {}
    explicit signing_fixture(authorization_server_configuration configuration)
        : server_fixture(std::move(configuration))
    {
    }

    /// A client whose ID tokens, and userinfo, are signed with an algorithm of its own.
    void add_client(token_algorithm algorithm)
    {
        server.add_client(registered_client("signing", std::string(long_secret))
                              .add_redirect_uri(std::string(redirect))
                              .set_id_token_signed_response_alg(algorithm)
                              .set_userinfo_signed_response_alg(algorithm));
    }
    reply tokens() const
    {
        const std::string given = code(question().set("client_id", "signing"));
        return post(endpoint::token, code_exchange(given), basic("signing", long_secret));
    }
    std::string key_set() const { return get(endpoint::jwks).body(); }

    coauth::result<coauth::detail::verified_jws> verify(const std::string& jwt, token_algorithm with) const
    {
        const auto keys = coauth::jwk_set::parse(key_set()).value();
        coauth::detail::jws_keys allowed;
        allowed.published = &keys;
        std::optional<coauth::hmac_key> shared;
        if (const auto* algorithm = std::get_if<hmac_algorithm>(&with)) {
            shared.emplace(*algorithm, coauth::secret(long_secret));
            allowed.secret = &*shared;
        } else {
            allowed.algorithms = std::get<signing_algorithm>(with);
        }
        return coauth::detail::verify_jws(jwt, allowed, coauth::limits());
    }

    void check(token_algorithm algorithm) const
    {
        const reply answer = tokens();
        const std::string jwt = answer.text("id_token");
        BOOST_TEST(part_of_jwt(jwt, 0).at("alg").as_string() == coauth::testing::name_of(algorithm));
        const auto verified = verify(jwt, algorithm);
        BOOST_TEST_REQUIRE(verified.has_value(), verified.error().message());
        BOOST_TEST(coauth::detail::token_hash_matches(verified->hash(), answer.text("access_token"),
                                                      part_of_jwt(jwt, 1).at("at_hash").as_string()));
        const reply about = get(endpoint::userinfo, bearer(answer.text("access_token")));
        BOOST_TEST(about.field("Content-Type") == "application/jwt");
        BOOST_TEST(verify(about.body(), algorithm).has_value());
        const auto claims = part_of_jwt(about.body(), 1);
        BOOST_TEST(claims.at("sub").as_string() == "248289761001");
        BOOST_TEST(claims.at("iss").as_string() == server.issuer());
        BOOST_TEST(claims.at("aud").as_string() == "signing");
    }
    bool announces(std::string_view algorithm) const
    {
        const auto metadata = get(endpoint::metadata).json();
        const auto& names = metadata.at("id_token_signing_alg_values_supported").as_array();
        return std::find(names.begin(), names.end(), boost::json::value(algorithm)) != names.end();
    }
};

std::vector<std::string> key_ids(const reply& of)
{
    std::vector<std::string> out;
    const auto set = of.json();
    for (const auto& key : set.at("keys").as_array())
        out.emplace_back(key.at("kid").as_string());
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_signing, signing_fixture)

BOOST_DATA_TEST_CASE(with_every_published_key, boost::unit_test::data::xrange(std::size(published)), index)
{
    const signing_algorithm algorithm = published[index];
    add_client(algorithm);
    BOOST_TEST(announces(coauth::name(algorithm)));
    check(algorithm);
}

BOOST_DATA_TEST_CASE(with_every_secret, boost::unit_test::data::xrange(std::size(secret)), index)
{
    const hmac_algorithm algorithm = secret[index];
    BOOST_TEST(!announces(coauth::name(algorithm)));
    add_client(algorithm);
    BOOST_TEST(announces(coauth::name(algorithm)));
    check(algorithm);
    BOOST_TEST(key_set().find("\"oct\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_secret_has_to_be_as_long_as_the_hash)
{
    registered_client client("short", std::string(long_secret.substr(0, 31)));
    client.set_id_token_signed_response_alg(hmac_algorithm::hs256);
    BOOST_CHECK_THROW(server.add_client(client), coauth::exception);
    registered_client userinfo("short", std::string(long_secret.substr(0, 47)));
    userinfo.set_userinfo_signed_response_alg(hmac_algorithm::hs384);
    BOOST_CHECK_THROW(server.add_client(userinfo), coauth::exception);
}

BOOST_AUTO_TEST_CASE(every_key_is_published_with_what_it_is_for)
{
    add_client(signing_algorithm::es384);
    const auto keys = get(endpoint::jwks).json().at("keys").as_array();
    BOOST_TEST_REQUIRE(keys.size() == 2u); // RS256 is there for everybody
    for (const auto& key : keys) {
        BOOST_TEST(key.at("use").as_string() == "sig");
        BOOST_TEST(!key.as_object().contains("d"));
    }
    BOOST_TEST(keys[0].at("alg").as_string() == "RS256");
    BOOST_TEST(keys[1].at("alg").as_string() == "ES384");
    BOOST_TEST(server.signing_key(signing_algorithm::es384).key_id() == keys[1].at("kid").as_string());
    BOOST_TEST(server.signing_key_id() == keys[0].at("kid").as_string());
}

BOOST_AUTO_TEST_CASE(keys_are_rotated_for_all_algorithms)
{
    add_client(signing_algorithm::es256);
    const std::string old_token = tokens().text("id_token");
    const auto first = key_ids(get(endpoint::jwks));
    server.rotate_signing_key();
    const auto second = key_ids(get(endpoint::jwks));
    BOOST_TEST_REQUIRE(second.size() == 4u);
    BOOST_TEST(std::equal(first.begin(), first.end(), second.begin() + 2));
    BOOST_TEST(verify(old_token, signing_algorithm::es256).has_value());
    BOOST_TEST(part_of_jwt(tokens().text("id_token"), 0).at("kid").as_string() == second[1]);
    check(signing_algorithm::es256);
    server.rotate_signing_key();
    const auto third = key_ids(get(endpoint::jwks));
    BOOST_TEST(third.size() == 4u);
    BOOST_TEST((std::find(third.begin(), third.end(), first[1]) == third.end()));
    BOOST_TEST(!verify(old_token, signing_algorithm::es256).has_value());
}

BOOST_AUTO_TEST_CASE(the_server_has_an_algorithm_for_all_clients)
{
    signing_fixture other(
        authorization_server_configuration().set_id_token_algorithm(signing_algorithm::eddsa));
    const std::string jwt = other.exchange(other.code()).text("id_token");
    BOOST_TEST(part_of_jwt(jwt, 0).at("alg").as_string() == "EdDSA");
    BOOST_TEST(other.verify(jwt, signing_algorithm::eddsa).has_value());
    BOOST_TEST(other.announces("EdDSA"));
    BOOST_TEST(other.announces("RS256")); // OpenID Connect Discovery 3
    BOOST_TEST((other.server.signing_key().algorithm() == signing_algorithm::eddsa));
    other.add_client(signing_algorithm::es512);
    other.check(signing_algorithm::es512);
}

BOOST_AUTO_TEST_CASE(userinfo_is_plain_unless_the_client_wants_it_signed)
{
    const reply answer = exchange(code());
    const reply about = get(endpoint::userinfo, bearer(answer.text("access_token")));
    BOOST_TEST(about.field("Content-Type") == "application/json");
}

BOOST_AUTO_TEST_CASE(claims_say_how_and_when_somebody_signed_in)
{
    const auto claims = part_of_jwt(exchange(code()).text("id_token"), 1);
    BOOST_TEST(claims.at("auth_time").as_int64() == 2'000'000'000);
    BOOST_TEST(claims.at("acr").as_string() ==
               "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport");
    BOOST_TEST(claims.at("amr").as_array() == (boost::json::array{"pwd"}));
    BOOST_TEST(claims.at("sid").as_string().size() == 43u);
    BOOST_TEST(!claims.contains("c_hash"));
}

BOOST_AUTO_TEST_CASE(the_context_is_the_first_that_was_asked_for_and_is_possible)
{
    signing_fixture other(authorization_server_configuration().set_authentication_contexts({"one", "two"}));
    const auto context = [&](const char* asked) {
        const auto jwt =
            other.exchange(other.code(other.question().set("acr_values", asked))).text("id_token");
        return std::string(part_of_jwt(jwt, 1).at("acr").as_string());
    };
    BOOST_TEST(context("three two one") == "two");
    BOOST_TEST(context("three") == "one");
    BOOST_TEST(context("") == "one");
    BOOST_TEST(other.sign_in(other.question().set("acr_values", "a\x01")).parameter("error") ==
               "invalid_request");
    BOOST_TEST(other.get(endpoint::metadata).json().at("acr_values_supported").as_array() ==
               (boost::json::array{"one", "two"}));
    signing_fixture without(authorization_server_configuration().set_authentication_contexts({}));
    BOOST_TEST(!part_of_jwt(without.exchange(without.code()).text("id_token"), 1).contains("acr"));
    BOOST_TEST(!without.get(endpoint::metadata).json().contains("acr_values_supported"));
}

BOOST_AUTO_TEST_CASE(the_code_can_be_hashed_too)
{
    signing_fixture other(
        authorization_server_configuration().set_code_hash(coauth::testing::code_hash::sent));
    const std::string given = other.code();
    const reply answer = other.exchange(given);
    const auto claims = part_of_jwt(answer.text("id_token"), 1);
    BOOST_TEST(coauth::detail::token_hash_matches(coauth::detail::hash_function::sha256, given,
                                                  claims.at("c_hash").as_string()));
    const auto refreshed = other.refresh(answer.text("refresh_token")).text("id_token");
    BOOST_TEST(!part_of_jwt(refreshed, 1).contains("c_hash"));
}

BOOST_AUTO_TEST_CASE(a_session_has_one_name_until_somebody_else_signs_in)
{
    const auto session = [&](const coauth::testing::browser_result& at) {
        BOOST_TEST_REQUIRE(at.returned(), at.page());
        return std::string(
            part_of_jwt(exchange(at.parameter("code")).text("id_token"), 1).at("sid").as_string());
    };
    coauth::testing::browser browser(server);
    const std::string first = session(browser.sign_in(url(question()), user_name, password));
    BOOST_TEST(session(browser.sign_in(url(question()), user_name, password)) == first);
    const form again = question().set("prompt", "login");
    BOOST_TEST(session(browser.sign_in(url(again), user_name, password)) == first);
    BOOST_TEST(session(browser.sign_in(url(again), "bea", "another password")) != first);
    BOOST_TEST(session(sign_in(question())) != first);
}

BOOST_AUTO_TEST_CASE(signing_can_be_replaced)
{
    server.on_signing(coauth::testing::server_jwt::id_token,
                      [](const boost::json::object& header, const boost::json::object& claims) {
                          BOOST_TEST(header.at("alg").as_string() == "RS256");
                          BOOST_TEST(claims.contains("iss"));
                          return std::optional<std::string>("made up");
                      });
    BOOST_TEST(exchange(code()).text("id_token") == "made up");
    server.clear_hooks();
    BOOST_TEST(exchange(code()).text("id_token") != "made up");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
