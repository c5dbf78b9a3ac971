#include <coauth/detail/pending_table.hpp>

#include "../expect.hpp"
#include "../policy/logins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::pending_table;
using std::chrono::seconds;

/// What a pending_table should do, slowly: a list in order of arrival.
class model {
public:
    model(std::size_t capacity, std::size_t per_browser) : capacity_(capacity), per_browser_(per_browser) {}

    void put(std::uint64_t browser, std::uint64_t state, seconds now, seconds expires)
    {
        constexpr std::chrono::minutes grace{5};
        while (!entries_.empty() && (entries_.size() >= capacity_ || now - grace >= entries_.front().expires))
            entries_.pop_front();
        const auto of_browser = [browser](const entry& one) { return one.browser == browser; };
        if (static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), of_browser)) >=
            per_browser_)
            entries_.erase(std::find_if(entries_.begin(), entries_.end(), of_browser));
        entries_.push_back({browser, state, expires});
    }

    errc take(std::uint64_t browser, std::uint64_t state, seconds now)
    {
        bool known = false;
        for (auto one = entries_.begin(); one != entries_.end(); ++one) {
            if (one->browser == browser && one->state == state) {
                const bool expired = now >= one->expires;
                entries_.erase(one);
                return expired ? errc::expired_transaction : errc();
            }
            known = known || (one->browser == browser && now < one->expires);
        }
        return known ? errc::state_mismatch : errc::unknown_transaction;
    }

    std::size_t size() const { return entries_.size(); }

private:
    struct entry {
        std::uint64_t browser, state;
        seconds expires;
    };
    std::deque<entry> entries_;
    std::size_t capacity_;
    std::size_t per_browser_;
};

