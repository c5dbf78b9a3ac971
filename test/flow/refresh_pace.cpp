// Many grants of one server that is not well.
#include "cluster.hpp"

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;
using coauth::condition;
using coauth::errc;

/// A scheduler with many grants whose access tokens have expired.
struct many : refreshing {
    explicit many(std::size_t count, bool with_store = false, const coauth::limits& bounds = {})
        : refreshing(bounds, with_store)
    {
        for (std::size_t i = 0; i < count; ++i)
            grants.push_back(manage(fresh_tokens(), "session-" + std::to_string(i)));
        test.server.always("POST", token_endpoint, [this](const recorded_request& request) {
            scripted_exchange out(request.method(), request.url());
            out.after_commit(happening::hold(hold));
            return well ? out.answer(200, refreshed_body("1")) : out.answer(trouble);
        });
        world.pass(2h);
    }
    void want_all()
    {
        for (const auto& grant : grants)
            waiters.push_back(want(grant));
    }
    void let_through()
    {
        std::exchange(hold, std::make_shared<gate>())->open();
        world.run_ready();
    }
    std::size_t told() const
    {
        return static_cast<std::size_t>(
            std::count_if(waiters.begin(), waiters.end(), [](const auto& each) { return each.done(); }));
    }

    std::vector<grant_pointer> grants;
    std::deque<pending<coauth::result<shared_tokens>>> waiters;
    std::shared_ptr<gate> hold = std::make_shared<gate>();
    coauth::http_response trouble{503};
    bool well = false;
};

coauth::http_response busy(std::string_view seconds)
{
    coauth::http_response out = make_answer(429, "busy", "text/plain");
    out.add_field("Retry-After", std::string(seconds));
    return out;
}

BOOST_AUTO_TEST_SUITE(refresh_pace_of_a_server)

