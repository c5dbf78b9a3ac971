// Signing out: at the provider, and when the provider says so.
#include "crowd.hpp"
#include "operations.hpp"
#include "signing_server.hpp"

#include <boost/json/array.hpp>

#include <sstream>

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

namespace {

const std::string after_logout_url = "https://app.example/signed-out";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";
using accepted = coauth::result<coauth::logout_token>;
using change = std::function<void(boost::json::object&)>;

coauth::server_metadata server_with_logout()
{
    auto out = server_on_paper();
    return out.set_end_session_endpoint(endpoint(end_session_endpoint));
}

coauth::openid_registration registration_with_logout()
{
    coauth::openid_registration out;
    return out.set_post_logout_redirect_uri(coauth::redirect_uri::parse(after_logout_url).value());
}

/// A client that can sign out, with what it is registered for.
struct logout_flow : openid_flow<> {
    explicit logout_flow(const coauth::openid_registration& openid = registration_with_logout(),
                         const coauth::server_metadata& metadata = server_with_logout(),
                         const coauth::limits& bounds = {})
        : openid_flow<>(metadata, bounds)
    {
        auto registration = registration_on_paper();
        client = client_type(metadata, registration.set_openid(openid), server, store, bounds);
    }

    accepted post(std::string_view body, std::string_view type = form_type)
    {
        return run(client.accept_logout_token(type, body));
    }
    accepted post(const boost::json::object& claims, std::size_t key = 0)
    {
        return post(logout_body(claims, key));
    }
};

boost::json::object logout_claims(const change& spoil)
{
    auto out = good_logout_claims("jti-1");
    spoil(out);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(logout)

BOOST_AUTO_TEST_CASE(at_the_provider_with_everything)
{
    logout_flow test;
    const auto tokens = test.sign_in();
    const std::size_t before = test.server.requests().size();
    const auto request = run(test.client.begin_logout(
        {.id_token = &tokens.id_token(), .logout_hint = "person one", .ui_locales = "fr-CA en"}));
    BOOST_TEST_REQUIRE(request.has_value());
    const std::string url(request->url().expose());
    BOOST_TEST(url.starts_with(end_session_endpoint + '&'));
    const auto query = query_of(url);
    BOOST_TEST(only_value(query, "tenant") == "1");
    BOOST_TEST(only_value(query, "id_token_hint") == tokens.id_token().encoded().expose());
    BOOST_TEST(only_value(query, "logout_hint") == "person one");
    BOOST_TEST(only_value(query, "ui_locales") == "fr-CA en");
    BOOST_TEST(only_value(query, "client_id") == "client-1");
    BOOST_TEST(only_value(query, "post_logout_redirect_uri") == after_logout_url);
    BOOST_TEST(only_value(query, "state") == request->state().expose());
    BOOST_TEST(request->state().expose().size() == 43u);
    BOOST_TEST(test.server.requests().size() == before);
}

BOOST_AUTO_TEST_CASE(LO18_the_id_token_may_go_by_a_form)
{
    logout_flow test;
    const auto tokens = test.sign_in();
    const auto request = run(test.client.begin_logout({.id_token = &tokens.id_token()})).value();
    BOOST_TEST(request.endpoint().string() == end_session_endpoint);
    BOOST_TEST(request.endpoint().string().find("id_token") == std::string::npos);
    const auto form = parse_parameters(request.form_body().expose());
    BOOST_TEST(only_value(form, "id_token_hint") == tokens.id_token().encoded().expose());
    BOOST_TEST(only_value(form, "client_id") == "client-1");
    BOOST_TEST(only_value(form, "state") == request.state().expose());
    BOOST_TEST(request.fields().size() == form.size());
}

BOOST_AUTO_TEST_CASE(at_the_provider_without_knowing_anybody)
{
    logout_flow test;
    const auto query = query_of(run(test.client.begin_logout()).value().url().expose());
    BOOST_TEST(query.count("id_token_hint") == 0u);
    BOOST_TEST(query.count("logout_hint") == 0u);
    BOOST_TEST(only_value(query, "client_id") == "client-1");
    check_refused(run(test.client.begin_logout({.logout_hint = std::string_view("a\0b", 3)})),
                  errc::invalid_parameter);
}

BOOST_AUTO_TEST_CASE(parameters_may_die_before_the_operation_begins)
{
    logout_flow test;
    auto operation = [&test] {
        const auto tokens = test.sign_in();
        const std::string hint = "somebody whose name does not fit into a small buffer";
        return test.client.begin_logout({.id_token = &tokens.id_token(), .logout_hint = hint});
    }();
    const auto request = run(std::move(operation)).value();
    BOOST_TEST(only_value(query_of(request.url().expose()), "logout_hint") ==
               "somebody whose name does not fit into a small buffer");
}

BOOST_AUTO_TEST_CASE(LO16_the_browser_comes_back)
{
    logout_flow test;
    const auto request = run(test.client.begin_logout()).value();
    const std::string state(request.state().expose());
    const auto back = [&](std::string_view query) {
        return test.client.accept_logout_callback(query, state);
    };
    BOOST_TEST(back("state=" + state).has_value());
    BOOST_TEST(back("state=" + state + "&lang=en").has_value());
    check_refused(back(""), errc::state_missing);
    check_refused(back("lang=en"), errc::state_missing);
    check_refused(back("state="), errc::state_mismatch);
    check_refused(back("state=" + state.substr(1)), errc::state_mismatch);
    check_refused(back("state=" + state + "A"), errc::state_mismatch);
    std::string other = state;
    other[5] = other[5] == 'A' ? 'B' : 'A';
    check_refused(back("state=" + other), errc::state_mismatch);
    check_refused(back("state=" + state + "&state=" + state), errc::duplicate_parameter);
    check_refused(back("state=%zz"), errc::malformed_callback);
    check_refused(back("state=" + state + "&x=" + std::string(65'536, 'x')), errc::callback_too_large);
    // Of another logout, and unasked.
    const auto second = run(test.client.begin_logout()).value();
    BOOST_TEST(second.state().expose() != state);
    check_refused(back("state=" + std::string(second.state().expose())), errc::state_mismatch);
    BOOST_TEST(test.client.accept_logout_callback("state=" + state, "").has_error());
    BOOST_TEST(test.client.accept_logout_callback("state=", "").has_error());
    BOOST_TEST(test.client.accept_logout_callback("", "").has_error());
}

BOOST_AUTO_TEST_CASE(LO16_no_state_where_nobody_comes_back)
{
    logout_flow test(coauth::openid_registration{});
    const auto request = run(test.client.begin_logout()).value();
    BOOST_TEST(request.state().empty());
    const auto query = query_of(request.url().expose());
    BOOST_TEST(query.count("state") == 0u);
    BOOST_TEST(query.count("post_logout_redirect_uri") == 0u);
}

BOOST_AUTO_TEST_CASE(LO17_a_server_without_a_logout)
{
    logout_flow test(registration_with_logout(), server_on_paper());
    const auto tokens = test.sign_in();
    check_refused(run(test.client.begin_logout({.id_token = &tokens.id_token()})), errc::endpoint_missing);
}

BOOST_AUTO_TEST_CASE(no_logout_without_a_random_state)
{
    logout_flow test;
    deterministic_random::set_failing(true);
    auto operation = test.client.begin_logout();
    deterministic_random::set_failing(false);
    check_refused(run(std::move(operation)), errc::random_source_failed);
}

BOOST_AUTO_TEST_CASE(back_channel_with_a_fetch_of_the_keys)
{
    logout_flow test;
    test.expect_keys({0});
    const auto token = test.post(good_logout_claims("jti-1"));
    BOOST_TEST_REQUIRE(token.has_value());
    BOOST_TEST(token->issuer() == server_issuer);
    BOOST_TEST(token->subject() == "person-1");
    BOOST_TEST(token->session_id() == "session-1");
    BOOST_TEST(token->token_id() == "jti-1");
    BOOST_TEST(test.post(good_logout_claims("jti-2")).has_value());
    // The same keys as for ID tokens.
    test.sign_in({});
    BOOST_TEST(test.key_fetches() == 1u);
}

BOOST_AUTO_TEST_CASE(back_channel_body_may_die_before_the_operation_begins)
{
    for (const bool keys_are_known : {false, true}) {
        logout_flow test;
        if (keys_are_known)
            test.sign_in();
        else
            test.expect_keys({0});
        auto operation = [&test] {
            const std::string body = logout_body(good_logout_claims("jti-1"));
            const std::string type = "application/x-www-form-urlencoded; charset=UTF-8";
            return test.client.accept_logout_token(type, body);
        }();
        BOOST_TEST(run(std::move(operation)).has_value());
    }
}

BOOST_AUTO_TEST_CASE(LO9_a_token_is_accepted_once)
{
    logout_flow test;
    test.sign_in();
    const std::string body = logout_body(good_logout_claims("jti-1"));
    BOOST_TEST(test.post(body).has_value());
    check_refused(test.post(body), errc::token_replayed);
    // The name is what counts, not the text.
    check_refused(test.post(logout_claims([](auto& c) { c["sub"] = "person-2"; })), errc::token_replayed);
    BOOST_TEST(test.post(good_logout_claims("jti-2")).has_value());
    // As long as it would be accepted otherwise, and a moment longer.
    manual_wall_clock::advance(600s + 29s);
    test.expect_keys({0});
    check_refused(test.post(body), errc::token_replayed);
    manual_wall_clock::advance(1s);
    check_refused(test.post(body), errc::token_expired);
}

BOOST_AUTO_TEST_CASE(LO8_LO9_a_token_without_an_end)
{
    logout_flow test;
    test.sign_in();
    const std::string body = logout_body(logout_claims([](auto& c) { c.erase("exp"); }));
    manual_wall_clock::advance(100s);
    BOOST_TEST(test.post(body).has_value());
    manual_wall_clock::advance(200s + 29s);
    check_refused(test.post(body), errc::token_replayed);
    manual_wall_clock::advance(2s);
    check_refused(test.post(body), errc::token_too_old);
}

BOOST_AUTO_TEST_CASE(LO9_at_the_same_time)
{
    logout_flow test;
    const auto hold = std::make_shared<gate>();
    test.expect_keys({0}).after_commit(happening::hold(hold));
    const std::string body = logout_body(good_logout_claims("jti-1"));
    crowd<accepted> running;
    for (int i = 0; i < 10; ++i)
        running.add(test.client.accept_logout_token(form_type, body));
    running.run_ready();
    BOOST_TEST(test.key_fetches() == 1u);
    hold->open();
    running.finish();
    int good = 0;
    for (std::size_t i = 0; i < running.size(); ++i) {
        if (running.outcome(i))
            ++good;
        else
            check_refused(running.outcome(i), errc::token_replayed);
    }
    BOOST_TEST(good == 1);
}

BOOST_AUTO_TEST_CASE(LO9_the_memory_is_bounded)
{
    coauth::limits bounds;
    bounds.logout_tokens = 2;
    logout_flow test(registration_with_logout(), server_with_logout(), bounds);
    test.sign_in();
    for (const std::string_view name : {"jti-1", "jti-2", "jti-3"})
        BOOST_TEST(test.post(good_logout_claims(name)).has_value());
    check_refused(test.post(good_logout_claims("jti-3")), errc::token_replayed);
    BOOST_TEST(test.post(good_logout_claims("jti-1")).has_value());
}

BOOST_AUTO_TEST_CASE(LO13_keys_that_cannot_be_fetched)
{
    logout_flow test;
    const std::string body = logout_body(good_logout_claims("jti-1"));
    test.expect_keys({0}).before_commit(happening::fail(errc::connection_failed));
    check_refused(test.post(body), errc::connection_failed);
    test.server.expect("GET", jwks_uri).answer(503, "");
    check_refused(test.post(body), errc::server_unavailable);
    // The provider tries again, and it counts as the first time.
    test.expect_keys({0});
    BOOST_TEST(test.post(body).has_value());

    auto keyless = server_with_logout();
    keyless.set_jwks_uri({});
    logout_flow other(registration_with_logout(), keyless);
    check_refused(other.post(body), errc::key_set_unavailable);
}

BOOST_AUTO_TEST_CASE(LO13_DS15_unknown_keys)
{
    logout_flow test;
    test.sign_in();
    test.expect_keys({0});
    for (int i = 0; i < 20; ++i)
        check_refused(test.post(good_logout_claims("jti-1"), 7), errc::signing_key_unknown);
    BOOST_TEST(test.key_fetches() == 2u);
    manual_wall_clock::advance(60s);
    test.expect_keys({7});
    BOOST_TEST(test.post(good_logout_claims("jti-1"), 7).has_value());
}

BOOST_AUTO_TEST_CASE(LO1_LO3_LO4_LO5_LO6_LO7_LO8_LO10_tokens_that_are_refused)
{
    struct row {
        std::string_view what;
        change spoil;
        errc code;
    };
    const row rows[] = {
        {"no event", [](auto& c) { c.erase("events"); }, errc::logout_event_missing},
        {"another event",
         [](auto& c) { c["events"] = {{"http://schemas.openid.net/event/other", boost::json::object()}}; },
         errc::logout_event_missing},
        {"a nonce", [](auto& c) { c["nonce"] = "n"; }, errc::nonce_in_logout_token},
        {"another audience", [](auto& c) { c["aud"] = "client-2"; }, errc::audience_mismatch},
        {"another issuer", [](auto& c) { c["iss"] = "https://as.example.org"; },
         errc::id_token_issuer_mismatch},
        {"nobody",
         [](auto& c) {
             c.erase("sub");
             c.erase("sid");
         },
         errc::session_unidentified},
        {"no time", [](auto& c) { c.erase("iat"); }, errc::claim_missing},
        {"no name", [](auto& c) { c.erase("jti"); }, errc::claim_missing},
        {"expired", [](auto& c) { c["exp"] = seconds_now() - 31; }, errc::token_expired}};
    logout_flow test;
    test.sign_in();
    for (const row& one : rows)
        BOOST_TEST_CONTEXT(one.what) { check_refused(test.post(logout_claims(one.spoil)), one.code); }
    const std::string good = logout_body(good_logout_claims("jti-1"));
    const std::string payload = good.substr(good.find('.'), good.rfind('.') - good.find('.') + 1);
    check_refused(test.post("logout_token=eyJhbGciOiJub25lIn0" + payload), errc::algorithm_not_allowed);
    check_refused(test.post(logout_body(good_claims(""))), errc::logout_event_missing); // an ID token
    check_refused(test.post(good, "application/json"), errc::unexpected_content_type);
    check_refused(test.post(""), errc::malformed_callback);
    check_refused(test.post(good + '&' + good), errc::duplicate_parameter);
    check_refused(test.post(good + std::string(65'536, 'x')), errc::callback_too_large);
    // None of them used up the good one.
    BOOST_TEST(test.post(good).has_value());
    BOOST_TEST(test.key_fetches() == 1u);
}

BOOST_AUTO_TEST_CASE(LO10_a_logout_token_signs_nobody_in)
{
    logout_flow test;
    test.sign_in();
    auto code = test.come_back();
    auto claims = good_logout_claims("jti-1");
    claims["nonce"] = test.nonce();
    test.expect_tokens(signed_id_token(claims));
    check_refused(test.exchange(std::move(code)), errc::token_type_mismatch);
}

BOOST_AUTO_TEST_CASE(LO2_ID2_logout_tokens_are_signed_as_id_tokens_are)
{
    const coauth::hmac_key shared(coauth::hmac_algorithm::hs256, coauth::secret(std::string(32, 'k')));
    const std::string by_secret =
        "logout_token=" + coauth::sign(shared, {{"alg", "HS256"}}, good_logout_claims("jti-1"));
    auto registration = registration_with_logout();
    logout_flow secretive(registration.set_id_token_signed_response_alg(shared));
    BOOST_TEST(secretive.post(by_secret).has_value());
    check_refused(secretive.post(good_logout_claims("jti-2")), errc::algorithm_not_allowed);
    BOOST_TEST(secretive.key_fetches() == 0u);
    logout_flow usual;
    usual.sign_in();
    check_refused(usual.post(by_secret), errc::algorithm_not_allowed);
}

BOOST_AUTO_TEST_CASE(LO6_LO12_a_session_may_be_required)
{
    auto registration = registration_with_logout();
    logout_flow test(registration.set_logout_session_required(true));
    test.sign_in();
    check_refused(test.post(logout_claims([](auto& c) { c.erase("sid"); })), errc::session_unidentified);
    BOOST_TEST(test.post(good_logout_claims("jti-1")).has_value());
}

BOOST_AUTO_TEST_CASE(back_channel_cancelled_at_every_step)
{
    using type = asio::cancellation_type;
    for (const type cancellation : {type::terminal, type::partial, type::total}) {
        int cancelled = 0;
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k) {
            logout_flow test;
            test.server.always("GET", jwks_uri, [](const recorded_request&) {
                scripted_exchange out("GET", jwks_uri);
                out.answer(200, key_set_of({0}));
                return out;
            });
            const std::string body = logout_body(good_logout_claims("jti-1"));
            stepped_operation<accepted> running(
                with_total_cancellation(test.client.accept_logout_token(form_type, body)));
            ended = running.run_steps(k) < k;
            running.cancel(cancellation);
            try {
                const auto outcome = running.finish();
                if (!outcome) {
                    check_refused(outcome, aborted);
                    ++cancelled;
                    // Nothing has changed.
                    BOOST_TEST(test.post(body).has_value());
                }
            } catch (const boost::system::system_error& failure) {
                BOOST_TEST((failure.code() == aborted));
                BOOST_TEST(test.server.requests().empty());
            }
            BOOST_TEST(running.completions() == 1);
            BOOST_TEST(test.server.running() == 0u);
        }
        BOOST_TEST(cancelled >= 2);
    }
}

BOOST_AUTO_TEST_CASE(LO15_front_channel)
{
    logout_flow test;
    const std::string good = "iss=https%3A%2F%2Fas.example&sid=session-1";
    const auto arrived = [](logout_flow& at, std::string_view query, std::string_view session = "session-1",
                            std::string_view issuer = "https://as.example") {
        return at.client.accept_front_channel_logout(
            {.query = query, .issuer = issuer, .session_id = session});
    };
    BOOST_TEST(arrived(test, good).has_value());
    BOOST_TEST(arrived(test, good + "&more=1").has_value());
    check_refused(arrived(test, "iss=https%3A%2F%2Fas.example&sid=session-2"), errc::session_unidentified);
    check_refused(arrived(test, "iss=https%3A%2F%2Fas.example.org&sid=session-1"), errc::issuer_mismatch);
    check_refused(arrived(test, good, "session-1", "https://other.example"), errc::issuer_mismatch);
    check_refused(arrived(test, good, ""), errc::session_unidentified);
    check_refused(arrived(test, good + '&' + good), errc::duplicate_parameter);
    check_refused(arrived(test, "sid=%zz"), errc::malformed_callback);
    // One without the other says nothing.
    BOOST_TEST(arrived(test, "sid=session-1").has_error());
    BOOST_TEST(arrived(test, "iss=https%3A%2F%2Fas.example").has_error());

    auto registration = registration_with_logout();
    logout_flow strict(registration.set_logout_session_required(true));
    BOOST_TEST(arrived(strict, good).has_value());
    check_refused(arrived(strict, ""), errc::session_unidentified);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(LG1_errors_hold_nothing_of_what_was_posted)
{
    logout_flow test;
    test.sign_in();
    const std::string state(run(test.client.begin_logout()).value().state().expose());
    const std::string body = logout_body(logout_claims([](auto& c) { c["nonce"] = canary_code; }));
    const std::string signature = body.substr(body.rfind('.') + 1);
    test.expect_keys({0});
    std::ostringstream all;
    all << test.post(body).error() << test.post(body, "text/html; " + canary_code).error()
        << test.post(good_logout_claims("jti-1"), 7).error()
        << test.client.accept_logout_callback("state=" + canary_code, state).error();
    for (const std::string& secret : {signature, state, canary_code, std::string("session-1")})
        BOOST_TEST(all.str().find(secret) == std::string::npos, all.str());
}

BOOST_AUTO_TEST_SUITE_END()
