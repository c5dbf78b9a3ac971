#include <coauth/jose/jws.hpp>

#include "../expect.hpp"
#include "../memory.hpp"
#include "keys.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include <thread>

namespace {

using namespace coauth;
using namespace coauth::test;
namespace json = boost::json;
using detail::hash_function;

constexpr std::string_view malformed = "coauth.client:malformed_jwt";
constexpr std::string_view malformed_json = "coauth.client:malformed_json";
constexpr std::string_view critical = "coauth.client:critical_header";
constexpr std::string_view not_allowed = "coauth.client:algorithm_not_allowed";
constexpr std::string_view unknown = "coauth.client:signing_key_unknown";
constexpr std::string_view ambiguous = "coauth.client:signing_key_ambiguous";
constexpr std::string_view wrong = "coauth.client:signature_invalid";

const hmac_key& hs256()
{
    static const hmac_key key = hmac_key_for(hmac_algorithm::hs256);
    return key;
}

template <class... Arguments>
std::string outcome(std::string_view token, const Arguments&... arguments)
{
    return outcome_name(verify(token, arguments...));
}

/// Signed by whoever knows the secret: what is refused is not the signature.
std::string outcome_of_header(std::string_view header)
{
    return outcome(hmac_token(header, R"({"a":1})", hs256()), hs256());
}
std::string outcome_of_payload(std::string_view payload)
{
    return outcome(hmac_token(R"({"alg":"HS256"})", payload, hs256()), hs256());
}

std::string claims_of(std::string_view token, const jwk_set& keys)
{
    const auto verified = verify(token, keys);
    return verified ? json::serialize(verified->payload().object()) : verified.error().qualified_name();
}

const std::string rfc_payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const std::string_view rfc_claims = R"({"iss":"joe","exp":1300819380,"http://example.com/is_root":true})";

/// The header of a key's token with something more in it.
std::string token_with(const signing_key& key, std::string_view name, json::value value)
{
    json::object header = header_for(key);
    header[name] = std::move(value);
    return key.sign(header, some_claims());
}

octet_vector der_of(const octet_vector& raw)
{
    const detail::openssl_pointer<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
    const int half = static_cast<int>(raw.size() / 2);
    ECDSA_SIG_set0(pair.get(), BN_bin2bn(raw.data(), half, nullptr),
                   BN_bin2bn(raw.data() + half, half, nullptr));
    octet_vector out(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
    unsigned char* end = out.data();
    i2d_ECDSA_SIG(pair.get(), &end);
    return out;
}

constexpr signing_algorithm ecdsa[] = {signing_algorithm::es256, signing_algorithm::es384,
                                       signing_algorithm::es512};

} // namespace

BOOST_AUTO_TEST_SUITE(jose_jws)

BOOST_AUTO_TEST_CASE(RFC_7515_A_1_HS256)
{
    const octet_vector octets =
        decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    const hmac_key key(hmac_algorithm::hs256,
                       secret(std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size())));
    const auto verified = verify("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + rfc_payload +
                                     ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                                 key);
    BOOST_REQUIRE(verified);
    BOOST_TEST(json::serialize(verified->payload().object()) == rfc_claims);
    BOOST_TEST(verified->type() == "JWT");
    BOOST_TEST((verified->hash() == hash_function::sha256));
}

