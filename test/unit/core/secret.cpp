#include <coauth/core/secret.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <sstream>
#include <type_traits>

namespace {

using namespace coauth;
using namespace coauth::test;

// Longer than any small-string buffer, so that each copy is a block that can be looked into.
constexpr std::string_view canary = "correct-horse-battery-staple-0123456789";

} // namespace

BOOST_AUTO_TEST_SUITE(core_secret)

// LG3: there is no conversion that happens unasked.
static_assert(!std::convertible_to<secret, std::string> && !std::convertible_to<secret, std::string_view>);
static_assert(!std::convertible_to<std::string, secret> && !std::convertible_to<const char*, secret>);
static_assert(!std::equality_comparable<secret>);
static_assert(!std::equality_comparable_with<secret, std::string>);
static_assert(std::is_nothrow_move_constructible_v<secret> && std::is_nothrow_move_assignable_v<secret>);

BOOST_AUTO_TEST_CASE(the_watch_sees_what_is_left_in_freed_memory)
{
    // The control of all tests below: an ordinary string does leave its text behind.
    auto text = std::make_unique<std::string>(canary);
    freed_memory_watch watch(canary);
    text.reset();
    BOOST_TEST(watch.blocks() == 2u);
    BOOST_TEST(watch.leaks() == 1u);
}

