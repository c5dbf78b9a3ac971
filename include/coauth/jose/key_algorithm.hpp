// Floor 1. Which kind of key an algorithm needs, as types.
#ifndef COAUTH_JOSE_KEY_ALGORITHM_HPP
#define COAUTH_JOSE_KEY_ALGORITHM_HPP

#include <coauth/jose/algorithm.hpp>

#include <cstddef>
#include <variant>

namespace coauth::inline COAUTH_MODE::detail {

/// Which hash belongs to a signature: also that of `at_hash` and `c_hash`.
enum class hash_function : unsigned char { sha256, sha384, sha512 };

constexpr const char* openssl_name(hash_function hash) noexcept
{
    constexpr const char* names[] = {"SHA256", "SHA384", "SHA512"};
    return names[static_cast<std::size_t>(hash)];
}
constexpr std::size_t hash_bytes(hash_function hash) noexcept
{
    return 32 + 16 * static_cast<std::size_t>(hash);
}

enum class rsa_padding : unsigned char { pkcs1, pss };

/// What an RSA key can verify.
struct rsa_algorithm {
    rsa_padding padding;
    hash_function hash;
};

enum class ec_curve : unsigned char { p256, p384, p521 };

/// As JOSE and OpenSSL call it.
constexpr const char* curve_name(ec_curve curve) noexcept
{
    constexpr const char* names[] = {"P-256", "P-384", "P-521"};
    return names[static_cast<std::size_t>(curve)];
}
/// RFC 7518 6.2.1.2: "The length of this octet string MUST be the full size of a coordinate for the curve".
constexpr std::size_t coordinate_bytes(ec_curve curve) noexcept
{
    constexpr std::size_t sizes[] = {32, 48, 66};
    return sizes[static_cast<std::size_t>(curve)];
}

/// What a key on that curve can verify, and nothing else can.
template <ec_curve Curve>
struct ecdsa_algorithm {
    static constexpr hash_function hash = static_cast<hash_function>(Curve); // RFC 7518 3.4
};

/// What an Ed25519 key can verify.
struct ed25519_algorithm {
    /// OpenID Connect Core is silent; SHA-512 is what Ed25519 itself uses, and what providers take for `at_hash`.
    static constexpr hash_function hash = hash_function::sha512;
};

using key_algorithm =
    std::variant<rsa_algorithm, ecdsa_algorithm<ec_curve::p256>, ecdsa_algorithm<ec_curve::p384>,
                 ecdsa_algorithm<ec_curve::p521>, ed25519_algorithm>;

constexpr key_algorithm key_algorithm_of(signing_algorithm algorithm) noexcept
{
    using enum signing_algorithm;
    switch (algorithm) {
    case rs256:
        return rsa_algorithm{rsa_padding::pkcs1, hash_function::sha256};
    case rs384:
        return rsa_algorithm{rsa_padding::pkcs1, hash_function::sha384};
    case rs512:
        return rsa_algorithm{rsa_padding::pkcs1, hash_function::sha512};
    case ps256:
        return rsa_algorithm{rsa_padding::pss, hash_function::sha256};
    case ps384:
        return rsa_algorithm{rsa_padding::pss, hash_function::sha384};
    case ps512:
        return rsa_algorithm{rsa_padding::pss, hash_function::sha512};
    case es256:
        return ecdsa_algorithm<ec_curve::p256>();
    case es384:
        return ecdsa_algorithm<ec_curve::p384>();
    case es512:
        return ecdsa_algorithm<ec_curve::p521>();
    case eddsa:
        break;
    }
    return ed25519_algorithm();
}

constexpr hash_function hash_of(const key_algorithm& algorithm) noexcept
{
    return std::visit([](const auto& each) { return each.hash; }, algorithm);
}
constexpr hash_function hash_of(hmac_algorithm algorithm) noexcept
{
    return static_cast<hash_function>(algorithm);
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
