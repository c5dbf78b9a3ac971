#ifndef COAUTH_IMPL_CORE_SECRET_IPP
#define COAUTH_IMPL_CORE_SECRET_IPP

#include <coauth/core/secret.hpp>

#include <openssl/crypto.h>

#include <ostream>

namespace coauth::inline COAUTH_MODE {
namespace detail {

COAUTH_DECL void cleanse(void* data, std::size_t size_bytes) noexcept
{
#ifdef __GNUC__
    if (size_bytes == 0)
        return;
    std::memset(data, 0, size_bytes); // several times as fast as what follows, which goes word by word
    asm volatile("" : : "r"(data) : "memory"); // as if somebody read it
#else
    OPENSSL_cleanse(data, size_bytes);
#endif
}

COAUTH_DECL bool constant_time_equal(std::string_view left, std::string_view right) noexcept
{
    return left.size() == right.size() &&
           (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

} // namespace detail

COAUTH_DECL secret::secret(std::string&& text) : secret(std::string_view(text))
{
    detail::cleanse(text.data(), text.size());
    text.clear();
}

COAUTH_DECL std::ostream& operator<<(std::ostream& stream, const secret&) { return stream << "[redacted]"; }

} // namespace coauth::inline COAUTH_MODE

#endif
