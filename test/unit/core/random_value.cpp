#include <coauth/core/random_value.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <new>

namespace {

using namespace coauth;
using namespace coauth::test;

// RFC 7636 Appendix B: a verifier, and the 32 bytes that it stands for.
constexpr std::array<unsigned char, 32> octets{116, 24,  223, 180, 151, 153, 224, 37,  79,  250, 96,
                                               125, 216, 173, 187, 186, 22,  212, 37,  77,  105, 214,
                                               191, 240, 91,  88,  5,   88,  83,  132, 141, 121};
constexpr std::string_view text = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

} // namespace

BOOST_AUTO_TEST_SUITE(core_random_value)

static_assert(!std::equality_comparable<random_value>);
static_assert(!std::convertible_to<random_value, std::string>);

BOOST_AUTO_TEST_CASE(AR6_the_wire_form_is_that_of_RFC_7636_appendix_b)
{
    const random_value value(octets);
    BOOST_TEST(value.to_string() == text);
    std::string appended = "state=";
    value.append_to(appended);
    BOOST_TEST(appended == "state=" + std::string(text));
    detail::secure_bytes bytes;
    value.append_to(bytes);
    BOOST_TEST(std::string_view(bytes.data(), bytes.size()) == text);
    BOOST_TEST(value.view() == std::string_view(reinterpret_cast<const char*>(octets.data()), 32));
    const auto decoded = random_value::decode(text);
    BOOST_TEST_REQUIRE(decoded.has_value());
    BOOST_TEST(decoded->equals(value));
    BOOST_TEST(std::equal(octets.begin(), octets.end(), decoded->bytes().begin()));
    BOOST_TEST(random_value().to_string() == std::string(43, 'A'));
}

BOOST_AUTO_TEST_CASE(CB2_only_the_canonical_text_is_decoded)
{
    const std::string good(text);
    const std::string bad[] = {"",
                               good.substr(1),
                               good + "A",
                               good + "=",
                               " " + good.substr(1),
                               good.substr(0, 42) + " ",
                               good.substr(0, 42) + "\n",
                               good.substr(0, 42) + std::string(1, '\0'),
                               good.substr(0, 42) + "=",
                               good.substr(0, 42) + "\xff",
                               good.substr(0, 20) + "+" + good.substr(21), // the other base64 alphabet
                               good.substr(0, 20) + "/" + good.substr(21),
                               std::string(10'000, 'A')};
    for (const std::string& one : bad)
        BOOST_TEST(!random_value::decode(one), one);
    // The last character carries four bits; the two that are left over have to be zero.
    int accepted = 0;
    for (const char last : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
        accepted += random_value::decode(good.substr(0, 42) + last).has_value();
    BOOST_TEST(accepted == 16);
}

BOOST_AUTO_TEST_CASE(CB2_one_bit_makes_another_value)
{
    const random_value value(octets);
    BOOST_TEST(value.equals(random_value(octets)));
    for (std::size_t bit = 0; bit < 256; ++bit) {
        auto other = octets;
        other[bit / 8] = static_cast<unsigned char>(other[bit / 8] ^ (1u << bit % 8));
        BOOST_TEST(!value.equals(random_value(other)), "bit " << bit);
        BOOST_TEST(random_value(other).to_string() != text, "bit " << bit);
    }
}

BOOST_AUTO_TEST_CASE(LG5_a_destroyed_value_is_wiped)
{
    auto value = std::make_unique<random_value>(octets);
    auto copy = std::make_unique<random_value>(*value);
    random_value moved(std::move(*copy));
    BOOST_TEST(moved.equals(*value));
    const std::string_view needle(reinterpret_cast<const char*>(octets.data()) + 16,
                                  16); // malloc writes in front
    freed_memory_watch watch(needle);
    value.reset();
    copy.reset();
    BOOST_TEST(watch.blocks() == 2u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_CASE(LG5_the_wire_form_is_wiped)
{
    static_assert(!std::copy_constructible<random_value::encoded>);
    const random_value value(octets);
    const auto encoded = value.encode();
    BOOST_TEST(std::string(encoded.begin(), encoded.end()) == text);
    BOOST_TEST(std::string(encoded.data(), encoded.size()) == text);
    // In memory that outlives it.
    auto block = std::make_unique<unsigned char[]>(sizeof(random_value::encoded));
    auto* const placed = new (block.get()) random_value::encoded(value.encode());
    const std::string_view place(reinterpret_cast<const char*>(block.get()), random_value::encoded_size);
    BOOST_TEST(place == text);
    placed->~encoded();
    BOOST_TEST(place.find_first_not_of('\0') == place.npos);
}

BOOST_AUTO_TEST_SUITE_END()
