#include <coauth/jose/jwk_set.hpp>

#include "../expect.hpp"
#include "../memory.hpp"
#include "keys.hpp"

#include <coauth/jose/verification_key.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

namespace {

using namespace coauth;
using namespace coauth::test;
namespace json = boost::json;

using big_number = detail::openssl_pointer<BIGNUM, BN_free>;

json::object public_jwk(signing_algorithm algorithm) { return key_for(algorithm).public_jwk(); }

json::object with(json::object jwk, std::string_view name, json::value value)
{
    jwk[name] = std::move(value);
    return jwk;
}
json::object without(json::object jwk, std::string_view name)
{
    jwk.erase(name);
    return jwk;
}

std::size_t usable(const json::object& jwk) { return set_of(jwk).size(); }

/// A member's octets, changed.
template <class Change>
json::object changed(const json::object& jwk, std::string_view name, const Change& change)
{
    octet_vector octets = decode(std::string_view(jwk.at(name).as_string()));
    change(octets);
    return with(jwk, name, json::string(encode(octets)));
}

octet_vector number(int bits, bool odd = true)
{
    octet_vector out(static_cast<std::size_t>(bits + 7) / 8, 0x5a);
    out.front() = static_cast<unsigned char>(1u << ((bits - 1) % 8));
    out.back() = static_cast<unsigned char>((out.back() & ~1u) | (odd ? 1u : 0u));
    return out;
}

json::object rsa_jwk(const octet_vector& n, const octet_vector& e)
{
    return {{"kty", "RSA"}, {"n", encode(n)}, {"e", encode(e)}};
}

std::string found(const jwk_set& keys, signing_algorithm algorithm, std::optional<std::string_view> key_id)
{
    return outcome_name(keys.find(algorithm, key_id));
}

constexpr std::string_view invalid = "coauth.client:invalid_key_set";
constexpr std::string_view unknown = "coauth.client:signing_key_unknown";
constexpr std::string_view ambiguous = "coauth.client:signing_key_ambiguous";

} // namespace

BOOST_AUTO_TEST_SUITE(jose_jwk_set)

BOOST_AUTO_TEST_CASE(none)
{
    const jwk_set keys;
    BOOST_TEST(keys.size() == 0u);
    BOOST_TEST(found(keys, signing_algorithm::rs256, std::nullopt) == unknown);
    BOOST_TEST(jwk_set::parse(R"({"keys":[]})")->size() == 0u);
}

BOOST_AUTO_TEST_CASE(all_kinds_in_one_set)
{
    json::array list;
    for (const signing_algorithm each : every_algorithm)
        list.push_back(public_jwk(each));
    const auto keys = parse_keys(list);
    BOOST_REQUIRE(keys);
    BOOST_TEST(keys->size() == std::size(every_algorithm));
    for (const signing_algorithm each : every_algorithm) {
        BOOST_TEST(found(*keys, each, key_for(each).key_id()) == "ok");
        BOOST_TEST(outcome_name(verify(token_of(key_for(each)), *keys)) == "ok", name(each));
    }
}

BOOST_AUTO_TEST_CASE(keys_live_as_long_as_a_copy)
{
    jwk_set copy;
    const detail::verification_key* key = nullptr;
    {
        const jwk_set keys = set_of(key_for(signing_algorithm::es256));
        copy = keys;
        key = *keys.find(signing_algorithm::es256, std::nullopt);
    }
    BOOST_TEST(*copy.find(signing_algorithm::es256, std::nullopt) == key);
    const std::string token = token_of(key_for(signing_algorithm::es256));
    BOOST_TEST(key->verify(signing_algorithm::es256, signed_part(token), signature_of(token)));
}

