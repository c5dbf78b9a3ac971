#ifndef COAUTH_IMPL_JOSE_VERIFICATION_KEY_IPP
#define COAUTH_IMPL_JOSE_VERIFICATION_KEY_IPP

#include <coauth/impl/jose/openssl.ipp>
#include <coauth/jose/verification_key.hpp>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL void free_public_key::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

COAUTH_DECL prepared_verification::~prepared_verification() { EVP_MD_CTX_free(context_); }

COAUTH_DECL const evp_md_ctx_st* prepared_verification::prepare(evp_pkey_st* key,
                                                                std::optional<hash_function> digest,
                                                                const rsa_algorithm* padded) const
{
    auto made = allocated(digest_context(EVP_MD_CTX_new()));
    EVP_PKEY_CTX* parameters = nullptr; // belongs to the context
    if (EVP_DigestVerifyInit_ex(made.get(), &parameters, digest ? openssl_name(*digest) : nullptr, nullptr,
                                nullptr, key, nullptr) != 1 ||
        (padded && !set_padding(parameters, *padded)))
        return nullptr;
    EVP_MD_CTX* others = nullptr;
    if (context_.compare_exchange_strong(others, made.get(), std::memory_order_acq_rel))
        return made.release();
    return others;
}

COAUTH_DECL bool prepared_verification::verify(evp_pkey_st* key, std::optional<hash_function> digest,
                                               const rsa_algorithm* padded, std::string_view input,
                                               std::span<const unsigned char> signature) const
{
    const EVP_MD_CTX* ready = context_.load(std::memory_order_acquire);
    if (!ready)
        ready = prepare(key, digest, padded);
    const auto own = allocated(digest_context(EVP_MD_CTX_new()));
    // 0 is a wrong signature, and a negative number a failure.
    return ready && EVP_MD_CTX_copy_ex(own.get(), ready) == 1 &&
           EVP_DigestVerify(own.get(), signature.data(), signature.size(), octets(input), input.size()) == 1;
}

COAUTH_DECL bool rsa_key::verify(rsa_algorithm algorithm, std::string_view input,
                                 std::span<const unsigned char> signature) const
{
    // RFC 8017 8.1.2, 8.2.2: "If the length of the signature S is not k octets, output 'invalid signature'".
    if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())))
        return false;
    const std::size_t i =
        3 * static_cast<std::size_t>(algorithm.padding) + static_cast<std::size_t>(algorithm.hash);
    return prepared_[i].verify(key_.get(), algorithm.hash, &algorithm, input, signature);
}

template <ec_curve Curve>
bool ec_key<Curve>::verify(ecdsa_algorithm<Curve> algorithm, std::string_view input,
                           std::span<const unsigned char> signature) const
{
    // RFC 7518 3.4: "If it is not a 64-octet sequence, the validation has failed", and so on. OpenSSL wants
    // DER, and a JWS must not have it.
    constexpr std::size_t half = coordinate_bytes(Curve);
    if (signature.size() != 2 * half)
        return false;
    const auto pair = allocated(ecdsa_signature(ECDSA_SIG_new()));
    auto r = allocated(big_number(BN_bin2bn(signature.data(), half, nullptr)));
    auto s = allocated(big_number(BN_bin2bn(signature.data() + half, half, nullptr)));
    ECDSA_SIG_set0(pair.get(), r.release(), s.release()); // fails for null pointers only
    std::array<unsigned char, 2 * half + 16> encoded;     // each number: tag, size and at most one zero
    unsigned char* end = encoded.data();
    const int size = i2d_ECDSA_SIG(pair.get(), &end);
    return size > 0 && prepared_.verify(key_.get(), algorithm.hash, nullptr, input,
                                        std::span(encoded).first(static_cast<std::size_t>(size)));
}

COAUTH_DECL bool ed25519_key::verify(ed25519_algorithm, std::string_view input,
                                     std::span<const unsigned char> signature) const
{
    return prepared_.verify(key_.get(), std::nullopt, nullptr, input, signature);
}

COAUTH_DECL bool verification_key::verify(signing_algorithm algorithm, std::string_view input,
                                          std::span<const unsigned char> signature) const
{
    if (!fits(algorithm))
        return false;
    const key_algorithm chosen = key_algorithm_of(algorithm);
    const error_mark mark;
    return std::visit(
        [&]<class Key>(const Key& key) {
            return key.verify(std::get<typename Key::algorithm_type>(chosen), input, signature);
        },
        key_);
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
