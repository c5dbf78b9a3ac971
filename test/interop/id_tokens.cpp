// ID tokens and userinfo as oidc-provider signs them: every algorithm, every kind of subject, fresh and authenticated
// as asked for.
#include "relying_party.hpp"
#include "run.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <thread>

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;
using coauth::hmac_algorithm;
using coauth::openid_registration;
using coauth::signing_algorithm;
namespace data = boost::unit_test::data;

const std::vector<std::string> public_key_algorithms{"RS256", "RS384", "RS512", "PS256", "PS384",  "PS512",
                                                     "ES256", "ES384", "ES512", "EdDSA", "Ed25519"};
const std::vector<std::string> hmac_algorithms{"HS256", "HS384", "HS512"};

/// Whose ID tokens are signed so.
provider_client signed_by(const std::string& algorithm)
{
    const std::string id = "id-token-" + algorithm;
    // Long enough for SHA-512, and each another.
    provider_client out(id, id + std::string(64, '-'), "client_secret_basic");
    return out.set("id_token_signed_response_alg", algorithm);
}

/// Whose userinfo is signed so; that of the others is not signed.
provider_client with_signed_userinfo(const std::string& algorithm)
{
    provider_client out("userinfo-" + algorithm, "userinfo-secret-0123456789", "client_secret_basic");
    return out.set("userinfo_signed_response_alg", algorithm);
}

/// To which nobody is who they are to others.
provider_client pairwise()
{
    provider_client out("pairwise", "pairwise-secret-0123456789", "client_secret_basic");
    // With the redirect URIs of several hosts it would not be known to which of them.
    return out.set("subject_type", "pairwise").set("redirect_uris", boost::json::array{web_redirect_uri});
}

provider& provider_of_all()
{
    static provider one([] {
        provider_settings out;
        for (const auto& each : public_key_algorithms) {
            out.clients.push_back(signed_by(each));
            out.clients.push_back(with_signed_userinfo(each));
        }
        for (const auto& each : hmac_algorithms)
            out.clients.push_back(signed_by(each));
        out.clients.push_back(pairwise());
        return out;
    }());
    return one;
}

openid_registration accepting(const std::string& algorithm)
{
    openid_registration out;
    out.set_id_token_signed_response_alg(coauth::signing_algorithm_from(algorithm).value());
    return out;
}

coauth::authorization_parameters openid_only()
{
    coauth::authorization_parameters out;
    out.scope = "openid email";
    return out;
}

