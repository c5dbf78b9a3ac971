#include <coauth/policy/seal_key_ring.hpp>

#include "../expect.hpp"
#include "logins.hpp"

#include <boost/system/errc.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

namespace {

using namespace coauth;
using namespace coauth::test;

std::string line(std::uint64_t number) { return numbered(number).to_string() + '\n'; }

std::string parsed(std::string_view text) { return outcome_name(seal_key_ring::parse(text)); }

constexpr std::string_view refused = "coauth.client:invalid_configuration";

/// A file in the system's place for temporary ones, as long as this lives.
class temporary_file {
public:
    explicit temporary_file(std::string_view content)
        : path_(std::filesystem::temp_directory_path() /
                ("coauth-keys-" + std::string(seal_key_ring::make_key_text().value().expose())))
    {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~temporary_file() { std::filesystem::remove(path_); }
    temporary_file(const temporary_file&) = delete;

    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_seal_key_ring)

BOOST_AUTO_TEST_CASE(from_keys)
{
    std::vector<random_value> keys;
    BOOST_TEST(outcome_name(seal_key_ring::make(keys)) == refused);
    for (std::uint64_t i = 1; i <= seal_key_ring::most_keys; ++i) {
        keys.push_back(numbered(i));
        const auto ring = seal_key_ring::make(keys);
        BOOST_TEST_REQUIRE(ring.has_value());
        BOOST_TEST(ring->size() == i);
    }
    keys.push_back(numbered(99));
    BOOST_TEST(outcome_name(seal_key_ring::make(keys)) == refused);
    BOOST_TEST(outcome_name(seal_key_ring::make(std::vector{numbered(1), numbered(2), numbered(1)})) ==
               refused);
}

BOOST_AUTO_TEST_CASE(from_text)
{
    BOOST_TEST(parsed(line(1)) == "ok");
    BOOST_TEST(parsed(numbered(1).to_string()) == "ok");
    const auto several =
        seal_key_ring::parse("# the new one\n" + line(1) + "\r\n  \t\n #the old one\n \t" + line(2) + "\n\n");
    BOOST_TEST_REQUIRE(several.has_value());
    BOOST_TEST(several->size() == 2u);
    BOOST_TEST(seal_key_ring::parse(numbered(1).to_string() + "\r\n" + numbered(2).to_string() + " \r\n")
                   .value()
                   .size() == 2u);
}

BOOST_AUTO_TEST_CASE(from_other_text)
{
    const std::string key = numbered(1).to_string();
    for (const std::string& text :
         {std::string(), std::string("\n\n"), std::string("# no key\n"), key.substr(1), key + 'A', key + '=',
          key + ' ' + key, key + ',' + key, line(1) + line(1), line(1) + "x\n", "key=" + key,
          std::string(64, 'a'), key.substr(0, 42) + '+', key.substr(0, 42) + 'B', key + std::string(1, '\0')})
        BOOST_TEST(parsed(text) == refused, text);
    std::string many;
    for (std::uint64_t i = 0; i <= seal_key_ring::most_keys; ++i)
        many += line(i);
    BOOST_TEST(parsed(many) == refused);
}

BOOST_AUTO_TEST_CASE(from_a_file)
{
    const temporary_file good("# keys\n" + line(1) + line(2));
    BOOST_TEST(seal_key_ring::load(good.path()).value().size() == 2u);
    const temporary_file bad("no key\n");
    BOOST_TEST(outcome_name(seal_key_ring::load(bad.path())) == refused);
    const temporary_file empty("");
    BOOST_TEST(outcome_name(seal_key_ring::load(empty.path())) == refused);
    constexpr std::size_t largest = 1024 * 1024;
    const temporary_file large(line(1) + std::string(largest + 1 - line(1).size(), '\n'));
    BOOST_TEST((failure(seal_key_ring::load(large.path())).code() == boost::system::errc::file_too_large));
    const temporary_file just_fits(line(1) + std::string(largest - line(1).size(), '\n'));
    BOOST_TEST(outcome_name(seal_key_ring::load(just_fits.path())) == "ok");
    BOOST_TEST((failure(seal_key_ring::load("/dev/zero")).code() == boost::system::errc::not_supported));
    const auto missing = seal_key_ring::load(good.path() + ".not-there");
    BOOST_TEST((failure(missing).code() == boost::system::errc::no_such_file_or_directory));
    const auto folder = seal_key_ring::load(std::filesystem::temp_directory_path().string());
    BOOST_TEST((failure(folder).code() == boost::system::errc::is_a_directory));
}

BOOST_AUTO_TEST_CASE(new_keys_differ)
{
    const auto first = seal_key_ring::make_key_text().value();
    const auto second = seal_key_ring::make_key_text().value();
    BOOST_TEST(!first.equals(second));
    BOOST_TEST(parsed(std::string(first.expose()) + '\n' + std::string(second.expose())) == "ok");
    BOOST_TEST(seal_key_ring::generate().value().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
