// People sign out: at the provider, whether a client sends them there or not, and clients hear of it.
#include "logout_listener.hpp"
#include "relying_party.hpp"
#include "run.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth_test;
namespace data = boost::unit_test::data;

/// Whether the provider still knows who sits before the browser.
std::string outcome_without_a_question(coauth::client& client, web_browser& browser)
{
    coauth::authorization_parameters parameters;
    parameters.scope = "openid";
    parameters.prompt = "none";
    return outcome(finish(client, sign_in_at(client, browser, parameters)));
}

coauth::logout_request logout_of(coauth::client& client, const coauth::token_set* tokens)
{
    coauth::logout_parameters parameters;
    if (tokens)
        parameters.id_token = &tokens->id_token();
    return run(client.begin_logout(parameters)).value();
}

void check_return(const coauth::client& client, const coauth::logout_request& request, const web_page& back)
{
    BOOST_REQUIRE_MESSAGE(back.status == 0, "the provider's pages end with:\n" + back.body);
    BOOST_TEST(back.method == "GET");
    const std::string query = back.parameters();
    const std::string_view state = request.state().expose();
    BOOST_TEST(state.size() == 43u);
    BOOST_TEST(outcome(client.accept_logout_callback(query, state)) == "ok");
    const std::string altered = with_parameter(query, "state", std::string(43, 'A'));
    BOOST_TEST(outcome(client.accept_logout_callback(altered, state)) == "coauth.client:state_mismatch");
    BOOST_TEST(outcome(client.accept_logout_callback(without_parameter(query, "state"), state)) ==
               "coauth.client:state_missing");
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_logout)

BOOST_DATA_TEST_CASE(by_a_redirect, data::make({clients::web, clients::without_secret, clients::odd}), which)
{
    coauth::client client = make_client(provider::shared(), which);
    coauth::client website = make_client(provider::shared(), clients::web);
    web_browser browser = make_browser();
    const coauth::token_set tokens = sign_in(client, browser);
    BOOST_TEST(outcome_without_a_question(website, browser) != "coauth.server:login_required");

    const coauth::logout_request request = logout_of(client, &tokens);
    const web_page back = browser.walk(std::string(request.url().expose()), post_logout_redirect_uri);
    check_return(client, request, back);
    BOOST_TEST(outcome_without_a_question(website, browser) == "coauth.server:login_required");
}

BOOST_AUTO_TEST_CASE(LO18_by_a_form_of_the_client_s_page)
{
    coauth::client client = make_client(provider::shared(), clients::post);
    web_browser browser = make_browser();
    const coauth::token_set tokens = sign_in(client, browser);

    const coauth::logout_request request = logout_of(client, &tokens);
    const std::string endpoint(request.endpoint().string());
    BOOST_TEST(endpoint.find('?') == endpoint.npos);
    const web_page back =
        browser.walk_from_form("https://client.example/", endpoint, std::string(request.form_body().expose()),
                               post_logout_redirect_uri);
    check_return(client, request, back);
    BOOST_TEST(outcome_without_a_question(client, browser) == "coauth.server:login_required");
}

BOOST_AUTO_TEST_CASE(of_nobody_in_particular)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser browser = make_browser();
    (void)sign_in(client, browser);
    const coauth::logout_request request = logout_of(client, nullptr);
    const web_page back = browser.walk(std::string(request.url().expose()), post_logout_redirect_uri);
    check_return(client, request, back);
    BOOST_TEST(outcome_without_a_question(client, browser) == "coauth.server:login_required");

    // Who is signed out already comes back as well.
    const coauth::logout_request again = logout_of(client, nullptr);
    check_return(client, again, browser.walk(std::string(again.url().expose()), post_logout_redirect_uri));
}

BOOST_AUTO_TEST_CASE(the_person_stays_signed_in_there)
{
    coauth::client client = make_client(provider::shared(), clients::web);
    web_browser browser = make_browser();
    const coauth::token_set tokens = sign_in(client, browser);
    BOOST_TEST(outcome_without_a_question(client, browser) == "ok");
    const coauth::logout_request request = logout_of(client, &tokens);
    const web_page back = browser.walk(std::string(request.url().expose()), post_logout_redirect_uri,
                                       web_browser::decision::cancel);
    // To the client that is no other than a logout.
    check_return(client, request, back);
    BOOST_TEST(outcome_without_a_question(client, browser) == "coauth.server:consent_required");
}

