// Floor 2. For other .ipp files: what they need of OpenSSL.
#ifndef COAUTH_IMPL_JOSE_OPENSSL_IPP
#define COAUTH_IMPL_JOSE_OPENSSL_IPP

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/jose/key_algorithm.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <new>
#include <span>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

using big_number = openssl_pointer<BIGNUM, BN_free>;
using pkey_pointer = openssl_pointer<EVP_PKEY, EVP_PKEY_free>;
using pkey_context = openssl_pointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using digest_context = openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free>;
using ecdsa_signature = openssl_pointer<ECDSA_SIG, ECDSA_SIG_free>;

inline constexpr int rsa_smallest_bits =
    2048; // RFC 7518 3.3: "A key of size 2048 bits or larger MUST be used"
inline constexpr int rsa_largest_bits = 8192; // a verification with 16384 takes milliseconds

/// Errors that OpenSSL notes while it lives do not stay in this thread's queue.
class error_mark {
public:
    error_mark() noexcept { ERR_set_mark(); }
    ~error_mark() { ERR_pop_to_mark(); }
    error_mark(const error_mark&) = delete;
    error_mark& operator=(const error_mark&) = delete;
};

/// What OpenSSL's `_new` functions give: they fail for want of memory only.
template <class Pointer>
Pointer allocated(Pointer pointer)
{
    if (!pointer)
        throw std::bad_alloc();
    return pointer;
}

/// Digests are fetched once, as that costs several times the hash of a short text.
inline const EVP_MD* fetched_digest(hash_function hash)
{
    using digest = openssl_pointer<EVP_MD, EVP_MD_free>;
    const auto fetch = [](hash_function of) {
        return digest(EVP_MD_fetch(nullptr, openssl_name(of), nullptr));
    };
    static const std::array<digest, 3> all{fetch(hash_function::sha256), fetch(hash_function::sha384),
                                           fetch(hash_function::sha512)};
    return all[static_cast<std::size_t>(hash)].get();
}

/// @return false if OpenSSL has no such digest to offer
inline bool hash_text(hash_function hash, std::string_view text,
                      std::array<unsigned char, EVP_MAX_MD_SIZE>& out)
{
    thread_local const digest_context context(EVP_MD_CTX_new());
    const EVP_MD* const digest = fetched_digest(hash);
    return digest && context && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1 &&
           EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
           EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
}

inline const unsigned char* octets(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// PSS with a salt as long as the hash, and MGF1 with the same hash: RFC 7518 3.5.
inline bool set_padding(EVP_PKEY_CTX* context, rsa_algorithm algorithm) noexcept
{
    if (algorithm.padding == rsa_padding::pkcs1)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, openssl_name(algorithm.hash), nullptr) == 1;
}

/// Appended in base64url.
inline void append_base64url(std::string& out, std::span<const unsigned char> bytes)
{
    const std::size_t before = out.size();
    out.resize(before + base64url_encoded_size(bytes.size()));
    base64url_encode(bytes, out.data() + before);
}
inline std::string base64url_text(std::span<const unsigned char> bytes)
{
    std::string out(base64url_encoded_size(bytes.size()), '\0');
    base64url_encode(bytes, out.data());
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