std::uint32_t hash(std::uint64_t browser) { return static_cast<std::uint32_t>(browser * 2'654'435'769u); }

} // namespace

BOOST_AUTO_TEST_SUITE(detail_pending_table)

BOOST_AUTO_TEST_CASE(CB4_browsers_whose_hashes_collide_are_kept_apart)
{
    pending_table table(100, 7);
    for (std::uint64_t browser = 0; browser < 20; ++browser)
        table.put(42, numbered_login(browser, browser), seconds(0), seconds(300));
    BOOST_TEST(table.size() == 20u);
    // The right state in another browser, whatever the hashes say.
    BOOST_TEST(outcome_name(table.take(42, browser_number(3), state_number(4), seconds(1))) ==
               "coauth.client:state_mismatch");
    BOOST_TEST(outcome_name(table.take(42, browser_number(99), state_number(4), seconds(1))) ==
               "coauth.client:unknown_transaction");
    // The same browser under another hash does not exist.
    BOOST_TEST(outcome_name(table.take(43, browser_number(3), state_number(3), seconds(1))) ==
               "coauth.client:unknown_transaction");
    BOOST_TEST(table.size() == 20u);
    for (std::uint64_t browser = 20; browser-- > 0;)
        BOOST_TEST(outcome_name(table.take(42, browser_number(browser), state_number(browser), seconds(1))) ==
                   "ok");
    BOOST_TEST(table.size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_per_browser_cap_counts_one_browser_among_colliding_ones)
{
    pending_table table(100, 2);
    for (std::uint64_t browser = 0; browser < 5; ++browser)
        for (std::uint64_t i = 0; i < 3; ++i)
            table.put(7, numbered_login(browser, browser * 10 + i), seconds(0), seconds(300));
    BOOST_TEST(table.size() == 10u);
    for (std::uint64_t browser = 0; browser < 5; ++browser) {
        BOOST_TEST(outcome_name(table.take(7, browser_number(browser), state_number(browser * 10),
                                           seconds(1))) == "coauth.client:state_mismatch");
        BOOST_TEST(outcome_name(table.take(7, browser_number(browser), state_number(browser * 10 + 1),
                                           seconds(1))) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(a_table_without_room_keeps_nothing)
{
    for (const auto& [capacity, per_browser] : {std::pair{0, 7}, std::pair{10, 0}, std::pair{0, 0}}) {
        pending_table table(static_cast<std::size_t>(capacity), static_cast<std::size_t>(per_browser));
        table.put(1, numbered_login(1, 1), seconds(0), seconds(300));
        BOOST_TEST(table.size() == 0u);
        BOOST_TEST(outcome_name(table.take(1, browser_number(1), state_number(1), seconds(0))) ==
                   "coauth.client:unknown_transaction");
    }
}

BOOST_AUTO_TEST_CASE(a_capacity_beyond_the_index_type_is_no_small_one)
{
    const auto beyond = std::size_t(std::min<std::uintmax_t>(std::uintmax_t(UINT32_MAX) + 1, SIZE_MAX));
    for (const std::size_t capacity : {std::size_t(UINT32_MAX), beyond, std::size_t(SIZE_MAX)}) {
        pending_table table(capacity, 7);
        for (std::uint64_t i = 0; i < 3; ++i)
            table.put(hash(i), numbered_login(i, i), seconds(0), seconds(300));
        BOOST_TEST(table.size() == 3u, capacity);
    }
}

BOOST_AUTO_TEST_CASE(AR16_it_does_what_the_model_does)
{
    // Few browsers and a small capacity, so that everything that can happen does.
    std::mt19937 random(20'240'607); // any seed: the model says what is right
    const auto below = [&random](std::size_t n) { return std::size_t(random()) % n; };
    std::map<std::string, int> seen;
    for (int round = 0; round < 40; ++round) {
        const std::size_t capacity = 1 + below(40);
        const std::size_t per_browser = 1 + below(7);
        pending_table table(capacity, per_browser);
        model expected(capacity, per_browser);
        std::vector<std::pair<std::uint64_t, std::uint64_t>> begun;
        seconds now{0};
        for (std::uint64_t step = 0; step < 600; ++step) {
            now += seconds(below(5));
            const std::uint64_t browser = below(8);
            if (below(3) != 0) {
                const seconds expires = now + seconds(below(10) == 0 ? 0 : 60 + below(60));
                table.put(hash(browser % 4), numbered_login(browser, step), now, expires);
                expected.put(browser, step, now, expires);
                begun.emplace_back(browser, step);
            } else if (!begun.empty()) {
                auto [from, state] = begun[begun.size() - 1 - below(std::min<std::size_t>(begun.size(), 60))];
                if (below(5) == 0)
                    from = browser;
                const auto taken = table.take(hash(from % 4), browser_number(from), state_number(state), now);
                BOOST_REQUIRE_EQUAL(outcome_name(taken), expected_name(expected.take(from, state, now)));
                if (taken)
                    BOOST_REQUIRE_EQUAL(taken->client_tag(), state);
                ++seen[outcome_name(taken)];
            }
            BOOST_REQUIRE_EQUAL(table.size(), expected.size());
            BOOST_REQUIRE(table.size() <= capacity);
        }
    }
    BOOST_TEST(seen.size() == 4u);
    for (const auto& [outcome, count] : seen)
        BOOST_TEST(count > 30, outcome << ' ' << count);
}

BOOST_AUTO_TEST_CASE(it_grows_to_100_000_and_is_used_again)
{
    constexpr std::uint64_t count = 100'000;
    pending_table table(count, 7);
    for (int round = 0; round < 2; ++round) {
        for (std::uint64_t i = 0; i < count; ++i)
            table.put(hash(i), numbered_login(i, i), seconds(0), seconds(300));
        BOOST_REQUIRE_EQUAL(table.size(), count);
        table.put(hash(count), numbered_login(count, count), seconds(0),
                  seconds(300)); // the oldest gives way
        BOOST_REQUIRE_EQUAL(table.size(), count);
        std::uint64_t found = 0;
        for (std::uint64_t i = 0; i <= count; ++i) {
            const std::uint64_t which = i * 7919 % (count + 1); // prime to it: each once, in no order
            const auto taken =
                table.take(hash(which), browser_number(which), state_number(which), seconds(1));
            found += taken && taken->client_tag() == which;
            if (which == 0)
                BOOST_REQUIRE_EQUAL(outcome_name(taken), "coauth.client:unknown_transaction");
        }
        BOOST_REQUIRE_EQUAL(found, count);
        BOOST_REQUIRE_EQUAL(table.size(), 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
