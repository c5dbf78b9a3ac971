// What run() does: refreshes before tokens expire, not all at once, and not for ever.
#include "refreshing.hpp"

#include <map>
#include <set>

using namespace coauth_test;
using coauth::errc;
using coauth::server_errc;
using namespace std::chrono_literals;

namespace {

/// A server that answers all refreshes, and counts how many come at once.
struct counting_server {
    explicit counting_server(refreshing& test, std::string life = "3600")
    {
        test.test.server.always("POST", token_endpoint, [this, life](const recorded_request& request) {
            const std::string number = std::to_string(++requests);
            at.push_back(manual_steady_clock::now());
            scripted_exchange out(request.method(), request.url());
            out.answer(200, R"({"access_token":"access-)" + number +
                                R"(","token_type":"Bearer","expires_in":)" + life +
                                R"(,"refresh_token":"refresh-)" + number + R"("})");
            out.after_commit(happening::hold(hold));
            return out;
        });
    }
    int requests = 0;
    std::vector<manual_steady_clock::time_point> at;
    std::shared_ptr<gate> hold = std::make_shared<gate>();
};

} // namespace

BOOST_AUTO_TEST_SUITE(refresh_background)

BOOST_AUTO_TEST_CASE(an_interval_at_its_maximum_never_passes)
{
    coauth::limits bounds;
    bounds.refresh_interval = std::chrono::seconds::max();
    refreshing test(bounds);
    counting_server server(test);
    server.hold->open();
    const grant_pointer grant = test.manage();
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(12h);
    BOOST_TEST(server.requests == 1);
    check_refused(test.want(grant).outcome(), errc::refreshed_too_recently);
    BOOST_TEST(server.requests == 1);
}

BOOST_AUTO_TEST_CASE(RF17_tokens_are_refreshed_before_they_expire_and_not_all_at_once)
{
    refreshing test;
    counting_server server(test);
    server.hold->open();
    std::vector<grant_pointer> grants;
    for (int i = 0; i < 200; ++i)
        grants.push_back(test.manage(fresh_tokens(), "session " + std::to_string(i)));
    const auto begin = manual_steady_clock::now();
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(1h - 30s - 180s - 1s);
    BOOST_TEST(server.requests == 0);
    test.world.pass(62s);
    BOOST_TEST(server.requests == 200);
    std::set<std::int64_t> seconds;
    for (const auto& time : server.at)
        seconds.insert(std::chrono::duration_cast<std::chrono::seconds>(time - begin).count());
    BOOST_TEST(seconds.size() > 30u);
    for (const auto& grant : grants)
        BOOST_TEST(test.want(grant).outcome().value()->access_token().expose() != "access-0");
    BOOST_TEST(server.requests == 200);
    // And again, as long as this runs.
    test.world.pass(1h);
    BOOST_TEST(server.requests == 400);
}

BOOST_AUTO_TEST_CASE(no_more_refreshes_at_once_than_were_allowed)
{
    coauth::limits bounds;
    bounds.parallel_refreshes = 4;
    refreshing test(bounds);
    counting_server server(test);
    std::vector<grant_pointer> grants;
    for (int i = 0; i < 40; ++i)
        grants.push_back(test.manage(fresh_tokens(), "session " + std::to_string(i)));
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(2h);
    BOOST_TEST(server.requests == 4);
    // Those who want one now queue up as well.
    std::deque<pending<coauth::result<shared_tokens>>> waiters;
    for (const auto& grant : grants)
        waiters.push_back(test.want(grant));
    BOOST_TEST(server.requests == 4);
    for (int round = 0; round < 30; ++round) {
        const int before = server.requests;
        const auto open = std::exchange(server.hold, std::make_shared<gate>());
        open->open();
        test.world.run_ready();
        BOOST_TEST(server.requests - before <= 4);
    }
    server.hold->open();
    test.world.pass(1s);
    BOOST_TEST(server.requests == 40);
    for (const auto& each : waiters)
        BOOST_TEST(each.outcome().has_value());
}

BOOST_AUTO_TEST_CASE(each_grant_has_its_turn_when_the_server_is_too_slow_for_all)
{
    coauth::limits bounds;
    bounds.parallel_refreshes = 4;
    refreshing test(bounds);
    counting_server server(test, "60");
    for (int i = 0; i < 48; ++i)
        test.manage(fresh_tokens(60s), "session " + std::to_string(i));
    const auto running = test.start(as_result(test.scheduler->run()));
    // Each grant is due every 40 s or so, and 4 of 48 are served in 10 s.
    for (int round = 0; round < 120; ++round) {
        test.world.pass(10s);
        std::exchange(server.hold, std::make_shared<gate>())->open();
    }
    std::map<std::string, int> refreshes;
    for (const auto& event : test.events)
        if (event.what() == event_kind::refreshed)
            ++refreshes[std::string(event.key())];
    BOOST_TEST(refreshes.size() == 48u);
    for (const auto& [key, count] : refreshes)
        BOOST_TEST((count >= 7 && count <= 12), key << " was refreshed " << count << " times");
    server.hold->open();
}

