// Grants that are kept usable: one refresh for all, what comes of it, and who is told.
#include "refreshing.hpp"

#include <set>
#include <stdexcept>

using namespace coauth_test;
using coauth::condition;
using coauth::errc;
using coauth::server_errc;
using namespace std::chrono_literals;

namespace {

using waiters = std::deque<pending<coauth::result<shared_tokens>>>;

waiters crowd_of(refreshing& test, const grant_pointer& grant, int size)
{
    waiters out;
    for (int i = 0; i < size; ++i)
        out.push_back(test.want(grant));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(refresh_scheduler)

BOOST_AUTO_TEST_CASE(a_valid_token_is_given_at_once)
{
    refreshing test;
    const auto grant = test.manage();
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
    BOOST_TEST(test.requests() == 0u);
    BOOST_TEST(test.scheduler->size() == 1u);
}

BOOST_AUTO_TEST_CASE(RF1_one_refresh_for_all_waiters)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(2h);
        const auto hold = std::make_shared<gate>();
        test.expect_refresh("1").after_commit(happening::hold(hold));
        const auto all = crowd_of(test, grant, 1000);
        BOOST_TEST(test.requests() == 1u);
        hold->open();
        test.world.run_ready();
        for (const auto& each : all)
            BOOST_TEST(access_token_of(each.outcome()) == "access-1");
        BOOST_TEST(test.requests() == 1u);
        BOOST_TEST(test.count(event_kind::refreshed) == 1u);
    }
}

/// One of the waiters is cancelled, before or after the request was sent.
void check_cancelled_waiter(int size, std::size_t victim, bool sent)
{
    refreshing test;
    const auto grant = test.manage();
    test.world.pass(2h);
    const auto hold = std::make_shared<gate>();
    auto& exchange = test.expect_refresh("1");
    (sent ? exchange.after_commit(happening::hold(hold)) : exchange.before_commit(happening::hold(hold)));
    auto all = crowd_of(test, grant, size);
    all[victim].cancel();
    test.world.run_ready();
    for (std::size_t i = 0; i < all.size(); ++i)
        BOOST_TEST(all[i].done() == (i == victim));
    hold->open();
    test.world.run_ready();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == victim)
            check_refused(all[i].outcome(), aborted);
        else
            BOOST_TEST(access_token_of(all[i].outcome()) == "access-1");
    }
    BOOST_TEST(test.requests() == 1u);
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(RF8_RF9_any_waiter_may_be_cancelled_the_first_included)
{
    for (const bool sent : {false, true}) {
        for (std::size_t victim = 0; victim < 12; ++victim)
            check_cancelled_waiter(12, victim, sent);
        for (const std::size_t victim : {0u, 1u, 500u, 999u})
            check_cancelled_waiter(1000, victim, sent);
    }
}

BOOST_AUTO_TEST_CASE(RF8_RF9_all_waiters_are_cancelled_and_the_tokens_are_there_all_the_same)
{
    refreshing test({}, true);
    const auto grant = test.manage();
    test.world.pass(2h);
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    auto all = crowd_of(test, grant, 100);
    for (auto& each : all)
        each.cancel();
    test.world.run_ready();
    for (const auto& each : all)
        check_refused(each.outcome(), aborted);
    hold->open();
    test.world.run_ready();
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF2_the_new_refresh_token_is_the_one_that_is_used_next)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        for (int i = 1; i < 4; ++i) {
            test.world.pass(2h);
            test.expect_refresh(std::to_string(i));
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-" + std::to_string(i));
            BOOST_TEST(only_value(test.test.server.requests().back().form(), "refresh_token") ==
                       "refresh-" + std::to_string(i - 1));
        }
    }
}

BOOST_AUTO_TEST_CASE(RF3_RF4_without_a_new_refresh_token_the_old_one_goes_on)
{
    refreshing test({}, true);
    const auto grant = test.manage();
    for (const std::string more : {"", R"(,"refresh_token":"")"}) {
        test.world.pass(2h);
        test.test.server.expect("POST", token_endpoint)
            .answer(200,
                    R"({"access_token":"access-1","token_type":"Bearer","expires_in":3600)" + more + '}');
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
        BOOST_TEST(only_value(test.test.server.requests().back().form(), "refresh_token") == "refresh-0");
        BOOST_TEST(test.scheduler->look(*grant).tokens->refresh_token().expose() == "refresh-0");
    }
}

