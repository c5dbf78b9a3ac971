// Floor 2. Public keys, one class for each kind; none of them can be used with another kind's algorithm.
#ifndef COAUTH_JOSE_VERIFICATION_KEY_HPP
#define COAUTH_JOSE_VERIFICATION_KEY_HPP

#include <coauth/jose/key_algorithm.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// OpenSSL's EVP_PKEY and EVP_MD_CTX.
struct evp_pkey_st;
struct evp_md_ctx_st;

namespace coauth::inline COAUTH_MODE::detail {

/// Longest `kid`.
inline constexpr std::size_t key_id_bytes = 1024;
/// Longest signature of any algorithm: that of RSA with 8192 bits.
inline constexpr std::size_t signature_bytes = 1024;

struct free_public_key {
    COAUTH_DECL void operator()(evp_pkey_st* key) const noexcept;
};
using public_key_pointer = std::unique_ptr<evp_pkey_st, free_public_key>;

/** What OpenSSL sets up for a key and an algorithm, made at first use: a copy costs less than setting up.

    @par Thread safety Safe.
*/
class prepared_verification {
public:
    prepared_verification() = default;
    COAUTH_DECL ~prepared_verification();
    prepared_verification(const prepared_verification&) = delete;
    prepared_verification& operator=(const prepared_verification&) = delete;

    /// @param digest none for Ed25519
    /// @param padded for RSA
    COAUTH_DECL bool verify(evp_pkey_st* key, std::optional<hash_function> digest,
                            const rsa_algorithm* padded, std::string_view input,
                            std::span<const unsigned char> signature) const;

private:
    COAUTH_DECL const evp_md_ctx_st* prepare(evp_pkey_st* key, std::optional<hash_function> digest,
                                             const rsa_algorithm* padded) const;

    mutable std::atomic<evp_md_ctx_st*> context_{nullptr};
};

class rsa_key {
public:
    using algorithm_type = rsa_algorithm;

    explicit rsa_key(public_key_pointer key) noexcept : key_(std::move(key)) {}
    COAUTH_DECL bool verify(rsa_algorithm algorithm, std::string_view input,
                            std::span<const unsigned char> signature) const;

private:
    public_key_pointer key_;
    std::array<prepared_verification, 6> prepared_; // by padding and hash
};

template <ec_curve Curve>
class ec_key {
public:
    using algorithm_type = ecdsa_algorithm<Curve>;

    explicit ec_key(public_key_pointer key) noexcept : key_(std::move(key)) {}
    bool verify(ecdsa_algorithm<Curve> algorithm, std::string_view input,
                std::span<const unsigned char> signature) const;

private:
    public_key_pointer key_;
    prepared_verification prepared_;
};

class ed25519_key {
public:
    using algorithm_type = ed25519_algorithm;

    explicit ed25519_key(public_key_pointer key) noexcept : key_(std::move(key)) {}
    COAUTH_DECL bool verify(ed25519_algorithm algorithm, std::string_view input,
                            std::span<const unsigned char> signature) const;

private:
    public_key_pointer key_;
    prepared_verification prepared_;
};

/// A key of a published set. @par Thread safety Const functions are safe.
class verification_key {
public:
    /// In the order of key_algorithm.
    using any_key = std::variant<rsa_key, ec_key<ec_curve::p256>, ec_key<ec_curve::p384>,
                                 ec_key<ec_curve::p521>, ed25519_key>;

    /// @param only what the server publishes the key for; anything that its kind can do, if the server does not say
    template <class Key>
    verification_key(std::in_place_type_t<Key> kind, public_key_pointer key,
                     std::optional<signing_algorithm> only, std::optional<std::string> key_id)
        : key_(kind, std::move(key)), key_id_(std::move(key_id)), only_(only)
    {
    }

    const std::optional<std::string>& key_id() const noexcept { return key_id_; }

    bool fits(signing_algorithm algorithm) const noexcept
    {
        return key_algorithm_of(algorithm).index() == key_.index() && (!only_ || *only_ == algorithm);
    }

    /// False also for an algorithm that does not fit.
    COAUTH_DECL bool verify(signing_algorithm algorithm, std::string_view input,
                            std::span<const unsigned char> signature) const;

private:
    any_key key_;
    std::optional<std::string> key_id_;
    std::optional<signing_algorithm> only_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/jose/verification_key.ipp>
#endif

#endif
