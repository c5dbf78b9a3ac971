#ifndef COAUTH_IMPL_JOSE_SIGNING_KEY_IPP
#define COAUTH_IMPL_JOSE_SIGNING_KEY_IPP

#include <coauth/core/error.hpp>
#include <coauth/detail/sha256.hpp>
#include <coauth/impl/jose/openssl.ipp>
#include <coauth/jose/signing_key.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>
#include <vector>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline void require_openssl(bool success)
{
    if (!success)
        throw exception(errc::invalid_configuration);
}

inline EVP_PKEY* pkey(const std::shared_ptr<void>& key) noexcept { return static_cast<EVP_PKEY*>(key.get()); }

inline std::shared_ptr<void> shared_pkey(pkey_pointer key)
{
    return {key.release(), [](void* pointer) { EVP_PKEY_free(static_cast<EVP_PKEY*>(pointer)); }};
}

inline bool fits(EVP_PKEY* key, rsa_algorithm)
{
    const int bits = EVP_PKEY_get_bits(key);
    return EVP_PKEY_is_a(key, "RSA") == 1 && bits >= rsa_smallest_bits && bits <= rsa_largest_bits;
}
template <ec_curve Curve>
bool fits(EVP_PKEY* key, ecdsa_algorithm<Curve>)
{
    std::array<char, 32> group{}; // longer names are of other curves
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
           EC_curve_nist2nid(curve_name(Curve)) == OBJ_txt2nid(group.data());
}
inline bool fits(EVP_PKEY* key, ed25519_algorithm) { return EVP_PKEY_is_a(key, "ED25519") == 1; }

/// @param size_bytes 0: as few as it takes (RFC 7518 2, Base64urlUInt)
inline std::string number_of(EVP_PKEY* key, const char* parameter, std::size_t size_bytes = 0)
{
    BIGNUM* raw = nullptr;
    require_openssl(EVP_PKEY_get_bn_param(key, parameter, &raw) == 1);
    const big_number number(raw);
    std::vector<unsigned char> bytes(size_bytes == 0 ? static_cast<std::size_t>(BN_num_bytes(number.get()))
                                                     : size_bytes);
    require_openssl(BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) >= 0);
    return base64url_text(bytes);
}

/** The members that say which key it is, in the order of their names as a thumbprint wants them.
    @par Specification RFC 7638 3.2, RFC 8037 2
*/
inline boost::json::object required_members(EVP_PKEY* key, rsa_algorithm)
{
    return {{"e", number_of(key, OSSL_PKEY_PARAM_RSA_E)},
            {"kty", "RSA"},
            {"n", number_of(key, OSSL_PKEY_PARAM_RSA_N)}};
}
template <ec_curve Curve>
boost::json::object required_members(EVP_PKEY* key, ecdsa_algorithm<Curve>)
{
    return {{"crv", curve_name(Curve)},
            {"kty", "EC"},
            {"x", number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_bytes(Curve))},
            {"y", number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_bytes(Curve))}};
}
inline boost::json::object required_members(EVP_PKEY* key, ed25519_algorithm)
{
    std::array<unsigned char, 32> bytes;
    std::size_t size = bytes.size();
    require_openssl(EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 && size == bytes.size());
    return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url_text(bytes)}};
}
inline boost::json::object required_members(EVP_PKEY* key, signing_algorithm algorithm)
{
    return std::visit([key](const auto& each) { return required_members(key, each); },
                      key_algorithm_of(algorithm));
}

inline pkey_pointer generate_pkey(rsa_algorithm) { return pkey_pointer(EVP_RSA_gen(rsa_smallest_bits)); }
template <ec_curve Curve>
pkey_pointer generate_pkey(ecdsa_algorithm<Curve>)
{
    return pkey_pointer(EVP_EC_gen(curve_name(Curve)));
}
inline pkey_pointer generate_pkey(ed25519_algorithm)
{
    return pkey_pointer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

/// As OpenSSL makes it.
inline std::vector<unsigned char> make_signature(EVP_PKEY* key, const char* digest, std::string_view input,
                                                 const rsa_algorithm* padded = nullptr)
{
    const auto context = allocated(digest_context(EVP_MD_CTX_new()));
    EVP_PKEY_CTX* parameters = nullptr; // belongs to the context
    std::vector<unsigned char> out(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t size = out.size();
    require_openssl(
        EVP_DigestSignInit_ex(context.get(), &parameters, digest, nullptr, nullptr, key, nullptr) == 1);
    require_openssl(!padded || set_padding(parameters, *padded));
    require_openssl(EVP_DigestSign(context.get(), out.data(), &size, octets(input), input.size()) == 1);
    out.resize(size);
    return out;
}

inline std::vector<unsigned char> sign_octets(EVP_PKEY* key, rsa_algorithm algorithm, std::string_view input)
{
    return make_signature(key, openssl_name(algorithm.hash), input, &algorithm);
}
/// RFC 7518 3.4: R and S, each as long as a coordinate, "in that order"; OpenSSL makes DER.
template <ec_curve Curve>
std::vector<unsigned char> sign_octets(EVP_PKEY* key, ecdsa_algorithm<Curve> algorithm,
                                       std::string_view input)
{
    const std::vector<unsigned char> encoded = make_signature(key, openssl_name(algorithm.hash), input);
    const unsigned char* begin = encoded.data();
    const ecdsa_signature signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(encoded.size())));
    require_openssl(signature != nullptr);
    constexpr int half = coordinate_bytes(Curve);
    std::vector<unsigned char> out(2 * half);
    require_openssl(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), half) == half &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + half, half) == half);
    return out;
}
inline std::vector<unsigned char> sign_octets(EVP_PKEY* key, ed25519_algorithm, std::string_view input)
{
    return make_signature(key, nullptr, input);
}