BOOST_AUTO_TEST_CASE(DS18_documents_that_are_no_key_set)
{
    const std::string good = json::serialize(public_jwk(signing_algorithm::es256));
    for (const std::string& other :
         {std::string(R"({"keys":{}})"), std::string("{}"), std::string(R"({"keys":null})"),
          std::string(R"({"keys":"a"})"), std::string(R"({"Keys":[]})"), R"({"keys":[)" + good + ",1]}",
          R"({"keys":[)" + good + ",null]}", R"({"keys":[[)" + good + "]]}",
          R"({"keys":[)" + good + R"(,"RSA"]})", R"({"keys":[)" + good + ",{}]}",
          R"({"keys":[)" + good + R"(,{"kty":1}]})", R"({"keys":[)" + good + R"(,{"kty":null}]})",
          R"({"keys":[{"kid":"a"},)" + good + "]}"})
        BOOST_TEST(outcome_name(jwk_set::parse(other)) == invalid, other);
    for (const std::string& other :
         {std::string("[]"), '[' + good + ']', std::string(""), std::string("null"), std::string("<html>"),
          "\xef\xbb\xbf{\"keys\":[" + good + "]}", "{\"keys\":[" + good + "]}{}",
          "{\"keys\":[" + good + ",]}"})
        BOOST_TEST(outcome_name(jwk_set::parse(other)) == "coauth.client:malformed_json", other);
    for (const std::string& other :
         {R"({"keys":[],"keys":[)" + good + "]}", std::string(R"({"keys":[{"kty":"RSA","kty":"EC"}]})"),
          std::string(R"({"keys":[],"x":{"a":1,"a":2}})")})
        BOOST_TEST(outcome_name(jwk_set::parse(other)) == "coauth.client:duplicate_member", other);
}

BOOST_AUTO_TEST_CASE(DS20_key_sets_too_large)
{
    limits bounds;
    json::array list;
    for (std::size_t i = 0; i < bounds.key_set_keys; ++i)
        list.push_back(public_jwk(signing_algorithm::eddsa));
    BOOST_TEST(parse_keys(list)->size() == bounds.key_set_keys);
    list.push_back(json::object{{"kty", "unknown"}}); // counts all the same
    BOOST_TEST(outcome_name(parse_keys(list)) == invalid);
    bounds.key_set_keys = 101;
    BOOST_TEST(jwk_set::parse(set_text(list), bounds)->size() == 100u);

    const std::string one = set_text(json::array{public_jwk(signing_algorithm::rs256)});
    bounds.discovery_body_bytes = one.size();
    BOOST_TEST(outcome_name(jwk_set::parse(one, bounds)) == "ok");
    bounds.discovery_body_bytes = one.size() - 1;
    BOOST_TEST(outcome_name(jwk_set::parse(one, bounds)) == invalid);

    bounds = limits();
    bounds.json_depth = 3;
    BOOST_TEST(outcome_name(jwk_set::parse(one, bounds)) == "ok");
    bounds.json_depth = 2;
    BOOST_TEST(outcome_name(jwk_set::parse(one, bounds)) == "coauth.client:malformed_json");
    BOOST_TEST(outcome_name(jwk_set::parse(R"({"keys":)" + repeated("[", 100000))) ==
               "coauth.client:malformed_json");
}

BOOST_AUTO_TEST_CASE(DS23_ID3_secrets_are_no_keys)
{
    const json::object secret_key{{"kty", "oct"}, {"k", encode(std::string(64, 'k'))}, {"kid", "s"}};
    for (const json::object& each :
         {secret_key, with(secret_key, "alg", "HS256"), with(secret_key, "alg", "RS256")}) {
        const auto keys = parse_keys(json::array{each, public_jwk(signing_algorithm::rs256)});
        BOOST_TEST(keys->size() == 1u);
        for (const hmac_algorithm algorithm : every_hmac) {
            const std::string token =
                sign(hmac_key_for(algorithm), {{"alg", name(algorithm)}, {"kid", "s"}}, some_claims());
            BOOST_TEST(outcome_name(verify(token, *keys)) == "coauth.client:algorithm_not_allowed");
        }
    }
}

