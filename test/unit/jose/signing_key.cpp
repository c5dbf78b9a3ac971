#include <coauth/jose/signing_key.hpp>

#include "../expect.hpp"
#include "json_text.hpp"
#include "keys.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth_test::text_in;
namespace json = boost::json;

/// RFC 7638 3, from the members as text.
std::string thumbprint_of(std::string_view canonical)
{
    octet_vector digest(32);
    std::size_t size = 0;
    BOOST_REQUIRE(EVP_Q_digest(nullptr, "SHA256", nullptr, canonical.data(), canonical.size(), digest.data(),
                               &size) == 1);
    return encode(digest);
}
std::string thumbprint_of(const json::object& jwk)
{
    const std::string kind = text_in(jwk, "kty");
    if (kind == "RSA")
        return thumbprint_of(R"({"e":")" + text_in(jwk, "e") + R"(","kty":"RSA","n":")" + text_in(jwk, "n") +
                             "\"}");
    const std::string curve =
        R"({"crv":")" + text_in(jwk, "crv") + R"(","kty":")" + kind + R"(","x":")" + text_in(jwk, "x");
    return thumbprint_of(kind == "EC" ? curve + R"(","y":")" + text_in(jwk, "y") + "\"}" : curve + "\"}");
}

std::string written(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr, std::string_view password = {})
{
    const bio_pointer out(BIO_new(BIO_s_mem()));
    BOOST_REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), key, cipher, password.data(),
                                                static_cast<int>(password.size()), nullptr, nullptr) == 1);
    char* begin = nullptr;
    const long size = BIO_get_mem_data(out.get(), &begin);
    return {begin, static_cast<std::size_t>(size)};
}

std::string read(signing_algorithm algorithm, std::string_view pem)
{
    return outcome_name(signing_key::from_pem(algorithm, secret(pem), "id"));
}

/// What has the form of a private RSA key.
pkey_pointer rsa_numbers(int modulus_bits)
{
    const detail::openssl_pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
    std::vector<detail::openssl_pointer<BIGNUM, BN_free>> numbers;
    const auto push = [&](const char* name, int bits) {
        numbers.emplace_back(BN_new());
        BN_set_bit(numbers.back().get(), bits - 1);
        BN_set_bit(numbers.back().get(), 0);
        BOOST_REQUIRE(OSSL_PARAM_BLD_push_BN(builder.get(), name, numbers.back().get()) == 1);
    };
    push("n", modulus_bits);
    push("e", 17);
    push("d", modulus_bits - 1);
    for (const char* name :
         {"rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2", "rsa-coefficient1"})
        push(name, modulus_bits / 2);
    const detail::openssl_pointer<OSSL_PARAM, OSSL_PARAM_free> list(OSSL_PARAM_BLD_to_param(builder.get()));
    const detail::openssl_pointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    BOOST_REQUIRE(EVP_PKEY_fromdata_init(context.get()) == 1);
    BOOST_REQUIRE(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, list.get()) == 1);
    return pkey_pointer(key);
}

constexpr std::string_view refused = "coauth.client:invalid_configuration";

} // namespace

BOOST_AUTO_TEST_SUITE(jose_signing_key)