/// RFC 7515 5.1, up to the signature.
inline std::string signing_input(const boost::json::object& header, const boost::json::object& payload)
{
    std::string out;
    const std::string header_text = boost::json::serialize(header);
    append_base64url(out, {octets(header_text), header_text.size()});
    out += '.';
    const std::string payload_text = boost::json::serialize(payload);
    append_base64url(out, {octets(payload_text), payload_text.size()});
    return out;
}

} // namespace detail

COAUTH_DECL result<signing_key> signing_key::from_pem(signing_algorithm algorithm, const secret& pem,
                                                      std::string key_id)
{
    using namespace detail;
    const error_mark mark;
    constexpr std::size_t largest = 1024 * 1024; // as much as files of keys may have
    if (pem.size() > largest)
        return errc::invalid_configuration;
    const openssl_pointer<BIO, BIO_free_all> source(
        BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size())));
    // OpenSSL's own callback would ask at the terminal. -1 is failure; 0 would be an empty password.
    pem_password_cb* const no_password = [](char*, int, int, void*) { return -1; };
    pkey_pointer key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr) : nullptr);
    if (!key ||
        !std::visit([&](const auto& each) { return fits(key.get(), each); }, key_algorithm_of(algorithm)))
        return errc::invalid_configuration;
    return signing_key(shared_pkey(std::move(key)), algorithm, std::move(key_id));
}

COAUTH_DECL signing_key signing_key::generate(signing_algorithm algorithm)
{
    using namespace detail;
    const error_mark mark;
    pkey_pointer key =
        std::visit([](const auto& each) { return generate_pkey(each); }, key_algorithm_of(algorithm));
    require_openssl(key != nullptr);
    // RFC 7638 3: the required members in the order of their names, without white space.
    const auto thumbprint = sha256(boost::json::serialize(required_members(key.get(), algorithm)));
    require_openssl(thumbprint.has_value());
    return signing_key(shared_pkey(std::move(key)), algorithm, base64url_text(*thumbprint));
}

COAUTH_DECL boost::json::object signing_key::public_jwk() const
{
    const detail::error_mark mark;
    boost::json::object out = detail::required_members(detail::pkey(key_), algorithm_);
    out["use"] = "sig";
    out["alg"] = name(algorithm_);
    if (!key_id_.empty())
        out["kid"] = key_id_;
    return out;
}

COAUTH_DECL secret signing_key::to_pem() const
{
    using namespace detail;
    const error_mark mark;
    const auto out =
        allocated(openssl_pointer<BIO, BIO_free_all>(BIO_new(BIO_s_secmem()))); // wiped when freed
    require_openssl(
        PEM_write_bio_PKCS8PrivateKey(out.get(), pkey(key_), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* begin = nullptr;
    const long size = BIO_get_mem_data(out.get(), &begin);
    require_openssl(size > 0);
    return secret(std::string_view(begin, static_cast<std::size_t>(size)));
}

COAUTH_DECL std::string signing_key::sign(const boost::json::object& header,
                                          const boost::json::object& payload) const
{
    const detail::error_mark mark;
    std::string out = detail::signing_input(header, payload);
    const std::vector<unsigned char> signature =
        std::visit([&](const auto& each) { return detail::sign_octets(detail::pkey(key_), each, out); },
                   detail::key_algorithm_of(algorithm_));
    out += '.';
    detail::append_base64url(out, signature);
    return out;
}

COAUTH_DECL std::string sign(const hmac_key& key, const boost::json::object& header,
                             const boost::json::object& payload)
{
    using namespace detail;
    const error_mark mark;
    std::string out = signing_input(header, payload);
    std::array<unsigned char, EVP_MAX_MD_SIZE> signature;
    std::size_t size = 0;
    const std::string_view value = key.value().expose();
    require_openssl(EVP_Q_mac(nullptr, "HMAC", nullptr, openssl_name(hash_of(key.algorithm())), nullptr,
                              value.data(), value.size(), octets(out), out.size(), signature.data(),
                              signature.size(), &size) != nullptr);
    out += '.';
    append_base64url(out, std::span(signature).first(size));
    return out;
}

} // namespace coauth::inline COAUTH_MODE

#endif
