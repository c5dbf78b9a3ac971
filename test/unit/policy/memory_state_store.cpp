#include <coauth/policy/memory_state_store.hpp>

#include "../expect.hpp"
#include "../memory.hpp"
#include "logins.hpp"
#include "manual_clock.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace {

using namespace coauth;
using namespace coauth::test;
using std::chrono::nanoseconds;
using std::chrono::seconds;

using manual_clock = coauth_test::manual_steady_clock;
using manual_store = basic_memory_state_store<manual_clock>;

limits bounded(std::size_t logins, std::size_t per_browser = 7)
{
    limits out;
    out.pending_logins = logins;
    out.pending_logins_per_browser = per_browser;
    return out;
}

std::string take(manual_store& store, std::uint64_t browser, std::uint64_t state)
{
    return outcome_name(store.take(browser_number(browser), state_number(state)));
}

constexpr std::string_view ok = "ok";
constexpr std::string_view unknown = "coauth.client:unknown_transaction";
constexpr std::string_view mismatch = "coauth.client:state_mismatch";
constexpr std::string_view expired = "coauth.client:expired_transaction";

} // namespace

BOOST_AUTO_TEST_SUITE(policy_memory_state_store)

BOOST_AUTO_TEST_CASE(what_was_put_is_taken)
{
    manual_store store;
    BOOST_TEST(store.size() == 0u);
    BOOST_TEST(take(store, 1, 1) == unknown);
    BOOST_TEST(outcome_name(store.put(numbered_login(1, 2, "/back"), seconds(300))) == "ok");
    BOOST_TEST(store.size() == 1u);
    const auto taken = store.take(browser_number(1), state_number(2));
    BOOST_TEST_REQUIRE(outcome_name(taken) == "ok");
    BOOST_TEST(taken->state().equals(state_number(2)));
    BOOST_TEST(taken->browser_binding().equals(browser_number(1)));
    BOOST_TEST(taken->nonce().equals(numbered(2, 'n')));
    BOOST_TEST(taken->code_verifier().equals(numbered(2, 'v')));
    BOOST_TEST(taken->client_tag() == 2u);
    BOOST_TEST(taken->scope() == "openid");
    BOOST_TEST(taken->application_data() == "/back");
    BOOST_TEST(store.size() == 0u);
}

BOOST_AUTO_TEST_CASE(CB5_a_state_is_taken_once)
{
    manual_store store;
    store.put(numbered_login(1, 1), seconds(300)).value();
    BOOST_TEST(take(store, 1, 1) == ok);
    BOOST_TEST(take(store, 1, 1) == unknown);
    // With another sign-in in the same browser, the second time is a wrong state.
    store.put(numbered_login(1, 2), seconds(300)).value();
    store.put(numbered_login(1, 3), seconds(300)).value();
    BOOST_TEST(take(store, 1, 2) == ok);
    BOOST_TEST(take(store, 1, 2) == mismatch);
    BOOST_TEST(take(store, 1, 3) == ok);
    BOOST_TEST(take(store, 1, 3) == unknown);
}

BOOST_AUTO_TEST_CASE(CB2_a_wrong_state_takes_nothing)
{
    manual_store store;
    store.put(numbered_login(1, 1), seconds(300)).value();
    for (std::size_t bit = 0; bit < 256; bit += 5) {
        std::array<unsigned char, 32> bytes;
        std::copy_n(state_number(1).bytes().begin(), 32, bytes.begin());
        bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ (1u << bit % 8));
        BOOST_TEST(outcome_name(store.take(browser_number(1), random_value(bytes))) == mismatch, bit);
    }
    BOOST_TEST(take(store, 1, 1) == ok);
}

BOOST_AUTO_TEST_CASE(CB4_a_state_of_another_browser_takes_nothing)
{
    manual_store store;
    store.put(numbered_login(1, 1), seconds(300)).value(); // the attacker's
    BOOST_TEST(take(store, 2, 1) == unknown); // the victim's browser, without a sign-in of its own
    store.put(numbered_login(2, 2), seconds(300)).value();
    BOOST_TEST(take(store, 2, 1) == mismatch); // and with one
    BOOST_TEST(store.size() == 2u);
    BOOST_TEST(take(store, 1, 1) == ok);
    BOOST_TEST(take(store, 2, 2) == ok);
}

