// Floor 1.
#ifndef COAUTH_JOSE_ALGORITHM_HPP
#define COAUTH_JOSE_ALGORITHM_HPP

#include <coauth/core/secret.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** The signature algorithms whose keys a server publishes.

    Those with a shared secret are another type, hmac_algorithm: no public key can be taken for a secret,
    and no algorithm that a token names leads from one kind of key to the other.

    @par Specification RFC 7518 3.1, RFC 8037 3.1, RFC 9864 2
*/
enum class signing_algorithm : unsigned char {
    rs256, ///< RSASSA-PKCS1-v1_5 with SHA-256
    rs384,
    rs512,
    ps256, ///< RSASSA-PSS with SHA-256, MGF1 with the same, and a salt as long as the hash
    ps384,
    ps512,
    es256, ///< ECDSA on P-256 with SHA-256
    es384, ///< ECDSA on P-384 with SHA-384
    es512, ///< ECDSA on P-521 with SHA-512
    eddsa, ///< Ed25519; `EdDSA`, or `Ed25519` as RFC 9864 calls it
};

/// Algorithms with a secret that both sides know. @par Specification RFC 7518 3.2
enum class hmac_algorithm : unsigned char { hs256, hs384, hs512 };

/// `RS256` and so on; `EdDSA` for signing_algorithm::eddsa.
constexpr std::string_view name(signing_algorithm algorithm) noexcept
{
    constexpr std::string_view names[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                          "PS512", "ES256", "ES384", "ES512", "EdDSA"};
    return names[static_cast<std::size_t>(algorithm)];
}
/// @copydoc name(signing_algorithm)
constexpr std::string_view name(hmac_algorithm algorithm) noexcept
{
    constexpr std::string_view names[] = {"HS256", "HS384", "HS512"};
    return names[static_cast<std::size_t>(algorithm)];
}

/// By the registered name, letter for letter. `Ed25519` is signing_algorithm::eddsa; `none` is nothing.
constexpr std::optional<signing_algorithm> signing_algorithm_from(std::string_view text) noexcept
{
    for (unsigned char i = 0; i <= static_cast<unsigned char>(signing_algorithm::eddsa); ++i)
        if (name(signing_algorithm(i)) == text)
            return signing_algorithm(i);
    return text == "Ed25519" ? std::optional(signing_algorithm::eddsa) : std::nullopt;
}
/// @copydoc signing_algorithm_from()
constexpr std::optional<hmac_algorithm> hmac_algorithm_from(std::string_view text) noexcept
{
    for (unsigned char i = 0; i <= static_cast<unsigned char>(hmac_algorithm::hs512); ++i)
        if (name(hmac_algorithm(i)) == text)
            return hmac_algorithm(i);
    return std::nullopt;
}

/** A set of signature algorithms. */
class signing_algorithms {
public:
    constexpr signing_algorithms() = default;
    constexpr signing_algorithms(signing_algorithm only) noexcept { insert(only); }
    constexpr signing_algorithms(std::initializer_list<signing_algorithm> some) noexcept
    {
        for (const signing_algorithm each : some)
            insert(each);
    }

    constexpr void insert(signing_algorithm algorithm) noexcept
    {
        bits_ = static_cast<std::uint16_t>(bits_ | 1u << static_cast<unsigned>(algorithm));
    }
    constexpr bool contains(signing_algorithm algorithm) const noexcept
    {
        return (bits_ >> static_cast<unsigned>(algorithm) & 1u) != 0;
    }
    constexpr bool empty() const noexcept { return bits_ == 0; }

    /// What is in both.
    friend constexpr signing_algorithms operator&(signing_algorithms left, signing_algorithms right) noexcept
    {
        left.bits_ &= right.bits_;
        return left;
    }
    friend constexpr bool operator==(signing_algorithms, signing_algorithms) noexcept = default;

private:
    std::uint16_t bits_ = 0;
};

/// What is accepted unless the client says otherwise. RS384 and RS512 have to be asked for.
inline constexpr signing_algorithms default_signing_algorithms{
    signing_algorithm::rs256, signing_algorithm::ps256, signing_algorithm::ps384, signing_algorithm::ps512,
    signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512, signing_algorithm::eddsa};

/** A secret for HMAC, bound to its algorithm.

    Only configuration makes one: there is no way from a key set to it.
*/
class hmac_key {
public:
    /**
        @param value at least as long as the hash: 32, 48 or 64 bytes
        @throws coauth::exception errc::invalid_configuration for a shorter one. RFC 7518 3.2: "A key of the same
        size as the hash output [...] or larger MUST be used with this algorithm."
    */
    COAUTH_DECL hmac_key(hmac_algorithm algorithm, secret value);

    hmac_algorithm algorithm() const noexcept { return algorithm_; }
    const secret& value() const noexcept { return value_; }

private:
    secret value_;
    hmac_algorithm algorithm_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/jose/algorithm.ipp>
#endif

#endif
