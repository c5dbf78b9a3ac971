// Clients that sign instead of sending a secret.
#include "relying_party.hpp"
#include "run.hpp"

#include <coauth/protocol/client_assertion.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

namespace {

using namespace coauth_test;
using coauth::signing_algorithm;
namespace data = boost::unit_test::data;

const std::vector<std::string> public_key_algorithms{"RS256", "RS384", "RS512", "PS256", "PS384",
                                                     "PS512", "ES256", "ES384", "ES512", "EdDSA"};
const std::vector<std::string> hmac_algorithms{"HS256", "HS384", "HS512"};

/// The algorithms of RSA share a key, as it takes its time to make one.
const coauth::signing_key& key_of(const std::string& algorithm)
{
    static const auto all = [] {
        const auto rsa = coauth::signing_key::generate(signing_algorithm::rs256);
        std::map<std::string, coauth::signing_key> out;
        for (const auto& each : public_key_algorithms) {
            const auto which = coauth::signing_algorithm_from(each).value();
            const bool of_rsa = each.starts_with("RS") || each.starts_with("PS");
            out.emplace(each, of_rsa
                                  ? coauth::signing_key::from_pem(which, rsa.to_pem(), rsa.key_id()).value()
                                  : coauth::signing_key::generate(which));
        }
        return out;
    }();
    return all.at(algorithm);
}

provider_client signing_with_key(const std::string& algorithm)
{
    provider_client out("key-" + algorithm, "", "private_key_jwt");
    boost::json::object keys;
    keys["keys"] = boost::json::array{key_of(algorithm).public_jwk()};
    return out.set("token_endpoint_auth_signing_alg", algorithm).set("jwks", keys);
}

provider_client signing_with_secret(const std::string& algorithm)
{
    const std::string id = "secret-" + algorithm;
    provider_client out(id, id + std::string(64, '-'), "client_secret_jwt");
    return out.set("token_endpoint_auth_signing_alg", algorithm);
}

provider& provider_of_all()
{
    static provider one([] {
        provider_settings out;
        for (const auto& each : public_key_algorithms)
            out.clients.push_back(signing_with_key(each));
        for (const auto& each : hmac_algorithms)
            out.clients.push_back(signing_with_secret(each));
        return out;
    }());
    return one;
}

/// Every request of the client's that it has to authenticate, each with an assertion of its own.
void check_all_requests(coauth::client& client)
{
    const coauth::token_set tokens = sign_in(client);
    BOOST_TEST(tokens.id_token().subject() == "ada");
    const auto fresh = run(client.refresh(tokens));
    BOOST_REQUIRE_EQUAL(outcome(fresh), "ok");
    BOOST_TEST(outcome(run(client.revoke(*fresh))) == "ok");
    BOOST_TEST(outcome(run(client.refresh(*fresh))) == "coauth.server:invalid_grant");
}

std::string outcome_of_sign_in(coauth::client& client)
{
    web_browser browser = make_browser();
    return outcome(finish(client, sign_in_at(client, browser)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_client_assertions)

BOOST_DATA_TEST_CASE(with_a_private_key, data::make(public_key_algorithms), algorithm)
{
    coauth::client client =
        make_client_of(provider_of_all(), "key-" + algorithm, coauth::private_key_jwt(key_of(algorithm)));
    check_all_requests(client);
}

BOOST_DATA_TEST_CASE(with_the_client_s_secret, data::make(hmac_algorithms), algorithm)
{
    const provider_client as = signing_with_secret(algorithm);
    const auto with = [&](const std::string& secret) {
        const coauth::hmac_key key(coauth::hmac_algorithm_from(algorithm).value(), coauth::secret(secret));
        return make_client_of(provider_of_all(), as.client_id, coauth::client_secret_jwt(key));
    };
    coauth::client client = with(as.client_secret);
    check_all_requests(client);
    coauth::client mistaken = with(as.client_secret + 'x');
    BOOST_TEST(outcome_of_sign_in(mistaken) == "coauth.server:invalid_client");
}

BOOST_AUTO_TEST_CASE(for_the_token_endpoint_as_audience)
{
    provider& at = provider_of_all();
    const auto authentication = coauth::private_key_jwt(key_of("ES256")).set_audience(at.issuer() + "/token");
    coauth::client client = make_client_of(at, "key-ES256", authentication);
    BOOST_TEST(outcome_of_sign_in(client) == "ok");
}

BOOST_AUTO_TEST_CASE(for_another_server)
{
    const auto authentication =
        coauth::private_key_jwt(key_of("ES256")).set_audience("https://another.example");
    coauth::client client = make_client_of(provider_of_all(), "key-ES256", authentication);
    BOOST_TEST(outcome_of_sign_in(client) == "coauth.server:invalid_client");
}

BOOST_AUTO_TEST_CASE(with_another_key)
{
    coauth::client client =
        make_client_of(provider_of_all(), "key-ES256",
                       coauth::private_key_jwt(coauth::signing_key::generate(signing_algorithm::es256)));
    BOOST_TEST(outcome_of_sign_in(client) == "coauth.server:invalid_client");
}

BOOST_AUTO_TEST_SUITE_END()
