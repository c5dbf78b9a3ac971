// Grants that are kept usable: one refresh for all, what comes of it, and who is told.
#include "refreshing.hpp"

using namespace coauth_test;
using coauth::errc;
using coauth::server_errc;
using namespace std::chrono_literals;

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
        std::deque<pending<coauth::result<shared_tokens>>> waiters;
        for (int i = 0; i < 1000; ++i)
            waiters.push_back(test.want(grant));
        BOOST_TEST(test.requests() == 1u);
        hold->open();
        test.world.run_ready();
        for (const auto& each : waiters)
            BOOST_TEST(access_token_of(each.outcome()) == "access-1");
        BOOST_TEST(test.requests() == 1u);
        BOOST_TEST(test.count(event_kind::refreshed) == 1u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
