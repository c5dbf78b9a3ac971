#ifndef COAUTH_IMPL_DETAIL_SHA256_IPP
#define COAUTH_IMPL_DETAIL_SHA256_IPP

#include <coauth/detail/sha256.hpp>

#include <openssl/evp.h>

#include <memory>

namespace coauth::inline COAUTH_MODE::detail {

struct digest_deleter {
    void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

COAUTH_DECL std::optional<std::array<unsigned char, 32>> sha256(std::string_view text) noexcept
{
    // Fetching the digest and making the context cost several times the hash of a short text.
    static const std::unique_ptr<EVP_MD, digest_deleter> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    thread_local const std::unique_ptr<EVP_MD_CTX, digest_deleter> context(EVP_MD_CTX_new());
    std::array<unsigned char, 32> out;
    if (!digest || !context || EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), out.data(), nullptr) != 1)
        return std::nullopt;
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