/// The outcome of a sign-in whose authorization request lost a parameter on its way through the browser.
std::string outcome_without(coauth::client& client, web_browser& browser,
                            const coauth::authorization_parameters& parameters, std::string_view lost)
{
    const auto request = run(client.begin_authorization(parameters));
    const std::string url = without_parameter(request.value().url(), lost);
    BOOST_TEST(url.size() < request->url().size());
    const web_page page = browser.walk(url, web_redirect_uri);
    BOOST_REQUIRE_EQUAL(page.status, 0u);
    return outcome(finish(client, landing(*request, page)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_id_tokens)

BOOST_DATA_TEST_CASE(signed_with_the_provider_s_key, data::make(public_key_algorithms), algorithm)
{
    provider& at = provider_of_all();
    const provider_client as = signed_by(algorithm);
    coauth::client client = make_client(at, as, accepting(algorithm));
    const coauth::token_set tokens = sign_in(client);
    BOOST_TEST(tokens.id_token().subject() == "ada");
    BOOST_TEST(tokens.id_token().issuer() == at.issuer());
    const auto fresh = run(client.refresh(tokens));
    BOOST_REQUIRE_EQUAL(outcome(fresh), "ok");
    BOOST_TEST(fresh->id_token().subject() == "ada");
    BOOST_TEST(&fresh->id_token() != &tokens.id_token()); // a new one

    // It was that algorithm: with any other the token is refused.
    coauth::client other = make_client(at, as, accepting(algorithm == "ES256" ? "RS256" : "ES256"));
    web_browser browser = make_browser();
    BOOST_TEST(outcome(finish(other, sign_in_at(other, browser))) == "coauth.client:algorithm_not_allowed");
}

BOOST_DATA_TEST_CASE(signed_with_the_client_s_secret, data::make(hmac_algorithms), algorithm)
{
    provider& at = provider_of_all();
    const provider_client as = signed_by(algorithm);
    const auto with_secret = [&](const std::string& secret) {
        return openid_registration().set_id_token_signed_response_alg(
            coauth::hmac_key(coauth::hmac_algorithm_from(algorithm).value(), coauth::secret(secret)));
    };
    coauth::client client = make_client(at, as, with_secret(as.client_secret));
    const auto before = at.report();
    const coauth::token_set tokens = sign_in(client);
    BOOST_TEST(tokens.id_token().subject() == "ada");
    BOOST_TEST(outcome(run(client.refresh(tokens))) == "ok");
    BOOST_TEST(at.report().requests("GET /jwks") == before.requests("GET /jwks"));

    // The client's secret for the token endpoint and that for ID tokens are one to the provider, but not to the test.
    web_browser browser = make_browser();
    coauth::client mistaken = make_client(at, as, with_secret(std::string(64, 'x')));
    BOOST_TEST(outcome(finish(mistaken, sign_in_at(mistaken, browser))) == "coauth.client:signature_invalid");
    coauth::client unaware = make_client(at, as);
    BOOST_TEST(outcome(finish(unaware, sign_in_at(unaware, browser))) ==
               "coauth.client:algorithm_not_allowed");
}

BOOST_DATA_TEST_CASE(accepted_without_being_asked_for, data::make(public_key_algorithms), algorithm)
{
    coauth::client client = make_client(provider_of_all(), signed_by(algorithm));
    web_browser browser = make_browser();
    const bool by_default = algorithm != "RS384" && algorithm != "RS512";
    BOOST_TEST(outcome(finish(client, sign_in_at(client, browser))) ==
               (by_default ? "ok" : "coauth.client:algorithm_not_allowed"));
}

BOOST_DATA_TEST_CASE(signed_userinfo, data::make(public_key_algorithms), algorithm)
{
    provider& at = provider_of_all();
    const provider_client as = with_signed_userinfo(algorithm);
    const auto expecting = [](const std::string& which) {
        return openid_registration().set_userinfo_signed_response_alg(
            coauth::signing_algorithm_from(which).value());
    };
    coauth::client client = make_client(at, as, expecting(algorithm));
    const coauth::token_set tokens = sign_in(client);
    const auto person = run(client.fetch_userinfo(tokens));
    BOOST_REQUIRE_EQUAL(outcome(person), "ok");
    BOOST_TEST(person->subject() == "ada");
    BOOST_TEST(person->claim("email") == "ada@example.com");
    BOOST_TEST(person->claim("iss") == at.issuer()); // it was signed

    coauth::client other = make_client(at, as, expecting(algorithm == "ES256" ? "RS256" : "ES256"));
    BOOST_TEST(outcome(run(other.fetch_userinfo(tokens))) == "coauth.client:algorithm_not_allowed");
}

BOOST_AUTO_TEST_CASE(userinfo_is_not_signed_though_that_was_agreed_on)
{
    openid_registration agreed;
    agreed.set_userinfo_signed_response_alg(signing_algorithm::es256);
    coauth::client client = make_client(provider_of_all(), clients::basic, agreed);
    const coauth::token_set tokens = sign_in(client);
    BOOST_TEST(outcome(run(client.fetch_userinfo(tokens))) == "coauth.client:userinfo_not_signed");
}

BOOST_AUTO_TEST_CASE(pairwise_subjects)
{
    provider& at = provider_of_all();
    coauth::client client = make_client(at, pairwise());
    const auto subject_of = [&](const std::string& name) {
        web_browser browser = make_browser();
        browser.user_name = name;
        const coauth::token_set tokens = sign_in(client, browser);
        const auto person = run(client.fetch_userinfo(tokens));
        BOOST_REQUIRE_EQUAL(outcome(person), "ok");
        BOOST_TEST(person->subject() == tokens.id_token().subject());
        BOOST_TEST(person->claim("email") == name + "@example.com");
        const auto fresh = run(client.refresh(tokens));
        BOOST_REQUIRE_EQUAL(outcome(fresh), "ok");
        BOOST_TEST(fresh->id_token().subject() == tokens.id_token().subject());
        return std::string(tokens.id_token().subject());
    };
    const std::string ada = subject_of("ada");
    BOOST_TEST(ada.find("ada") == ada.npos);
    BOOST_TEST(subject_of("ada") == ada);
    BOOST_TEST(subject_of("grace") != ada);
}

BOOST_AUTO_TEST_CASE(userinfo_of_somebody_else)
{
    coauth::client client = make_client(provider_of_all(), clients::basic);
    web_browser another = make_browser();
    another.user_name = "grace";
    coauth::token_set mixed = sign_in(client, another);
    mixed.set_id_token(std::make_shared<const coauth::verified_id_token>(sign_in(client).id_token()));
    BOOST_TEST(outcome(run(client.fetch_userinfo(mixed))) == "coauth.client:subject_mismatch");
}

BOOST_AUTO_TEST_CASE(not_longer_ago_than_max_age)
{
    coauth::client client = make_client(provider_of_all(), clients::web);
    web_browser browser = make_browser();
    const auto start = std::chrono::system_clock::now();
    auto parameters = openid_only();
    parameters.max_age = 1h;
    const auto first = sign_in(client, browser, parameters).id_token().authenticated_at();
    BOOST_REQUIRE(first.has_value());
    BOOST_TEST((*first >= start - 1s && *first <= std::chrono::system_clock::now()));

    // The person is signed in, and that recently enough.
    parameters.prompt = "none";
    BOOST_TEST((sign_in(client, browser, parameters).id_token().authenticated_at() == first));

    // Never recently enough: the provider asks for the password again.
    parameters.max_age = 0s;
    BOOST_TEST(outcome(finish(client, sign_in_at(client, browser, parameters))) ==
               "coauth.server:login_required");
    parameters.prompt = {};
    std::this_thread::sleep_until(*first + 1s);
    const auto again = sign_in(client, browser, parameters).id_token().authenticated_at();
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((*again > *first));

    // People can edit URLs. The provider then does not know that it was to ask.
    BOOST_TEST(outcome_without(client, browser, parameters, "max_age") ==
               "coauth.client:authentication_too_old");
}

BOOST_AUTO_TEST_CASE(authenticated_as_was_asked_for)
{
    coauth::client client = make_client(provider_of_all(), clients::web);
    web_browser browser = make_browser();
    auto parameters = openid_only();
    parameters.required_acr_values = "urn:example:hardware urn:example:password";
    BOOST_TEST(sign_in(client, browser, parameters).id_token().authentication_context() ==
               "urn:example:password");

    // What would be welcome need not be.
    parameters.required_acr_values = {};
    parameters.acr_values = "urn:example:hardware";
    BOOST_TEST(sign_in(client, browser, parameters).id_token().authentication_context() ==
               "urn:example:password");

    // What is required has to be: the provider may do as it likes, and so may the person with the request.
    parameters.acr_values = {};
    parameters.required_acr_values = "urn:example:hardware";
    BOOST_TEST(outcome(finish(client, sign_in_at(client, browser, parameters))) ==
               "coauth.client:authentication_context_mismatch");
    BOOST_TEST(outcome_without(client, browser, parameters, "acr_values") ==
               "coauth.client:authentication_context_mismatch");
}

BOOST_AUTO_TEST_CASE(claims_in_the_id_token)
{
    coauth::client client = make_client(provider_of_all(), clients::web);
    auto parameters = openid_only();
    const coauth::parameter claims{"claims", R"({"id_token":{"email":{"essential":true},"name":null}})"};
    parameters.extra = {&claims, 1};
    const coauth::token_set tokens = sign_in(client, parameters);
    BOOST_TEST(tokens.id_token().claim("email") == "ada@example.com");
    BOOST_TEST(tokens.id_token().claim("name") == "ada H\xC3\xA4"
                                                  "berle");
}

BOOST_AUTO_TEST_CASE(an_id_token_of_another_sign_in)
{
    // RFC 9700 4.5.3.2: whoever takes the nonce out of the request gets a token that goes with any.
    coauth::client client = make_client(provider_of_all(), clients::basic);
    web_browser browser = make_browser();
    BOOST_TEST(outcome_without(client, browser, openid_only(), "nonce") == "coauth.client:nonce_mismatch");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(interop_key_rollover)

BOOST_AUTO_TEST_CASE(DS16_the_keys_change_between_two_sign_ins)
{
    provider& at = provider_of_all();
    coauth::client client = make_client(at, clients::basic);
    const auto before = at.report();
    const coauth::token_set first = sign_in(client);
    at.rotate_keys();
    // Moments after the keys were fetched they are fetched again, as a token names one that was not among them.
    const coauth::token_set second = sign_in(client);
    BOOST_TEST(second.id_token().subject() == "ada");
    BOOST_TEST(at.report().requests("GET /jwks") == before.requests("GET /jwks") + 2);

    // The new keys are kept. A grant of the time before lives on.
    const auto fresh = run(client.refresh(first));
    BOOST_REQUIRE_EQUAL(outcome(fresh), "ok");
    BOOST_TEST(fresh->id_token().subject() == "ada");
    BOOST_TEST(at.report().requests("GET /jwks") == before.requests("GET /jwks") + 2);

    // But nobody makes the client ask again and again.
    at.rotate_keys();
    for (int i = 0; i < 2; ++i) {
        web_browser browser = make_browser();
        BOOST_TEST(outcome(finish(client, sign_in_at(client, browser))) ==
                   "coauth.client:signing_key_unknown");
    }
    BOOST_TEST(at.report().requests("GET /jwks") == before.requests("GET /jwks") + 2);

    // Whoever fetches the keys now does not know the tokens of before.
    coauth::client late = make_client(at, clients::basic);
    BOOST_TEST(sign_in(late).id_token().subject() == "ada");
}

BOOST_AUTO_TEST_CASE(the_keys_change_while_people_sign_in)
{
    provider& at = provider_of_all();
    coauth::client client = make_client(at, clients::without_secret);
    BOOST_TEST(sign_in(client).id_token().subject() == "ada");
    web_browser browser = make_browser();
    const landing back = sign_in_at(client, browser);
    at.rotate_keys();
    BOOST_TEST(outcome(finish(client, back)) == "ok");
}

BOOST_AUTO_TEST_CASE(the_keys_change_before_signed_userinfo)
{
    provider& at = provider_of_all();
    coauth::client client =
        make_client(at, with_signed_userinfo("ES384"),
                    openid_registration().set_userinfo_signed_response_alg(signing_algorithm::es384));
    const coauth::token_set tokens = sign_in(client);
    at.rotate_keys();
    const auto person = run(client.fetch_userinfo(tokens));
    BOOST_REQUIRE_EQUAL(outcome(person), "ok");
    BOOST_TEST(person->subject() == "ada");
}

BOOST_AUTO_TEST_SUITE_END()
