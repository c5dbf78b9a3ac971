#include <coauth/detail/replay_cache.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

#include <new>
#include <string>

namespace {

using coauth::detail::replay_cache;
using std::chrono::seconds;
using namespace coauth::test;

replay_cache::time_point at(int second) { return replay_cache::time_point(seconds(1'790'000'000 + second)); }

constexpr std::string_view op = "https://op.example";

} // namespace

BOOST_AUTO_TEST_SUITE(detail_replay_cache)

BOOST_AUTO_TEST_CASE(LO9_a_second_use_is_known)
{
    replay_cache cache(10);
    BOOST_TEST(cache.insert(op, "a", at(60), at(0)));
    BOOST_TEST(!cache.insert(op, "a", at(60), at(0)));
    BOOST_TEST(!cache.insert(op, "a", at(600), at(59)));
    BOOST_TEST(cache.insert(op, "b", at(60), at(0)));
    BOOST_TEST(cache.insert("https://other.example", "a", at(60), at(0)));
    // Where the one ends and the other begins counts, too.
    BOOST_TEST(cache.insert("x", "yz", at(60), at(0)));
    BOOST_TEST(cache.insert("xy", "z", at(60), at(0)));
    BOOST_TEST(cache.insert("", "xyz", at(60), at(0)));
    BOOST_TEST(cache.insert("xyz", "", at(60), at(0)));
    BOOST_TEST(cache.size() == 7u);
}

BOOST_AUTO_TEST_CASE(LO9_bounded_in_time)
{
    replay_cache cache(10);
    BOOST_TEST(cache.insert(op, "a", at(60), at(0)));
    BOOST_TEST(!cache.insert(op, "a", at(600), at(59))); // the first expiry stays
    BOOST_TEST(cache.insert(op, "a", at(120), at(60)));
    BOOST_TEST(!cache.insert(op, "a", at(120), at(119)));
    BOOST_TEST(cache.size() == 1u);
    BOOST_TEST(cache.insert(op, "b", at(200), at(120)));
    BOOST_TEST(cache.size() == 1u); // `a` went
    // What expires late does not keep others: they go once it does, or by number.
    BOOST_TEST(cache.insert(op, "c", at(130), at(121)));
    BOOST_TEST(cache.insert(op, "d", at(220), at(140)));
    BOOST_TEST(cache.size() == 3u);
    BOOST_TEST(cache.insert(op, "c", at(300), at(140)));
    BOOST_TEST(cache.insert(op, "e", at(300), at(200)));
    BOOST_TEST(cache.size() == 3u); // d, c, e
}

BOOST_AUTO_TEST_CASE(LO9_bounded_in_number_the_oldest_gives_way)
{
    replay_cache cache(3);
    for (const std::string_view jti : {"a", "b", "c", "d"})
        BOOST_TEST(cache.insert(op, jti, at(60), at(0)), jti);
    BOOST_TEST(cache.size() == 3u);
    for (const std::string_view jti : {"b", "c", "d"})
        BOOST_TEST(!cache.insert(op, jti, at(60), at(0)), jti);
    BOOST_TEST(cache.insert(op, "a", at(60), at(0)));
    BOOST_TEST(cache.insert(op, "b", at(60), at(0)));
    // Nothing that can be remembered, nothing that can be told from a replay.
    replay_cache none(0);
    BOOST_TEST(!none.insert(op, "a", at(60), at(0)));
    BOOST_TEST(none.size() == 0u);
}

BOOST_AUTO_TEST_CASE(LO9_long_identifiers_are_not_kept)
{
    replay_cache cache(10);
    const std::string longest(100'000, 'x');
    BOOST_TEST(cache.insert(op, longest + "1", at(60), at(0)));
    BOOST_TEST(cache.insert(op, longest + "2", at(60), at(0)));
    BOOST_TEST(!cache.insert(op, longest + "1", at(60), at(0)));
    BOOST_TEST(cache.insert(bytes("a\0"), "b", at(60), at(0)));
    BOOST_TEST(cache.insert("a", bytes("\0b"), at(60), at(0)));
}

BOOST_AUTO_TEST_CASE(DO5_refused_memory_leaves_it_as_it_was)
{
    for (std::size_t allowed = 0; allowed < 40; ++allowed) {
        replay_cache cache(10);
        BOOST_TEST(cache.insert(op, "a", at(60), at(0)));
        bool refused = false;
        try {
            const allocation_limit limit(allowed);
            cache.insert(op, "b", at(60), at(0));
        } catch (const std::bad_alloc&) {
            refused = true;
        }
        BOOST_TEST(cache.size() == (refused ? 1u : 2u));
        BOOST_TEST(cache.insert(op, "b", at(60), at(0)) == refused);
        BOOST_TEST(!cache.insert(op, "a", at(60), at(0)));
        if (!refused)
            return;
    }
    BOOST_ERROR("never enough memory");
}

BOOST_AUTO_TEST_SUITE_END()
