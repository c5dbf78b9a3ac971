#include <coauth/detail/replay_cache.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

BOOST_AUTO_TEST_SUITE(thread_safety_replay_cache)

BOOST_AUTO_TEST_CASE(LO9_of_many_threads_one_is_the_first)
{
    using namespace std::chrono_literals;
    const coauth::detail::replay_cache::time_point now{1'790'000'000s};
    coauth::detail::replay_cache cache(10'000);
    std::atomic<int> first{0};
    std::atomic<bool> too_many{false};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) {
                    first += cache.insert("https://op.example", std::to_string(i), now + 60s, now) ? 1 : 0;
                    too_many = too_many || cache.size() > 2000;
                }
            });
    }
    BOOST_TEST(first == 2000);
    BOOST_TEST(cache.size() == 2000u);
    BOOST_TEST(!too_many);
}

BOOST_AUTO_TEST_CASE(DO6_bounded_whoever_inserts)
{
    using namespace std::chrono_literals;
    const coauth::detail::replay_cache::time_point now{1'790'000'000s};
    coauth::detail::replay_cache cache(16);
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&cache, now, t] {
                for (int i = 0; i < 2000; ++i)
                    cache.insert("https://op.example", std::to_string(t * 10'000 + i), now + 60s, now);
            });
    }
    BOOST_TEST(cache.size() == 16u);
}

BOOST_AUTO_TEST_SUITE_END()