BOOST_AUTO_TEST_CASE(CB6_a_state_expires)
{
    manual_store store(bounded(100)); // one shard: a large store lets go of expired ones shard by shard
    const auto begun = manual_clock::now();
    for (std::uint64_t i = 0; i < 4; ++i)
        store.put(numbered_login(i, i), seconds(300)).value();
    manual_clock::set(begun + seconds(300) - nanoseconds(1));
    BOOST_TEST(take(store, 0, 0) == ok);
    manual_clock::set(begun + seconds(300));
    BOOST_TEST(take(store, 1, 1) == expired);
    BOOST_TEST(take(store, 1, 1) == unknown);  // consumed all the same
    BOOST_TEST(take(store, 2, 99) == unknown); // an expired one is no pending one
    manual_clock::set(begun + seconds(600) - nanoseconds(1));
    store.put(numbered_login(9, 9), seconds(300)).value();
    BOOST_TEST(store.size() == 3u);
    BOOST_TEST(take(store, 2, 2) == expired); // still known, to tell a late callback what happened
    manual_clock::set(begun + seconds(600));
    store.put(numbered_login(8, 8), seconds(300)).value();
    BOOST_TEST(store.size() == 2u); // let go, whoever begins the next one
    BOOST_TEST(take(store, 3, 3) == unknown);
    BOOST_TEST(take(store, 9, 9) == ok);
}

BOOST_AUTO_TEST_CASE(CB6_a_lifetime_of_nothing_has_passed_when_it_begins)
{
    manual_store store;
    store.put(numbered_login(1, 1), seconds(0)).value();
    BOOST_TEST(take(store, 1, 1) == expired);
    store.put(numbered_login(1, 2), seconds(-10)).value();
    BOOST_TEST(take(store, 1, 2) == expired);
}

BOOST_AUTO_TEST_CASE(a_lifetime_without_end_does_not_overflow)
{
    manual_store store;
    const auto begun = manual_clock::now();
    for (std::uint64_t i = 0; i < 3; ++i)
        store.put(numbered_login(i, i), i == 2 ? seconds::min() : seconds::max()).value();
    BOOST_TEST(take(store, 0, 0) == ok);
    BOOST_TEST(take(store, 2, 2) == expired);
    manual_clock::set(begun + std::chrono::hours(24 * 364));
    BOOST_TEST(take(store, 1, 1) == ok);
    manual_clock::set(begun);
}

BOOST_AUTO_TEST_CASE(AR16_the_oldest_gives_way)
{
    manual_store store(bounded(100));
    for (std::uint64_t i = 0; i < 250; ++i) {
        store.put(numbered_login(i, i), seconds(300)).value();
        BOOST_TEST(store.size() == std::min<std::uint64_t>(i + 1, 100));
    }
    for (std::uint64_t i = 0; i < 250; ++i)
        BOOST_TEST(take(store, i, i) == (i < 150 ? unknown : ok), i);
}

BOOST_AUTO_TEST_CASE(AR16_the_oldest_of_a_browser_gives_way)
{
    manual_store store(bounded(1000, 7));
    store.put(numbered_login(2, 100), seconds(300)).value(); // older, but of another browser
    for (std::uint64_t i = 0; i < 20; ++i)
        store.put(numbered_login(1, i), seconds(300)).value();
    BOOST_TEST(store.size() == 8u);
    for (std::uint64_t i = 0; i < 13; ++i)
        BOOST_TEST(take(store, 1, i) == mismatch, i);
    for (std::uint64_t i = 13; i < 20; ++i)
        BOOST_TEST(take(store, 1, i) == ok, i);
    BOOST_TEST(take(store, 2, 100) == ok);
}

BOOST_AUTO_TEST_CASE(AR16_a_browser_that_takes_its_turn_makes_room)
{
    manual_store store(bounded(1000, 2));
    for (std::uint64_t i = 0; i < 50; ++i) {
        store.put(numbered_login(1, i), seconds(300)).value();
        if (i % 2 == 1)
            BOOST_TEST(take(store, 1, i) == ok);
    }
    BOOST_TEST(take(store, 1, 46) == mismatch); // gave way to the last two
    BOOST_TEST(take(store, 1, 48) == ok);
}

