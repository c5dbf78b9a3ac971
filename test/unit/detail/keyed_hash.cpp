#include <coauth/detail/keyed_hash.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <random>
#include <set>

namespace {

using namespace coauth;
using coauth::detail::keyed_hash;

keyed_hash hash_with(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    keyed_hash::key_type key;
    for (std::uint64_t& word : key)
        word = random();
    return keyed_hash(key);
}

random_value value_of(const std::array<std::uint64_t, 4>& words)
{
    std::array<unsigned char, 32> bytes;
    std::memcpy(bytes.data(), words.data(), sizeof words);
    return random_value(bytes);
}

/// The most values that fall into one of 4096 places, by the bits that the tables use.
template <class Value>
std::size_t fullest_place(const keyed_hash& hash, std::size_t count, const Value& value)
{
    std::vector<std::size_t> places(4096);
    for (std::size_t i = 0; i < count; ++i)
        ++places[hash(value(i)) & 4095];
    return *std::max_element(places.begin(), places.end());
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_keyed_hash)

BOOST_AUTO_TEST_CASE(it_is_a_function_of_key_and_value)
{
    const random_value value = value_of({1, 2, 3, 4});
    BOOST_TEST(hash_with(1)(value) == hash_with(1)(value));
    BOOST_TEST(hash_with(1)(value) != hash_with(2)(value));
    std::set<std::uint32_t> seen{hash_with(1)(value)};
    for (std::size_t bit = 0; bit < 256; ++bit) {
        std::array<std::uint64_t, 4> words{1, 2, 3, 4};
        words[bit / 64] ^= std::uint64_t(1) << bit % 64;
        seen.insert(hash_with(1)(value_of(words)));
    }
    BOOST_TEST(seen.size() == 257u); // each bit counts
}

BOOST_AUTO_TEST_CASE(DO2_known_differences_do_not_cancel_out)
{
    // A hash that multiplies word after word by odd numbers, and shifts, lets the top bit of one word be undone by two
    // bits of the next one, whatever the numbers are.
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const keyed_hash hash = hash_with(seed);
        std::set<std::uint32_t> seen;
        for (unsigned choice = 0; choice < 8; ++choice) {
            std::array<std::uint64_t, 4> words{5, 6, 7, 8};
            for (unsigned i = 0; i < 3; ++i) {
                if ((choice >> i & 1) != 0) {
                    words[i] ^= std::uint64_t(1) << 63;
                    words[i + 1] ^= std::uint64_t(1) << 63 | std::uint64_t(1) << 34;
                }
            }
            seen.insert(hash(value_of(words)));
        }
        BOOST_TEST(seen.size() == 8u, seed);
    }
}

BOOST_AUTO_TEST_CASE(DO2_values_with_a_pattern_spread)
{
    // 4096 values in 4096 places: of random ones, six or seven are in the fullest.
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const keyed_hash hash = hash_with(seed);
        for (unsigned shift = 0; shift < 64; shift += 13) {
            for (std::size_t word = 0; word < 4; ++word) {
                const std::size_t fullest = fullest_place(hash, 4096, [&](std::uint64_t i) {
                    std::array<std::uint64_t, 4> words{};
                    words[word] = i << shift | i >> (63 - shift);
                    return value_of(words);
                });
                BOOST_TEST(fullest <= 40u, "seed " << seed << " shift " << shift << " word " << word);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