BOOST_AUTO_TEST_CASE(run_ends_when_it_is_cancelled)
{
    refreshing test;
    counting_server server(test);
    server.hold->open();
    test.manage();
    auto first = test.start(as_result(test.scheduler->run()));
    auto second = test.start(as_result(test.scheduler->run()));
    first.cancel();
    test.world.run_ready();
    BOOST_TEST(first.done());
    test.world.pass(1h);
    BOOST_TEST(server.requests == 1);
    second.cancel();
    test.world.run_ready();
    BOOST_TEST(second.done());
    test.world.pass(10h);
    BOOST_TEST(server.requests == 1);
    // Nothing is left behind that waits.
    BOOST_TEST(asio::use_service<manual_waits>(test.world.context()).next().has_value() == false);
    auto third = test.start(as_result(test.scheduler->run()));
    test.world.pass(1s);
    BOOST_TEST(server.requests == 2);
    test.scheduler->close();
    test.world.run_ready();
    BOOST_TEST(third.done());
    BOOST_TEST(asio::use_service<manual_waits>(test.world.context()).next().has_value() == false);
    BOOST_TEST(test.start(as_result(test.scheduler->run())).done());
}

BOOST_AUTO_TEST_CASE(what_comes_later_may_be_due_earlier)
{
    refreshing test;
    counting_server server(test);
    server.hold->open();
    test.manage(fresh_tokens(10h));
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(1s);
    const auto early = test.manage(fresh_tokens(1min), "early");
    test.world.pass(1min);
    BOOST_TEST(server.requests >= 1);
    BOOST_TEST(test.want(early).outcome().value()->access_token().expose() != "access-0");
}

BOOST_AUTO_TEST_CASE(what_cannot_or_need_not_be_refreshed_is_left_alone)
{
    refreshing test;
    coauth::token_set once = fresh_tokens();
    once.set_refresh_token(coauth::secret());
    const auto no_refresh_token = test.manage(std::move(once), "a");
    coauth::token_set eternal = fresh_tokens();
    eternal.set_expires_at({});
    const auto no_end = test.manage(std::move(eternal), "b");
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(10h);
    BOOST_TEST(test.requests() == 0u);
    BOOST_TEST(access_token_of(test.want(no_end).outcome()) == "access-0");
    for (int i = 0; i < 3; ++i) {
        check_refused(test.want(no_refresh_token).outcome(), errc::refresh_token_missing);
        check_refused(test.want(no_refresh_token, grant_wish::newer).outcome(), errc::refresh_token_missing);
        test.world.pass(10h);
    }
    BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
    // Both can be asked for new ones, of which the second has some.
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.want(no_end, grant_wish::newer).outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(RF7_failures_are_tried_again_in_the_background)
{
    refreshing test;
    const auto grant = test.manage();
    for (int i = 0; i < 3; ++i)
        test.test.server.expect("POST", token_endpoint).answer(429, "busy", "text/plain");
    test.expect_refresh("1");
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(58min);
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    BOOST_TEST(test.count(event_kind::retrying) == 3u);
    BOOST_TEST(test.count(event_kind::refreshed) == 1u);
    BOOST_TEST(test.requests() == 4u);
}

BOOST_AUTO_TEST_CASE(RF6_the_background_says_when_a_person_has_to_sign_in_again)
{
    for (const bool stored : {false, true}) {
        refreshing test(sent_once(), stored);
        const auto grant = test.manage();
        test.test.server.expect("POST", token_endpoint).after_commit(happening::fail(errc::connection_lost));
        const auto running = test.start(as_result(test.scheduler->run()));
        test.world.pass(1h - 31s);
        BOOST_TEST(test.requests() == 1u);
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
        test.world.pass(3s);
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
        test.world.pass(10h);
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
        BOOST_TEST(test.requests() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(RF5_the_background_says_that_a_grant_has_ended)
{
    refreshing test;
    test.manage();
    test.test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(10h);
    BOOST_TEST(test.requests() == 1u);
    BOOST_TEST(test.events.size() == 1u);
    BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
    BOOST_TEST((test.events[0].reason() == server_errc::invalid_grant));
}

BOOST_AUTO_TEST_CASE(RF19_what_is_forgotten_is_not_refreshed)
{
    refreshing test;
    test.manage();
    test.manage(fresh_tokens(), "other");
    test.now(test.scheduler->forget(grant_key)).value();
    test.expect_refresh("1");
    const auto running = test.start(as_result(test.scheduler->run()));
    test.world.pass(1h);
    BOOST_TEST(test.requests() == 1u);
    BOOST_TEST(test.scheduler->size() == 1u);
    BOOST_TEST(test.now(test.scheduler->forget("nobody")).has_value());
}

BOOST_AUTO_TEST_CASE(no_more_grants_than_were_allowed)
{
    coauth::limits bounds;
    bounds.managed_grants = 2;
    refreshing test(bounds);
    test.manage(fresh_tokens(), "a");
    test.manage(fresh_tokens(), "b");
    check_refused(test.now(test.scheduler->manage("c", fresh_tokens())), errc::too_many_grants);
    test.manage(fresh_tokens(1h, "7"), "a");
    test.now(test.scheduler->forget("b")).value();
    test.manage(fresh_tokens(), "c");
    BOOST_TEST(test.scheduler->size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
