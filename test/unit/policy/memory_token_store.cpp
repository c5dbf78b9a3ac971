// Its rules are those that check_token_store() checks: see ../testing/check_token_store.cpp.
#include <coauth/policy/memory_token_store.hpp>

#include "../expect.hpp"
#include "logins.hpp"
#include "manual_clock.hpp"
#include "run.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth_test::run;
using std::chrono::milliseconds;

shared_tokens some_tokens()
{
    static const auto tokens = std::make_shared<const token_set>(token_set(secret("a"), "Bearer", scope()));
    return tokens;
}

std::string put(memory_token_store& store, std::string key)
{
    return outcome_name(run(store.put(std::move(key), some_tokens())));
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_memory_token_store)

BOOST_AUTO_TEST_CASE(bounded)
{
    limits bounds;
    bounds.managed_grants = 3;
    memory_token_store store(bounds);
    for (const char* const key : {"a", "b", "c", "a"})
        BOOST_TEST(put(store, key) == "ok");
    BOOST_TEST(store.size() == 3u);
    BOOST_TEST(put(store, "d") == "coauth.client:too_many_grants");
    BOOST_TEST(put(store, "a") == "ok"); // it is there
    BOOST_TEST(outcome_name(run(store.erase("b"))) == "ok");
    BOOST_TEST(put(store, "d") == "ok");
    BOOST_TEST(store.size() == 3u);
    bounds.managed_grants = 0;
    memory_token_store none(bounds);
    BOOST_TEST(put(none, "a") == "coauth.client:too_many_grants");
}

BOOST_AUTO_TEST_CASE(what_is_no_grant)
{
    memory_token_store store;
    BOOST_TEST(put(store, "") == "coauth.client:invalid_parameter");
    BOOST_TEST(put(store, std::string(513, 'k')) == "coauth.client:invalid_parameter");
    BOOST_TEST(outcome_name(run(store.put("k", nullptr))) == "coauth.client:invalid_parameter");
    BOOST_TEST(outcome_name(run(store.complete_refresh("k", random_value(), 1, nullptr))) ==
               "coauth.client:invalid_parameter");
    BOOST_TEST(store.size() == 0u);
}

BOOST_AUTO_TEST_CASE(tokens_are_shared_not_copied)
{
    memory_token_store store;
    BOOST_TEST(put(store, "k") == "ok");
    BOOST_TEST(run(store.load("k", 0))->tokens().get() == some_tokens().get());
}

BOOST_AUTO_TEST_CASE(an_operation_outlives_the_store_and_does_nothing_unless_it_is_waited_for)
{
    auto store = std::make_unique<memory_token_store>();
    {
        const auto dropped = store->put("k", some_tokens());
    }
    BOOST_TEST(store->size() == 0u);
    auto operation = store->put("k", some_tokens());
    store.reset();
    BOOST_TEST(outcome_name(run(std::move(operation))) == "ok");
}

BOOST_AUTO_TEST_CASE(a_lease_is_never_longer_than_a_day_and_never_negative)
{
    using manual_clock = coauth_test::manual_steady_clock;
    basic_memory_token_store<manual_clock> store;
    const auto outcome = run(store.put("k", some_tokens()));
    BOOST_TEST(outcome.has_value());
    BOOST_TEST(
        (run(store.acquire("k", numbered(1), milliseconds::max(), 0, 0))->state() == lease_state::granted));
    const auto held = run(store.acquire("k", numbered(2), milliseconds(10), 0, 0)).value();
    BOOST_TEST((held.state() == lease_state::held));
    BOOST_TEST((held.remaining() == std::chrono::hours(24)));
    BOOST_TEST(outcome_name(run(store.renew("k", numbered(1), milliseconds::min()))) == "ok");
    BOOST_TEST(
        (run(store.acquire("k", numbered(2), milliseconds(10), 0, 0))->state() == lease_state::granted));
    // A clock that begins anew ends leases instead of prolonging them.
    manual_clock::advance(-std::chrono::hours(5));
    BOOST_TEST(
        (run(store.acquire("k", numbered(3), milliseconds(10), 0, 0))->state() == lease_state::granted));
    manual_clock::advance(std::chrono::hours(5));
}

BOOST_AUTO_TEST_CASE(from_many_threads)
{
    memory_token_store store;
    std::vector<std::thread> threads;
    std::atomic<int> granted{0};
    BOOST_TEST(put(store, "one") == "ok");
    for (std::uint64_t i = 0; i < 4; ++i)
        threads.emplace_back([&store, &granted, i] {
            for (std::uint64_t k = 0; k < 200; ++k) {
                const std::string key = std::to_string(k % 20);
                (void)run(store.put(key, some_tokens()));
                (void)run(store.load(key, 0));
                const auto mine = run(store.acquire("one", numbered(i + 1), std::chrono::hours(1), 0, 0));
                granted += mine && mine->state() == lease_state::granted ? 1 : 0;
                if (k % 7 == 0)
                    (void)run(store.erase(key));
            }
        });
    for (std::thread& one : threads)
        one.join();
    BOOST_TEST(granted == 200); // always the same one
    BOOST_TEST(store.size() <= 21u);
}

BOOST_AUTO_TEST_SUITE_END()
