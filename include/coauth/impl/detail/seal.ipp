#ifndef COAUTH_IMPL_DETAIL_SEAL_IPP
#define COAUTH_IMPL_DETAIL_SEAL_IPP

#include <coauth/detail/seal.hpp>
#include <coauth/impl/jose/openssl.ipp>
#include <coauth/policy/random_source.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace coauth::inline COAUTH_MODE::detail {

// A seal: version (1), key identifier (8), nonce (12), ciphertext, tag (16).
inline constexpr char seal_version = 1;
inline constexpr std::size_t seal_nonce_at = 9;
inline constexpr std::size_t seal_nonce_size = 12;
inline constexpr std::size_t seal_content_at = seal_nonce_at + seal_nonce_size;
inline constexpr std::size_t seal_tag_size = 16;
static_assert(seal_content_at + seal_tag_size == seal_overhead);

class seal_access {
public:
    using cipher_context = openssl_pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

    static const auto& first(const seal_key_ring& ring) noexcept { return ring.entries_->front(); }

    static const random_value* find(const seal_key_ring& ring, std::string_view identifier) noexcept
    {
        for (const auto& one : *ring.entries_)
            if (std::equal(one.identifier.begin(), one.identifier.end(), identifier.begin(), identifier.end(),
                           [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); }))
                return &one.key;
        return nullptr;
    }

    static opened_seal opened(secure_bytes&& content) noexcept { return opened_seal(std::move(content)); }

    /// Begin, in either direction, with everything that is authenticated and not encrypted.
    static cipher_context begin(int encrypt, const random_value& key, std::string_view header,
                                std::string_view nonce, const seal_binding& binding)
    {
        static const openssl_pointer<EVP_CIPHER, EVP_CIPHER_free> cipher(
            EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
        cipher_context context = allocated(cipher_context(EVP_CIPHER_CTX_new()));
        int written = 0;
        const std::string_view bound = binding.view();
        if (!cipher ||
            EVP_CipherInit_ex2(context.get(), cipher.get(), key.bytes().data(), octets(nonce), encrypt,
                               nullptr) != 1 ||
            EVP_CipherUpdate(context.get(), nullptr, &written, octets(header),
                             static_cast<int>(header.size())) != 1 ||
            EVP_CipherUpdate(context.get(), nullptr, &written, octets(bound),
                             static_cast<int>(bound.size())) != 1)
            context.reset();
        return context;
    }

    static const unsigned char* octets(std::string_view text) noexcept
    {
        return reinterpret_cast<const unsigned char*>(text.data());
    }
    static unsigned char* octets(char* data) noexcept { return reinterpret_cast<unsigned char*>(data); }
};

COAUTH_DECL result<secure_bytes> seal(const seal_key_ring& ring, std::string_view content,
                                      const seal_binding& binding)
{
    if (content.size() > largest_sealed || binding.view().size() > largest_sealed)
        return errc::sealed_data_too_large;
    const error_mark mark;
    const auto& key = seal_access::first(ring);
    secure_bytes out(seal_overhead + content.size());
    out.front() = seal_version;
    std::copy(key.identifier.begin(), key.identifier.end(), out.begin() + 1);
    // NIST SP 800-38D 8.2.2: a nonce from a random bit generator.
    std::array<unsigned char, seal_nonce_size> nonce;
    if (const result<void> filled = openssl_random_source::fill(nonce); !filled)
        return filled.error();
    std::copy(nonce.begin(), nonce.end(), out.begin() + seal_nonce_at);
    const auto context = seal_access::begin(1, key.key, {out.data(), seal_nonce_at},
                                            {out.data() + seal_nonce_at, seal_nonce_size}, binding);
    unsigned char* const body = seal_access::octets(out.data() + seal_content_at);
    int written = 0;
    int rest = 0;
    if (!context ||
        EVP_CipherUpdate(context.get(), body, &written, seal_access::octets(content),
                         static_cast<int>(content.size())) != 1 ||
        EVP_CipherFinal_ex(context.get(), body + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, seal_tag_size, body + content.size()) != 1)
        return errc::invalid_configuration;
    return out;
}

COAUTH_DECL result<opened_seal> open_seal(const seal_key_ring& ring, std::string_view sealed,
                                          const seal_binding& binding)
{
    if (sealed.size() < seal_overhead || sealed.size() > largest_sealed + seal_overhead ||
        sealed.front() != seal_version)
        return errc::seal_broken;
    const random_value* const key = seal_access::find(ring, sealed.substr(1, seal_nonce_at - 1));
    if (!key)
        return errc::seal_broken;
    const error_mark mark;
    const std::string_view body =
        sealed.substr(seal_content_at, sealed.size() - seal_content_at - seal_tag_size);
    std::array<char, seal_tag_size> tag; // OpenSSL wants to be able to write to it
    std::copy(sealed.end() - seal_tag_size, sealed.end(), tag.begin());
    const auto context = seal_access::begin(0, *key, sealed.substr(0, seal_nonce_at),
                                            sealed.substr(seal_nonce_at, seal_nonce_size), binding);
    secure_bytes out(body.size() + 1); // one more, as there is no pointer to nothing
    int written = 0;
    int rest = 0;
    if (!context ||
        EVP_CipherUpdate(context.get(), seal_access::octets(out.data()), &written, seal_access::octets(body),
                         static_cast<int>(body.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, seal_tag_size, tag.data()) != 1 ||
        EVP_CipherFinal_ex(context.get(), seal_access::octets(out.data()) + written, &rest) != 1)
        return errc::seal_broken;
    out.resize(body.size());
    return seal_access::opened(std::move(out));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
