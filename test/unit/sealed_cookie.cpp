#include <coauth/sealed_cookie.hpp>

#include "expect.hpp"
#include "manual_clock.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth_test::manual_wall_clock;
using std::chrono::seconds;
using manual_cookie = basic_sealed_cookie<manual_wall_clock>;

/// The content, or the error's name.
std::string opened(const manual_cookie& cookie, std::string_view value)
{
    const auto out = cookie.open(value);
    return out ? std::string(out->expose()) : out.error().qualified_name();
}

constexpr std::string_view broken = "coauth.client:seal_broken";
constexpr std::string_view expired = "coauth.client:seal_expired";
constexpr std::string_view too_large = "coauth.client:sealed_data_too_large";

} // namespace

BOOST_AUTO_TEST_SUITE(sealed_cookies)

BOOST_AUTO_TEST_CASE(what_was_sealed_is_opened)
{
    const manual_cookie cookie(seal_key_ring::generate().value(), "session");
    for (const std::string& content : {std::string(), std::string("alice"), all_bytes()}) {
        const std::string value = cookie.seal(content, seconds(60)).value();
        BOOST_TEST(opened(cookie, value) == content);
        BOOST_TEST(value.find_first_not_of(
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == value.npos);
    }
    BOOST_TEST(cookie.seal("alice", seconds(60)).value() != cookie.seal("alice", seconds(60)).value());
}

BOOST_AUTO_TEST_CASE(other_purposes_and_keys)
{
    const auto keys = seal_key_ring::generate().value();
    const std::string value = manual_cookie(keys, "session").seal("alice", seconds(60)).value();
    BOOST_TEST(opened(manual_cookie(keys, "session"), value) == "alice");
    BOOST_TEST(opened(manual_cookie(keys, "sessions"), value) == broken);
    BOOST_TEST(opened(manual_cookie(keys, ""), value) == broken);
    BOOST_TEST(opened(manual_cookie(seal_key_ring::generate().value(), "session"), value) == broken);
}

BOOST_AUTO_TEST_CASE(time)
{
    const manual_cookie cookie(seal_key_ring::generate().value(), "session");
    const std::string value = cookie.seal("alice", seconds(60)).value();
    manual_wall_clock::advance(seconds(58));
    BOOST_TEST(opened(cookie, value) == "alice");
    manual_wall_clock::advance(seconds(2));
    BOOST_TEST(opened(cookie, value) == expired);
    BOOST_TEST(opened(cookie, cookie.seal("alice", seconds(0)).value()) == expired);
    BOOST_TEST(opened(cookie, cookie.seal("alice", seconds(-5)).value()) == expired);
    const std::string longest = cookie.seal("alice", std::chrono::seconds::max()).value();
    BOOST_TEST(opened(cookie, longest) == "alice");
    manual_wall_clock::advance(std::chrono::hours(24 * 3654));
    BOOST_TEST(opened(cookie, longest) == expired);
    manual_wall_clock::advance(-std::chrono::hours(24 * 3654));
}

BOOST_AUTO_TEST_CASE(changed_in_any_character_or_cut_off_anywhere)
{
    const manual_cookie cookie(seal_key_ring::generate().value(), "session");
    const std::string value = cookie.seal("alice", seconds(60)).value();
    for (std::size_t i = 0; i < value.size(); ++i) {
        // The time that can be read is as sealed as the rest.
        for (const char c : {'A', 'B', '_', '=', '+', '\0', '\xff'}) {
            std::string changed = value;
            changed[i] = c;
            if (changed != value)
                BOOST_TEST(opened(cookie, changed) == broken);
        }
        BOOST_TEST(opened(cookie, value.substr(0, i)) == broken);
        BOOST_TEST(opened(cookie, value.substr(i + 1)) == broken);
    }
    BOOST_TEST(opened(cookie, value + 'A') == broken);
    BOOST_TEST(opened(cookie, value + '=') == broken);
    BOOST_TEST(opened(cookie, ' ' + value) == broken);
    BOOST_TEST(opened(cookie, std::string(1'000'000, 'A')) == broken);
}

BOOST_AUTO_TEST_CASE(sizes)
{
    const auto keys = seal_key_ring::generate().value();
    const manual_cookie cookie(keys, "session");
    std::size_t most = 2500;
    while (most < 5000 && cookie.seal(std::string(most + 1, 'x'), seconds(60)))
        ++most;
    BOOST_TEST((most >= 2750 && most <= 2850), most);
    const std::string largest = cookie.seal(std::string(most, 'x'), seconds(60)).value();
    BOOST_TEST(largest.size() <= default_cookie_characters);
    BOOST_TEST(opened(cookie, largest) == std::string(most, 'x'));
    BOOST_TEST(outcome_name(cookie.seal(std::string(most + 1, 'x'), seconds(60))) == too_large);
    BOOST_TEST(outcome_name(cookie.seal(std::string(100'000'000, 'x'), seconds(60))) == too_large);
    // Where less fits, what is larger is not even looked at.
    BOOST_TEST(opened(manual_cookie(keys, "session", 100), largest) == broken);
    BOOST_TEST(outcome_name(manual_cookie(keys, "session", 0).seal("", seconds(60))) == too_large);
}

BOOST_AUTO_TEST_SUITE_END()
