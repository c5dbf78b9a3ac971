// Floor 2. For jwk_set.ipp: one key.
#ifndef COAUTH_IMPL_JOSE_JWK_IPP
#define COAUTH_IMPL_JOSE_JWK_IPP

#include <coauth/impl/detail/json_member.ipp>
#include <coauth/impl/jose/openssl.ipp>
#include <coauth/jose/verification_key.hpp>

#include <boost/json/array.hpp>

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

using octet_string = std::vector<unsigned char>;

/// The octets of a member in base64url; none if there are more than that.
inline octet_string octets_member(const boost::json::object& jwk, std::string_view name,
                                  std::size_t most_bytes)
{
    const auto text = string_member(jwk, name);
    if (!text || base64url_decoded_size(text->size()) > most_bytes)
        return {};
    octet_string out(base64url_decoded_size(text->size()));
    if (!base64url_decode(*text, out.data()))
        out.clear();
    return out;
}

/// RFC 7518 2, Base64urlUInt: "The octet sequence MUST utilize the minimum number of octets needed".
inline octet_string number_member(const boost::json::object& jwk, std::string_view name,
                                  std::size_t most_bytes)
{
    octet_string out = octets_member(jwk, name, most_bytes);
    if (!out.empty() && out.front() == 0)
        out.clear();
    return out;
}

using parameter_builder = openssl_pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using parameter_list = openssl_pointer<OSSL_PARAM, OSSL_PARAM_free>;

/// Nothing if OpenSSL finds that it is no key: a point, for example, that is not on the curve.
inline public_key_pointer import_public_key(const char* kind, OSSL_PARAM_BLD* parameters)
{
    const auto list = allocated(parameter_list(OSSL_PARAM_BLD_to_param(parameters)));
    const pkey_context context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, list.get()) != 1)
        return {};
    return public_key_pointer(key);
}

/// RFC 7518 6.3.1. All is checked before OpenSSL sees it: that takes 8 bits, and 131 072, and any exponent.
inline public_key_pointer read_rsa_key(const boost::json::object& jwk)
{
    const octet_string n = number_member(jwk, "n", rsa_largest_bits / 8);
    const octet_string e = number_member(jwk, "e", 5);
    if (n.empty() || e.empty())
        return {};
    const std::size_t bits = 8 * (n.size() - 1) + static_cast<std::size_t>(std::bit_width(n.front()));
    std::uint64_t exponent = 0;
    for (const unsigned char octet : e)
        exponent = exponent << 8 | octet;
    constexpr std::uint64_t exponent_end = std::uint64_t(1) << 33; // a large one makes each verification slow
    if (bits < rsa_smallest_bits || n.back() % 2 == 0 || exponent % 2 == 0 || exponent < 3 ||
        exponent >= exponent_end)
        return {};
    const auto modulus = allocated(big_number(BN_bin2bn(n.data(), static_cast<int>(n.size()), nullptr)));
    const auto power = allocated(big_number(BN_bin2bn(e.data(), static_cast<int>(e.size()), nullptr)));
    const auto parameters = allocated(parameter_builder(OSSL_PARAM_BLD_new()));
    allocated(OSSL_PARAM_BLD_push_BN(parameters.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(parameters.get(), OSSL_PKEY_PARAM_RSA_E, power.get()) == 1);
    return import_public_key("RSA", parameters.get());
}

/// RFC 7518 6.2.1. OpenSSL refuses coordinates beyond the field, and a point that is not on the curve.
inline public_key_pointer read_ec_key(const boost::json::object& jwk, ec_curve curve)
{
    const std::size_t size = coordinate_bytes(curve);
    const octet_string x = octets_member(jwk, "x", size);
    const octet_string y = octets_member(jwk, "y", size);
    if (x.size() != size || y.size() != size)
        return {};
    octet_string point{POINT_CONVERSION_UNCOMPRESSED};
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    const auto parameters = allocated(parameter_builder(OSSL_PARAM_BLD_new()));
    allocated(OSSL_PARAM_BLD_push_utf8_string(parameters.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve_name(curve),
                                              0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(parameters.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size()) == 1);
    return import_public_key("EC", parameters.get());
}

/// RFC 8037 2.
inline public_key_pointer read_ed25519_key(const boost::json::object& jwk)
{
    constexpr std::size_t size = 32;
    const octet_string x = octets_member(jwk, "x", size);
    if (x.size() != size)
        return {};
    return public_key_pointer(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, x.data(), x.size()));
}

/// Whether a key is for verifying signatures, as far as it says. @par Specification RFC 7517 4.2, 4.3
inline bool is_for_verification(const boost::json::object& jwk)
{
    if (jwk.contains("use") && string_member(jwk, "use") != "sig")
        return false;
    const auto* operations = jwk.if_contains("key_ops");
    if (!operations)
        return true;
    const auto* list = operations->if_array();
    return list && std::any_of(list->begin(), list->end(), [](const boost::json::value& each) {
               return each.is_string() && each.get_string() == "verify";
           });
}

/// Nothing if it is not a key that can verify a signature. Members that are not read, private ones for example,
/// are not kept.
inline std::unique_ptr<const verification_key> read_jwk(const boost::json::object& jwk)
{
    using std::in_place_type;
    std::optional<std::string> key_id;
    if (jwk.contains("kid")) {
        const auto text = string_member(jwk, "kid");
        if (!text || text->size() > key_id_bytes)
            return nullptr;
        key_id.emplace(*text);
    }
    std::optional<signing_algorithm> only;
    if (jwk.contains("alg")) {
        only = signing_algorithm_from(string_member(jwk, "alg").value_or(""));
        if (!only) // of encryption, for example
            return nullptr;
    }
    if (!is_for_verification(jwk))
        return nullptr;
    const auto made = [&]<class Key>(std::in_place_type_t<Key> kind, public_key_pointer key) {
        std::unique_ptr<const verification_key> out;
        if (key)
            out = std::make_unique<verification_key>(kind, std::move(key), only, std::move(key_id));
        return out;
    };
    const auto kind = string_member(jwk, "kty");
    const auto curve = string_member(jwk, "crv");
    if (kind == "RSA")
        return made(in_place_type<rsa_key>, read_rsa_key(jwk));
    if (kind == "EC" && curve == curve_name(ec_curve::p256))
        return made(in_place_type<ec_key<ec_curve::p256>>, read_ec_key(jwk, ec_curve::p256));
    if (kind == "EC" && curve == curve_name(ec_curve::p384))
        return made(in_place_type<ec_key<ec_curve::p384>>, read_ec_key(jwk, ec_curve::p384));
    if (kind == "EC" && curve == curve_name(ec_curve::p521))
        return made(in_place_type<ec_key<ec_curve::p521>>, read_ec_key(jwk, ec_curve::p521));
    if (kind == "OKP" && curve == "Ed25519")
        return made(in_place_type<ed25519_key>, read_ed25519_key(jwk));
    // RFC 7517 5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" (key type) values that are not
    // understood by them, that are missing required members, or for which values are out of the supported ranges."
    return nullptr;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
