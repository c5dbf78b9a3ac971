// The graceful end: stop() completes once nothing can be lost, and until then nothing new begins.
#include "cluster.hpp"

using namespace coauth_test;
using coauth::errc;
using coauth::result;
using namespace std::chrono_literals;

namespace {

/// What somebody would find who starts anew with this store.
std::string stored_token(cluster& test)
{
    const auto record = test.second().now(test.store->load(grant_key, 0));
    return record ? std::string(record->tokens()->refresh_token().expose()) : record.error().qualified_name();
}

/// The first process has sent its refresh token, and the answer is on its way.
struct refresh_under_way : cluster {
    refresh_under_way()
    {
        expire();
        expect_refresh("1").after_commit(happening::hold(answer));
        waits.emplace(first().want());
    }

    std::shared_ptr<gate> answer = std::make_shared<gate>();
    std::optional<pending<result<shared_tokens>>> waits;
};

} // namespace

BOOST_AUTO_TEST_SUITE(refresh_stop)

BOOST_AUTO_TEST_CASE(RF10_to_stop_when_nothing_is_under_way)
{
    refreshing test;
    auto grant = test.manage();
    const auto running = test.start(as_result(test.scheduler->run()));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(test.start(as_result(test.scheduler->stop())).done());
    BOOST_TEST(running.done());
    // Handles go on showing the tokens, and nothing is refreshed any more.
    BOOST_TEST((test.scheduler->look(*grant).tokens != nullptr));
    check_refused(test.want(grant).outcome(), aborted);
    check_refused(test.want(grant, grant_wish::newer).outcome(), aborted);
    check_refused(test.now(test.scheduler->obtain(grant_key, grant_wish::usable)), aborted);
    check_refused(test.now(test.scheduler->manage("x", fresh_tokens())), aborted);
    check_refused(test.now(test.scheduler->find(grant_key)), aborted);
    BOOST_TEST(test.start(as_result(test.scheduler->run())).done());
    test.world.pass(2h);
    BOOST_TEST(test.requests() == 0u);
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_takes_effect_with_the_call)
{
    refreshing test;
    const auto grant = test.manage(fresh_tokens(0s));
    {
        const auto not_awaited = test.scheduler->stop();
    }
    check_refused(test.want(grant).outcome(), aborted);
    BOOST_TEST(test.requests() == 0u);
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_waits_until_what_was_sent_is_persisted_and_stored)
{
    cluster test;
    auto& process = test.first();
    const auto hook = std::make_shared<gate>();
    process.scheduler->on_persist([hook](std::string, shared_tokens) -> asio::awaitable<result<void>> {
        co_await hook->pass();
        co_return result<void>();
    });
    expire();
    const auto answer = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(answer));
    const auto waits = process.want();
    const auto running = process.start(as_result(process.scheduler->run()));
    BOOST_TEST(test.requests() == 1u);
    const auto stops = process.start(as_result(process.scheduler->stop()));
    const auto stops_again = process.start(as_result(process.scheduler->stop()));
    // Nobody else has to wait for the answer.
    check_refused(waits.outcome(), aborted);
    BOOST_TEST(running.done());
    test.store->gates["complete"] = std::make_shared<gate>();
    const auto still_stops = [&] {
        test.pass(1s);
        return !stops.done() && !stops_again.done();
    };
    BOOST_TEST(still_stops());
    answer->open();
    BOOST_TEST(still_stops()); // not persisted
    BOOST_TEST(test.store->count("complete") == 0);
    hook->open();
    BOOST_TEST(still_stops()); // not stored
    BOOST_TEST(test.store->count("complete") == 1);
    BOOST_TEST(stored_token(test) == "refresh-0");
    test.store->gates["complete"]->open();
    test.run_ready();
    BOOST_TEST(stops.done());
    BOOST_TEST(stops_again.done());
    BOOST_TEST(stored_token(test) == "refresh-1");
    BOOST_TEST(test.requests() == 1u);
    // Later there is nothing to wait for.
    BOOST_TEST(process.start(as_result(process.scheduler->stop())).done());
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

