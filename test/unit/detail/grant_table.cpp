#include <coauth/detail/grant_table.hpp>
#include <coauth/detail/string_hash.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace {

using namespace coauth::detail;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(grant_table_)

grant_pointer make_grant(const std::string& key) { return grant_pointer(new grant_entry(key)); }

BOOST_AUTO_TEST_CASE(finds_what_was_inserted_and_not_erased)
{
    const string_hash hash(1);
    for (const bool collide : {false, true}) {
        grant_table table(0s);
        const auto hash_of = [&](const std::string& key) { return collide ? 7u : hash(key); };
        for (int i = 0; i < 500; ++i) {
            const auto key = "key " + std::to_string(i);
            table.insert(hash_of(key), make_grant(key));
        }
        for (int i = 0; i < 500; i += 2)
            table.erase(*table.find(hash_of("key " + std::to_string(i)), "key " + std::to_string(i)));
        BOOST_TEST(table.size() == 250u);
        for (int i = 500; i < 700; ++i) {
            const auto key = "key " + std::to_string(i);
            table.insert(hash_of(key), make_grant(key));
        }
        for (int i = 0; i < 700; ++i) {
            const auto key = "key " + std::to_string(i);
            const auto found = table.find(hash_of(key), key);
            BOOST_TEST_REQUIRE(static_cast<bool>(found) == (i >= 500 || i % 2 == 1));
            if (found)
                BOOST_TEST(found->key == key);
        }
        BOOST_TEST(!table.find(hash_of("nobody"), "nobody"));
    }
    BOOST_TEST(!grant_table(0s).find(1, "nobody"));
}

BOOST_AUTO_TEST_CASE(grants_are_due_when_it_was_said_or_a_moment_later)
{
    grant_table table(100s);
    const auto grant = make_grant("a");
    const auto other = make_grant("b");
    table.insert(1, grant);
    table.insert(2, other);
    BOOST_TEST((table.next_due() == never));
    BOOST_TEST(table.schedule(*grant, 200s));
    BOOST_TEST(!table.schedule(*other, 300s));
    BOOST_TEST((table.next_due() <= 200s + 100ms));
    BOOST_TEST(!table.pop_due(200s - 1ns));
    BOOST_TEST(table.pop_due(200s + 100ms).get() == grant.get());
    BOOST_TEST(!table.pop_due(200s + 100ms));
    // Said anew, it counts anew.
    BOOST_TEST((table.next_due() > 250s));
    BOOST_TEST(table.schedule(*other, 250s));
    BOOST_TEST(!table.pop_due(249s));
    table.schedule(*other, never);
    BOOST_TEST(!table.pop_due(1000s));
    // What is past is due.
    BOOST_TEST(table.schedule(*other, 5s));
    BOOST_TEST(table.pop_due(1000s).get() == other.get());
    table.schedule(*grant, 2000s);
    table.erase(*grant);
    BOOST_TEST(!table.pop_due(3000s));
    BOOST_TEST(table.size() == 1u);
    // For ever, nearly.
    table.schedule(*other, never - 1ns);
    BOOST_TEST(!table.pop_due(std::chrono::hours(24 * 365 * 5)));
}

BOOST_AUTO_TEST_CASE(what_holds_a_grant_keeps_it)
{
    grant_pointer kept;
    {
        grant_table table(0s);
        const auto grant = make_grant("a");
        table.insert(1, grant);
        kept = table.find(1, "a");
        grant_pointer moved = std::move(kept);
        kept = moved;
        kept = *&kept;
    }
    BOOST_TEST(kept->key == "a");
}

BOOST_AUTO_TEST_CASE(hashes_depend_on_every_character_the_length_and_the_seed)
{
    const string_hash hash(1);
    std::set<std::uint32_t> seen{hash("")};
    std::string text;
    for (std::size_t i = 0; i < string_hash::longest; ++i) {
        text.push_back('\0');
        BOOST_TEST(seen.insert(hash(text)).second);
    }
    for (std::size_t i = 0; i < text.size(); i += 7) {
        text[i] = 'x';
        BOOST_TEST(seen.insert(hash(text)).second);
        text[i] = '\0';
    }
    BOOST_TEST(hash("grant") == string_hash(1)("grant"));
    BOOST_TEST(hash("grant") != string_hash(2)("grant"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