BOOST_AUTO_TEST_CASE(AR16_the_bound_holds_for_every_size)
{
    for (const std::size_t capacity : {1, 2, 15, 511, 512, 513, 1023, 1024, 5000, 8191, 8192, 10'000}) {
        manual_store store(bounded(capacity));
        for (std::uint64_t i = 0; i < capacity * 3 / 2 + 20; ++i)
            store.put(numbered_login(i, i), seconds(300)).value();
        BOOST_TEST(store.size() <= capacity + 15, capacity); // rounded up to a multiple of the shards
        // Shards fill unevenly, the more so the smaller they are.
        BOOST_TEST(store.size() >= (capacity < 1024 ? capacity : capacity * 9 / 10), capacity);
    }
    manual_store none(bounded(0));
    none.put(numbered_login(1, 1), seconds(300)).value();
    BOOST_TEST(none.size() == 0u);
    manual_store no_browser(bounded(10, 0));
    no_browser.put(numbered_login(1, 1), seconds(300)).value();
    BOOST_TEST(no_browser.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_bound_that_means_no_bound_keeps_everything)
{
    for (const std::size_t most :
         {std::size_t(SIZE_MAX), std::size_t(SIZE_MAX) - 15, std::size_t(SIZE_MAX) / 1024}) {
        manual_store store(bounded(most, SIZE_MAX));
        for (std::uint64_t i = 0; i < 100; ++i)
            store.put(numbered_login(i % 10, i), seconds(300)).value();
        BOOST_TEST(store.size() == 100u, most);
        BOOST_TEST(take(store, 3, 3) == ok);
    }
}

BOOST_AUTO_TEST_CASE(it_grows_to_100_000)
{
    constexpr std::uint64_t count = 100'000;
    manual_store store(bounded(count));
    for (std::uint64_t i = 0; i < count; ++i)
        store.put(numbered_login(i, i), seconds(300)).value();
    // Each shard is full or not by chance: few give way before the whole is full.
    BOOST_TEST(store.size() > count * 97 / 100);
    std::uint64_t found = 0;
    for (std::uint64_t i = 0; i < count; ++i)
        found += store.take(browser_number(i), state_number(i)).has_value();
    BOOST_TEST(found > count * 97 / 100);
    BOOST_TEST(store.size() == 0u);
}

BOOST_AUTO_TEST_CASE(AR16_no_memory_is_asked_for_once_it_is_full)
{
    manual_store store(bounded(1000));
    const auto begin = [&store](std::uint64_t i) { store.put(numbered_login(i, i), seconds(300)).value(); };
    for (std::uint64_t i = 0; i < 2000; ++i)
        begin(i);
    const std::size_t before = allocations();
    for (std::uint64_t i = 2000; i < 3000; ++i)
        begin(i);
    BOOST_TEST(allocations() == before);
    // But for long texts, which come with their sign-in, and go with the one that gives way.
    for (std::uint64_t i = 3000; i < 4000; ++i)
        store.put(numbered_login(i, i, "/private/page/of/the/application"), seconds(300)).value();
    BOOST_TEST(allocations() - before == 1000u);
}

BOOST_AUTO_TEST_CASE(LG5_what_is_taken_replaced_or_left_is_wiped)
{
    const std::string data = "/private/page/of/the/application/canary";
    const auto put = [&data](manual_store& store, std::uint64_t i) {
        store.put(numbered_login(i, i, data), seconds(300)).value();
    };
    const freed_memory_watch watch(data);
    {
        manual_store store(bounded(3));
        for (std::uint64_t i = 0; i < 10; ++i)
            put(store, i);
        BOOST_TEST(watch.blocks() >= 7u); // those that gave way, at once
        BOOST_TEST(take(store, 9, 9) == ok);
    }
    BOOST_TEST(watch.blocks() >= 10u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_CASE(LG5_verifiers_are_wiped)
{
    // The blocks that the records lie in are freed with the store: nothing may be left in them.
    const random_value verifier = numbered(77, 'v');
    const freed_memory_watch watch(verifier.view());
    for (const bool take_it : {true, false}) {
        manual_store store(bounded(100));
        store.put(numbered_login(77, 77), seconds(300)).value();
        if (take_it)
            BOOST_TEST(take(store, 77, 77) == ok);
    }
    BOOST_TEST(watch.blocks() > 6u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
