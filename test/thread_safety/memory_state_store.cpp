#include <coauth/policy/memory_state_store.hpp>

#include "../unit/policy/logins.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <barrier>
#include <thread>

namespace {

using namespace coauth;
using namespace coauth::test;
using std::chrono::seconds;

constexpr std::size_t thread_count = 4;

/// Call the function in every thread, with the thread's number, all at the same time.
template <class Function>
void in_all_threads(const Function& function)
{
    std::barrier start(static_cast<std::ptrdiff_t>(thread_count));
    std::vector<std::jthread> threads;
    for (std::size_t number = 0; number < thread_count; ++number)
        threads.emplace_back([&start, &function, number] {
            start.arrive_and_wait();
            function(number);
        });
}

limits bounded(std::size_t logins, std::size_t per_browser)
{
    limits out;
    out.pending_logins = logins;
    out.pending_logins_per_browser = per_browser;
    return out;
}

/// Boost.Test is not for several threads at once: they count, and what they counted is checked afterwards.
struct outcomes {
    std::atomic<std::size_t> taken{0};
    std::atomic<std::size_t> twice{0};
    std::atomic<std::size_t> wrong{0};
};

/// Put and take sign-ins from all threads; all of them try to take each one. The browser of a state is a function of it.
template <class BrowserOf>
void hammer(const limits& bounds, std::uint64_t count, outcomes& seen, std::size_t& left,
            const BrowserOf& browser_of)
{
    memory_state_store store(bounds);
    std::vector<std::atomic<unsigned>> taken(count);
    const auto take = [&](std::uint64_t state) {
        auto login = store.take(browser_number(browser_of(state)), state_number(state));
        if (!login) {
            seen.wrong += login.error() != errc::unknown_transaction && login.error() != errc::state_mismatch;
            return;
        }
        seen.wrong += login->client_tag() != state || login->application_data() != std::to_string(state);
        seen.twice += taken[state]++ != 0;
        ++seen.taken;
    };
    in_all_threads([&](std::size_t number) {
        for (std::uint64_t i = number; i < count; i += thread_count) {
            seen.wrong += !store.put(numbered_login(browser_of(i), i, std::to_string(i)), seconds(300));
            take(i < 2 * thread_count ? 0 : i - 2 * thread_count); // what this thread put a while ago
            take((i * 7919 + number) % count);                     // and what another one may be about to put
        }
    });
    in_all_threads([&](std::size_t) {
        for (std::uint64_t i = 0; i < count; ++i)
            take(i);
    });
    left = store.size();
}

} // namespace

BOOST_AUTO_TEST_SUITE(thread_safety_memory_state_store)

BOOST_AUTO_TEST_CASE(CB5_each_state_of_many_browsers_is_taken_exactly_once)
{
    constexpr std::uint64_t count = 4000;
    outcomes seen;
    std::size_t left = 1;
    hammer(bounded(count * 2, 7), count, seen, left, [](std::uint64_t state) { return state; });
    BOOST_TEST(seen.taken == count);
    BOOST_TEST(seen.twice == 0u);
    BOOST_TEST(seen.wrong == 0u);
    BOOST_TEST(left == 0u);
}

BOOST_AUTO_TEST_CASE(CB5_each_state_of_one_browser_is_taken_exactly_once)
{
    constexpr std::uint64_t count = 400; // all in one chain
    outcomes seen;
    std::size_t left = 1;
    hammer(bounded(10'000, count), count, seen, left, [](std::uint64_t) { return 1; });
    BOOST_TEST(seen.taken == count);
    BOOST_TEST(seen.twice == 0u);
    BOOST_TEST(seen.wrong == 0u);
    BOOST_TEST(left == 0u);
}

BOOST_AUTO_TEST_CASE(CB5_of_callbacks_that_race_one_wins)
{
    constexpr std::uint64_t rounds = 500;
    memory_state_store store;
    std::barrier round(static_cast<std::ptrdiff_t>(thread_count));
    std::atomic<std::size_t> winners{0};
    std::atomic<std::size_t> losers{0};
    in_all_threads([&](std::size_t number) {
        for (std::uint64_t i = 0; i < rounds; ++i) {
            if (number == i % thread_count)
                store.put(numbered_login(i, i), seconds(300)).value();
            round.arrive_and_wait();
            const auto login = store.take(browser_number(i), state_number(i));
            winners += login.has_value();
            losers += !login && login.error() == errc::unknown_transaction;
            round.arrive_and_wait();
        }
    });
    BOOST_TEST(winners == rounds);
    BOOST_TEST(losers == rounds * (thread_count - 1));
    BOOST_TEST(store.size() == 0u);
}

BOOST_AUTO_TEST_CASE(AR16_the_bounds_hold_under_load)
{
    for (const std::size_t capacity : {50, 2048}) {
        memory_state_store store(bounded(capacity, 3));
        std::atomic<std::size_t> beyond{0};
        std::atomic<std::size_t> failed{0};
        in_all_threads([&](std::size_t number) {
            for (std::uint64_t i = 0; i < 3000; ++i) {
                const std::uint64_t state = i * thread_count + number;
                failed += !store.put(numbered_login(state % 1500, state), seconds(300));
                if (i % 5 == 0)
                    beyond += store.size() > capacity;
                if (i % 3 == 0) {
                    const auto login = store.take(browser_number(state % 1500), state_number(state));
                    failed += login && login->client_tag() != state;
                }
            }
        });
        BOOST_TEST(beyond == 0u);
        BOOST_TEST(failed == 0u);
        BOOST_TEST(store.size() <= capacity);
        BOOST_TEST(store.size() > capacity / 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()
