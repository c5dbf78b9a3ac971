#include <coauth/detail/sha256.hpp>

#include "../expect.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/test/unit_test.hpp>

#include <iterator>
#include <thread>

namespace {

std::string hex_digest(std::string_view text)
{
    const auto digest = coauth::detail::sha256(text);
    std::string out;
    if (digest)
        boost::algorithm::hex_lower(digest->begin(), digest->end(), std::back_inserter(out));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_sha256)

BOOST_AUTO_TEST_CASE(the_vectors_of_FIPS_180)
{
    BOOST_TEST(hex_digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_TEST(hex_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(hex_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    BOOST_TEST(hex_digest(std::string(1'000'000, 'a')) ==
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    BOOST_TEST(hex_digest(coauth::test::bytes("\0")) ==
               "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

BOOST_AUTO_TEST_CASE(each_thread_has_a_context_of_its_own)
{
    std::vector<std::string> found(4);
    {
        std::vector<std::jthread> threads;
        for (std::string& one : found)
            threads.emplace_back([&one] {
                for (int i = 0; i < 1000; ++i)
                    one = hex_digest("abc");
            });
    }
    for (const std::string& one : found)
        BOOST_TEST(one == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_SUITE_END()
