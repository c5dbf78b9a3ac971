#include <coauth/protocol/pkce.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;

std::string challenge(std::string_view verifier)
{
    const auto out = code_challenge_s256(verifier);
    return out ? out->to_string() : out.error().qualified_name();
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_pkce)

BOOST_AUTO_TEST_CASE(AR1_the_vector_of_RFC_7636_appendix_b)
{
    BOOST_TEST(challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") ==
               "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

BOOST_AUTO_TEST_CASE(AR3_verifier_length)
{
    for (const std::size_t size : {43, 44, 127, 128})
        BOOST_TEST(challenge(std::string(size, 'a')).size() == 43u, size);
    for (const std::size_t size : {0, 1, 42, 129, 100'000})
        BOOST_TEST(challenge(std::string(size, 'a')) == "coauth.client:invalid_parameter", size);
}

BOOST_AUTO_TEST_CASE(AR3_verifier_alphabet)
{
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (unsigned i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        for (const std::size_t at : {0, 21, 42}) {
            std::string verifier(43, 'a');
            verifier[at] = c;
            BOOST_TEST((challenge(verifier).size() == 43u) == (unreserved.find(c) != unreserved.npos),
                       "byte " << i << " at " << at);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
