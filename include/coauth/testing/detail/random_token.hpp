// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_RANDOM_TOKEN_HPP
#define COAUTH_TESTING_DETAIL_RANDOM_TOKEN_HPP

#include <coauth/detail/config.hpp>

#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::testing::detail {

COAUTH_DECL std::string base64url(std::string_view bytes);
/// 32 random bytes in base64url. @throws std::runtime_error if there is no randomness
COAUTH_DECL std::string random_token();
/// SHA-256, in base64url: to keep and compare something without keeping it.
COAUTH_DECL std::string fingerprint(std::string_view text);

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/random_token.ipp>
#endif

#endif
