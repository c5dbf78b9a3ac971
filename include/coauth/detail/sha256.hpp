// Floor 2.
#ifndef COAUTH_DETAIL_SHA256_HPP
#define COAUTH_DETAIL_SHA256_HPP

#include <coauth/detail/config.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// No value if OpenSSL has no SHA-256 to offer, as with a broken provider configuration.
COAUTH_DECL std::optional<std::array<unsigned char, 32>> sha256(std::string_view text) noexcept;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/sha256.ipp>
#endif

#endif