BOOST_AUTO_TEST_CASE(key_identifiers_are_thumbprints)
{
    // RFC 7638 3.1
    BOOST_TEST(thumbprint_of(json::object{{"kty", "RSA"},
                                          {"n", "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtV"
                                                "T86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZC"
                                                "iFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_"
                                                "RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZg"
                                                "nYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
                                                "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniI"
                                                "qbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
                                          {"e", "AQAB"}}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    // RFC 8037 A.3
    BOOST_TEST(thumbprint_of(json::object{{"kty", "OKP"},
                                          {"crv", "Ed25519"},
                                          {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}) ==
               "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    for (const signing_algorithm each : every_algorithm) {
        const signing_key& key = key_for(each);
        BOOST_TEST(key.key_id() == thumbprint_of(key.public_jwk()), name(each));
    }
}

BOOST_AUTO_TEST_CASE(public_keys)
{
    for (const signing_algorithm each : every_algorithm) {
        const json::object jwk = key_for(each).public_jwk();
        BOOST_TEST(text_in(jwk, "alg") == name(each));
        BOOST_TEST(text_in(jwk, "use") == "sig");
        BOOST_TEST(text_in(jwk, "kid") == key_for(each).key_id());
        for (const auto& member : jwk) // nothing private
            BOOST_TEST(contains(" alg crv e kid kty n use x y ", " " + std::string(member.key()) + " "));
    }
    BOOST_TEST(decode(text_in(key_for(signing_algorithm::rs256).public_jwk(), "n")).size() == 256u);
    const struct {
        signing_algorithm algorithm;
        std::string_view curve;
        std::size_t size;
    } curves[] = {{signing_algorithm::es256, "P-256", 32},
                  {signing_algorithm::es384, "P-384", 48},
                  {signing_algorithm::es512, "P-521", 66}};
    for (const auto& each : curves) {
        const json::object jwk = key_for(each.algorithm).public_jwk();
        BOOST_TEST(text_in(jwk, "crv") == each.curve);
        BOOST_TEST(decode(text_in(jwk, "x")).size() == each.size);
        BOOST_TEST(decode(text_in(jwk, "y")).size() == each.size);
    }
}

BOOST_AUTO_TEST_CASE(to_pem_and_back)
{
    for (const signing_algorithm each : every_algorithm) {
        const signing_key& key = key_for(each);
        const auto again = signing_key::from_pem(each, key.to_pem(), "another");
        BOOST_REQUIRE(again);
        BOOST_TEST(again->key_id() == "another");
        BOOST_TEST((again->algorithm() == each));
        json::object expected = key.public_jwk();
        expected["kid"] = "another";
        BOOST_TEST((again->public_jwk() == expected));
        BOOST_TEST(outcome_name(verify(key.sign(header_for(*again), some_claims()), set_of(*again))) == "ok");
    }
    const auto unnamed =
        signing_key::from_pem(signing_algorithm::eddsa, key_for(signing_algorithm::eddsa).to_pem(), "");
    BOOST_TEST(!unnamed->public_jwk().contains("kid"));
}

BOOST_AUTO_TEST_CASE(older_forms_of_pem)
{
    for (const signing_algorithm each : {signing_algorithm::rs256, signing_algorithm::es256}) {
        const pkey_pointer key = openssl_key(key_for(each));
        const bio_pointer out(BIO_new(BIO_s_mem()));
        BOOST_REQUIRE(PEM_write_bio_PrivateKey_traditional(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                                           nullptr) == 1);
        char* begin = nullptr;
        const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &begin));
        BOOST_TEST(!contains({begin, size}, "BEGIN PRIVATE KEY"));
        BOOST_TEST(read(each, {begin, size}) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(the_private_key_of_RFC_8037)
{
    // RFC 8410 7: what stands before the 32 bytes.
    octet_vector der{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                     0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
    const octet_vector seed = decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    der.insert(der.end(), seed.begin(), seed.end());
    std::string body(4 * ((der.size() + 2) / 3) + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(body.data()), der.data(), static_cast<int>(der.size()));
    body.pop_back();
    const auto key = signing_key::from_pem(
        signing_algorithm::eddsa,
        secret("-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n"), "");
    BOOST_REQUIRE(key);
    BOOST_TEST(text_in(key->public_jwk(), "x") == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
}

BOOST_AUTO_TEST_CASE(CR7_one_kind_of_key_for_an_algorithm)
{
    for (const signing_algorithm of : every_algorithm) {
        const secret pem = key_for(of).to_pem();
        for (const signing_algorithm as : every_algorithm) {
            const bool both_rsa = of <= signing_algorithm::ps512 && as <= signing_algorithm::ps512;
            BOOST_TEST(read(as, pem.expose()) == (of == as || both_rsa ? "ok" : refused),
                       name(of) << " as " << name(as));
        }
    }
    const pkey_pointer other_curve(EVP_EC_gen("secp256k1"));
    const pkey_pointer ed448(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
    for (const signing_algorithm as : every_algorithm) {
        BOOST_TEST(read(as, written(other_curve.get())) == refused);
        BOOST_TEST(read(as, written(ed448.get())) == refused);
    }
}

BOOST_AUTO_TEST_CASE(DS24_weak_or_costly_RSA_keys)
{
    const pkey_pointer weak(EVP_RSA_gen(1024));
    BOOST_TEST(read(signing_algorithm::rs256, written(weak.get())) == refused);
    // Numbers of that size, whatever they are: reading does not find out.
    const std::pair<int, std::string_view> sizes[] = {{8192, "ok"}, {8193, refused}, {8200, refused}};
    for (const auto& [bits, expected] : sizes)
        BOOST_TEST(read(signing_algorithm::rs256, written(rsa_numbers(bits).get())) == expected, bits);
}

BOOST_AUTO_TEST_CASE(what_is_no_private_key)
{
    const std::string pem(key_for(signing_algorithm::es256).to_pem().expose());
    const pkey_pointer key = openssl_key(key_for(signing_algorithm::es256));
    const bio_pointer out(BIO_new(BIO_s_mem()));
    BOOST_REQUIRE(PEM_write_bio_PUBKEY(out.get(), key.get()) == 1);
    char* begin = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &begin));
    ERR_clear_error();
    for (const std::string_view other :
         {std::string_view(), std::string_view("no PEM"), std::string_view(begin, size),
          std::string_view(pem).substr(0, pem.size() / 2), bytes("-----BEGIN PRIVATE KEY-----\n\0")})
        BOOST_TEST(read(signing_algorithm::es256, other) == refused, other);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(larger_than_any_key)
{
    const std::string pem(key_for(signing_algorithm::es256).to_pem().expose());
    BOOST_TEST(read(signing_algorithm::es256, pem + std::string(1024 * 1024 - pem.size(), '\n')) == "ok");
    BOOST_TEST(read(signing_algorithm::es256, pem + std::string(1024 * 1024 - pem.size() + 1, '\n')) ==
               refused);
}

BOOST_AUTO_TEST_CASE(CR12_what_openssl_cannot_do_is_said)
{
    const signing_key& rsa = key_for(signing_algorithm::rs256);
    const signing_key& ec = key_for(signing_algorithm::es256);
    const hmac_key mac = hmac_key_for(hmac_algorithm::hs256);
    const auto throws = [](const auto& operation) {
        try {
            operation();
        } catch (const exception& thrown) {
            return thrown.reason() == errc::invalid_configuration;
        }
        return false;
    };
    BOOST_REQUIRE(EVP_default_properties_enable_fips(nullptr, 1) == 1); // and there are no FIPS modules
    const bool said[] = {throws([&] { rsa.sign(header_for(rsa), some_claims()); }),
                         throws([&] { ec.sign(header_for(ec), some_claims()); }),
                         throws([&] { sign(mac, {{"alg", "HS256"}}, some_claims()); }),
                         throws([&] { signing_key::generate(signing_algorithm::es256); }),
                         throws([&] { signing_key::generate(signing_algorithm::rs256); }),
                         throws([&] { signing_key::generate(signing_algorithm::eddsa); })};
    const bool back = EVP_default_properties_enable_fips(nullptr, 0) == 1;
    BOOST_REQUIRE(back);
    for (const bool each : said)
        BOOST_TEST(each);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(CR8_an_encrypted_key_is_refused_without_a_question)
{
    // An empty password would open the second one.
    const pkey_pointer key = openssl_key(key_for(signing_algorithm::es256));
    for (const std::string_view password : {"password", ""}) {
        const std::string pem = written(key.get(), EVP_aes_256_cbc(), password);
        BOOST_REQUIRE(contains(pem, "BEGIN ENCRYPTED PRIVATE KEY"));
        BOOST_TEST(read(signing_algorithm::es256, pem) == refused);
    }
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(CR9_ecdsa_signatures_are_never_the_same)
{
    for (const signing_algorithm each :
         {signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512}) {
        const signing_key& key = key_for(each);
        const octet_vector first = signature_of(token_of(key));
        const octet_vector second = signature_of(token_of(key));
        // Not even R, which is what gives a private key away when it is used twice.
        BOOST_TEST(!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(first.size() / 2),
                               second.begin()));
    }
}

BOOST_AUTO_TEST_CASE(header_and_payload_are_taken_as_they_are)
{
    const std::string token =
        key_for(signing_algorithm::eddsa).sign({{"alg", "none"}, {"x", 1}}, {{"b", "1"}, {"a", nullptr}});
    BOOST_TEST(signed_part(token) ==
               encode(R"({"alg":"none","x":1})") + '.' + encode(R"({"b":"1","a":null})"));
    const std::string mac =
        sign(hmac_key_for(hmac_algorithm::hs256), {{"alg", "HS256"}}, json::object{{"a", json::array{1}}});
    BOOST_TEST(mac == hmac_token(R"({"alg":"HS256"})", R"({"a":[1]})", hmac_key_for(hmac_algorithm::hs256)));
}

BOOST_AUTO_TEST_SUITE_END()
