// Floor 3.
#ifndef COAUTH_POLICY_CONSTANT_TIME_HPP
#define COAUTH_POLICY_CONSTANT_TIME_HPP

#include <coauth/core/secret.hpp>

#include <concepts>
#include <string_view>

namespace coauth::inline COAUTH_MODE {

/** How secrets are compared: in a time that depends on the lengths only. */
template <class T>
concept secret_comparison = requires(std::string_view left, std::string_view right) {
    { T::equal(left, right) } noexcept -> std::same_as<bool>;
};

/** OpenSSL's CRYPTO_memcmp on equal lengths.
    @par Thread safety Safe.
*/
struct constant_time_comparison {
    static bool equal(std::string_view left, std::string_view right) noexcept
    {
        return detail::constant_time_equal(left, right);
    }
};

} // namespace coauth::inline COAUTH_MODE

#endif
