// Schedulers of several processes on one token store: leases, fences, and stores that fail.
#include "cluster.hpp"

using namespace coauth_test;
using coauth::condition;
using coauth::errc;
using coauth::result;
using coauth::server_errc;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(refresh_stores)

BOOST_AUTO_TEST_CASE(RF1_one_refresh_for_all_processes)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want();
    const auto waits = test.second().want();
    test.pass(2s);
    BOOST_TEST(!waits.done());
    BOOST_TEST(test.requests() == 1u);
    hold->open();
    test.pass(2s);
    BOOST_TEST(access_token_of(leads.outcome()) == "access-1");
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
    BOOST_TEST(test.first().count(event_kind::refreshed) == 1u);
    BOOST_TEST(test.second().count(event_kind::adopted) == 1u);
    // Right after it, nobody refreshes again.
    BOOST_TEST(access_token_of(test.first().want(grant_wish::newer).outcome()) == "access-1");
    BOOST_TEST(access_token_of(test.second().want(grant_wish::newer).outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_while_the_store_is_asked_is_not_found)
{
    cluster test;
    auto& process = test.second();
    process.now(process.scheduler->forget(grant_key)).value();
    test.first().now(test.first().scheduler->manage(grant_key, fresh_tokens())).value();
    const auto held = test.store->gates_after["load"] = std::make_shared<gate>();
    const auto finds = process.start(process.scheduler->find(grant_key));
    test.store->gates_after.clear();
    process.now(process.scheduler->forget(grant_key)).value();
    held->open();
    test.run_ready();
    check_refused(finds.outcome(), errc::grant_unknown);
    BOOST_TEST(process.scheduler->size() == 0u);
}

BOOST_AUTO_TEST_CASE(RF1_a_process_that_comes_later_takes_what_others_got)
{
    cluster test;
    expire();
    test.expect_refresh("1");
    test.first().want().outcome().value();
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
    BOOST_TEST(test.second().count(event_kind::adopted) == 1u);
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF1_a_lease_lasts_as_long_as_the_refresh)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want();
    const auto waits = test.second().want();
    test.store->faults["renew"] = {fault::none, fault::before, fault::after, fault::raise};
    test.pass(100s);
    BOOST_TEST(!waits.done());
    BOOST_TEST(test.store->count("renew") >= 18);
    hold->open();
    test.pass(2s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
    // And no longer.
    const auto renewals = test.store->count("renew");
    test.pass(60s);
    BOOST_TEST(test.store->count("renew") == renewals);
}

BOOST_AUTO_TEST_CASE(RF6_who_sent_the_refresh_token_crashes_where_the_server_bears_no_second_time)
{
    cluster test(sent_once());
    expire(50min);
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want(grant_wish::newer);
    BOOST_TEST(test.requests() == 1u);
    test.first().crash();
    const auto waits = test.second().want(grant_wish::newer);
    test.pass(20s);
    check_refused(waits.outcome(), errc::outcome_unknown);
    BOOST_TEST((waits.outcome().error() == condition::reauthorization_required));
    // Its tokens are of use as long as they last.
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-0");
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 0u);
    expire();
    for (int i = 0; i < 3; ++i) {
        const auto late = test.second().want();
        test.pass(1s);
        check_refused(late.outcome(), errc::outcome_unknown);
        expire();
    }
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 1u);
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF6_an_answer_that_comes_late_is_adopted_by_all)
{
    cluster test(sent_once());
    expire();
    const auto hold = std::make_shared<gate>();
    test.store->gates["renew"] = std::make_shared<gate>(); // as if it were suspended
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want();
    const auto waits = test.second().want();
    test.pass(30s);
    check_refused(waits.outcome(), errc::outcome_unknown);
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 1u);
    hold->open();
    test.store->gates["renew"]->open();
    test.pass(1s);
    BOOST_TEST(access_token_of(leads.outcome()) == "access-1");
    test.pass(5min);
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF6_who_had_not_sent_it_yet_crashes)
{
    cluster test;
    expire();
    test.store->gates["begin"] = std::make_shared<gate>();
    const auto leads = test.first().want();
    BOOST_TEST(test.store->count("begin") == 1);
    test.first().crash();
    test.store->gates.clear();
    test.expect_refresh("1");
    const auto waits = test.second().want();
    test.pass(10s);
    BOOST_TEST(!waits.done());
    test.pass(6s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(a_store_that_is_down_lets_nothing_be_sent)
{
    cluster test;
    expire(50min);
    test.store->choose = [](const std::string&) { return fault::before; };
    auto waits = test.first().want(grant_wish::newer);
    test.pass(3s);
    check_refused(waits.outcome(), errc::token_store_failed);
    BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-0");
    test.store->choose = [](const std::string&) { return fault::raise; };
    test.pass(10s);
    waits = test.first().want(grant_wish::newer);
    test.pass(3s);
    check_refused(waits.outcome(), errc::token_store_failed);
    BOOST_TEST(test.requests() == 0u);
    test.store->choose = nullptr;
    test.pass(10s);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.first().want(grant_wish::newer).outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(every_operation_of_the_store_fails_in_turn)
{
    bool reached = true;
    for (int k = 0; reached; ++k) {
        for (const fault what : {fault::before, fault::after, fault::raise}) {
            BOOST_TEST_CONTEXT("operation " << k << ", fault " << static_cast<int>(what))
            {
                cluster test;
                expire();
                int operations = 0;
                std::string failed;
                test.store->choose = [&](const std::string& name) {
                    if (operations++ != k)
                        return fault::none;
                    failed = name;
                    return what;
                };
                test.expect_refresh("1");
                const auto leads = test.first().want();
                test.pass(1s);
                const auto waits = test.second().want();
                test.pass(2s);
                BOOST_TEST_CONTEXT("it was " << failed)
                {
                    BOOST_TEST(access_token_of(leads.outcome()) == "access-1");
                    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
                    BOOST_TEST(test.requests() == 1u);
                }
                reached = !failed.empty();
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(RF2_no_waiter_before_the_store_has_the_tokens)
{
    cluster test;
    expire();
    test.store->faults["complete"] = {10, fault::before};
    test.expect_refresh("1");
    const auto waits = test.first().want();
    while (!test.store->faults["complete"].empty()) {
        BOOST_TEST_REQUIRE(!waits.done());
        test.pass(100ms);
    }
    test.pass(6s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF19_a_sign_in_elsewhere_while_a_refresh_is_under_way)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto waits = test.first().want();
    test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(1h, "new"))).value();
    hold->open();
    test.pass(1s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-new");
    BOOST_TEST(test.first().count(event_kind::adopted) == 1u);
    BOOST_TEST(test.requests() == 1u); // a revocation might end the new sign-in, too
}

BOOST_AUTO_TEST_CASE(RF19_a_logout_elsewhere_while_a_refresh_is_under_way)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    const auto waits = test.first().want();
    test.second().now(test.second().scheduler->forget(grant_key)).value();
    hold->open();
    test.pass(1s);
    check_refused(waits.outcome(), errc::grant_unknown);
    BOOST_TEST(test.requests() == 3u);
    check_refused(test.first().now(test.first().scheduler->find(grant_key)), errc::grant_unknown);
    BOOST_TEST(test.first().count(event_kind::reauthorization_required) == 1u);
}

BOOST_AUTO_TEST_CASE(RF19_who_looks_into_the_store_while_a_grant_is_forgotten_does_not_find_it)
{
    cluster test;
    cluster::process third(test, 3);
    test.store->gates["load"] = std::make_shared<gate>();
    const auto looks = third.start(third.scheduler->find(grant_key));
    third.now(third.scheduler->forget(grant_key)).value();
    test.store->gates["load"]->open();
    third.world->run_ready();
    check_refused(looks.outcome(), errc::grant_unknown);
    BOOST_TEST(third.scheduler->size() == 0u);
}

/// The answer is on its way while the grant is forgotten, and comes last.
BOOST_AUTO_TEST_CASE(RF19_what_was_found_in_the_store_before_it_was_forgotten_is_not_managed_again)
{
    for (const bool at_once : {false, true}) {
        BOOST_TEST_CONTEXT((at_once ? "token(key)" : "find()"))
        {
            cluster test;
            cluster::process third(test, 3);
            test.store->gates_after["load"] = std::make_shared<gate>();
            std::optional<pending<result<grant_pointer>>> looks;
            std::optional<pending<result<shared_tokens>>> waits;
            if (at_once)
                waits.emplace(third.want());
            else
                looks.emplace(third.start(third.scheduler->find(grant_key)));
            BOOST_TEST(test.store->count("load") == 2); // the second process has loaded it, too
            third.now(third.scheduler->forget(grant_key)).value();
            BOOST_TEST((at_once ? waits->done() : looks->done()) == false);
            test.store->gates_after["load"]->open();
            third.world->run_ready();
            if (at_once)
                check_refused(waits->outcome(), errc::grant_unknown);
            else
                check_refused(looks->outcome(), errc::grant_unknown);
            BOOST_TEST(third.scheduler->size() == 0u);
            check_refused(third.want().outcome(), errc::grant_unknown);
        }
    }
}

/// The store's answer to a sign-in comes after the person signed out again, or in anew.
BOOST_AUTO_TEST_CASE(RF19_what_was_put_into_the_store_before_it_was_forgotten_is_not_managed_again)
{
    for (const bool signed_in_anew : {false, true}) {
        cluster test;
        cluster::process third(test, 3);
        const auto hold = std::make_shared<gate>();
        test.store->gates_after["put"] = hold;
        const auto signs_in = third.start(third.scheduler->manage(grant_key, fresh_tokens(1h, "late")));
        test.store->gates_after.clear();
        if (signed_in_anew)
            third.now(third.scheduler->manage(grant_key, fresh_tokens(1h, "anew"))).value();
        third.now(third.scheduler->forget(grant_key)).value();
        BOOST_TEST(!signs_in.done());
        hold->open();
        third.world->run_ready();
        check_refused(signs_in.outcome(), errc::grant_unknown);
        BOOST_TEST(third.scheduler->size() == 0u);
        check_refused(third.want().outcome(), errc::grant_unknown);
    }
}

/// That another one was forgotten meanwhile does not undo a sign-in.
BOOST_AUTO_TEST_CASE(RF19_what_was_put_while_others_were_forgotten_is_managed)
{
    cluster test;
    cluster::process third(test, 3);
    const auto hold = std::make_shared<gate>();
    test.store->gates_after["put"] = hold;
    const auto signs_in = third.start(third.scheduler->manage(grant_key, fresh_tokens(1h, "new")));
    for (int i = 0; i < 64; ++i) // whatever its shard
        third.now(third.scheduler->forget("other " + std::to_string(i))).value();
    hold->open();
    third.world->run_ready();
    BOOST_TEST(signs_in.outcome().has_value());
    BOOST_TEST(access_token_of(third.want().outcome()) == "access-new");
}

/// That another grant of the same shard was forgotten meanwhile is no reason not to find this one.
BOOST_AUTO_TEST_CASE(RF19_what_was_found_while_others_were_forgotten_is_managed)
{
    cluster test;
    cluster::process third(test, 3);
    const auto hold = std::make_shared<gate>();
    test.store->gates_after["load"] = hold;
    const auto looks = third.start(third.scheduler->find(grant_key));
    for (int i = 0; i < 64; ++i) // whatever its shard
        third.now(third.scheduler->forget("other " + std::to_string(i))).value();
    test.store->gates_after.clear();
    hold->open();
    third.world->run_ready();
    BOOST_TEST(looks.outcome().has_value());
    BOOST_TEST(test.store->count("load") == 2); // not once more: busy sites forget grants all the time
    BOOST_TEST(access_token_of(third.want().outcome()) == "access-0");
}

BOOST_AUTO_TEST_CASE(RF5_the_server_refuses_what_was_replaced_meanwhile)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.test.server.expect("POST", token_endpoint)
        .after_commit(happening::hold(hold))
        .answer(400, R"({"error":"invalid_grant"})");
    const auto waits = test.first().want();
    test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(1h, "new"))).value();
    hold->open();
    test.pass(1s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-new");
    BOOST_TEST(test.first().count(event_kind::reauthorization_required) == 0u);
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-new");
}

BOOST_AUTO_TEST_CASE(RF5_all_processes_learn_that_a_grant_has_ended)
{
    for (const std::string failing : {"", "load", "complete"}) {
        cluster test;
        expire();
        test.store->faults[failing] = {fault::before, fault::after};
        test.test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
        const auto leads = test.first().want();
        const auto waits = test.second().want();
        test.pass(3s);
        check_refused(leads.outcome(), server_errc::invalid_grant);
        check_refused(waits.outcome(), server_errc::invalid_grant);
        for (const auto& each : test.processes) {
            BOOST_TEST(each->count(event_kind::reauthorization_required) == 1u);
            BOOST_TEST(each->scheduler->size() == 0u);
            check_refused(each->want().outcome(), errc::grant_unknown);
        }
        BOOST_TEST(test.requests() == 1u);
        // Until somebody signs in.
        test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(1h, "new"))).value();
        BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-new");
    }
}

BOOST_AUTO_TEST_CASE(RF7_who_spent_nothing_lets_others_try)
{
    for (const fault what : {fault::none, fault::before, fault::after, fault::raise}) {
        cluster test;
        expire();
        test.store->faults["release"] = {what, what, what};
        test.test.server.expect("POST", token_endpoint).answer(429, "busy", "text/plain");
        check_refused(test.first().want().outcome(), errc::server_unavailable);
        test.expect_refresh("1");
        const auto other = test.second().want();
        test.pass(3s);
        BOOST_TEST(access_token_of(other.outcome()) == "access-1");
        BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-1");
        BOOST_TEST(test.requests() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_lost_what_it_had_is_not_believed)
{
    cluster test;
    for (int i = 1; i < 3; ++i) {
        expire();
        test.expect_refresh(std::to_string(i));
        test.first().want().outcome().value();
    }
    // As after a restart without what was written last.
    *test.store = meddled_store();
    test.second().scheduler->close();
    test.processes[1] = std::make_unique<cluster::process>(test, 7);
    test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(0s, "old"))).value();
    expire();
    check_refused(test.first().want().outcome(), errc::grant_unknown);
    BOOST_TEST(test.requests() == 2u);
}

BOOST_AUTO_TEST_CASE(what_was_stopped_before_it_was_sent_holds_no_lease)
{
    cluster test;
    expire();
    test.store->gates["begin"] = std::make_shared<gate>();
    const auto leads = test.first().want();
    test.first().scheduler->close();
    test.store->gates["begin"]->open();
    test.first().world->run_ready();
    check_refused(leads.outcome(), boost::system::error_code(asio::error::operation_aborted));
    BOOST_TEST(test.store->count("release") == 1);
    test.store->gates.clear();
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(manage_and_find_say_what_the_store_says)
{
    cluster test;
    auto& process = test.first();
    test.store->choose = [](const std::string&) { return fault::before; };
    check_refused(process.now(process.scheduler->manage("k", fresh_tokens())), errc::token_store_failed);
    check_refused(process.now(process.scheduler->find("k")), errc::token_store_failed);
    check_refused(process.now(process.scheduler->forget(grant_key)), errc::token_store_failed);
    BOOST_TEST(process.scheduler->size() == 0u);
    test.store->choose = nullptr;
    check_refused(process.now(process.scheduler->find("k")), errc::grant_unknown);
    for (const std::string& key : {std::string(), std::string(513, 'k')}) {
        check_refused(process.now(process.scheduler->manage(key, fresh_tokens())), errc::invalid_parameter);
        check_refused(process.now(process.scheduler->find(key)), errc::invalid_parameter);
        check_refused(process.now(process.scheduler->forget(key)), errc::invalid_parameter);
    }
    BOOST_TEST(process.now(process.scheduler->manage(std::string(512, 'k'), fresh_tokens())).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