BOOST_AUTO_TEST_CASE(RF30_a_retry_after_for_one_grant_is_for_all)
{
    for (const bool stored : {false, true}) {
        many test(200, stored);
        const auto good = test.manage(fresh_tokens(1h, "good"), "good");
        test.trouble = busy("120");
        test.want_all();
        const auto running = test.start(as_result(test.scheduler->run()));
        BOOST_TEST(test.requests() == 16u);
        test.let_through();
        // Nobody waits for the end of it, and nothing is sent.
        BOOST_TEST(test.told() == 200u);
        for (const auto& each : test.waiters) {
            BOOST_TEST((each.outcome().error() == condition::retryable));
            BOOST_TEST((each.outcome().error().retry_after() > 60s));
        }
        BOOST_TEST(access_token_of(test.want(good).outcome()) == "access-good");
        test.world.pass(119s);
        for (const auto& grant : test.grants)
            BOOST_TEST((test.want(grant).outcome().error() == errc::server_unavailable));
        BOOST_TEST(test.requests() == 16u);
        // Then one finds out, and one more with each answer.
        test.well = true;
        test.world.pass(30s);
        BOOST_TEST(test.requests() == 17u);
        std::size_t most = 0;
        for (int round = 0; round < 100; ++round) {
            const std::size_t before = test.requests();
            test.let_through();
            test.world.pass(1s);
            most = std::max(most, test.requests() - before);
            BOOST_TEST(test.requests() - before <= std::size_t{2} << std::min(round, 3));
        }
        BOOST_TEST(most == 16u);
        test.hold->open();
        test.world.pass(5min);
        for (const auto& grant : test.grants)
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(RF30_a_server_that_does_not_answer_keeps_nobody_waiting_for_hours)
{
    many test(2'000);
    test.trouble = make_answer(504, "", "");
    test.want_all();
    const auto running = test.start(as_result(test.scheduler->run()));
    for (int i = 0; i < 2; ++i) {
        test.world.pass(30s); // the deadline of an exchange
        test.let_through();
    }
    BOOST_TEST(test.told() == 2'000u);
    const std::size_t before = test.requests();
    BOOST_TEST(before <= 17u);
    for (int i = 0; i < 20; ++i) {
        test.world.pass(30s);
        test.let_through();
    }
    BOOST_TEST(test.requests() - before <= 21u); // one at a time
    test.well = true;
    test.let_through();
    for (int i = 0; i < 600; ++i) {
        test.world.pass(1s);
        test.let_through();
    }
    for (const auto& grant : test.grants)
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(RF30_while_tokens_cannot_be_kept_no_others_are_asked_for)
{
    many test(500);
    bool good = false;
    test.scheduler->on_persist([&good](std::string, shared_tokens) -> asio::awaitable<void_result> {
        co_return good ? void_result() : void_result(errc::token_store_failed);
    });
    test.well = true;
    test.hold->open();
    test.want_all();
    const auto running = test.start(as_result(test.scheduler->run()));
    for (int i = 0; i < 600; ++i)
        test.world.pass(1s);
    BOOST_TEST(test.requests() <=
               18u);                 // after the longest wait one finds out whether it is one grant's alone
    BOOST_TEST(test.told() >= 484u); // but for those whose tokens are there
    good = true;
    for (int i = 0; i < 60; ++i)
        test.world.pass(1s);
    for (const auto& grant : test.grants)
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    BOOST_TEST(test.requests() == 500u);
}

BOOST_AUTO_TEST_CASE(RF30_one_grant_that_cannot_be_kept_does_not_stop_the_others)
{
    many test(50);
    test.scheduler->on_persist([](std::string key, shared_tokens) -> asio::awaitable<void_result> {
        co_return key == "session-7" ? void_result(errc::token_store_failed) : void_result();
    });
    test.well = true;
    test.hold->open();
    const auto running = test.start(as_result(test.scheduler->run()));
    test.want_all();
    for (int i = 0; i < 900; ++i)
        test.world.pass(1s);
    for (std::size_t i = 0; i < test.grants.size(); ++i)
        if (i != 7)
            BOOST_TEST(access_token_of(test.want(test.grants[i]).outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(RF30_what_others_got_is_taken_in_a_pause_too)
{
    cluster test;
    test.pass(2h);
    test.test.server.expect("POST", token_endpoint).answer(busy("200"));
    BOOST_TEST(test.first().want().outcome().has_error());
    test.pass(20s);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
    test.pass(185s);
    BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-1");
    BOOST_TEST(test.requests() == 2u);
}

/// With nobody but run() there, and grants that are due at many times.
BOOST_AUTO_TEST_CASE(RF30_the_background_goes_on_after_each_pause)
{
    for (const bool stored : {false, true}) {
        many test(0, stored);
        test.trouble = make_answer(504, "", "");
        test.hold->open();
        for (int i = 0; i < 300; ++i)
            test.grants.push_back(test.manage(fresh_tokens(100s + 4s * i), "session-" + std::to_string(i)));
        const auto running = test.start(as_result(test.scheduler->run()));
        std::size_t before = 0;
        for (int minute = 1; minute <= 30; ++minute) {
            for (int i = 0; i < 60; ++i)
                test.world.pass(1s);
            if (minute > 4) // the first are due then
                BOOST_TEST((test.requests() >= before + 1 && test.requests() <= before + 8));
            before = test.requests();
        }
        test.well = true;
        for (int i = 0; i < 6 * 60; ++i)
            test.world.pass(1s);
        BOOST_TEST(test.requests() >= before + 300u);
        for (const auto& grant : test.grants)
            BOOST_TEST(
                (test.scheduler->look(*grant).usable_until > manual_steady_clock::now().time_since_epoch()));
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(it_says_when_it_falls_behind)
{
    coauth::limits bounds;
    bounds.parallel_refreshes = 1;
    many test(0, false, bounds);
    test.well = true;
    for (int i = 0; i < 50; ++i)
        test.grants.push_back(test.manage(fresh_tokens(100s), "session-" + std::to_string(i)));
    const auto running = test.start(as_result(test.scheduler->run()));
    for (int i = 0; i < 20; ++i) { // all are due within half a minute
        test.world.pass(10s);
        test.let_through();
    }
    BOOST_TEST(test.count(event_kind::falling_behind) == 1u);
    test.hold->open();
    test.world.pass(1s);
    for (const auto& grant : test.grants)
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    test.world.pass(10h);
    BOOST_TEST(test.count(event_kind::falling_behind) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
