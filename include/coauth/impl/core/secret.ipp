#ifndef COAUTH_IMPL_CORE_SECRET_IPP
#define COAUTH_IMPL_CORE_SECRET_IPP

#include <coauth/core/secret.hpp>

#include <openssl/crypto.h>

#include <ostream>

namespace coauth {
namespace detail {

COAUTH_DECL void cleanse(void* data, std::size_t size_bytes) noexcept { OPENSSL_cleanse(data, size_bytes); }

COAUTH_DECL bool constant_time_equal(std::string_view left, std::string_view right) noexcept
{
    return left.size() == right.size() &&
           (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

} // namespace detail

COAUTH_DECL secret::secret(std::string&& text) : bytes_(text.begin(), text.end())
{
    detail::cleanse(text.data(), text.size());
    text.clear();
}

COAUTH_DECL std::ostream& operator<<(std::ostream& stream, const secret&) { return stream << "[redacted]"; }

} // namespace coauth

#endif
