// Refreshes of which nobody knows what came: sent, and not answered by the server.
#include "cluster.hpp"

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;
using coauth::condition;
using coauth::errc;
using coauth::http_response;

void expect_silence(coauth_test::flow& test)
{
    test.server.expect("POST", token_endpoint).after_commit(happening::fail(errc::connection_lost));
}

std::string sent_token(const coauth_test::flow& test, std::size_t which)
{
    return only_value(test.server.requests().at(which).form(), "refresh_token");
}

/// Neither the person nor the application has to do anything.
void check_in_doubt(const coauth::result<shared_tokens>& outcome)
{
    BOOST_TEST_REQUIRE(outcome.has_error());
    BOOST_TEST((outcome.error() == condition::retryable));
    BOOST_TEST(!outcome.error().grant_spent());
}

/// Answers that say nothing of what the server did.
std::vector<http_response> answers_of_somebody_else()
{
    std::vector<http_response> out;
    for (const unsigned status : {500u, 502u, 503u, 504u, 520u, 524u, 599u})
        out.push_back(make_answer(status, "<html>Bad gateway</html>", "text/html"));
    out.push_back(make_answer(500, R"({"message":"Internal server error"})"));
    out.push_back(make_answer(502, R"({"error":{"code":502}})"));
    out.push_back(make_answer(200, "<html>Maintenance</html>", "text/html"));
    out.push_back(make_answer(200, R"({"access_token":"access-1","token_type":"Bearer","refr)"));
    return out;
}

BOOST_AUTO_TEST_SUITE(refresh_unknown)

BOOST_AUTO_TEST_CASE(RF6_it_is_sent_once_more_after_a_wait)
{
    auto answers = answers_of_somebody_else();
    for (const bool stored : {false, true}) {
        for (std::size_t i = 0; i <= answers.size(); ++i) {
            refreshing test({}, stored);
            const auto grant = test.manage();
            test.world.pass(2h);
            if (i < answers.size())
                test.test.server.expect("POST", token_endpoint).answer(answers[i]);
            else
                expect_silence(test.test);
            const auto waits = test.want(grant);
            test.world.pass(990ms);
            BOOST_TEST(!waits.done());
            BOOST_TEST(test.requests() == 1u);
            test.expect_refresh("1");
            test.world.pass(1011ms);
            BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
            BOOST_TEST(test.requests() == 2u);
            BOOST_TEST(sent_token(test.test, 1) == "refresh-0");
            BOOST_TEST(test.events.size() == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(RF7_what_says_that_nothing_was_done_is_not_sent_again_at_once)
{
    std::vector<http_response> answers;
    for (const unsigned status : {403u, 404u, 408u, 429u})
        answers.push_back(make_answer(status, "no", "text/html"));
    answers.push_back(make_answer(503, "busy", "text/html"));
    answers.back().add_field("Retry-After", "30");
    answers.push_back(make_answer(500, R"({"error":"server_error"})"));
    for (const http_response& answer : answers) {
        refreshing test({}, true);
        const auto grant = test.manage();
        test.world.pass(2h);
        test.test.server.expect("POST", token_endpoint).answer(answer);
        BOOST_TEST(test.want(grant).outcome().has_error());
        test.world.pass(30s);
        BOOST_TEST(test.requests() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(RF6_unknown_again_the_grant_stays_and_is_sent_when_the_access_token_has_expired)
{
    for (const bool stored : {false, true}) {
        for (const unsigned repetitions : {1u, 2u}) {
            coauth::limits bounds;
            bounds.refresh_retries_of_unknown_outcome = repetitions;
            refreshing test(bounds, stored);
            const auto grant = test.manage();
            test.world.pass(50min);
            for (unsigned i = 0; i <= repetitions; ++i)
                expect_silence(test.test);
            const auto waits = test.want(grant, grant_wish::newer);
            test.world.pass(5s);
            check_in_doubt(waits.outcome());
            BOOST_TEST(test.requests() == 1 + repetitions);
            for (int i = 0; i < 9; ++i) {
                BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
                const auto newer = test.want(grant, grant_wish::newer);
                test.world.pass(1min);
                check_in_doubt(newer.outcome());
            }
            BOOST_TEST(test.requests() == 1 + repetitions);
            test.world.pass(2min);
            expect_silence(test.test);
            const auto late = test.want(grant);
            test.world.pass(5s);
            check_in_doubt(late.outcome());
            BOOST_TEST(test.requests() == 2 + repetitions); // once: nothing new is known
            test.world.pass(10min);
            test.expect_refresh("1");
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
            BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(RF6_a_rejected_access_token_is_of_no_more_use)
{
    refreshing test({}, true);
    const auto grant = test.manage();
    test.world.pass(30min);
    expect_silence(test.test);
    expect_silence(test.test);
    const auto waits = test.want(grant, grant_wish::newer);
    test.world.pass(1min);
    check_in_doubt(waits.outcome());
    test.expect_refresh("1");
    const auto others =
        test.start(test.scheduler->obtain(grant, grant_wish::other, test.scheduler->look(*grant).tokens));
    BOOST_TEST(access_token_of(others.outcome()) == "access-1");
}

/// What the server says then is its word.
BOOST_AUTO_TEST_CASE(RF5_RF6_the_second_time_is_refused)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(2h);
        expect_silence(test.test);
        test.test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
        const auto waits = test.want(grant);
        test.world.pass(2s);
        check_refused(waits.outcome(), coauth::server_errc::invalid_grant);
        test.world.pass(2h);
        BOOST_TEST(test.requests() == 2u);
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
    }
}

BOOST_AUTO_TEST_CASE(RF29_an_outage_of_minutes_behind_a_gateway_signs_nobody_out)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        std::vector<grant_pointer> grants;
        for (int i = 0; i < 40; ++i)
            grants.push_back(test.manage(fresh_tokens(1h), "session-" + std::to_string(i)));
        const auto running = test.start(as_result(test.scheduler->run()));
        bool down = true;
        test.test.server.always("POST", token_endpoint, [&down](const recorded_request& request) {
            scripted_exchange out(request.method(), request.url());
            return down ? out.answer(make_answer(502, "<html>Bad gateway</html>", "text/html"))
                        : out.answer(200, refreshed_body("1"));
        });
        test.world.pass(57min);
        const auto impatient = test.want(grants[0], grant_wish::usable);
        for (int i = 0; i < 5 * 60; ++i)
            test.world.pass(1s);
        BOOST_TEST((test.requests() >= 5u && test.requests() <= 30u)); // one finds out for all
        down = false;
        for (int i = 0; i < 6 * 60; ++i)
            test.world.pass(1s);
        for (const auto& grant : grants)
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(RF10_to_stop_before_the_second_time_sends_nothing)
{
    for (const bool stored : {false, true}) {
        for (const auto after : {0ms, 500ms}) {
            refreshing test({}, stored);
            const auto grant = test.manage();
            test.world.pass(2h);
            expect_silence(test.test);
            const auto waits = test.want(grant);
            test.world.pass(after);
            const auto stops = test.start(as_result(test.scheduler->stop()));
            BOOST_TEST(stops.done());
            test.world.pass(1h);
            BOOST_TEST(test.requests() == 1u);
            if (!stored)
                continue;
            // The next process knows that it may have been spent.
            test.scheduler = test.make_scheduler(2);
            test.expect_refresh("1");
            const auto found = test.now(test.scheduler->find(grant_key)).value();
            BOOST_TEST(access_token_of(test.want(found).outcome()) == "access-1");
        }
    }
}

BOOST_AUTO_TEST_CASE(RF19_what_is_forgotten_before_the_second_time_is_not_sent)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(2h);
        expect_silence(test.test);
        const auto waits = test.want(grant);
        test.now(test.scheduler->forget(grant_key)).value();
        check_refused(waits.outcome(), errc::grant_unknown);
        test.world.pass(1h);
        BOOST_TEST(test.requests() == 1u);
    }
}

/// Without a mark of its own in the way.
BOOST_AUTO_TEST_CASE(RF6_nothing_was_sent_and_the_store_has_not_heard_of_it_yet)
{
    cluster test(sent_once());
    test.pass(2h);
    test.test.server.expect("POST", token_endpoint).before_commit(happening::fail(errc::connection_failed));
    test.store->choose = [](const std::string& name) {
        return name == "release" ? fault::before : fault::none;
    };
    BOOST_TEST((test.first().want().outcome().error() == errc::connection_failed));
    for (int i = 0; i < 60; ++i) {
        test.pass(1s);
        const auto waits = test.first().want();
        BOOST_TEST((waits.outcome().error() == errc::connection_failed));
    }
    BOOST_TEST(test.requests() == 1u);
    test.store->choose = nullptr;
    test.pass(10s);
    test.expect_refresh("1");
    const auto waits = test.first().want();
    test.pass(1s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.first().count(event_kind::reauthorization_required) == 0u);
}

BOOST_AUTO_TEST_CASE(RF6_another_process_sends_what_a_crashed_one_may_have_sent)
{
    cluster test;
    test.pass(50min);
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want(grant_wish::newer);
    test.first().crash();
    const auto waits = test.second().want(grant_wish::newer);
    test.pass(20s);
    check_in_doubt(waits.outcome());
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-0");
    BOOST_TEST(test.requests() == 1u); // not while that is of use
    test.pass(11min);
    test.expect_refresh("2");
    const auto late = test.second().want();
    test.pass(1s);
    BOOST_TEST(access_token_of(late.outcome()) == "access-2");
    BOOST_TEST(sent_token(test.test, 1) == "refresh-0");
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 0u);
}

/// The first process is suspended with its answer on the way, and the second one takes it for gone.
struct taken_for_gone : cluster {
    taken_for_gone()
    {
        pass(2h);
        store->gates["renew"] = std::make_shared<gate>();
        expect_refresh("1").after_commit(happening::hold(answer));
        leads.emplace(first().want());
    }
    void goes_on()
    {
        answer->open();
        store->gates["renew"]->open();
        pass(30s);
    }

    std::shared_ptr<gate> answer = std::make_shared<gate>();
    std::optional<pending<coauth::result<shared_tokens>>> leads;
};

BOOST_AUTO_TEST_CASE(RF28_an_answer_that_comes_late_is_stored_when_nobody_else_got_tokens)
{
    for (const bool silent : {false, true}) {
        taken_for_gone test;
        if (silent)
            expect_silence(test.test);
        else
            test.test.server.expect("POST", token_endpoint).answer(429, "busy", "text/plain");
        const auto waits = test.second().want();
        test.pass(20s);
        BOOST_TEST(waits.outcome().has_error());
        BOOST_TEST(test.requests() == 2u);
        test.goes_on();
        BOOST_TEST(access_token_of(test.leads->outcome()) == "access-1");
        test.pass(5min);
        const auto late = test.second().want();
        test.pass(1s);
        BOOST_TEST(access_token_of(late.outcome()) == "access-1");
        BOOST_TEST(test.requests() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(RF28_an_answer_that_comes_late_gives_way_to_one_that_was_stored)
{
    taken_for_gone test;
    test.expect_refresh("2");
    const auto waits = test.second().want();
    test.pass(20s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-2");
    test.goes_on();
    BOOST_TEST(access_token_of(test.leads->outcome()) == "access-2");
    BOOST_TEST(test.requests() == 2u); // a revocation might end the whole family
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