/// A hook that a test lets succeed or fail.
struct persistence {
    asio::awaitable<coauth::result<void>> operator()(std::string key, shared_tokens tokens)
    {
        ++*calls;
        *last = key + ' ' + std::string(tokens->refresh_token().expose());
        if (*failures > 0) {
            --*failures;
            if (*failures % 2 == 0)
                throw std::runtime_error("no database");
            co_return errc::connection_lost;
        }
        co_await hold->pass();
        co_return coauth::result<void>();
    }
    std::shared_ptr<gate> hold = std::make_shared<gate>();
    std::shared_ptr<int> calls = std::make_shared<int>(0);
    std::shared_ptr<int> failures = std::make_shared<int>(0);
    std::shared_ptr<std::string> last = std::make_shared<std::string>();
};

BOOST_AUTO_TEST_CASE(RF2_nobody_sees_tokens_that_are_not_persisted)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        persistence hook;
        test.scheduler->on_persist(hook);
        const auto grant = test.manage();
        test.world.pass(2h);
        test.expect_refresh("1");
        const auto waiter = test.want(grant);
        BOOST_TEST(*hook.calls == 1);
        BOOST_TEST(*hook.last == "session-1 refresh-1");
        BOOST_TEST(!waiter.done());
        BOOST_TEST(test.scheduler->look(*grant).tokens->access_token().expose() == "access-0");
        BOOST_TEST(test.events.empty());
        hook.hold->open();
        test.world.run_ready();
        BOOST_TEST(access_token_of(waiter.outcome()) == "access-1");
        BOOST_TEST(test.count(event_kind::refreshed) == 1u);
    }
}