BOOST_AUTO_TEST_CASE(after_a_refresh_and_a_revocation)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser browser = make_browser();
    const auto fresh = run(client.refresh(sign_in(client, browser)));
    BOOST_REQUIRE_EQUAL(outcome(fresh), "ok");
    BOOST_TEST(outcome(run(client.revoke(*fresh))) == "ok");
    const coauth::logout_request request = logout_of(client, &*fresh);
    check_return(client, request,
                 browser.walk(std::string(request.url().expose()), post_logout_redirect_uri));
    BOOST_TEST(outcome_without_a_question(client, browser) == "coauth.server:login_required");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

/// Two clients that hear of logouts: one of which session it was, the other only of whom.
class two_sites {
public:
    two_sites()
        : listener(shared_listener()),
          at(shared_provider()),
          by_session(make_client(at, client_by_session(), session_required())),
          by_subject(make_client(at, client_by_subject()))
    {
        for (auto* each : {&by_session, &by_subject}) {
            const std::string path = each == &by_session ? "/session" : "/subject";
            listener.take(path);
            listener.set_check(path,
                               [client = *each](const std::string& type, const std::string& body) mutable {
                                   return run(client.accept_logout_token(type, body));
                               });
        }
    }

    /// The provider's own way out, with no client that sends anybody.
    void sign_out_at_provider(web_browser& browser) const
    {
        const web_page page = browser.walk(at.issuer() + "/session/end", "https://nowhere.example");
        BOOST_TEST(page.status == 200u);
        BOOST_TEST(page.url == at.issuer() + "/session/end/success");
    }