BOOST_AUTO_TEST_CASE(DS23_private_members_are_not_kept)
{
    // RFC 7515 A.3.1
    const std::string_view private_part = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    const std::string text =
        set_text(json::array{json::object{{"kty", "EC"},
                                          {"crv", "P-256"},
                                          {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                                          {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
                                          {"d", private_part}}});
    const freed_memory_watch watch(private_part);
    {
        const auto keys = jwk_set::parse(text);
        BOOST_REQUIRE(keys);
        BOOST_TEST(keys->size() == 1u);
    }
    BOOST_TEST(watch.blocks() > 3u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_CASE(DS24_RSA_moduli)
{
    const octet_vector e{1, 0, 1};
    for (const int bits : {2048, 2049, 2056, 3072, 4096, 8191, 8192})
        BOOST_TEST(usable(rsa_jwk(number(bits), e)) == 1u, bits);
    for (const int bits : {1, 8, 512, 1024, 2040, 2047, 8193, 8200, 16384, 131072})
        BOOST_TEST(usable(rsa_jwk(number(bits), e)) == 0u, bits);
    BOOST_TEST(usable(rsa_jwk(number(2048, false), e)) == 0u); // even
    const json::object good = public_jwk(signing_algorithm::rs256);
    BOOST_TEST(usable(changed(good, "n", [](octet_vector& n) { n.insert(n.begin(), 0); })) == 0u);
    BOOST_TEST(usable(changed(good, "n", [](octet_vector& n) { n.clear(); })) == 0u);
    BOOST_TEST(usable(changed(good, "n", [](octet_vector& n) { n.assign(256, 0); })) == 0u);
}

BOOST_AUTO_TEST_CASE(DS24_RSA_exponents)
{
    const octet_vector n = number(2048);
    for (const octet_vector& e :
         {octet_vector{3}, octet_vector{17}, octet_vector{1, 0, 1}, octet_vector{255, 255, 255, 255},
          octet_vector{1, 255, 255, 255, 255}}) // 2^33 - 1
        BOOST_TEST(usable(rsa_jwk(n, e)) == 1u, encode(e));
    for (const octet_vector& e : {octet_vector{}, octet_vector{0}, octet_vector{1}, octet_vector{2},
                                  octet_vector{4}, octet_vector{1, 0, 0}, octet_vector{0, 1, 0, 1},
                                  octet_vector{2, 0, 0, 0, 1}, octet_vector{1, 0, 0, 0, 0, 1}, number(2047)})
        BOOST_TEST(usable(rsa_jwk(n, e)) == 0u, encode(e));
}

BOOST_AUTO_TEST_CASE(DS25_coordinates_have_the_curves_size)
{
    for (const signing_algorithm each :
         {signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512}) {
        const json::object good = public_jwk(each);
        BOOST_TEST(usable(good) == 1u);
        for (const std::string_view coordinate : {"x", "y"}) {
            BOOST_TEST(usable(changed(good, coordinate, [](octet_vector& all) { all.erase(all.begin()); })) ==
                       0u);
            BOOST_TEST(usable(changed(good, coordinate, [](octet_vector& all) { all.pop_back(); })) == 0u);
            BOOST_TEST(usable(changed(good, coordinate,
                                      [](octet_vector& all) { all.insert(all.begin(), 0); })) == 0u);
            BOOST_TEST(usable(changed(good, coordinate, [](octet_vector& all) { all.push_back(0); })) == 0u);
            BOOST_TEST(usable(changed(good, coordinate, [](octet_vector& all) { all.clear(); })) == 0u);
            BOOST_TEST(usable(changed(good, coordinate, [](octet_vector& all) { all.resize(8000); })) == 0u);
        }
        for (const std::string_view curve : {"P-256", "P-384", "P-521", "secp256k1", "Ed25519", "p-256", ""})
            BOOST_TEST(usable(with(good, "crv", json::string(curve))) ==
                       (good.at("crv") == json::string(curve) ? 1u : 0u));
    }
    // A coordinate that begins with a zero keeps it.
    pkey_pointer key;
    octet_vector x(32);
    for (int tries = 0; tries < 20000; ++tries) {
        key.reset(EVP_EC_gen("P-256"));
        BIGNUM* raw = nullptr;
        BOOST_REQUIRE(EVP_PKEY_get_bn_param(key.get(), "qx", &raw) == 1);
        const big_number value(raw);
        if (BN_num_bytes(value.get()) < 32 && BN_bn2binpad(value.get(), x.data(), 32) == 32)
            break;
    }
    BOOST_REQUIRE(x.front() == 0);
    BIGNUM* raw = nullptr;
    BOOST_REQUIRE(EVP_PKEY_get_bn_param(key.get(), "qy", &raw) == 1);
    const big_number value(raw);
    octet_vector y(32);
    BN_bn2binpad(value.get(), y.data(), 32);
    const json::object jwk{{"kty", "EC"}, {"crv", "P-256"}, {"x", encode(x)}, {"y", encode(y)}};
    BOOST_TEST(usable(jwk) == 1u);
    BOOST_TEST(usable(changed(jwk, "x", [](octet_vector& all) { all.erase(all.begin()); })) == 0u);
}

BOOST_AUTO_TEST_CASE(DS25_points_that_are_not_on_their_curve)
{
    for (const signing_algorithm each :
         {signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512}) {
        const json::object good = public_jwk(each);
        for (const std::string_view coordinate : {"x", "y"}) {
            BOOST_TEST(usable(changed(good, coordinate, [](octet_vector& all) { all.back() ^= 1; })) == 0u);
            BOOST_TEST(usable(changed(good, coordinate,
                                      [](octet_vector& all) { all.assign(all.size(), 0); })) == 0u);
            BOOST_TEST(usable(changed(good, coordinate,
                                      [](octet_vector& all) { all.assign(all.size(), 255); })) == 0u);
        }
        // The point at infinity, as zeros.
        const auto zeros = [](octet_vector& all) { all.assign(all.size(), 0); };
        BOOST_TEST(usable(changed(changed(good, "x", zeros), "y", zeros)) == 0u);
        // Another curve's point.
        json::object other = public_jwk(each == signing_algorithm::es256 ? signing_algorithm::es384
                                                                         : signing_algorithm::es256);
        BOOST_TEST(usable(with(with(good, "x", other.at("x")), "y", other.at("y"))) == 0u);
    }
    // The same point with a coordinate beyond the field: x + p fits into 66 bytes for P-521.
    const json::object good = public_jwk(signing_algorithm::es512);
    const auto beyond = [](octet_vector& all) {
        big_number x(BN_bin2bn(all.data(), static_cast<int>(all.size()), nullptr));
        const big_number p(BN_new());
        BN_set_word(p.get(), 1);
        BN_lshift(p.get(), p.get(), 521);
        BN_sub_word(p.get(), 1);
        BN_add(x.get(), x.get(), p.get());
        BOOST_REQUIRE(BN_bn2binpad(x.get(), all.data(), static_cast<int>(all.size())) == 66);
    };
    BOOST_TEST(usable(changed(good, "x", beyond)) == 0u);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(ed25519_keys)
{
    const json::object good = public_jwk(signing_algorithm::eddsa);
    BOOST_TEST(usable(good) == 1u);
    BOOST_TEST(usable(with(good, "alg", "Ed25519")) == 1u);
    BOOST_TEST(usable(changed(good, "x", [](octet_vector& all) { all.pop_back(); })) == 0u);
    BOOST_TEST(usable(changed(good, "x", [](octet_vector& all) { all.push_back(0); })) == 0u);
    for (const std::string_view curve : {"X25519", "Ed448", "X448", "P-256", "ed25519"})
        BOOST_TEST(usable(with(good, "crv", json::string(curve))) == 0u);
}

BOOST_AUTO_TEST_CASE(DS24_DS25_numbers_are_in_canonical_base64url)
{
    const auto spoiled = [](json::object jwk, std::string_view member, std::size_t at, char c) {
        std::string text(jwk.at(member).as_string());
        text.at(at < text.size() ? at : text.size() - 1) = c;
        return with(std::move(jwk), member, json::string(text));
    };
    for (const auto& [algorithm, members] :
         {std::pair(signing_algorithm::rs256, std::vector<std::string_view>{"n"}),
          std::pair(signing_algorithm::es256, std::vector<std::string_view>{"x", "y"}),
          std::pair(signing_algorithm::eddsa, std::vector<std::string_view>{"x"})}) {
        const json::object good = public_jwk(algorithm);
        for (const std::string_view member : members)
            for (const char foreign : {'+', '/', '=', ' ', '*'}) {
                BOOST_TEST(usable(spoiled(good, member, 2, foreign)) == 0u, member << ' ' << foreign);
                BOOST_TEST(usable(spoiled(good, member, SIZE_MAX, foreign)) == 0u, member << ' ' << foreign);
            }
    }
    // 32 octets end in a character of four bits, and two that are zero.
    const json::object good = public_jwk(signing_algorithm::eddsa);
    const char last = std::string_view(good.at("x").as_string()).back();
    BOOST_TEST(usable(spoiled(good, "x", SIZE_MAX, static_cast<char>(last + 1))) == 0u);
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_used_leaves_the_others)
{
    const json::object good = public_jwk(signing_algorithm::es256);
    const json::object rsa = public_jwk(signing_algorithm::rs256);
    const json::object unusable[] = {
        json::object{{"kty", "AKP"}},
        json::object{{"kty", "RSA"}},
        json::object{{"kty", "EC"}},
        json::object{{"kty", "OKP"}},
        with(rsa, "kty", "rsa"),
        without(rsa, "n"),
        without(rsa, "e"),
        with(rsa, "n", 1),
        with(rsa, "n", nullptr),
        with(rsa, "n", "not*base64url"),
        with(rsa, "e", "AQAB="),
        with(rsa, "e", "AQAC"),
        with(rsa, "e", "AQABA"),
        without(good, "crv"),
        with(good, "crv", 1),
        without(good, "x"),
        without(good, "y"),
        with(good, "y", json::array{}),
        rsa_jwk(number(1024), {1, 0, 1}),
    };
    for (const json::object& each : unusable) {
        const auto keys = parse_keys(json::array{each, good});
        BOOST_REQUIRE(keys);
        BOOST_TEST(keys->size() == 1u, json::serialize(each));
        BOOST_TEST(outcome_name(verify(token_of(key_for(signing_algorithm::es256)), *keys)) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(CR7_what_a_key_is_published_for)
{
    for (const signing_algorithm of :
         {signing_algorithm::rs256, signing_algorithm::es256, signing_algorithm::eddsa}) {
        const json::object good = without(without(public_jwk(of), "use"), "alg");
        BOOST_TEST(usable(good) == 1u);
        BOOST_TEST(usable(with(good, "use", "sig")) == 1u);
        for (const json::value& use : {json::value("enc"), json::value("Sig"), json::value(""),
                                       json::value(nullptr), json::value(json::array{"sig"})})
            BOOST_TEST(usable(with(good, "use", use)) == 0u);
        BOOST_TEST(usable(with(good, "key_ops", json::array{"verify"})) == 1u);
        BOOST_TEST(usable(with(good, "key_ops", json::array{1, "sign", "verify"})) == 1u);
        for (const json::value& operations :
             {json::value(json::array{}), json::value(json::array{"sign"}),
              json::value(json::array{"encrypt", 1}), json::value("verify"), json::value(nullptr)})
            BOOST_TEST(usable(with(good, "key_ops", operations)) == 0u);
        for (const json::value& algorithm :
             {json::value("RSA-OAEP"), json::value("ECDH-ES"), json::value("none"), json::value("HS256"),
              json::value(""), json::value(nullptr), json::value(1)})
            BOOST_TEST(usable(with(good, "alg", algorithm)) == 0u);
        // Bound to one algorithm if it says so; otherwise to what its kind can do.
        for (const signing_algorithm as : every_algorithm) {
            BOOST_TEST(found(set_of(with(good, "alg", json::string(name(of)))), as, std::nullopt) ==
                       (as == of ? "ok" : unknown));
            const bool same_kind =
                as == of || (of == signing_algorithm::rs256 && as <= signing_algorithm::ps512);
            BOOST_TEST(found(set_of(good), as, std::nullopt) == (same_kind ? "ok" : unknown));
        }
    }
    // One RSA key, published for PSS: what it signed otherwise does not count.
    const signing_key& key = key_for(signing_algorithm::rs256);
    BOOST_TEST(outcome_name(verify(token_of(key), set_of(with(key.public_jwk(), "alg", "PS256")))) ==
               unknown);
    BOOST_TEST(outcome_name(verify(token_of(key), set_of(with(key.public_jwk(), "use", "enc")))) == unknown);
}

BOOST_AUTO_TEST_CASE(ID20_a_token_that_names_no_key)
{
    const json::object rsa = public_jwk(signing_algorithm::rs256);
    const json::object ec = public_jwk(signing_algorithm::es256);
    const auto mixed = parse_keys(json::array{rsa, ec, public_jwk(signing_algorithm::eddsa)});
    BOOST_TEST(found(*mixed, signing_algorithm::rs256, std::nullopt) == "ok");
    BOOST_TEST(found(*mixed, signing_algorithm::es256, std::nullopt) == "ok");
    const json::object second = signing_key::generate(signing_algorithm::es256).public_jwk();
    const auto two = parse_keys(json::array{ec, second});
    BOOST_TEST(found(*two, signing_algorithm::es256, std::nullopt) == ambiguous);
    BOOST_TEST(found(*two, signing_algorithm::es256, key_for(signing_algorithm::es256).key_id()) == "ok");
    const auto nameless = parse_keys(json::array{without(ec, "kid")});
    BOOST_TEST(found(*nameless, signing_algorithm::es256, std::nullopt) == "ok");
}

BOOST_AUTO_TEST_CASE(ID21_a_token_that_names_an_unknown_key)
{
    const json::object ec = public_jwk(signing_algorithm::es256);
    const json::object nameless = without(ec, "kid");
    for (const json::object& each : {ec, nameless, with(ec, "kid", "")})
        BOOST_TEST(found(set_of(each), signing_algorithm::es256, "other") == unknown);
    BOOST_TEST(found(set_of(nameless), signing_algorithm::es256, "") == unknown);
    BOOST_TEST(found(set_of(with(ec, "kid", "")), signing_algorithm::es256, "") == "ok");
}

BOOST_AUTO_TEST_CASE(one_identifier_for_several_keys)
{
    const json::object rsa = with(public_jwk(signing_algorithm::rs256), "kid", "1");
    const json::object ec = with(public_jwk(signing_algorithm::es256), "kid", "1");
    const json::object pss = with(rsa, "alg", "PS256");
    const auto different = parse_keys(json::array{rsa, ec, pss});
    BOOST_TEST(found(*different, signing_algorithm::rs256, "1") == "ok");
    BOOST_TEST(found(*different, signing_algorithm::ps256, "1") == "ok");
    BOOST_TEST(found(*different, signing_algorithm::es256, "1") == "ok");
    BOOST_TEST(found(*different, signing_algorithm::rs384, "1") == unknown);
    const auto twice = parse_keys(json::array{ec, ec});
    BOOST_TEST(found(*twice, signing_algorithm::es256, "1") == ambiguous);
}

BOOST_AUTO_TEST_CASE(DS14_identifiers_are_octets)
{
    const json::object ec = public_jwk(signing_algorithm::es256);
    for (const std::string_view id :
         {std::string_view("../../etc/passwd"), std::string_view("' OR 1=1 --"), bytes("a\0b"), bytes("\0"),
          std::string_view("%2e%2e"), std::string_view("\xc3\xa9"), std::string_view("http://127.0.0.1/")}) {
        const jwk_set keys = set_of(with(ec, "kid", json::string(id)));
        BOOST_TEST(found(keys, signing_algorithm::es256, id) == "ok");
        BOOST_TEST(found(keys, signing_algorithm::es256, id.substr(0, id.size() - 1)) == unknown);
        BOOST_TEST(found(keys, signing_algorithm::es256, std::string(id) + ' ') == unknown);
    }
    // Two ways to write one letter are two identifiers.
    BOOST_TEST(found(set_of(with(ec, "kid", "\xc3\xa9")), signing_algorithm::es256, "e\xcc\x81") == unknown);
    BOOST_TEST(usable(with(ec, "kid", json::string(std::string(1024, 'k')))) == 1u);
    BOOST_TEST(usable(with(ec, "kid", json::string(std::string(1025, 'k')))) == 0u);
    for (const json::value& id : {json::value(1), json::value(nullptr), json::value(json::array{"a"})})
        BOOST_TEST(usable(with(ec, "kid", id)) == 0u);
}

BOOST_AUTO_TEST_CASE(CR4_openssl_keeps_no_error)
{
    ERR_clear_error();
    BOOST_TEST(usable(changed(public_jwk(signing_algorithm::es256), "x",
                              [](octet_vector& x) { x.back() ^= 1; })) == 0u);
    BOOST_TEST(ERR_peek_error() == 0u);
    // And those of others stay.
    ERR_raise(ERR_LIB_USER, 1);
    BOOST_TEST(usable(changed(public_jwk(signing_algorithm::es256), "x",
                              [](octet_vector& x) { x.back() ^= 1; })) == 0u);
    BOOST_TEST(ERR_GET_LIB(ERR_get_error()) == ERR_LIB_USER);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(CR12_keys_that_openssl_cannot_use_are_left_out)
{
    // Demands FIPS modules, of which there are none.
    json::array list;
    for (const signing_algorithm each : every_algorithm)
        list.push_back(public_jwk(each));
    const std::string text = set_text(list);
    const std::string token = token_of(key_for(signing_algorithm::eddsa));
    BOOST_REQUIRE(EVP_default_properties_enable_fips(nullptr, 1) == 1);
    const auto keys = jwk_set::parse(text);
    const std::string outcome = keys ? outcome_name(verify(token, *keys)) : outcome_name(keys);
    const bool back = EVP_default_properties_enable_fips(nullptr, 0) == 1;
    BOOST_REQUIRE(back);
    BOOST_TEST(keys->size() == 0u);
    BOOST_TEST(outcome == unknown);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(DO5_refused_memory)
{
    json::array list;
    for (const signing_algorithm each : every_algorithm)
        list.push_back(public_jwk(each));
    const std::string text = set_text(list);
    std::size_t granted = 0;
    for (bool refused = true; refused; ++granted) {
        BOOST_REQUIRE(granted < 5000);
        std::size_t size = 0;
        {
            const allocation_limit limit(granted);
            try {
                size = jwk_set::parse(text)->size();
                refused = false;
            } catch (const std::bad_alloc&) {
            }
        }
        BOOST_REQUIRE(size == (refused ? 0u : std::size(every_algorithm)));
    }
    BOOST_TEST(granted > std::size(every_algorithm));
}

BOOST_AUTO_TEST_SUITE_END()
