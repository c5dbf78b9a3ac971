#include <coauth/jose/algorithm.hpp>

#include "../expect.hpp"
#include "keys.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;

} // namespace

BOOST_AUTO_TEST_SUITE(jose_algorithm)

BOOST_AUTO_TEST_CASE(names)
{
    for (const signing_algorithm each : every_algorithm)
        BOOST_TEST((signing_algorithm_from(name(each)) == each));
    for (const hmac_algorithm each : every_hmac)
        BOOST_TEST((hmac_algorithm_from(name(each)) == each));
    BOOST_TEST((signing_algorithm_from("Ed25519") == signing_algorithm::eddsa)); // RFC 9864
}

BOOST_AUTO_TEST_CASE(ID1_ID5_nothing_else_is_an_algorithm)
{
    for (const std::string_view other : {"none", "None", "NONE", "", "rs256", "RS256 ", "XX999", "HS256",
                                         "ES256K", "Ed448", "RSA-OAEP", "EdDSA "})
        BOOST_TEST(!signing_algorithm_from(other), other);
    for (const std::string_view other : {"none", "", "hs256", "RS256", "ES256", "HS256/64"})
        BOOST_TEST(!hmac_algorithm_from(other), other);
}

BOOST_AUTO_TEST_CASE(sets)
{
    constexpr signing_algorithms some{signing_algorithm::rs256, signing_algorithm::eddsa};
    BOOST_TEST(some.contains(signing_algorithm::eddsa));
    BOOST_TEST(!some.contains(signing_algorithm::es256));
    BOOST_TEST(((some & signing_algorithm::eddsa) == signing_algorithms(signing_algorithm::eddsa)));
    BOOST_TEST((some & signing_algorithm::es256).empty());
    BOOST_TEST(!default_signing_algorithms.contains(signing_algorithm::rs384));
    BOOST_TEST(!default_signing_algorithms.contains(signing_algorithm::rs512));
}

BOOST_AUTO_TEST_CASE(CR6_a_secret_is_as_long_as_the_hash)
{
    for (const hmac_algorithm each : every_hmac) {
        const std::size_t needed = 32 + 16 * static_cast<std::size_t>(each);
        for (const std::size_t size : {std::size_t(0), std::size_t(1), needed - 1})
            BOOST_CHECK_EXCEPTION(
                hmac_key(each, secret(std::string(size, 'k'))), exception,
                [](const exception& thrown) { return thrown.reason() == errc::invalid_configuration; });
        BOOST_TEST(hmac_key(each, secret(std::string(needed, 'k'))).value().size() == needed);
    }
}

BOOST_AUTO_TEST_SUITE_END()
