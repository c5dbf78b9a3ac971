#include <coauth/jose/verification_key.hpp>

#include "../expect.hpp"
#include "keys.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/err.h>

namespace {

using namespace coauth;
using namespace coauth::test;
using detail::ec_curve;
using detail::hash_function;
using detail::hash_of;

detail::public_key_pointer shared(const signing_key& key)
{
    return detail::public_key_pointer(openssl_key(key).release());
}

// A key verifies with its own kind's algorithm, and nothing else compiles.
template <class Key, class Algorithm>
concept verifies =
    requires(const Key& key, Algorithm algorithm, std::string_view input,
             std::span<const unsigned char> signature) { key.verify(algorithm, input, signature); };

template <class Key, class... Others>
constexpr bool only_its_own =
    verifies<Key, typename Key::algorithm_type> && (!verifies<Key, Others> && ...) &&
    !verifies<Key, signing_algorithm> && !verifies<Key, hmac_algorithm>;

using p256 = detail::ecdsa_algorithm<ec_curve::p256>;
using p384 = detail::ecdsa_algorithm<ec_curve::p384>;
using p521 = detail::ecdsa_algorithm<ec_curve::p521>;

static_assert(only_its_own<detail::rsa_key, p256, p384, p521, detail::ed25519_algorithm>);
static_assert(only_its_own<detail::ec_key<ec_curve::p256>, detail::rsa_algorithm, p384, p521,
                           detail::ed25519_algorithm>);
static_assert(only_its_own<detail::ec_key<ec_curve::p384>, detail::rsa_algorithm, p256, p521,
                           detail::ed25519_algorithm>);
static_assert(only_its_own<detail::ec_key<ec_curve::p521>, detail::rsa_algorithm, p256, p384,
                           detail::ed25519_algorithm>);
static_assert(only_its_own<detail::ed25519_key, detail::rsa_algorithm, p256, p384, p521>);

} // namespace

BOOST_AUTO_TEST_SUITE(jose_verification_key)

BOOST_AUTO_TEST_CASE(kinds_and_algorithms)
{
    BOOST_TEST((hash_of(detail::key_algorithm_of(signing_algorithm::ps384)) == hash_function::sha384));
    BOOST_TEST((hash_of(detail::key_algorithm_of(signing_algorithm::es512)) == hash_function::sha512));
    BOOST_TEST((hash_of(detail::key_algorithm_of(signing_algorithm::eddsa)) == hash_function::sha512));
    BOOST_TEST((hash_of(hmac_algorithm::hs384) == hash_function::sha384));
}

BOOST_AUTO_TEST_CASE(fits_and_verifies)
{
    const signing_key& signer = key_for(signing_algorithm::ps256);
    const std::string token = token_of(signer);
    const std::string input = signed_part(token);
    const octet_vector signature = signature_of(token);
    const detail::verification_key any(std::in_place_type<detail::rsa_key>, shared(signer), std::nullopt,
                                       "id");
    BOOST_TEST((any.key_id() == "id"));
    for (const signing_algorithm each : every_algorithm) {
        BOOST_TEST(any.fits(each) == (each <= signing_algorithm::ps512));
        BOOST_TEST(any.verify(each, input, signature) == (each == signing_algorithm::ps256), name(each));
    }
    const detail::verification_key bound(std::in_place_type<detail::rsa_key>, shared(signer),
                                         signing_algorithm::rs256, std::nullopt);
    BOOST_TEST(!bound.key_id());
    BOOST_TEST(!bound.fits(signing_algorithm::ps256));
    BOOST_TEST(!bound.verify(signing_algorithm::ps256, input, signature)); // although it is right
}

BOOST_AUTO_TEST_CASE(CR3_failures_are_no_successes)
{
    // What is no DER makes OpenSSL return -1.
    const signing_key& signer = key_for(signing_algorithm::es256);
    const detail::public_key_pointer key = shared(signer);
    const detail::prepared_verification prepared;
    const octet_vector no_der(64, 1);
    ERR_clear_error();
    const digest_context context(EVP_MD_CTX_new());
    BOOST_REQUIRE(
        EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(), nullptr) == 1);
    BOOST_REQUIRE(EVP_DigestVerify(context.get(), no_der.data(), no_der.size(), no_der.data(), 3) < 0);
    BOOST_TEST(!prepared.verify(key.get(), hash_function::sha256, nullptr, "abc", no_der));
    // And a padding that the key cannot have is a failure before that.
    const detail::prepared_verification impossible;
    for (const detail::rsa_padding padding : {detail::rsa_padding::pkcs1, detail::rsa_padding::pss}) {
        const detail::rsa_algorithm algorithm{padding, hash_function::sha256};
        BOOST_TEST(!impossible.verify(key.get(), hash_function::sha256, &algorithm, "abc", no_der));
    }
    ERR_clear_error();
}

BOOST_AUTO_TEST_SUITE_END()