/// Whatever a refresh has come to that has not sent its request: it does not, and its lease is given back.
BOOST_AUTO_TEST_CASE(RF10_to_stop_sends_nothing_that_was_not_sent)
{
    for (const std::string where : {"acquire", "begin"}) {
        BOOST_TEST_CONTEXT("at " << where)
        {
            cluster test;
            expire();
            test.store->gates[where] = std::make_shared<gate>();
            test.store->gates["release"] = std::make_shared<gate>();
            const auto waits = test.first().want();
            BOOST_TEST(test.store->count(where) == 1);
            const auto stops = test.first().start(as_result(test.first().scheduler->stop()));
            check_refused(waits.outcome(), aborted);
            test.store->gates[where]->open();
            test.pass(1s);
            BOOST_TEST(test.store->count("release") == 1);
            BOOST_TEST(!stops.done());
            test.store->gates["release"]->open();
            test.run_ready();
            BOOST_TEST(stops.done());
            BOOST_TEST(test.requests() == 0u);
            test.store->gates.clear();
            test.expect_refresh("1");
            BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
        }
    }
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_sends_nothing_of_those_who_wait_for_their_turn)
{
    coauth::limits bounds;
    bounds.parallel_refreshes = 1;
    refreshing test(bounds);
    const auto first = test.manage(fresh_tokens(0s), "first");
    const auto second = test.manage(fresh_tokens(0s), "second");
    const auto answer = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(answer));
    const auto leads = test.want(first);
    const auto waits = test.want(second);
    const auto stops = test.start(as_result(test.scheduler->stop()));
    check_refused(leads.outcome(), aborted);
    check_refused(waits.outcome(), aborted);
    BOOST_TEST(!stops.done());
    answer->open();
    test.world.run_ready();
    BOOST_TEST(stops.done());
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_between_two_tries_makes_no_other_one)
{
    cluster test;
    expire();
    test.store->faults["begin"] = {fault::before};
    const auto waits = test.first().want();
    BOOST_TEST(test.store->count("begin") == 1);
    const auto stops = test.first().start(as_result(test.first().scheduler->stop()));
    BOOST_TEST(stops.done()); // without the time that it would have waited
    BOOST_TEST(test.store->count("release") == 1);
    test.pass(10s);
    BOOST_TEST(test.store->count("begin") == 1);
    BOOST_TEST(test.requests() == 0u);
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_waits_for_the_revocation_of_what_was_forgotten)
{
    refreshing test;
    const auto grant = test.manage(fresh_tokens(0s));
    const auto answer = std::make_shared<gate>();
    const auto revocation = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(answer));
    for (int i = 0; i < 2; ++i)
        test.test.server.expect("POST", revocation_endpoint)
            .after_commit(happening::hold(revocation))
            .answer(200, "");
    const auto waits = test.want(grant);
    test.now(test.scheduler->forget(grant_key)).value();
    const auto stops = test.start(as_result(test.scheduler->stop()));
    answer->open();
    test.world.run_ready();
    BOOST_TEST(test.requests() == 2u);
    BOOST_TEST(!stops.done());
    revocation->open();
    test.world.run_ready();
    BOOST_TEST(stops.done());
    BOOST_TEST(test.requests() == 3u);
}

BOOST_AUTO_TEST_CASE(RF10_a_cancelled_stop_ends_the_waiting_only)
{
    refresh_under_way test;
    auto stops = test.first().start(as_result(test.first().scheduler->stop()));
    const auto other = test.first().start(as_result(test.first().scheduler->stop()));
    stops.cancel();
    test.run_ready();
    BOOST_TEST(stops.outcome().has_value());
    BOOST_TEST(!other.done());
    test.answer->open();
    test.run_ready();
    BOOST_TEST(stops.completions() == 1);
    BOOST_TEST(other.done());
    BOOST_TEST(stored_token(test) == "refresh-1");
}

/// The tokens are nowhere else: it goes on trying for as long as somebody lets it.
BOOST_AUTO_TEST_CASE(RF10_to_stop_while_the_store_fails)
{
    refresh_under_way test;
    auto stops = test.first().start(as_result(test.first().scheduler->stop()));
    auto given_up = test.first().start(as_result(test.first().scheduler->stop()));
    test.store->choose = [](const std::string&) { return fault::before; };
    test.answer->open();
    test.pass(60s);
    BOOST_TEST(!stops.done());
    const auto tries = test.store->count("complete");
    BOOST_TEST(tries > 10);
    BOOST_TEST(tries < 60);
    given_up.cancel();
    test.run_ready();
    BOOST_TEST(given_up.done());
    test.store->choose = nullptr;
    test.pass(6s);
    BOOST_TEST(stops.done());
    BOOST_TEST(stored_token(test) == "refresh-1");
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_while_the_store_hangs)
{
    for (const std::string where : {"acquire", "begin", "complete", "release"}) {
        BOOST_TEST_CONTEXT("at " << where)
        {
            cluster test;
            expire();
            if (where == "complete")
                test.expect_refresh("1");
            if (where == "release")
                test.test.server.expect("POST", token_endpoint).answer(429, "busy", "text/plain");
            test.store->gates[where] = std::make_shared<gate>();
            const auto waits = test.first().want();
            auto stops = test.first().start(as_result(test.first().scheduler->stop()));
            test.pass(10min);
            BOOST_TEST(!stops.done());
            stops.cancel();
            test.run_ready();
            BOOST_TEST(stops.done());
            // And what is destroyed then with its context leaves nothing behind.
            test.first().crash();
        }
    }
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_outlives_the_scheduler)
{
    refresh_under_way test;
    const auto stops = test.first().start(as_result(test.first().scheduler->stop()));
    test.first().scheduler->close();
    test.first().scheduler.reset();
    test.answer->open();
    test.run_ready();
    BOOST_TEST(stops.done());
    BOOST_TEST(stored_token(test) == "refresh-1");
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_from_another_context)
{
    refresh_under_way test;
    asio::io_context other;
    pending<void_result> stops(other, as_result(test.first().scheduler->stop()));
    other.poll();
    other.restart();
    test.answer->open();
    test.run_ready();
    BOOST_TEST(!stops.done()); // it is told where it runs
    other.poll();
    BOOST_TEST(stops.done());
    BOOST_TEST(stored_token(test) == "refresh-1");
}

/// As a process that is killed while it stops: whoever waited is told, in whatever order things go.
BOOST_AUTO_TEST_CASE(RF10_to_stop_while_the_context_of_the_refreshes_is_destroyed)
{
    refresh_under_way test;
    asio::io_context other;
    pending<void_result> stops(other, as_result(test.first().scheduler->stop()));
    other.poll();
    other.restart();
    BOOST_TEST(!stops.done());
    test.first().crash();
    other.poll();
    BOOST_TEST(stops.done());
}

BOOST_AUTO_TEST_SUITE_END()