/// Lets a hook fail so many times before it keeps the tokens of a refresh. @return how long that took
std::chrono::nanoseconds persist_after(refreshing& test, int failures, std::chrono::nanoseconds step)
{
    persistence hook;
    hook.hold->open();
    *hook.failures = failures;
    test.scheduler->on_persist(hook);
    const auto grant = test.manage();
    test.world.pass(2h);
    test.expect_refresh("1");
    const auto waiter = test.want(grant);
    const auto begin = manual_steady_clock::now();
    while (*hook.calls <= failures) {
        BOOST_TEST_REQUIRE(!waiter.done());
        test.world.pass(step);
    }
    BOOST_TEST(access_token_of(waiter.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
    return manual_steady_clock::now() - begin;
}

BOOST_AUTO_TEST_CASE(RF2_what_cannot_be_persisted_is_tried_again_until_it_is)
{
    refreshing test({}, true);
    const auto time = persist_after(test, 20, 100ms);
    BOOST_TEST((time > 30s));
    BOOST_TEST((time < 80s));
}

BOOST_AUTO_TEST_CASE(RF2_a_hook_that_fails_for_an_hour_loses_nothing)
{
    refreshing test;
    persist_after(test, 1'000, 5s);
}

/// The sessions of a server. They own handles of grants, and the hooks of the scheduler own the sessions.
struct session_table {
    std::vector<grant_pointer> grants;
    std::shared_ptr<manual_scheduler> scheduler;
};

BOOST_AUTO_TEST_CASE(hooks_are_destroyed_with_the_scheduler_that_they_own)
{
    std::weak_ptr<session_table> watched;
    std::weak_ptr<manual_scheduler> scheduler;
    int calls = 0;
    {
        refreshing test;
        const auto table = std::make_shared<session_table>();
        watched = table;
        scheduler = table->scheduler = test.scheduler;
        test.scheduler->on_event([table, &calls](const coauth::refresh_event&) { ++calls; });
        test.scheduler->on_persist(
            [table, &calls](std::string, shared_tokens) -> asio::awaitable<void_result> {
                ++calls;
                co_return void_result();
            });
        const auto hold = std::make_shared<gate>();
        table->grants.push_back(test.manage(fresh_tokens(0s)));
        test.expect_refresh("1").after_commit(happening::hold(hold));
        const auto waiter = test.want(table->grants.back());
        test.scheduler->let_go();
        test.world.run_ready();
        check_refused(waiter.outcome(), aborted);
        hold->open();
        test.world.run_ready();
    }
    BOOST_TEST(calls == 0);
    BOOST_TEST(watched.expired());
    BOOST_TEST(scheduler.expired());
}

BOOST_AUTO_TEST_CASE(RF5_invalid_grant_ends_the_grant_for_everyone_once)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(2h);
        test.test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
        const auto all = crowd_of(test, grant, 10);
        for (const auto& each : all) {
            check_refused(each.outcome(), server_errc::invalid_grant);
            BOOST_TEST((each.outcome().error() == condition::reauthorization_required));
        }
        BOOST_TEST(test.requests() == 1u);
        BOOST_TEST(test.events.size() == 1u);
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
        BOOST_TEST(test.events[0].key() == grant_key);
        BOOST_TEST(test.scheduler->size() == 0u);
        // The tokens are gone, and nothing is tried again.
        BOOST_TEST((test.scheduler->look(*grant).tokens == nullptr));
        test.world.pass(10min);
        check_refused(test.want(grant).outcome(), server_errc::invalid_grant);
        check_refused(test.want(grant, grant_wish::newer).outcome(), server_errc::invalid_grant);
        check_refused(test.now(test.scheduler->find(grant_key)), errc::grant_unknown);
        BOOST_TEST(test.requests() == 1u);
        BOOST_TEST(test.events.size() == 1u);
        // A new sign-in begins anew.
        const auto again = test.manage(fresh_tokens(1h, "7"));
        BOOST_TEST(access_token_of(test.want(again).outcome()) == "access-7");
        check_refused(test.want(grant).outcome(), server_errc::invalid_grant);
    }
}

BOOST_AUTO_TEST_CASE(RF24_whatever_only_a_new_sign_in_mends_ends_the_grant)
{
    struct row {
        unsigned status;
        std::string_view content_type;
        server_errc code;
    };
    constexpr std::string_view json = "application/json";
    for (const row& one :
         std::initializer_list<row>{{400, json, server_errc::interaction_required},
                                    {400, json, server_errc::login_required},
                                    {403, json, server_errc::consent_required},
                                    {200, json, server_errc::account_selection_required},
                                    {400, "text/plain", server_errc::invalid_grant},
                                    {400, "application/octet-stream", server_errc::invalid_grant},
                                    {500, "", server_errc::invalid_grant},
                                    {206, "text/html", server_errc::invalid_grant}}) {
        for (const bool stored : {false, true}) {
            refreshing test({}, stored);
            const auto grant = test.manage();
            test.world.pass(2h);
            test.test.server.expect("POST", token_endpoint)
                .answer(make_answer(one.status, "{\"error\":\"" + std::string(name(one.code)) + "\"}",
                                    one.content_type));
            const auto refused = test.want(grant);
            check_refused(refused.outcome(), one.code);
            BOOST_TEST((refused.outcome().error() == condition::reauthorization_required));
            BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
            BOOST_TEST(test.events.size() == 1u);
            test.world.pass(24h);
            check_refused(test.want(grant).outcome(), one.code);
            BOOST_TEST(test.requests() == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(RF25_errors_that_time_does_not_mend_are_not_asked_for_without_end)
{
    const std::pair<unsigned, std::string_view> refusals[] = {{400, R"({"error":"invalid_request"})"},
                                                              {200, R"({"error":"BAD_REFRESH_TOKEN"})"},
                                                              {400, R"({"error":{"code":"dead"}})"},
                                                              {400, R"({"error":"invalid_scope"})"},
                                                              {403, R"({"error":"access_denied"})"}};
    for (const auto& [status, body] : refusals) {
        for (const bool stored : {false, true}) {
            refreshing test({}, stored);
            const auto grant = test.manage();
            test.world.pass(50min);
            for (int i = 0; i < 8; ++i)
                test.test.server.expect("POST", token_endpoint).answer(status, body);
            const auto first = test.want(grant, grant_wish::newer);
            BOOST_TEST(!first.outcome().has_value());
            // The access token is of use as long as it lasts, and only then has the person to do something.
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
            BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
            want_for_a_day(test, grant);
            BOOST_TEST(test.requests() == 8u);
            BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
            const auto last = test.want(grant);
            check_refused(last.outcome(), errc::refresh_refused);
            BOOST_TEST((last.outcome().error() == condition::reauthorization_required));
            BOOST_TEST(last.outcome().error().http_status() == status);
            BOOST_TEST(last.outcome().error().server_error() == first.outcome().error().server_error());
            BOOST_TEST((test.events.back().reason() == errc::refresh_refused));
            // A new sign-in begins anew.
            const auto again = test.manage(fresh_tokens(1h, "7"));
            BOOST_TEST(access_token_of(test.want(again).outcome()) == "access-7");
        }
    }
}

BOOST_AUTO_TEST_CASE(RF25_what_somebody_can_mend_is_asked_for_again)
{
    const std::pair<unsigned, std::string_view> refusals[] = {{401, R"({"error":"invalid_client"})"},
                                                              {400, R"({"error":"unauthorized_client"})"},
                                                              {400, R"({"error":"unsupported_grant_type"})"},
                                                              {503, R"({"error":"temporarily_unavailable"})"},
                                                              {403, "<h1>Not from here</h1>"},
                                                              {408, ""},
                                                              {429, R"({"error":"too_many"})"}};
    for (const auto& [status, body] : refusals) {
        refreshing test;
        const auto grant = test.manage();
        test.world.pass(2h);
        for (int i = 0; i < 9; ++i) {
            test.test.server.expect("POST", token_endpoint).answer(status, body);
            BOOST_TEST(!test.want(grant).outcome().has_value());
            test.world.pass(10min);
        }
        BOOST_TEST(test.requests() == 9u);
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
        test.expect_refresh("1");
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    }
}

BOOST_AUTO_TEST_CASE(RF25_only_refusals_in_a_row_count)
{
    refreshing test;
    const auto grant = test.manage();
    test.world.pass(2h);
    for (int i = 0; i < 3; ++i) {
        for (int refused = 0; refused < 7; ++refused) {
            test.test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_request"})");
            BOOST_TEST(!test.want(grant).outcome().has_value());
            test.world.pass(10min);
        }
        test.test.server.expect("POST", token_endpoint).answer(make_answer(429, "busy", "text/plain"));
        BOOST_TEST(!test.want(grant).outcome().has_value());
        test.world.pass(10min);
    }
    BOOST_TEST(test.requests() == 24u);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
}

/// A gateway, or a framework that does not know the address, has errors in JSON, too: there is time to put that right.
BOOST_AUTO_TEST_CASE(RF25_errors_that_anybody_may_have_said)
{
    const std::pair<unsigned, std::string_view> refusals[] = {{404, R"({"status":404,"error":"Not Found"})"},
                                                              {401, R"({"error":{"code":401}})"},
                                                              {403, R"({"error":"Forbidden"})"}};
    for (const auto& [status, body] : refusals) {
        refreshing test;
        const auto grant = test.manage();
        test.world.pass(2h);
        std::chrono::seconds passed{0};
        std::size_t sent = 0;
        while (test.count(event_kind::reauthorization_required) == 0 && sent < 100) {
            test.test.server.expect("POST", token_endpoint).answer(status, body);
            BOOST_TEST(!test.want(grant).outcome().has_value());
            ++sent;
            const auto wait = test.events.back().next_try().value_or(0ms);
            passed += std::chrono::ceil<std::chrono::seconds>(wait);
            test.world.pass(wait + 1ms);
        }
        BOOST_TEST(sent == 21u);
        BOOST_TEST((passed >= 30min && passed <= 65min));
        check_refused(test.want(grant).outcome(), errc::refresh_refused);
    }
}

BOOST_AUTO_TEST_CASE(RF6_what_was_sent_without_an_answer_is_not_sent_again_where_the_server_does_not_bear_it)
{
    for (const bool stored : {false, true}) {
        refreshing test(sent_once(), stored);
        const auto grant = test.manage();
        test.world.pass(50min);
        test.test.server.expect("POST", token_endpoint).after_commit(happening::fail(errc::connection_lost));
        const auto first = test.want(grant, grant_wish::newer);
        check_refused(first.outcome(), errc::outcome_unknown);
        BOOST_TEST(first.outcome().error().grant_spent());
        // The access token is of use as long as it lasts.
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
        test.world.pass(5min);
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
        check_refused(test.want(grant, grant_wish::newer).outcome(), errc::outcome_unknown);
        test.world.pass(5min);
        for (int i = 0; i < 3; ++i) {
            const auto late = test.want(grant);
            check_refused(late.outcome(), errc::outcome_unknown);
            BOOST_TEST((late.outcome().error() == condition::reauthorization_required));
            test.world.pass(10min);
        }
        BOOST_TEST(test.requests() == 1u);
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
        // Until the person signs in again.
        const auto again = test.manage(fresh_tokens(1h, "7"));
        BOOST_TEST(access_token_of(test.want(again).outcome()) == "access-7");
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-7");
    }
}

BOOST_AUTO_TEST_CASE(RF7_a_busy_server_is_left_alone_for_as_long_as_it_wants)
{
    for (const bool stored : {false, true}) {
        for (const unsigned status : {429u, 503u}) {
            refreshing test({}, stored);
            const auto grant = test.manage();
            test.world.pass(50min);
            auto busy = make_answer(status, "busy", "text/plain");
            busy.add_field("Retry-After", "120");
            test.test.server.expect("POST", token_endpoint).answer(busy);
            check_refused(test.want(grant, grant_wish::newer).outcome(), errc::server_unavailable);
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0"); // still of use
            BOOST_TEST(test.count(event_kind::retrying) == 1u);
            BOOST_TEST((test.events[0].next_try() >= 120s));
            BOOST_TEST((test.events[0].reason() == errc::server_unavailable));
            test.world.pass(110s);
            const auto refused = test.want(grant, grant_wish::newer);
            check_refused(refused.outcome(), errc::server_unavailable);
            BOOST_TEST((refused.outcome().error().retry_after() <= 10s));
            BOOST_TEST((refused.outcome().error() == condition::retryable));
            BOOST_TEST(test.requests() == 1u);
            test.world.pass(11s);
            test.expect_refresh("1");
            BOOST_TEST(access_token_of(test.want(grant, grant_wish::newer).outcome()) == "access-1");
        }
    }
}

BOOST_AUTO_TEST_CASE(RF7_waits_grow_and_differ)
{
    coauth::limits bounds;
    bounds.refresh_backoff = 1s;
    bounds.refresh_longest_backoff = 60s;
    std::set<std::chrono::milliseconds> different;
    for (int round = 0; round < 8; ++round) {
        refreshing test(bounds);
        test.scheduler = test.make_scheduler(static_cast<std::uint64_t>(round));
        const auto grant = test.manage();
        test.world.pass(2h);
        std::chrono::milliseconds whole = 1s;
        for (int i = 0; i < 10; ++i) {
            test.test.server.expect("POST", token_endpoint)
                .before_commit(happening::fail(errc::connection_failed));
            check_refused(test.want(grant).outcome(), errc::connection_failed);
            const auto wait = test.events.back().next_try();
            BOOST_TEST_REQUIRE(wait.has_value());
            BOOST_TEST((*wait <= whole && *wait >= whole / 2));
            if (i == 5)
                different.insert(*wait);
            test.world.pass(*wait - 2ms);
            check_refused(test.want(grant).outcome(), errc::connection_failed);
            test.world.pass(2ms);
            whole = std::min<std::chrono::milliseconds>(whole * 2, 60s);
        }
        BOOST_TEST(test.requests() == 10u);
        // After a success it begins again with the shortest.
        test.expect_refresh("1");
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
        test.world.pass(2h);
        test.test.server.expect("POST", token_endpoint)
            .before_commit(happening::fail(errc::connection_failed));
        check_refused(test.want(grant).outcome(), errc::connection_failed);
        BOOST_TEST((test.events.back().next_try() <= 1s));
    }
    BOOST_TEST(different.size() > 4u);
}

BOOST_AUTO_TEST_CASE(RF17_a_token_counts_as_expired_before_it_expires)
{
    refreshing test;
    const auto grant = test.manage();
    test.world.pass(1h - 31s);
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
    test.world.pass(2s);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
}

coauth::http_response rejection(std::string_view challenge = R"(Bearer error="invalid_token")")
{
    auto out = make_answer(401, "no", "text/plain");
    out.add_field("WWW-Authenticate", std::string(challenge));
    return out;
}

BOOST_AUTO_TEST_CASE(RF17_RS2_a_rejected_token_is_refreshed_and_the_request_repeated_once)
{
    refreshing test;
    const auto grant = test.manage();
    coauth::resource_parameters request{
        .url = resource_url, .method = "POST", .content_type = "text/plain", .body = "order"};
    const auto call = [&] {
        return test.now(
            test.scheduler->fetch_resource(grant, coauth::detail::kept_resource_parameters(request)));
    };
    test.test.server.expect("POST", resource_url).answer(rejection());
    test.expect_refresh("1");
    test.test.server.expect("POST", resource_url).answer(200, "thanks", "text/plain");
    BOOST_TEST(call().value().body() == "thanks");
    const auto sent = test.test.server.requests();
    BOOST_TEST(sent[0].field("Authorization") == "Bearer access-0");
    BOOST_TEST(sent[2].field("Authorization") == "Bearer access-1");
    BOOST_TEST(sent[0].body() == "order");
    BOOST_TEST(sent[2].body() == "order");

    // Right after a refresh there is no other one.
    test.test.server.expect("POST", resource_url).answer(rejection());
    BOOST_TEST(call().value().status() == 401u);
    // Nor a third request.
    test.world.pass(10s);
    test.test.server.expect("POST", resource_url).answer(rejection());
    test.expect_refresh("2");
    test.test.server.expect("POST", resource_url).answer(rejection());
    BOOST_TEST(call().value().status() == 401u);
    BOOST_TEST(test.requests() == 7u);
}

BOOST_AUTO_TEST_CASE(RF17_RS2_other_refusals_are_no_reason_to_refresh)
{
    refreshing test;
    const auto grant = test.manage();
    auto forbidden = make_answer(403, "no", "text/plain");
    forbidden.add_field("WWW-Authenticate", R"(Bearer error="invalid_token")");
    for (const auto& answer : {rejection("Bearer"), rejection(R"(Bearer error="insufficient_scope")"),
                               rejection("Basic"), make_answer(401, "no", "text/plain"), forbidden}) {
        test.test.server.expect("GET", resource_url).answer(answer);
        const auto outcome = test.now(test.scheduler->fetch_resource(
            grant, coauth::detail::kept_resource_parameters({.url = resource_url})));
        BOOST_TEST(outcome.value().status() == answer.status());
    }
    BOOST_TEST(test.requests() == 5u);
}

BOOST_AUTO_TEST_CASE(RF17_without_a_refresh_token_the_refusal_is_the_answer)
{
    refreshing test;
    coauth::token_set tokens = fresh_tokens();
    tokens.set_refresh_token(coauth::secret());
    const auto grant = test.manage(std::move(tokens));
    test.test.server.expect("GET", resource_url).answer(rejection());
    const auto outcome = test.now(test.scheduler->fetch_resource(
        grant, coauth::detail::kept_resource_parameters({.url = resource_url})));
    BOOST_TEST(outcome.value().status() == 401u);
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF17_what_others_replaced_already_is_not_refreshed_again)
{
    refreshing test;
    const auto grant = test.manage();
    const auto rejected = test.scheduler->look(*grant).tokens;
    test.expect_refresh("1");
    test.want(grant, grant_wish::newer).outcome().value();
    const auto other = test.start(test.scheduler->obtain(grant, grant_wish::other, rejected));
    BOOST_TEST(access_token_of(other.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF18_a_wall_clock_that_jumps_changes_nothing)
{
    for (const auto jump : {std::chrono::nanoseconds(24h), std::chrono::nanoseconds(-24h)}) {
        refreshing test;
        const auto grant = test.manage();
        manual_wall_clock::advance(jump);
        test.world.pass(50min);
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
        const auto running = test.start(as_result(test.scheduler->run()));
        test.expect_refresh("1");
        test.world.pass(9min);
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
        manual_wall_clock::advance(jump);
        test.world.pass(50min);
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
        BOOST_TEST(test.requests() == 1u);
        manual_wall_clock::advance(-jump);
        manual_wall_clock::advance(-jump);
    }
}

BOOST_AUTO_TEST_CASE(RF18_tokens_that_are_as_old_as_the_clock_says_or_younger)
{
    // From a store, by a clock that is a day behind: used no longer than they live.
    refreshing test;
    coauth::token_set tokens = fresh_tokens();
    manual_wall_clock::advance(-24h);
    const auto grant = test.manage(std::move(tokens));
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
    test.world.pass(61min);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    manual_wall_clock::advance(24h);
    // Times beyond reason.
    for (const auto time :
         {std::chrono::system_clock::time_point::max(), std::chrono::system_clock::time_point::min()}) {
        coauth::token_set strange = fresh_tokens();
        strange.set_expires_at(time);
        const auto other = test.manage(std::move(strange), "other");
        const auto until = test.scheduler->look(*other).usable_until;
        BOOST_TEST((until > manual_steady_clock::now().time_since_epoch()) ==
                   (time.time_since_epoch().count() > 0));
    }
}

BOOST_AUTO_TEST_CASE(RF21_TE16_tokens_that_expire_at_once_are_not_refreshed_in_a_loop)
{
    for (const long life : {0L, 1L}) {
        refreshing test;
        const auto grant = test.manage(fresh_tokens(std::chrono::seconds(life)));
        test.world.pass(2s);
        test.test.server.always("POST", token_endpoint, [life](const recorded_request& request) {
            scripted_exchange out(request.method(), request.url());
            out.answer(200, refreshed_body("1", life));
            return out;
        });
        const auto running = test.start(as_result(test.scheduler->run()));
        test.world.pass(1s);
        BOOST_TEST(test.requests() == 1u);
        test.world.pass(2s);
        const auto refused = test.want(grant);
        check_refused(refused.outcome(), errc::refreshed_too_recently);
        BOOST_TEST((refused.outcome().error().retry_after() > 0s));
        BOOST_TEST((refused.outcome().error().retry_after() <= 5s));
        const auto before = test.requests();
        test.world.pass(60s);
        BOOST_TEST(test.requests() - before <= 13u);
        BOOST_TEST(test.requests() - before >= 8u);
    }
}

BOOST_AUTO_TEST_CASE(RF21_a_refresh_now_right_after_a_refresh_sends_nothing)
{
    refreshing test;
    const auto grant = test.manage();
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.want(grant, grant_wish::newer).outcome()) == "access-1");
    test.world.pass(4900ms);
    BOOST_TEST(access_token_of(test.want(grant, grant_wish::newer).outcome()) == "access-1");
    test.world.pass(200ms);
    test.expect_refresh("2");
    BOOST_TEST(access_token_of(test.want(grant, grant_wish::newer).outcome()) == "access-2");
}

BOOST_AUTO_TEST_CASE(RF19_what_is_forgotten_before_the_refresh_was_sent_is_not_sent)
{
    coauth::limits bounds;
    bounds.parallel_refreshes = 1;
    for (const bool stored : {false, true}) {
        refreshing test(bounds, stored);
        const auto first = test.manage();
        const auto second = test.manage(fresh_tokens(), "session-2");
        test.world.pass(2h);
        const auto hold = std::make_shared<gate>();
        test.expect_refresh("1").after_commit(happening::hold(hold));
        const auto waits = test.want(first);
        const auto queues = test.want(second);
        BOOST_TEST(test.requests() == 1u);
        test.now(test.scheduler->forget("session-2")).value();
        check_refused(queues.outcome(), errc::grant_unknown);
        hold->open();
        test.world.run_ready();
        BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
        test.world.pass(1h);
        check_refused(test.want(second).outcome(), errc::grant_unknown);
        BOOST_TEST(test.requests() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(RF19_what_comes_after_a_logout_is_discarded_and_revoked)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(2h);
        const auto hold = std::make_shared<gate>();
        test.expect_refresh("1").after_commit(happening::hold(hold));
        const auto waits = test.want(grant);
        test.now(test.scheduler->forget(grant_key)).value();
        check_refused(waits.outcome(), errc::grant_unknown);
        BOOST_TEST(test.scheduler->size() == 0u);
        test.test.server.expect("POST", revocation_endpoint).answer(200, "");
        test.test.server.expect("POST", revocation_endpoint).answer(200, "");
        hold->open();
        test.world.run_ready();
        const auto sent = test.test.server.requests();
        BOOST_TEST_REQUIRE(sent.size() == 3u);
        BOOST_TEST(only_value(sent[1].form(), "token") == "refresh-1");
        BOOST_TEST(only_value(sent[2].form(), "token") == "access-1");
        BOOST_TEST((test.scheduler->look(*grant).tokens == nullptr));
        check_refused(test.now(test.scheduler->find(grant_key)), errc::grant_unknown);
        BOOST_TEST(test.events.empty());
    }
}

BOOST_AUTO_TEST_CASE(RF19_a_sign_in_replaces_a_refresh_of_the_old_grant)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(2h);
        const auto hold = std::make_shared<gate>();
        test.expect_refresh("1").after_commit(happening::hold(hold));
        const auto waits = test.want(grant);
        test.manage(fresh_tokens(1h, "new"));
        BOOST_TEST(access_token_of(waits.outcome()) == "access-new");
        hold->open();
        test.world.run_ready();
        BOOST_TEST(test.requests() == 1u); // a revocation might end the new sign-in, too
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-new");
        // The new grant is refreshed as any other.
        test.world.pass(2h);
        test.expect_refresh("2");
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-2");
        BOOST_TEST(only_value(test.test.server.requests().back().form(), "refresh_token") == "refresh-new");
    }
}

BOOST_AUTO_TEST_CASE(RF10_the_context_is_destroyed_at_any_step)
{
    for (const bool stored : {false, true}) {
        bool ended = false;
        for (std::size_t steps = 0; !ended; ++steps) {
            flow test;
            auto context = std::make_unique<asio::io_context>(1);
            coauth::any_token_store store;
            if (stored)
                store = std::make_shared<manual_token_store>();
            auto scheduler = std::make_shared<manual_scheduler>(
                context->get_executor(), std::make_shared<client_source>(test.client, coauth::limits()),
                store, steps);
            pending<coauth::result<grant_pointer>> managed(*context,
                                                           scheduler->manage(grant_key, fresh_tokens(0s)));
            context->poll();
            const auto grant = managed.outcome().value();
            pending<void_result> running(*context, as_result(scheduler->run()));
            test.server.always("POST", token_endpoint, [](const recorded_request& request) {
                scripted_exchange out(request.method(), request.url());
                out.answer(200, refreshed_body("1"));
                return out;
            });
            pending<coauth::result<shared_tokens>> waits(
                *context, scheduler->obtain(grant, grant_wish::usable, nullptr));
            context->restart();
            for (std::size_t i = 0; i < steps && !ended; ++i)
                ended = context->poll_one() == 0;
            BOOST_TEST((waits.done() || !ended));
            if (steps % 2 == 0) {
                scheduler->close();
                scheduler.reset();
            }
            context.reset();
            if (scheduler)
                scheduler->close();
        }
    }
}

BOOST_AUTO_TEST_CASE(RF10_what_was_sent_is_stored_also_if_the_scheduler_is_gone)
{
    refreshing test({}, true);
    const auto grant = test.manage();
    test.world.pass(2h);
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto waits = test.want(grant);
    const auto running = test.start(as_result(test.scheduler->run()));
    test.scheduler->close();
    test.world.run_ready();
    check_refused(waits.outcome(), aborted);
    BOOST_TEST(running.done());
    check_refused(test.want(grant).outcome(), aborted);
    check_refused(test.now(test.scheduler->manage("x", fresh_tokens())), aborted);
    hold->open();
    test.world.run_ready();
    test.scheduler = test.make_scheduler(2);
    const auto found = test.now(test.scheduler->find(grant_key)).value();
    BOOST_TEST(access_token_of(test.want(found).outcome()) == "access-1");
}

BOOST_AUTO_TEST_SUITE_END()
