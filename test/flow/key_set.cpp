// The keys that ID tokens are verified with: when they are fetched, and how long they are kept.
#include "crowd.hpp"
#include "signing_server.hpp"

#include <map>

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

namespace {

using outcome = coauth::result<coauth::token_set>;

/// A sign-in whose ID token is signed with this key, and whatever becomes of it.
outcome sign_in_with(openid_flow<>& test, std::size_t key)
{
    auto code = test.come_back();
    test.expect_tokens(test.good_token(key));
    return test.exchange(std::move(code));
}

/// Refused, with no tokens left and nothing to try again.
scripted_exchange answer_with_keys(const recorded_request& request, std::initializer_list<std::size_t> keys)
{
    scripted_exchange out(request.method(), request.url());
    out.answer(200, key_set_of(keys), "application/jwk-set+json");
    return out;
}

/// Sign-ins that are all at the same point, each with its code.
class many_sign_ins {
public:
    explicit many_sign_ins(std::size_t count, std::size_t key = 0)
    {
        for (std::size_t i = 0; i < count; ++i) {
            const std::string code = "code-" + std::to_string(i);
            const auto request = test.begin_with({.scope = "openid"});
            tokens_[code] = signed_id_token(good_claims(only_value(query_of(request.url()), "nonce")), key);
            codes_.push_back(test.accept(callback_query(request, code), request.browser_binding()).value());
        }
        test.server.always("POST", token_endpoint, [this](const recorded_request& sent) {
            scripted_exchange out("POST", token_endpoint);
            out.answer(200, token_response_with(tokens_.at(only_value(sent.form(), "code"))));
            return out;
        });
    }

    void start(crowd<outcome>& in)
    {
        for (auto& code : codes_)
            in.add(test.client.exchange(std::move(code)));
    }

