#include <coauth/detail/timer_wheel.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace {

using coauth::detail::timer_wheel;
using index = timer_wheel::index;
using tick = timer_wheel::tick;

BOOST_AUTO_TEST_SUITE(timer_wheel_)

std::vector<index> due_ones(timer_wheel& wheel)
{
    std::vector<index> out;
    for (index each; (each = wheel.pop_due()) != timer_wheel::none;)
        out.push_back(each);
    return out;
}

BOOST_AUTO_TEST_CASE(empty)
{
    timer_wheel wheel;
    BOOST_TEST(!wheel.next().has_value());
    BOOST_TEST(wheel.pop_due() == timer_wheel::none);
    BOOST_TEST(!wheel.cancel(0));
    BOOST_TEST(!wheel.cancel(UINT32_MAX - 1));
    wheel.advance(1'000'000);
    BOOST_TEST(wheel.now() == 1'000'000u);
    BOOST_TEST(wheel.size() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_past_is_due_at_once)
{
    timer_wheel wheel;
    wheel.advance(100);
    wheel.insert(3, 7);
    wheel.insert(4, 100);
    BOOST_TEST(wheel.pop_due() == 3u);
    BOOST_TEST(wheel.cancel(4));
    BOOST_TEST(!wheel.cancel(4));
    BOOST_TEST(wheel.pop_due() == timer_wheel::none);
}

BOOST_AUTO_TEST_CASE(RF18_every_distance_exactly)
{
    // Around every boundary of slots and levels, from several times.
    for (const tick begin : {0u, 1u, 255u, 256u, 65'535u, 16'777'215u, 16'777'216u, 305'419'896u}) {
        for (const tick distance :
             {1u, 2u, 254u, 255u, 256u, 257u, 65'279u, 65'535u, 65'536u, 65'537u, 131'071u, 16'777'215u,
              16'777'216u, 16'777'217u, 1'000'000'000u, 3'000'000'000u}) {
            timer_wheel wheel;
            wheel.advance(begin);
            wheel.insert(0, begin + distance);
            wheel.advance(begin + distance - 1);
            BOOST_TEST(wheel.pop_due() == timer_wheel::none);
            BOOST_TEST(wheel.next().value() == begin + distance);
            wheel.advance(begin + distance);
            BOOST_TEST(wheel.pop_due() == 0u);
            BOOST_TEST(!wheel.next().has_value());
        }
    }
    timer_wheel wheel;
    wheel.insert(0, UINT32_MAX);
    wheel.advance(UINT32_MAX - 1);
    BOOST_TEST(wheel.pop_due() == timer_wheel::none);
    wheel.advance(UINT32_MAX);
    BOOST_TEST(wheel.pop_due() == 0u);
}

BOOST_AUTO_TEST_CASE(next_leads_to_each_entry_in_few_steps)
{
    timer_wheel wheel;
    wheel.insert(0, 123'456'789);
    int steps = 0;
    while (wheel.pop_due() == timer_wheel::none) {
        wheel.advance(wheel.next().value());
        BOOST_TEST_REQUIRE(++steps < 8);
    }
    BOOST_TEST(wheel.now() == 123'456'789u);
}

BOOST_AUTO_TEST_CASE(as_a_slow_model_does_it)
{
    std::mt19937_64 random(4711);
    const auto below = [&random](std::uint64_t bound) { return static_cast<tick>(random() % bound); };
    for (int round = 0; round < 100; ++round) {
        timer_wheel wheel;
        std::map<index, tick> model;
        for (int i = 0; i < 2000; ++i) {
            const index entry = below(200);
            switch (below(4)) {
            case 0:
            case 1:
                if (!model.contains(entry)) {
                    const tick due = wheel.now() + below(std::uint64_t(1) << below(25));
                    wheel.insert(entry, due);
                    model[entry] = due;
                }
                break;
            case 2:
                BOOST_TEST_REQUIRE(wheel.cancel(entry) == (model.erase(entry) == 1));
                break;
            default:
                wheel.advance(wheel.now() + below(std::uint64_t(1) << below(23)));
                tick last = 0;
                for (const index each : due_ones(wheel)) {
                    BOOST_TEST_REQUIRE(model.contains(each));
                    BOOST_TEST_REQUIRE(model[each] <= wheel.now());
                    last = std::max(last, model[each]);
                    model.erase(each);
                }
                for (const auto& [each, due] : model)
                    BOOST_TEST_REQUIRE(due > wheel.now());
                if (!model.empty()) {
                    const auto earliest = std::min_element(model.begin(), model.end(), [](auto& a, auto& b) {
                                              return a.second < b.second;
                                          })->second;
                    BOOST_TEST_REQUIRE(
                        (wheel.next() && *wheel.next() <= earliest && *wheel.next() > wheel.now()));
                }
            }
            BOOST_TEST_REQUIRE(wheel.size() == model.size());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