BOOST_AUTO_TEST_CASE(RFC_7515_A_2_RS256)
{
    const jwk_set keys =
        set_of(json::object{{"kty", "RSA"},
                            {"n", "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
                                  "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2"
                                  "lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                                  "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTB"
                                  "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
                                  "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kz"
                                  "k2PAcDTW9gb54h4FRWyuXpoQ"},
                            {"e", "AQAB"}});
    BOOST_TEST(
        claims_of(
            "eyJhbGciOiJSUzI1NiJ9." + rfc_payload +
                ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
                "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBM"
                "Hlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2"
                "w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            keys) == rfc_claims);
}

BOOST_AUTO_TEST_CASE(RFC_7515_A_3_ES256)
{
    const jwk_set keys = set_of(json::object{{"kty", "EC"},
                                             {"crv", "P-256"},
                                             {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                                             {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}});
    BOOST_TEST(
        claims_of(
            "eyJhbGciOiJFUzI1NiJ9." + rfc_payload +
                ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            keys) == rfc_claims);
}

BOOST_AUTO_TEST_CASE(RFC_7515_A_4_ES512)
{
    const jwk_set keys = set_of(json::object{
        {"kty", "EC"},
        {"crv", "P-521"},
        {"x", "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk"},
        {"y", "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}});
    const std::string token = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
                              "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-"
                              "KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCP"
                              "EX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    // Its payload is no JSON, which is looked at only when the signature is right.
    BOOST_TEST(outcome(token, keys) == malformed_json);
    BOOST_TEST(outcome("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZB" + token.substr(token.rfind('.')), keys) == wrong);
}

BOOST_AUTO_TEST_CASE(RFC_8037_A_4_Ed25519)
{
    const jwk_set keys = set_of(json::object{
        {"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}});
    const std::string signature =
        ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    BOOST_TEST(outcome("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc" + signature, keys) ==
               malformed_json);
    BOOST_TEST(outcome("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmd" + signature, keys) ==
               wrong);
}

BOOST_AUTO_TEST_CASE(every_algorithm_there_and_back)
{
    for (const signing_algorithm each : every_algorithm) {
        const signing_key& key = key_for(each);
        const auto verified = verify(token_with(key, "typ", "JWT"), set_of(key), each);
        BOOST_REQUIRE(verified);
        BOOST_TEST((verified->payload().object() == some_claims()));
        BOOST_TEST(verified->type() == "JWT");
        const std::string_view of = name(each);
        const auto expected = of.ends_with("256")   ? hash_function::sha256
                              : of.ends_with("384") ? hash_function::sha384
                                                    : hash_function::sha512;
        BOOST_TEST((verified->hash() == expected), of);
    }
    for (const hmac_algorithm each : every_hmac) {
        const hmac_key key = hmac_key_for(each);
        const auto verified = verify(sign(key, {{"alg", name(each)}}, some_claims()), key);
        BOOST_REQUIRE(verified);
        BOOST_TEST((verified->payload().object() == some_claims()));
        BOOST_TEST(verified->type().empty());
        BOOST_TEST((verified->hash() == hash_function(each)));
    }
}

BOOST_AUTO_TEST_CASE(another_name_of_EdDSA)
{
    const signing_key& key = key_for(signing_algorithm::eddsa);
    const std::string token = key.sign({{"alg", "Ed25519"}}, some_claims());
    BOOST_TEST(outcome(token, set_of(key)) == "ok");
    BOOST_TEST(outcome(token, set_of(key), signing_algorithms(signing_algorithm::es256)) == not_allowed);
}

BOOST_AUTO_TEST_CASE(ID1_no_signature)
{
    const jwk_set keys = set_of(key_for(signing_algorithm::rs256));
    for (const std::string_view none : {"none", "None", "NONE", "nOnE", "", "null"}) {
        const std::string header = R"({"alg":")" + std::string(none) + "\"}";
        const std::string token = encode(header) + '.' + encode(R"({"sub":"jane"})") + '.';
        BOOST_TEST(outcome(token, keys) == not_allowed, none);
        BOOST_TEST(outcome(token, hs256()) == not_allowed, none);
        BOOST_TEST(outcome(token + "AAAA", keys) == not_allowed, none);
        BOOST_TEST(outcome(token, keys, signing_algorithms()) == not_allowed, none);
    }
}

BOOST_AUTO_TEST_CASE(ID2_a_public_key_is_no_secret)
{
    // Signed with what everyone knows, in each form that a library may have at hand.
    const signing_key& key = key_for(signing_algorithm::rs256);
    const pkey_pointer pkey = openssl_key(key);
    const bio_pointer out(BIO_new(BIO_s_mem()));
    BOOST_REQUIRE(PEM_write_bio_PUBKEY(out.get(), pkey.get()) == 1);
    char* begin = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &begin));
    const std::string pem(begin, size);
    const octet_vector n = decode(key.public_jwk().at("n").as_string());
    for (const std::string& shared :
         {pem, pem.substr(0, pem.size() - 1), json::serialize(key.public_jwk()),
          std::string(key.public_jwk().at("n").as_string()), std::string(n.begin(), n.end())})
        for (const hmac_algorithm each : every_hmac) {
            const std::string token = sign(hmac_key(each, secret(std::string_view(shared))),
                                           {{"alg", name(each)}, {"kid", key.key_id()}}, some_claims());
            BOOST_TEST(outcome(token, set_of(key)) == not_allowed);
        }
}

BOOST_AUTO_TEST_CASE(ID2_ID4_no_algorithm_with_another_ones_key)
{
    // Whatever the header says, and whatever the caller accepts.
    for (const signing_algorithm of : every_algorithm)
        for (const signing_algorithm as : every_algorithm) {
            if (of == as)
                continue;
            const signing_key& key = key_for(of);
            json::object jwk = key.public_jwk();
            jwk.erase("alg");
            const std::string token = key.sign({{"alg", name(as)}, {"kid", key.key_id()}}, some_claims());
            const bool same_kind = of <= signing_algorithm::ps512 && as <= signing_algorithm::ps512;
            BOOST_TEST(outcome(token, set_of(jwk)) == (same_kind ? wrong : unknown),
                       name(of) << " as " << name(as));
            BOOST_TEST(outcome(token, set_of(key)) == unknown);
            BOOST_TEST(outcome(token, set_of(jwk), signing_algorithms(of)) == not_allowed);
        }
    for (const hmac_algorithm of : every_hmac)
        for (const hmac_algorithm as : every_hmac)
            if (of != as) {
                const std::string token = sign(hmac_key_for(of), {{"alg", name(as)}}, some_claims());
                BOOST_TEST(outcome(token, hmac_key_for(of)) == not_allowed);
                BOOST_TEST(outcome(token, hmac_key_for(as)) == wrong);
            }
    for (const signing_algorithm each : every_algorithm) {
        const std::string token = token_of(key_for(each));
        BOOST_TEST(outcome(token, hs256()) == not_allowed);
        // A secret is the only thing that counts, if there is one.
        const jwk_set keys = set_of(key_for(each));
        BOOST_TEST(outcome_name(detail::verify_jws(
                       token, {.algorithms = all_algorithms(), .published = &keys, .secret = &hs256()},
                       {})) == not_allowed);
    }
}

BOOST_AUTO_TEST_CASE(ID4_only_what_was_agreed_on)
{
    for (const signing_algorithm each : every_algorithm) {
        const jwk_set keys = set_of(key_for(each));
        const std::string token = token_of(key_for(each));
        BOOST_TEST(outcome(token, keys, signing_algorithms(each)) == "ok");
        signing_algorithms others;
        for (const signing_algorithm other : every_algorithm)
            if (other != each)
                others.insert(other);
        BOOST_TEST(outcome(token, keys, others) == not_allowed);
        BOOST_TEST(outcome(token, keys, signing_algorithms()) == not_allowed);
    }
}

BOOST_AUTO_TEST_CASE(ID5_unknown_algorithms)
{
    const signing_key& key = key_for(signing_algorithm::rs256);
    for (const std::string_view other :
         {"XX999", "RS1", "RS255", "rs256", "RS256 ", "ES256K", "Ed448", "A128KW", "dir"}) {
        BOOST_TEST(outcome(key.sign({{"alg", other}}, some_claims()), set_of(key)) == not_allowed, other);
        BOOST_TEST(outcome(key.sign({{"alg", other}}, some_claims()), hs256()) == not_allowed, other);
    }
    for (const json::value& other :
         {json::value(nullptr), json::value(256), json::value(json::array{"RS256"})})
        BOOST_TEST(outcome(key.sign({{"alg", other}}, some_claims()), set_of(key)) == malformed);
    BOOST_TEST(outcome(key.sign({{"kid", key.key_id()}}, some_claims()), set_of(key)) == malformed);
}

BOOST_AUTO_TEST_CASE(ID6_altered_signatures)
{
    for (const signing_algorithm each : every_algorithm) {
        const std::string token = token_of(key_for(each));
        const jwk_set keys = set_of(key_for(each));
        const octet_vector good = signature_of(token);
        const std::size_t step =
            good.size() > 100 ? 7 : 1; // odd: all positions of bits and bytes have their turn
        for (std::size_t bit = 0; bit < 8 * good.size(); bit += step) {
            octet_vector bad = good;
            bad[bit / 8] = static_cast<unsigned char>(bad[bit / 8] ^ 1u << bit % 8);
            BOOST_TEST(outcome(with_signature(token, bad), keys) == wrong, name(each) << " bit " << bit);
        }
        for (const std::size_t size : {std::size_t(0), std::size_t(1), good.size() / 2, good.size() - 1,
                                       good.size() + 1, 2 * good.size()}) {
            octet_vector bad = good;
            bad.resize(size);
            BOOST_TEST(outcome(with_signature(token, bad), keys) == wrong, name(each)
                                                                               << " of " << size << " bytes");
        }
        octet_vector longer = good;
        longer.insert(longer.begin(), 0);
        BOOST_TEST(outcome(with_signature(token, longer), keys) == wrong);
        for (const int filling : {0x00, 0x01, 0x30, 0xff})
            BOOST_TEST(
                outcome(with_signature(token, octet_vector(good.size(), static_cast<unsigned char>(filling))),
                        keys) == wrong);
        BOOST_TEST(outcome(token, keys) == "ok");
    }
    const std::string token = hmac_token(R"({"alg":"HS256"})", "{}", hs256());
    const octet_vector good = signature_of(token);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        octet_vector bad = good;
        bad[bit / 8] = static_cast<unsigned char>(bad[bit / 8] ^ 1u << bit % 8);
        BOOST_TEST(outcome(with_signature(token, bad), hs256()) == wrong);
    }
    for (const std::size_t size : {0u, 1u, 16u, 31u, 33u, 64u}) {
        octet_vector bad = good;
        bad.resize(size);
        BOOST_TEST(outcome(with_signature(token, bad), hs256()) == wrong);
    }
    const hmac_key other(hmac_algorithm::hs256, secret(std::string(64, 'l')));
    BOOST_TEST(outcome(token, other) == wrong);
}

BOOST_AUTO_TEST_CASE(ID6_altered_content)
{
    for (const signing_algorithm each : every_algorithm) {
        const signing_key& key = key_for(each);
        const std::string token = token_of(key);
        const std::size_t dot = token.find('.');
        const std::string payload = encode(R"({"iss":"https://as.example","sub":"joan"})");
        BOOST_TEST(outcome(token.substr(0, dot + 1) + payload + token.substr(token.rfind('.')),
                           set_of(key)) == wrong);
        const std::string header = encode(json::serialize(header_for(key)) + ' ');
        BOOST_TEST(outcome(header + token.substr(dot), set_of(key)) == wrong);
    }
}

BOOST_AUTO_TEST_CASE(ID6_ID40_anothers_signature)
{
    for (const signing_algorithm each : every_algorithm) {
        const signing_key& key = key_for(each);
        const signing_key other = signing_key::generate(each);
        BOOST_TEST(outcome(other.sign(header_for(key), some_claims()), set_of(key)) == wrong);
        BOOST_TEST(outcome(token_of(other), set_of(key)) == unknown);
    }
}

BOOST_AUTO_TEST_CASE(ID7_ecdsa_signatures_are_raw)
{
    for (const signing_algorithm each : ecdsa) {
        const std::string token = token_of(key_for(each));
        const jwk_set keys = set_of(key_for(each));
        const octet_vector good = signature_of(token);
        BOOST_TEST(good.size() == (each == signing_algorithm::es256   ? 64u
                                   : each == signing_algorithm::es384 ? 96u
                                                                      : 132u));
        BOOST_TEST(outcome(with_signature(token, der_of(good)), keys) == wrong);
        for (const std::size_t size : {63u, 64u, 65u, 95u, 96u, 97u, 131u, 132u, 133u, 1024u})
            if (size != good.size())
                BOOST_TEST(outcome(with_signature(token, octet_vector(size, 1)), keys) == wrong, size);
        BOOST_TEST(outcome(with_signature(token, octet_vector(1025, 1)), keys) == malformed);
        BOOST_TEST(outcome(with_signature(token, octet_vector(8000, 1)), keys) == malformed);
    }
}

BOOST_AUTO_TEST_CASE(ID8_ecdsa_numbers_out_of_range)
{
    const struct {
        signing_algorithm algorithm;
        int curve;
    } curves[] = {{signing_algorithm::es256, NID_X9_62_prime256v1},
                  {signing_algorithm::es384, NID_secp384r1},
                  {signing_algorithm::es512, NID_secp521r1}};
    for (const auto& each : curves) {
        const std::string token = token_of(key_for(each.algorithm));
        const jwk_set keys = set_of(key_for(each.algorithm));
        const octet_vector good = signature_of(token);
        const auto half = static_cast<std::ptrdiff_t>(good.size() / 2);
        const detail::openssl_pointer<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(each.curve));
        octet_vector order(good.size() / 2);
        BOOST_REQUIRE(BN_bn2binpad(EC_GROUP_get0_order(group.get()), order.data(), static_cast<int>(half)) ==
                      half);
        octet_vector above = order;
        ++above.back();
        octet_vector one(order.size());
        one.back() = 1;
        for (const octet_vector& number :
             {octet_vector(order.size()), order, above, octet_vector(order.size(), 255), one})
            for (const bool first : {true, false}) {
                octet_vector bad = good;
                std::copy(number.begin(), number.end(), bad.begin() + (first ? 0 : half));
                BOOST_TEST(outcome(with_signature(token, bad), keys) == wrong);
                std::copy(number.begin(), number.end(), bad.begin() + (first ? half : 0));
                BOOST_TEST(outcome(with_signature(token, bad), keys) == wrong);
            }
    }
    // The right numbers plus the order: 66 bytes hold them.
    const std::string token = token_of(key_for(signing_algorithm::es512));
    const detail::openssl_pointer<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(NID_secp521r1));
    for (const std::size_t at : {0u, 66u}) {
        octet_vector bad = signature_of(token);
        const detail::openssl_pointer<BIGNUM, BN_free> sum(BN_bin2bn(bad.data() + at, 66, nullptr));
        BN_add(sum.get(), sum.get(), EC_GROUP_get0_order(group.get()));
        BOOST_REQUIRE(BN_bn2binpad(sum.get(), bad.data() + at, 66) == 66);
        BOOST_TEST(outcome(with_signature(token, bad), set_of(key_for(signing_algorithm::es512))) == wrong);
    }
}

BOOST_AUTO_TEST_CASE(ID9_critical_headers)
{
    const signing_key& key = key_for(signing_algorithm::es256);
    for (const json::value& list : {json::value(json::array{"b64"}), json::value(json::array{"x"}),
                                    json::value(json::array{}), json::value("b64"), json::value(nullptr),
                                    json::value(json::array{"alg", "alg"}), json::value(json::array{"exp"})})
        BOOST_TEST(outcome(token_with(key, "crit", list), set_of(key)) == critical, list);
    BOOST_TEST(outcome_of_header(R"({"alg":"HS256","crit":["b64"],"b64":true})") == critical);
    BOOST_TEST(outcome_of_header(R"({"alg":"HS256","crit":["b64"],"crit":["b64"]})") ==
               "coauth.client:duplicate_member");
    BOOST_TEST(outcome_of_header(R"({"alg":"none","crit":["x"]})") == critical); // whatever else is wrong
}

BOOST_AUTO_TEST_CASE(ID10_unencoded_or_compressed_payloads)
{
    const signing_key& key = key_for(signing_algorithm::es256);
    for (const std::string_view name : {"b64", "zip"})
        for (const json::value& value :
             {json::value(false), json::value(true), json::value("DEF"), json::value(nullptr)})
            BOOST_TEST(outcome(token_with(key, name, value), set_of(key)) == critical, name);
}

BOOST_AUTO_TEST_CASE(ID12_headers_that_are_no_sound_objects)
{
    for (const std::string_view other :
         {"", "null", "[]", "\"HS256\"", "[{\"alg\":\"HS256\"}]", "{\"alg\":\"HS256\"",
          "{\"alg\":\"HS256\"}}", "{\"alg\":\"HS256\",}", "{'alg':'HS256'}",
          "\xef\xbb\xbf{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"x\":\"\xff\"}",
          "{\"alg\":\"HS256\",\"x\":\"\xc0\xaf\"}", "{\"alg\":\"HS256\",\"x\":\"\xed\xa0\x80\"}",
          "{\"alg\":\"HS256\"} x", "{\"alg\":\"HS256\",\"x\":NaN}"})
        BOOST_TEST(outcome_of_header(other) == malformed_json, other);
    BOOST_TEST(outcome_of_header(bytes("{\"alg\":\"HS256\"}\0")) == malformed_json);
    BOOST_TEST(outcome_of_header(R"({"alg":"HS256","x":)" + repeated("[", 32) + repeated("]", 32) + '}') ==
               malformed_json);
    for (const std::string_view other :
         {R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","alg":"HS256"})",
          R"({"alg":"HS256","\u0061lg":"none"})", R"({"alg":"HS256","x":{"a":1,"a":1}})"})
        BOOST_TEST(outcome_of_header(other) == "coauth.client:duplicate_member", other);
    BOOST_TEST(outcome_of_header(R"( { "alg" : "HS256" } )") == "ok");
}

BOOST_AUTO_TEST_CASE(ID12_payloads_that_are_no_sound_objects)
{
    for (const std::string_view other :
         {"", "null", "[]", "\"a\"", "1", "{", "{}{}", "{\"a\":1,}", "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}",
          "{\"a\":\"\xed\xa0\x80\"}", "{'a':1}", "{\"a\":+1}"})
        BOOST_TEST(outcome_of_payload(other) == malformed_json, other);
    BOOST_TEST(outcome_of_payload("{\"a\":" + repeated("[", 32) + repeated("]", 32) + "}") == malformed_json);
    BOOST_TEST(outcome_of_payload("{\"a\":[" + repeated("1,", 30000) + "1]}") == malformed_json);
    BOOST_TEST(outcome_of_payload(R"({"iss":"a","iss":"b"})") == "coauth.client:duplicate_member");
    BOOST_TEST(outcome_of_payload(R"({"a":{"b":1,"b":1}})") == "coauth.client:duplicate_member");
    BOOST_TEST(outcome_of_payload("{}") == "ok");
}

BOOST_AUTO_TEST_CASE(ID35_claims_that_occur_twice)
{
    BOOST_TEST(
        outcome_of_payload(R"({"iss":"https://as.example","sub":"jane","iss":"https://as.example"})") ==
        "coauth.client:duplicate_member");
}

BOOST_AUTO_TEST_CASE(the_payload_is_not_looked_at_before_the_signature)
{
    const std::string token = hmac_token(R"({"alg":"HS256"})", "[not even JSON", hs256());
    octet_vector bad = signature_of(token);
    bad.front() ^= 1;
    BOOST_TEST(outcome(with_signature(token, bad), hs256()) == wrong);
    BOOST_TEST(outcome(token, hs256()) == malformed_json);
    const std::string good = token_of(key_for(signing_algorithm::es256));
    BOOST_TEST(outcome(good.substr(0, good.find('.')) + ".****" + good.substr(good.rfind('.')),
                       set_of(key_for(signing_algorithm::es256))) == wrong);
}

BOOST_AUTO_TEST_CASE(ID13_segments)
{
    const std::string token = hmac_token(R"({"alg":"HS256"})", "{}", hs256());
    BOOST_TEST(outcome(token, hs256()) == "ok");
    const std::string header = token.substr(0, token.find('.'));
    const std::string signature = token.substr(token.rfind('.') + 1);
    for (const std::string& other :
         {std::string(), std::string("."), std::string(".."), std::string("..."), header, header + '.',
          header + ".e30", signed_part(token), token + '.', '.' + token, token + ".AAAA", token + "..",
          token + ".AAAA.AAAA", header + ".e30.e30.e30.e30", header + "..e30." + signature,
          signed_part(token) + ".." + signature, repeated(".", 1000), repeated(".", 130000)})
        BOOST_TEST((outcome(other, hs256()) == malformed ||
                    (other == ".." && outcome(other, hs256()) == malformed_json)),
                   other.substr(0, 100));
    BOOST_TEST(outcome(repeated(".", 1000000), hs256()) == malformed);
    BOOST_TEST(outcome(header + repeated(".", 100000), hs256()) == malformed);
    // A JWE, whatever its header says.
    const std::string jwe = encode(R"({"alg":"RSA-OAEP","enc":"A256GCM"})") + ".AAAA.AAAA.AAAA.AAAA";
    BOOST_TEST(outcome(jwe, set_of(key_for(signing_algorithm::rs256))) == malformed);
    BOOST_TEST(outcome(encode(R"({"alg":"dir","enc":"A256GCM"})") + "..AAAA.AAAA.AAAA", hs256()) ==
               malformed);
}

BOOST_AUTO_TEST_CASE(ID13_only_canonical_base64url)
{
    const std::string token = hmac_token(R"({"alg":"HS256"})", R"({"a":"b"})", hs256());
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    for (const std::string_view junk : {"=", "==", " ", "\n", "\t", "+", "/", "%2E", "\x80", "A"})
        for (const std::size_t at : {std::size_t(0), first, second, token.size(), first + 1, second + 1}) {
            std::string other = token;
            other.insert(at, junk);
            BOOST_TEST(outcome(other, hs256()) != "ok", at << ' ' << junk);
        }
    for (const std::string_view junk : {"=", " ", "+", "\x80"}) {
        std::string other = token;
        BOOST_TEST(outcome(std::string(junk) + token, hs256()) == malformed);
        BOOST_TEST(outcome(token + std::string(junk), hs256()) == malformed);
    }
    // Bits beyond the last byte: 32 bytes are 42 characters, and a 43rd with two bits too many.
    std::string other = token;
    other.back() = static_cast<char>(other.back() == 'A' ? 'B' : other.back() + 1);
    BOOST_TEST(outcome(other, hs256()) == malformed);
    // A signed payload in another form.
    const std::string input = token.substr(0, first + 1) + "e30=";
    octet_vector mac(32);
    std::size_t size = 0;
    BOOST_REQUIRE(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, hs256().value().expose().data(),
                            hs256().value().size(), reinterpret_cast<const unsigned char*>(input.data()),
                            input.size(), mac.data(), mac.size(), &size) != nullptr);
    BOOST_TEST(outcome(input + '.' + encode(mac), hs256()) == malformed);
}

BOOST_AUTO_TEST_CASE(sizes)
{
    const std::string token = hmac_token(R"({"alg":"HS256"})", "{}", hs256());
    limits bounds;
    bounds.token_bytes = token.size();
    BOOST_TEST(outcome(token, hs256(), bounds) == "ok");
    bounds.token_bytes = token.size() - 1;
    BOOST_TEST(outcome(token, hs256(), bounds) == malformed);
    bounds = limits();
    bounds.jwt_header_bytes = 15;
    BOOST_TEST(outcome(token, hs256(), bounds) == "ok");
    bounds.jwt_header_bytes = 14;
    BOOST_TEST(outcome(token, hs256(), bounds) == malformed);
    bounds = limits();
    bounds.jwt_signature_bytes = 32;
    BOOST_TEST(outcome(token, hs256(), bounds) == "ok");
    bounds.jwt_signature_bytes = 31;
    BOOST_TEST(outcome(token, hs256(), bounds) == malformed);
    bounds.jwt_signature_bytes = 0;
    BOOST_TEST(outcome(token, hs256(), bounds) == malformed);
    // More than any algorithm has is refused even if the limits allow it.
    bounds = limits();
    bounds.jwt_signature_bytes = 1 << 20;
    BOOST_TEST(outcome(with_signature(token, octet_vector(1024)), hs256(), bounds) == wrong);
    BOOST_TEST(outcome(with_signature(token, octet_vector(1025)), hs256(), bounds) == malformed);
    BOOST_TEST(outcome_of_header(R"({"alg":"HS256","x":")" + std::string(8 * 1024, 'x') + "\"}") ==
               malformed);
    BOOST_TEST(outcome_of_payload(R"({"x":")" + std::string(90 * 1024, 'x') + "\"}") == "ok");
    BOOST_TEST(outcome_of_payload(R"({"x":")" + std::string(100 * 1024, 'x') + "\"}") == malformed);
}

BOOST_AUTO_TEST_CASE(DS13_keys_that_a_token_brings_along)
{
    const signing_key& trusted = key_for(signing_algorithm::rs256);
    const signing_key own = signing_key::generate(signing_algorithm::rs256);
    for (const std::string_view id : {trusted.key_id(), own.key_id()}) {
        json::object header{{"alg", "RS256"},
                            {"kid", id},
                            {"jwk", own.public_jwk()},
                            {"jku", "https://attacker.example/jwks"},
                            {"x5u", "https://attacker.example/x5u"},
                            {"x5c", json::array{"AAAA"}}};
        BOOST_TEST(outcome(own.sign(header, some_claims()), set_of(trusted)) ==
                   (id == own.key_id() ? unknown : wrong));
        BOOST_TEST(outcome(own.sign(header, some_claims()), jwk_set()) == unknown);
        header["kid"] = trusted.key_id();
        BOOST_TEST(outcome(trusted.sign(header, some_claims()), set_of(trusted)) ==
                   "ok"); // of no consequence
    }
}

BOOST_AUTO_TEST_CASE(DS14_hostile_key_identifiers)
{
    const signing_key& key = key_for(signing_algorithm::es256);
    for (const std::string_view id : {std::string_view("../../etc/passwd"), std::string_view("' OR 1=1 --"),
                                      bytes("a\0b"), std::string_view("")})
        BOOST_TEST(outcome(token_with(key, "kid", json::string(id)), set_of(key)) == unknown);
    json::object jwk = key.public_jwk();
    jwk["kid"] = std::string(1024, 'k');
    BOOST_TEST(outcome(token_with(key, "kid", json::string(1024, 'k')), set_of(jwk)) == "ok");
    BOOST_TEST(outcome(token_with(key, "kid", json::string(1025, 'k')), set_of(jwk)) == malformed);
    BOOST_TEST(outcome(token_with(key, "kid", json::string(1 << 20, 'k')), set_of(jwk)) == malformed);
    for (const json::value& id : {json::value(1), json::value(nullptr), json::value(json::array{"a"})})
        BOOST_TEST(outcome(token_with(key, "kid", id), set_of(key)) == malformed);
}

BOOST_AUTO_TEST_CASE(ID20_no_key_identifier)
{
    const signing_key& key = key_for(signing_algorithm::es256);
    const std::string token = key.sign({{"alg", "ES256"}}, some_claims());
    BOOST_TEST(outcome(token, set_of(key)) == "ok");
    const json::object other = signing_key::generate(signing_algorithm::es256).public_jwk();
    BOOST_TEST(outcome(token, *parse_keys(json::array{key.public_jwk(), other})) == ambiguous);
}

BOOST_AUTO_TEST_CASE(ID21_an_unknown_key_identifier)
{
    const signing_key& key = key_for(signing_algorithm::es256);
    BOOST_TEST(outcome(token_with(key, "kid", "other"), set_of(key)) == unknown);
    BOOST_TEST(outcome_name(detail::verify_jws(token_of(key), {.algorithms = all_algorithms()}, {})) ==
               unknown);
}

BOOST_AUTO_TEST_CASE(types)
{
    const signing_key& key = key_for(signing_algorithm::es256);
    for (const std::string_view type : {"JWT", "logout+jwt", "", "at+jwt"})
        BOOST_TEST(verify(token_with(key, "typ", json::string(type)), set_of(key))->type() == type);
    for (const json::value& type : {json::value(1), json::value(nullptr), json::value(json::array{"JWT"})})
        BOOST_TEST(outcome(token_with(key, "typ", type), set_of(key)) == malformed);
}

BOOST_AUTO_TEST_CASE(CR4_openssl_keeps_no_error)
{
    ERR_clear_error();
    for (const signing_algorithm each : every_algorithm) {
        const std::string token = token_of(key_for(each));
        const octet_vector zeros(signature_of(token).size());
        BOOST_TEST(outcome(with_signature(token, zeros), set_of(key_for(each))) == wrong);
        BOOST_TEST(ERR_peek_error() == 0u, name(each));
        ERR_raise(ERR_LIB_USER, 1); // of somebody else
        BOOST_TEST(outcome(with_signature(token, zeros), set_of(key_for(each))) == wrong);
        BOOST_TEST(ERR_GET_LIB(ERR_get_error()) == ERR_LIB_USER);
        BOOST_TEST(ERR_peek_error() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(CR5_one_salt_length_and_one_hash)
{
    const signing_key& key = key_for(signing_algorithm::ps256);
    const std::string token = token_of(key);
    const std::string input = signed_part(token);
    const auto with = [&](int salt_bytes, const char* mask_digest) {
        return outcome(with_signature(token, pss_signature(key, input, salt_bytes, mask_digest)),
                       set_of(key));
    };
    BOOST_TEST(with(32, "SHA256") == "ok");
    for (const int salt_bytes : {0, 20, 31, 33, 48, 64, RSA_PSS_SALTLEN_MAX})
        BOOST_TEST(with(salt_bytes, "SHA256") == wrong, salt_bytes);
    for (const char* mask_digest : {"SHA1", "SHA384", "SHA512"})
        BOOST_TEST(with(32, mask_digest) == wrong, mask_digest);
}

BOOST_AUTO_TEST_CASE(ID30_ID31_hashes_of_tokens)
{
    // OpenID Connect Core A.3, A.4
    const std::string_view token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    const std::string_view code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    BOOST_TEST(detail::token_hash_matches(hash_function::sha256, token, "77QmUPtjPfzWtF2AnpK9RQ"));
    BOOST_TEST(detail::token_hash_matches(hash_function::sha256, code, "LDktKdoQak3Pk0cnXxCltA"));
    for (const std::string_view other : {"", "77QmUPtjPfzWtF2AnpK9RR", "77QmUPtjPfzWtF2AnpK9R",
                                         "77QmUPtjPfzWtF2AnpK9RQ=", "LDktKdoQak3Pk0cnXxCltA"})
        BOOST_TEST(!detail::token_hash_matches(hash_function::sha256, token, other), other);
    for (const hash_function each : {hash_function::sha256, hash_function::sha384, hash_function::sha512}) {
        octet_vector digest(EVP_MAX_MD_SIZE);
        std::size_t size = 0;
        const char* const digests[] = {"SHA256", "SHA384", "SHA512"};
        BOOST_REQUIRE(EVP_Q_digest(nullptr, digests[static_cast<std::size_t>(each)], nullptr, token.data(),
                                   token.size(), digest.data(), &size) == 1);
        digest.resize(size);
        BOOST_TEST(!detail::token_hash_matches(each, token, encode(digest))); // the whole is not the half
        digest.resize(size / 2);
        for (const hash_function used : {hash_function::sha256, hash_function::sha384, hash_function::sha512})
            BOOST_TEST(detail::token_hash_matches(used, token, encode(digest)) == (used == each));
    }
}

BOOST_AUTO_TEST_CASE(CR12_what_openssl_cannot_do_is_refused)
{
    const std::string mac = hmac_token(R"({"alg":"HS256"})", "{}", hs256());
    const std::string token = token_of(key_for(signing_algorithm::ps384));
    const jwk_set keys = set_of(key_for(signing_algorithm::ps384)); // its first use is yet to come
    BOOST_REQUIRE(EVP_default_properties_enable_fips(nullptr, 1) == 1);
    const std::string outcomes[] = {outcome(mac, hs256()), outcome(token, keys)};
    const bool back = EVP_default_properties_enable_fips(nullptr, 0) == 1;
    BOOST_REQUIRE(back);
    for (const std::string& each : outcomes)
        BOOST_TEST(each == wrong);
    BOOST_TEST(ERR_peek_error() == 0u);
    BOOST_TEST(outcome(token, keys) == "ok"); // it was not remembered as impossible
}

BOOST_AUTO_TEST_CASE(threads_share_keys)
{
    for (const signing_algorithm each : every_algorithm) {
        const std::string token = token_of(key_for(each));
        octet_vector bad = signature_of(token);
        bad.back() ^= 1;
        const std::string altered = with_signature(token, bad);
        const jwk_set keys = set_of(key_for(each));
        std::atomic<int> accepted = 0;
        std::atomic<int> refused = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int j = 0; j < 20; ++j) {
                    accepted += verify(token, keys).has_value() ? 1 : 0;
                    refused += failure(verify(altered, keys)) == errc::signature_invalid ? 1 : 0;
                }
            });
        for (std::thread& thread : threads)
            thread.join();
        BOOST_TEST(accepted == 80);
        BOOST_TEST(refused == 80);
    }
}

BOOST_AUTO_TEST_CASE(DO5_refused_memory)
{
    const std::string token = token_of(key_for(signing_algorithm::es256));
    const jwk_set keys = set_of(key_for(signing_algorithm::es256));
    std::size_t granted = 0;
    for (bool refused = true; refused; ++granted) {
        BOOST_REQUIRE(granted < 1000);
        bool verified = false;
        {
            const allocation_limit limit(granted);
            try {
                verified = verify(token, keys).has_value();
                refused = false;
            } catch (const std::bad_alloc&) {
            }
        }
        BOOST_REQUIRE(verified == !refused);
    }
    BOOST_TEST(granted > 3u);
}

BOOST_AUTO_TEST_CASE(the_payload_of_a_token_that_is_refused_is_wiped)
{
    std::string token = key_for(signing_algorithm::es256)
                            .sign({{"alg", "ES256"}}, {{"sub", "a-subject-that-nobody-needs-to-find"},
                                                       {"more", std::string(500, 'x')}});
    token[token.size() - 20] = token[token.size() - 20] == 'A' ? 'B' : 'A';
    const jwk_set keys = set_of(key_for(signing_algorithm::es256));
    const freed_memory_watch watch("a-subject-that-nobody-needs-to-find");
    {
        const auto refused = verify(token, keys);
        BOOST_TEST((refused.error() == errc::signature_invalid));
    }
    BOOST_TEST(watch.blocks() > 0u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