    openid_flow<> test;

private:
    std::map<std::string, std::string> tokens_;
    std::vector<coauth::authorization_code> codes_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(key_set)

BOOST_AUTO_TEST_CASE(fetched_by_the_first_sign_in_and_kept_for_the_second)
{
    openid_flow<> test;
    const auto tokens = test.sign_in();
    BOOST_TEST(tokens.id_token().subject() == "person-1");
    const auto sent = test.server.sent();
    BOOST_TEST_REQUIRE(sent.size() == 2u);
    BOOST_TEST(sent[0].method() == "POST");
    BOOST_TEST(sent[1].method() == "GET");
    BOOST_TEST(sent[1].url() == jwks_uri);
    BOOST_TEST(sent[1].field("Authorization").empty());
    BOOST_TEST(sent[1].field("Accept") == "application/jwk-set+json, application/json");
    BOOST_TEST((sent[1].deadline() == test.client_limits.discovery_deadline));
    BOOST_TEST(sent[1].response_body_bytes() == test.client_limits.discovery_body_bytes);

    test.sign_in({});
    BOOST_TEST(test.server.sent().size() == 3u);
    BOOST_TEST(test.key_fetches() == 1u);
}

BOOST_AUTO_TEST_CASE(fetched_again_when_they_are_old)
{
    openid_flow<> test;
    test.sign_in();
    manual_wall_clock::advance(test.client_limits.key_set_age - 1s);
    test.sign_in({});
    manual_wall_clock::advance(1s);
    test.sign_in({0});
    BOOST_TEST(test.key_fetches() == 2u);
}

BOOST_AUTO_TEST_CASE(ages_at_their_maximum_never_pass)
{
    coauth::limits bounds;
    bounds.key_set_age = bounds.key_set_longest_age = bounds.key_set_stale_if_error =
        std::chrono::seconds::max();
    bounds.clock_tolerance = bounds.id_token_age = std::chrono::seconds::max();
    openid_flow<> test(server_on_paper(), bounds);
    test.sign_in();
    constexpr std::chrono::hours twenty_years{24 * 365 * 20};
    manual_wall_clock::advance(twenty_years);
    test.sign_in({});
    BOOST_TEST(test.key_fetches() == 1u);
    manual_wall_clock::advance(-twenty_years);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_makes_nothing_younger)
{
    openid_flow<> test;
    test.sign_in();
    manual_wall_clock::advance(-1h);
    test.sign_in({0});
    manual_wall_clock::advance(1h);
    test.sign_in({0});
}

BOOST_AUTO_TEST_CASE(DS16_keys_changed_seconds_after_a_scheduled_fetch)
{
    openid_flow<> test;
    test.sign_in({0});
    manual_wall_clock::advance(5s);
    auto code = test.come_back();
    test.expect_tokens(test.good_token(1));
    test.expect_keys({0, 1});
    const auto tokens = test.exchange(std::move(code));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST(tokens->id_token().subject() == "person-1");
    BOOST_TEST(test.key_fetches() == 2u);
    // And the new ones are kept.
    BOOST_TEST(sign_in_with(test, 1).has_value());
    BOOST_TEST(test.key_fetches() == 2u);
}

BOOST_AUTO_TEST_CASE(DS16_the_interval_counts_forced_fetches_only)
{
    openid_flow<> test;
    test.sign_in({0});
    auto code = test.come_back();
    test.expect_tokens(test.good_token(1));
    test.expect_keys({1});
    BOOST_TEST(test.exchange(std::move(code)).has_value());
    // Changed once more within the interval: nobody asks.
    manual_wall_clock::advance(59s);
    check_lost(sign_in_with(test, 2), errc::signing_key_unknown);
    manual_wall_clock::advance(1s);
    code = test.come_back();
    test.expect_tokens(test.good_token(2));
    test.expect_keys({2});
    BOOST_TEST(test.exchange(std::move(code)).has_value());
    BOOST_TEST(test.key_fetches() == 3u);
}

BOOST_AUTO_TEST_CASE(DS15_ID21_unknown_keys_make_one_fetch_a_minute)
{
    openid_flow<> test;
    test.sign_in({0});
    test.server.always("GET", jwks_uri,
                       [](const recorded_request& request) { return answer_with_keys(request, {0}); });
    for (int minute = 0; minute < 3; ++minute) {
        for (int i = 0; i < 20; ++i) {
            check_lost(sign_in_with(test, 7), errc::signing_key_unknown);
            manual_wall_clock::advance(3s);
        }
        BOOST_TEST(test.key_fetches() == 2u + static_cast<std::size_t>(minute));
    }
    // The honest ones are not locked out meanwhile.
    BOOST_TEST(sign_in_with(test, 0).has_value());
}

BOOST_AUTO_TEST_CASE(DS15_a_forced_fetch_that_fails_counts_too)
{
    openid_flow<> test;
    test.sign_in({0});
    test.server.always("GET", jwks_uri, [](const recorded_request& request) {
        scripted_exchange out(request.method(), request.url());
        out.answer(503, "");
        return out;
    });
    check_lost(sign_in_with(test, 7), errc::server_unavailable);
    for (int i = 0; i < 19; ++i) {
        check_lost(sign_in_with(test, 7), errc::signing_key_unknown);
        manual_wall_clock::advance(3s);
    }
    BOOST_TEST(test.key_fetches() == 2u);
    BOOST_TEST(sign_in_with(test, 0).has_value());
    BOOST_TEST(test.key_fetches() == 2u);
}

BOOST_AUTO_TEST_CASE(ID21_keys_fetched_for_this_token_are_not_fetched_for_it_again)
{
    openid_flow<> test;
    auto code = test.come_back();
    test.expect_tokens(test.good_token(1));
    test.expect_keys({0});
    check_lost(test.exchange(std::move(code)), errc::signing_key_unknown);
    BOOST_TEST(test.key_fetches() == 1u);
    // For the next one they are, as they may have been changed since.
    code = test.come_back();
    test.expect_tokens(test.good_token(1));
    test.expect_keys({0, 1});
    BOOST_TEST(test.exchange(std::move(code)).has_value());
}

BOOST_AUTO_TEST_CASE(keys_that_cannot_be_fetched)
{
    const std::pair<happening, errc> failures[] = {
        {happening::fail(errc::connection_failed), errc::connection_failed},
        {happening::fail(errc::certificate_rejected), errc::certificate_rejected},
        {happening::fail(errc::timed_out), errc::timed_out},
        {happening::fail(errc::connection_lost), errc::connection_lost},
        {happening::fail(errc::body_too_large), errc::body_too_large},
        {happening::raise(std::make_exception_ptr(std::runtime_error("a bug"))), errc::connection_lost}};
    for (const bool sent : {false, true}) {
        for (const auto& [what, code] : failures) {
            openid_flow<> test;
            auto grant = test.come_back();
            test.expect_tokens(test.good_token());
            scripted_exchange& fetch = test.expect_keys({0});
            if (sent)
                fetch.after_commit(what);
            else
                fetch.before_commit(what);
            check_lost(test.exchange(std::move(grant)), code);
            BOOST_TEST(test.server.requests().size() == 2u);
            // It is not held against the next one.
            test.sign_in({0});
        }
    }
}

BOOST_AUTO_TEST_CASE(a_key_set_that_never_comes)
{
    coauth::limits bounds;
    bounds.discovery_deadline = 20ms;
    openid_flow<> test(server_on_paper(), bounds);
    auto code = test.come_back();
    test.expect_tokens(test.good_token());
    test.expect_keys({0}).after_commit(happening::hang());
    check_lost(test.exchange(std::move(code)), errc::timed_out);
    BOOST_TEST(test.server.running() == 0u);
}

struct bad_answer {
    std::string_view what;
    unsigned status;
    std::string body;
    std::string_view content_type;
    errc code;
};

std::vector<bad_answer> bad_answers()
{
    constexpr std::string_view json = "application/json";
    const std::string good = key_set_of({0});
    return {{"status 404", 404, good, json, errc::unexpected_status},
            {"status 500", 500, good, json, errc::server_unavailable},
            {"status 429", 429, good, json, errc::server_unavailable},
            {"status 204", 204, "", json, errc::unexpected_status},
            {"redirect", 302, "", json, errc::redirect_refused},
            {"a page", 200, good, "text/html", errc::unexpected_content_type},
            {"no type", 200, good, "", errc::unexpected_content_type},
            {"a JWT's type", 200, good, "application/jwt", errc::unexpected_content_type},
            {"a longer type", 200, good, "application/jsonp", errc::unexpected_content_type},
            {"keys is an object", 200, R"({"keys":{}})", json, errc::invalid_key_set},
            {"keys is text", 200, R"({"keys":"none"})", json, errc::invalid_key_set},
            {"no keys", 200, "{}", json, errc::invalid_key_set},
            {"a key is a number", 200, R"({"keys":[1]})", json, errc::invalid_key_set},
            {"an array", 200, "[]", json, errc::malformed_json},
            {"null", 200, "null", json, errc::malformed_json},
            {"cut short", 200, good.substr(0, good.size() - 1), json, errc::malformed_json},
            {"twice", 200, R"({"keys":[],"keys":[]})", json, errc::duplicate_member}};
}

BOOST_AUTO_TEST_CASE(DS18_DS26_answers_that_are_no_key_set)
{
    for (const bad_answer& one : bad_answers()) {
        BOOST_TEST_CONTEXT(one.what)
        {
            openid_flow<> test;
            auto code = test.come_back();
            test.expect_tokens(test.good_token());
            test.server.expect("GET", jwks_uri).answer(one.status, one.body, one.content_type);
            const auto refused = test.exchange(std::move(code));
            check_lost(refused, one.code);
            BOOST_TEST(refused.error().http_status() == one.status);
            BOOST_TEST(test.server.requests().size() == 2u);
        }
    }
}

BOOST_AUTO_TEST_CASE(DS17_DS18_the_last_good_keys_outlive_answers_that_are_none)
{
    for (const bad_answer& one : bad_answers()) {
        BOOST_TEST_CONTEXT(one.what)
        {
            openid_flow<> test;
            test.sign_in();
            manual_wall_clock::advance(test.client_limits.key_set_age);
            auto code = test.come_back();
            test.expect_tokens(test.good_token());
            test.server.expect("GET", jwks_uri).answer(one.status, one.body, one.content_type);
            BOOST_TEST(test.exchange(std::move(code)).has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(DS26_both_content_types_of_key_sets)
{
    for (const std::string_view type : {"application/json", "application/jwk-set+json",
                                        "application/json; charset=UTF-8", "Application/JWK-Set+JSON"}) {
        openid_flow<> test;
        auto code = test.come_back();
        test.expect_tokens(test.good_token());
        test.server.expect("GET", jwks_uri).answer(200, key_set_of({0}), type);
        BOOST_TEST(test.exchange(std::move(code)).has_value(), type);
    }
}

BOOST_AUTO_TEST_CASE(DS17_keys_are_used_for_an_hour_longer_if_none_can_be_fetched)
{
    openid_flow<> test;
    test.sign_in();
    std::size_t fetches = 1;
    bool down = true;
    test.server.always("GET", jwks_uri, [&](const recorded_request& request) {
        if (!down)
            return answer_with_keys(request, {0});
        scripted_exchange out(request.method(), request.url());
        out.before_commit(happening()).answer(503, "");
        return out;
    });
    const auto until = test.client_limits.key_set_age + test.client_limits.key_set_stale_if_error;
    auto passed = test.client_limits.key_set_age;
    manual_wall_clock::advance(passed);
    // The server is asked once a minute, not by every sign-in.
    for (; passed < until; passed += 60s) {
        for (const auto wait : {0s, 1s, 58s}) {
            manual_wall_clock::advance(wait);
            BOOST_TEST(sign_in_with(test, 0).has_value());
        }
        manual_wall_clock::advance(1s);
        BOOST_TEST(test.key_fetches() == ++fetches);
    }
    // In the end an old key is no key: those who stole it may be the ones who keep the server down.
    check_lost(sign_in_with(test, 0), errc::server_unavailable);
    down = false;
    BOOST_TEST(sign_in_with(test, 0).has_value());
}

BOOST_AUTO_TEST_CASE(DS27_how_long_keys_are_kept)
{
    constexpr std::chrono::seconds usual = 600s;
    constexpr std::chrono::seconds shortest = 60s;
    constexpr std::chrono::seconds longest = 24h;
    const std::pair<std::string_view, std::chrono::seconds> rows[] = {
        {"", usual},
        {"max-age=3600", 3600s},
        {"public, max-age=7200, must-revalidate", 7200s},
        {"s-maxage=5, max-age=7200", 7200s},
        {"max-age=0", shortest},
        {"max-age=59", shortest},
        {"max-age=61", 61s},
        {"max-age=86400", longest},
        {"max-age=1000000000000", longest},
        {"max-age=99999999999999999999999999", longest},
        {"max-age=-1", usual},
        {"max-age=", usual},
        {"max-age=soon", usual},
        {"private", usual},
        {"no-store", shortest},
        {"no-cache", shortest},
        {"no-store, max-age=7200", shortest}};
    for (const auto& [field, age] : rows) {
        BOOST_TEST_CONTEXT(field)
        {
            openid_flow<> test;
            auto code = test.come_back();
            test.expect_tokens(test.good_token());
            coauth::http_response answer = make_answer(200, key_set_of({0}));
            if (!field.empty())
                answer.add_field("Cache-Control", std::string(field));
            test.server.expect("GET", jwks_uri).answer(std::move(answer));
            BOOST_TEST(test.exchange(std::move(code)).has_value());
            manual_wall_clock::advance(age - 1s);
            test.sign_in({});
            manual_wall_clock::advance(1s);
            test.sign_in({0});
        }
    }
}

BOOST_AUTO_TEST_CASE(DS28_fifty_sign_ins_share_one_fetch)
{
    many_sign_ins all(50);
    const auto hold = std::make_shared<gate>();
    all.test.expect_keys({0}).after_commit(happening::hold(hold));
    // The script is in order: the fetch comes after the first token request, which it does not name.
    crowd<outcome> running;
    all.start(running);
    running.run_ready();
    BOOST_TEST(count_requests(all.test.server, "POST", token_endpoint) == 50u);
    BOOST_TEST(all.test.key_fetches() == 1u);
    hold->open();
    running.finish();
    for (std::size_t i = 0; i < running.size(); ++i) {
        BOOST_TEST_REQUIRE(running.outcome(i).has_value());
        BOOST_TEST(running.outcome(i)->id_token().subject() == "person-1");
    }
    BOOST_TEST(all.test.key_fetches() == 1u);
}

BOOST_AUTO_TEST_CASE(DS28_whoever_began_the_fetch_may_be_cancelled)
{
    for (const bool before_it_is_sent : {false, true}) {
        many_sign_ins all(50);
        int abandoned = 0;
        all.test.client.on_abandoned([&abandoned](coauth::abandoned_tokens tokens) {
            abandoned += tokens.outcome().has_value() && tokens.outcome()->has_id_token() ? 1 : 100;
        });
        const auto hold = std::make_shared<gate>();
        scripted_exchange& fetch = all.test.expect_keys({0});
        if (before_it_is_sent)
            fetch.before_commit(happening::hold(hold));
        else
            fetch.after_commit(happening::hold(hold));
        crowd<outcome> running;
        all.start(running);
        running.run_ready();
        for (const std::size_t index : {0u, 1u, 49u})
            running.cancel(index);
        running.run_ready();
        for (const std::size_t index : {0u, 1u, 49u})
            BOOST_TEST(running.completions(index) == 1);
        hold->open();
        running.finish();
        for (std::size_t i = 0; i < running.size(); ++i) {
            if (i == 0 || i == 1 || i == 49)
                check_refused(running.outcome(i), coauth::error_code(asio::error::operation_aborted));
            else
                BOOST_TEST(running.outcome(i).has_value());
        }
        BOOST_TEST(abandoned == 3);
        BOOST_TEST(all.test.key_fetches() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(DS15_DS28_fifty_with_unknown_keys_share_one_forced_fetch)
{
    many_sign_ins all(50, 7);
    // Somebody knew the keys before.
    coauth::http_response old = make_answer(200, key_set_of({0}));
    all.test.server.always("GET", jwks_uri,
                           [](const recorded_request& request) { return answer_with_keys(request, {0}); });
    const auto request = all.test.begin_with({.scope = "openid"});
    auto code = all.test.accept(callback_query(request), request.browser_binding()).value();
    all.test.expect_tokens(signed_id_token(good_claims(only_value(query_of(request.url()), "nonce"))));
    BOOST_TEST(all.test.exchange(std::move(code)).has_value());
    BOOST_TEST(all.test.key_fetches() == 1u);

    crowd<outcome> running;
    all.start(running);
    running.finish();
    for (std::size_t i = 0; i < running.size(); ++i)
        check_lost(running.outcome(i), errc::signing_key_unknown);
    BOOST_TEST(all.test.key_fetches() == 2u);
}

BOOST_AUTO_TEST_CASE(DS28_a_fetch_that_fails_fails_for_all_who_wait)
{
    many_sign_ins all(10);
    all.test.expect_keys({0}).after_commit(happening::fail(errc::connection_lost));
    crowd<outcome> running;
    all.start(running);
    running.finish();
    for (std::size_t i = 0; i < running.size(); ++i)
        check_lost(running.outcome(i), errc::connection_lost);
}

BOOST_AUTO_TEST_CASE(a_newer_fetch_answers_for_those_who_joined_an_older_one)
{
    // One sign-in waits for keys that were asked for before the server changed them; the other one's token is
    // signed with the new ones.
    many_sign_ins all(1, 0);
    const auto hold = std::make_shared<gate>();
    all.test.expect_keys({0}).after_commit(happening::hold(hold));
    crowd<outcome> running;
    all.start(running);
    running.run_ready();
    BOOST_TEST(all.test.key_fetches() == 1u);
    auto code = all.test.come_back();
    all.test.expect_tokens(all.test.good_token(1));
    const std::size_t second = running.add(all.test.client.exchange(std::move(code)));
    running.run_ready();
    BOOST_TEST(all.test.key_fetches() == 1u);
    all.test.expect_keys({0, 1});
    hold->open();
    running.finish();
    BOOST_TEST(running.outcome(0).has_value());
    BOOST_TEST(running.outcome(second).has_value());
    BOOST_TEST(all.test.key_fetches() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