    logout_listener& listener;
    provider& at;
    const provider_report reported = at.report();
    coauth::client by_session;
    coauth::client by_subject;

private:
    static coauth::openid_registration session_required()
    {
        coauth::openid_registration out;
        return out.set_logout_session_required(true);
    }
    static logout_listener& shared_listener()
    {
        static logout_listener one;
        return one;
    }
    static provider& shared_provider()
    {
        static provider one([] {
            provider_settings out;
            out.clients = {client_by_session(), client_by_subject()};
            return out;
        }());
        return one;
    }
    static provider_client client_by_session()
    {
        return provider_client("by-session", "by-session-0123456789", "client_secret_basic")
            .set("backchannel_logout_uri", shared_listener().url("/session"))
            .set("backchannel_logout_session_required", true)
            .set("application_type", "web");
    }
    static provider_client client_by_subject()
    {
        return provider_client("by-subject", "by-subject-0123456789", "client_secret_basic")
            .set("backchannel_logout_uri", shared_listener().url("/subject"))
            .set("id_token_signed_response_alg", "ES256");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(interop_back_channel_logout, two_sites)

BOOST_AUTO_TEST_CASE(one_of_two_sessions_ends)
{
    web_browser here = make_browser();
    web_browser there = make_browser();
    const coauth::token_set ends = sign_in(by_session, here);
    const coauth::token_set stays = sign_in(by_session, there);
    BOOST_REQUIRE(!ends.id_token().session_id().empty());
    BOOST_TEST(ends.id_token().session_id() != stays.id_token().session_id());
    (void)sign_in(by_subject, here);

    const auto before = std::chrono::system_clock::now();
    sign_out_at_provider(here);
    const auto told = listener.take("/session");
    BOOST_REQUIRE_EQUAL(told.size(), 1u);
    BOOST_REQUIRE_EQUAL(outcome(told[0].outcome), "ok");
    const coauth::logout_token& token = *told[0].outcome;
    BOOST_TEST(token.issuer() == at.issuer());
    BOOST_TEST(token.session_id() == ends.id_token().session_id());
    BOOST_TEST(token.subject() == "ada");
    BOOST_TEST(!token.token_id().empty());
    BOOST_TEST((token.issued_at() >= before - std::chrono::seconds(1)));
    BOOST_TEST(token.expires_at().has_value());

    const auto told_too = listener.take("/subject");
    BOOST_REQUIRE_EQUAL(told_too.size(), 1u);
    BOOST_REQUIRE_EQUAL(outcome(told_too[0].outcome), "ok");
    BOOST_TEST(told_too[0].outcome->subject() == "ada");
    BOOST_TEST(told_too[0].outcome->session_id().empty());
    BOOST_TEST(told_too[0].outcome->token_id() != token.token_id());

    BOOST_TEST(at.report().logout_tokens("accepted") == reported.logout_tokens("accepted") + 2);
    BOOST_TEST(at.report().logout_tokens("refused") == reported.logout_tokens("refused"));
    BOOST_TEST(outcome_without_a_question(by_session, here) == "coauth.server:login_required");
    BOOST_TEST(outcome_without_a_question(by_session, there) == "ok");

    // The same again, or to whom it is not addressed.
    BOOST_TEST(outcome(run(by_session.accept_logout_token(told[0].content_type, told[0].body))) ==
               "coauth.client:token_replayed");
    BOOST_TEST(outcome(run(by_session.accept_logout_token(told[0].content_type, told_too[0].body))) ==
               "coauth.client:audience_mismatch");
    // And an ID token ends nothing.
    const std::string id_token = "logout_token=" + std::string(stays.id_token().encoded().expose());
    BOOST_TEST(outcome(run(by_session.accept_logout_token(told[0].content_type, id_token))) != "ok");
}

BOOST_AUTO_TEST_CASE(by_the_logout_that_a_client_began)
{
    web_browser browser = make_browser();
    const coauth::token_set tokens = sign_in(by_session, browser);
    (void)sign_in(by_subject, browser);
    const coauth::logout_request request = logout_of(by_session, &tokens);
    check_return(by_session, request,
                 browser.walk(std::string(request.url().expose()), post_logout_redirect_uri));
    // Everybody hears of it, the one that began it included.
    for (const char* path : {"/session", "/subject"}) {
        const auto told = listener.take(path);
        BOOST_REQUIRE_EQUAL(told.size(), 1u);
        BOOST_TEST(outcome(told[0].outcome) == "ok");
    }
    BOOST_TEST(at.report().logout_tokens("accepted") == reported.logout_tokens("accepted") + 2);
}

BOOST_AUTO_TEST_CASE(by_a_client_that_knows_nothing_yet)
{
    // After a restart: the provider's keys are fetched for the logout token.
    web_browser browser = make_browser();
    (void)sign_in(by_session, browser);
    (void)sign_in(by_subject, browser);
    coauth::client restarted =
        make_client(at, provider_client("by-session", "by-session-0123456789", "client_secret_basic"));
    listener.set_check("/session", [&](const std::string& type, const std::string& body) {
        return run(restarted.accept_logout_token(type, body));
    });
    const auto before = at.report();
    sign_out_at_provider(browser);
    const auto told = listener.take("/session");
    BOOST_REQUIRE_EQUAL(told.size(), 1u);
    BOOST_TEST(outcome(told[0].outcome) == "ok");
    BOOST_TEST(at.report().requests("GET /jwks") == before.requests("GET /jwks") + 1);
}

BOOST_AUTO_TEST_CASE(DS16_with_a_key_that_is_new)
{
    web_browser browser = make_browser();
    (void)sign_in(by_session, browser);
    at.rotate_keys();
    sign_out_at_provider(browser);
    const auto told = listener.take("/session");
    BOOST_REQUIRE_EQUAL(told.size(), 1u);
    BOOST_TEST(outcome(told[0].outcome) == "ok");
}

BOOST_AUTO_TEST_CASE(of_a_session_that_must_be_named)
{
    // The provider was told that this client does without.
    coauth::client strict =
        make_client(at, provider_client("by-subject", "by-subject-0123456789", "client_secret_basic"),
                    coauth::openid_registration().set_logout_session_required(true));
    listener.set_check("/subject", [&](const std::string& type, const std::string& body) {
        return run(strict.accept_logout_token(type, body));
    });
    web_browser browser = make_browser();
    (void)sign_in(by_subject, browser);
    sign_out_at_provider(browser);
    const auto told = listener.take("/subject");
    BOOST_REQUIRE_EQUAL(told.size(), 1u);
    BOOST_TEST(outcome(told[0].outcome) == "coauth.client:session_unidentified");
    BOOST_TEST(at.report().logout_tokens("refused") == reported.logout_tokens("refused") + 1);
}

BOOST_AUTO_TEST_SUITE_END()
