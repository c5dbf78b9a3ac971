// What must not lead to tokens does not, and the provider hears no more of it.
#include "relying_party.hpp"
#include "run.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth_test;
namespace data = boost::unit_test::data;

std::uint64_t token_requests() { return provider::shared().report().requests("POST /token"); }

/// Gives a landing to the client after something was done to it.
template <class Change>
std::string outcome_of_changed_callback(Change change)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser browser = make_browser();
    landing back = sign_in_at(client, browser);
    const auto before = token_requests();
    change(back);
    const std::string out = outcome(run(client.accept_callback(back.callback())));
    BOOST_TEST(token_requests() == before);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_refusals)

BOOST_DATA_TEST_CASE(wrong_secret, data::make({clients::basic, clients::post, clients::odd}), which)
{
    coauth::client client = make_client_with_secret(provider::shared(), which, which.client_secret + "x");
    web_browser browser = make_browser();
    auto code = run(client.accept_callback(sign_in_at(client, browser).callback()));
    const auto before = provider::shared().report();

    const auto tokens = run(client.exchange(std::move(code).value()));
    BOOST_REQUIRE(tokens.has_error());
    BOOST_TEST((tokens.error() == coauth::server_errc::invalid_client));
    BOOST_TEST((tokens.error() == coauth::condition::misconfigured));
    BOOST_TEST(tokens.error().http_status() == 401u);
    const auto after = provider::shared().report();
    BOOST_TEST(after.token_errors("invalid_client") == before.token_errors("invalid_client") + 1);
    BOOST_TEST(after.requests("POST /token") == before.requests("POST /token") + 1);
}

BOOST_AUTO_TEST_CASE(another_state)
{
    BOOST_TEST(outcome_of_changed_callback([](landing& back) {
                   back.parameters = with_parameter(back.parameters, "state", std::string(43, 'A'));
               }) == "coauth.client:state_mismatch");
}

BOOST_AUTO_TEST_CASE(another_issuer)
{
    BOOST_TEST(outcome_of_changed_callback([](landing& back) {
                   back.parameters = with_parameter(back.parameters, "iss", "https://attacker.example");
               }) == "coauth.client:issuer_mismatch");
}

BOOST_AUTO_TEST_CASE(no_issuer_though_the_provider_announces_it)
{
    BOOST_TEST(outcome_of_changed_callback([](landing& back) {
                   const auto at = back.parameters.find("iss=");
                   back.parameters.replace(at, 4, "nothing=");
               }) == "coauth.client:issuer_missing");
}

BOOST_AUTO_TEST_CASE(another_browser)
{
    BOOST_TEST(outcome_of_changed_callback([](landing& back) {
                   back.browser_binding = std::string(43, 'A');
               }) == "coauth.client:unknown_transaction");
}

BOOST_AUTO_TEST_CASE(by_another_response_mode)
{
    BOOST_TEST(outcome_of_changed_callback([](landing& back) { back.method = "POST"; }) ==
               "coauth.client:response_mode_mismatch");
}

BOOST_AUTO_TEST_CASE(the_person_says_no)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    const auto before = token_requests();
    for (const auto mode : {coauth::response_mode::query, coauth::response_mode::form_post}) {
        web_browser browser = make_browser();
        auto parameters = usual_parameters();
        parameters.response_mode = mode;
        const landing back = sign_in_at(client, browser, parameters, web_browser::decision::cancel);
        const auto refused = run(client.accept_callback(back.callback()));
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST((refused.error() == coauth::server_errc::access_denied));
        BOOST_TEST(refused.error().server_error() == "access_denied");
        BOOST_TEST(!refused.error().description().empty());
        // What was refused is over.
        BOOST_TEST(outcome(run(client.accept_callback(back.callback()))) ==
                   "coauth.client:unknown_transaction");
    }
    BOOST_TEST(token_requests() == before);
}

BOOST_AUTO_TEST_CASE(nobody_is_signed_in_and_nobody_may_be_asked)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser browser = make_browser();
    coauth::authorization_parameters parameters;
    parameters.scope = "openid";
    parameters.prompt = "none";
    const landing back = sign_in_at(client, browser, parameters);
    BOOST_TEST(outcome(run(client.accept_callback(back.callback()))) == "coauth.server:login_required");
}

BOOST_AUTO_TEST_CASE(the_same_callback_again)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser browser = make_browser();
    const landing back = sign_in_at(client, browser);
    const auto before = token_requests();
    auto code = run(client.accept_callback(back.callback()));
    BOOST_TEST(outcome(run(client.exchange(std::move(code).value()))) == "ok");
    BOOST_TEST(outcome(run(client.accept_callback(back.callback()))) == "coauth.client:unknown_transaction");
    BOOST_TEST(token_requests() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_code_of_another_sign_in)
{
    // RFC 9700 4.5: whoever stole a code puts it into a sign-in of their own. State, binding and issuer are right then;
    // it is the code verifier that the provider finds wrong.
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser victim = make_browser();
    web_browser thief = make_browser();
    const std::string stolen = parameter_of(sign_in_at(client, victim).parameters, "code");
    landing back = sign_in_at(client, thief);
    back.parameters = with_parameter(back.parameters, "code", stolen);
    auto code = run(client.accept_callback(back.callback()));
    const auto tokens = run(client.exchange(std::move(code).value()));
    BOOST_REQUIRE(tokens.has_error());
    BOOST_TEST((tokens.error() == coauth::server_errc::invalid_grant));
    BOOST_TEST((tokens.error() == coauth::condition::reauthorization_required));
}

BOOST_AUTO_TEST_CASE(a_client_that_the_provider_does_not_know)
{
    // The provider keeps the browser to itself: it has no redirect URI to trust.
    const provider_client stranger("stranger", "secret", "client_secret_basic");
    coauth::client client = make_client(provider::shared(), stranger);
    const auto request = run(client.begin_authorization(usual_parameters()));
    const web_page page = make_browser().walk(request.value().url(), web_redirect_uri);
    BOOST_TEST(page.status == 400u);
    BOOST_TEST(page.body.find("invalid_client") != page.body.npos);
}

BOOST_AUTO_TEST_SUITE_END()