BOOST_AUTO_TEST_CASE(LG5_a_destroyed_secret_is_wiped)
{
    auto one = std::make_unique<secret>(canary);
    BOOST_TEST(one->expose() == canary);
    freed_memory_watch watch(canary.substr(0, 8));
    one.reset();
    BOOST_TEST(watch.blocks() == 2u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_CASE(LG5_an_overwritten_secret_is_wiped)
{
    secret one(canary);
    secret copy(one);
    freed_memory_watch watch(canary.substr(0, 8));
    one = secret("x");
    BOOST_TEST(watch.blocks() == 1u);
    copy = secret("a text that is longer than the one that was there before");
    BOOST_TEST(watch.blocks() == 2u);
    const secret longer(copy);
    secret third(canary);
    third = longer; // copied into a new block
    BOOST_TEST(watch.blocks() == 3u);
    BOOST_TEST(watch.leaks() == 0u);
    BOOST_TEST(one.expose() == "x");
}

BOOST_AUTO_TEST_CASE(LG5_a_string_that_is_taken_is_wiped)
{
    std::string text(canary);
    const char* const buffer = text.data();
    const secret one(std::move(text));
    BOOST_TEST(one.expose() == canary);
    BOOST_TEST(text.empty());
    // The string's own block still exists, with nothing in it.
    BOOST_TEST(std::string_view(buffer, canary.size()) == std::string(canary.size(), '\0'));

    std::string small = "small";
    char* const inside = small.data();
    const secret other(std::move(small));
    BOOST_TEST(other.expose() == "small");
    BOOST_TEST(std::string_view(inside, 5) == bytes("\0\0\0\0\0"));
}

BOOST_AUTO_TEST_CASE(LG5_strings_of_every_length_are_wiped)
{
    // Short strings lie in the object itself: up to 15 characters of libstdc++, up to 22 of libc++.
    const std::string all = repeated("qX", 40);
    for (std::size_t size = 2; size <= all.size(); ++size) {
        BOOST_TEST_CONTEXT("of " << size << " characters")
        {
            std::string text(all, 0, size);
            const char* const buffer = text.data();
            secret one(std::move(text));
            BOOST_TEST(one.size() == size);
            BOOST_TEST(text.empty());
            BOOST_TEST(std::string_view(buffer, size) == std::string(size, '\0'));
            // The objects themselves, with everything that they do not show.
            const secret two(std::move(one));
            secret three;
            three = secret(two);
            for (const auto object : {std::string_view(reinterpret_cast<const char*>(&text), sizeof text),
                                      std::string_view(reinterpret_cast<const char*>(&one), sizeof one)})
                BOOST_TEST((object.find("qX") == object.npos));
            BOOST_TEST(three.equals(two));
        }
    }
}

BOOST_AUTO_TEST_CASE(LG5_growing_bytes_leave_nothing_behind)
{
    const std::string text = repeated(canary, 100);
    freed_memory_watch watch(canary.substr(0, 8));
    {
        detail::secure_bytes bytes;
        for (const char c : text)
            bytes.push_back(c); // moves to a larger block several times
        const secret one(std::move(bytes));
        BOOST_TEST(one.size() == canary.size() * 100);
    }
    BOOST_TEST(watch.blocks() > 8u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_CASE(moves_leave_an_empty_secret)
{
    secret one(canary);
    const secret two(std::move(one));
    BOOST_TEST(two.expose() == canary);
    BOOST_TEST(one.empty());
    secret three;
    BOOST_TEST(three.empty());
    three = secret(two);
    BOOST_TEST(three.equals(two));
    BOOST_TEST((three.expose().data() != two.expose().data()));
    secret four("the one before");
    freed_memory_watch watch("the one before");
    four = std::move(three);
    BOOST_TEST(watch.blocks() == 1u); // at once, and not when the source is destroyed
    BOOST_TEST(watch.leaks() == 0u);
    BOOST_TEST(three.empty());
    BOOST_TEST(four.equals(two));
    secret& same = four;
    four = std::move(same);
    BOOST_TEST(four.equals(two));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_kept)
{
    const std::string all = all_bytes();
    const secret one{std::string_view(all)};
    BOOST_TEST(one.size() == 256u);
    BOOST_TEST(one.expose() == all);
    BOOST_TEST(secret("text").expose() == "text");
    BOOST_TEST(secret("").empty());
    BOOST_TEST(secret().expose().empty());
    const std::string lvalue = "kept";
    BOOST_TEST(secret(lvalue).expose() == "kept");
    BOOST_TEST(lvalue == "kept");
}

BOOST_AUTO_TEST_CASE(CR1_equals_compares_content)
{
    BOOST_TEST(secret("abc").equals(secret("abc")));
    BOOST_TEST(secret().equals(secret("")));
    BOOST_TEST(!secret("abc").equals(secret("abd")));
    BOOST_TEST(!secret("abc").equals(secret("Abc")));
    BOOST_TEST(!secret("abc").equals(secret("ab")));
    BOOST_TEST(!secret("ab").equals(secret("abc")));
    BOOST_TEST(!secret().equals(secret("a")));
    // Beyond a NUL, and each single bit.
    BOOST_TEST(!secret(bytes("a\0b")).equals(secret(bytes("a\0c"))));
    const std::string base(32, 'x');
    for (std::size_t i = 0; i < base.size() * 8; ++i) {
        std::string other = base;
        other[i / 8] = static_cast<char>(other[i / 8] ^ (1 << i % 8));
        BOOST_TEST(!secret(std::string_view(base)).equals(secret(std::string_view(other))), "bit " << i);
    }
}

BOOST_AUTO_TEST_CASE(LG3_a_secret_prints_nothing_of_itself)
{
    std::ostringstream stream;
    stream << secret(canary) << secret();
    BOOST_TEST(stream.str() == "[redacted][redacted]");
}

BOOST_AUTO_TEST_CASE(cleanse_wipes_exactly_what_it_is_given)
{
    std::array<char, 6> data{'a', 'b', 'c', 'd', 'e', 'f'};
    detail::cleanse(data.data() + 1, 3);
    BOOST_TEST(std::string_view(data.data(), data.size()) == bytes("a\0\0\0ef"));
    detail::cleanse(data.data(), 0);
    detail::cleanse(nullptr, 0);
    BOOST_TEST(data[0] == 'a');
}

BOOST_AUTO_TEST_CASE(the_allocator_is_one_for_all_types)
{
    const detail::cleansing_allocator<char> chars;
    const detail::cleansing_allocator<int> ints(chars);
    BOOST_TEST((detail::cleansing_allocator<char>(ints) == chars));
}

BOOST_AUTO_TEST_SUITE_END()
