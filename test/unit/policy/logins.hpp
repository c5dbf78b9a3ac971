// Pending sign-ins with recognizable values.
#ifndef COAUTH_TEST_UNIT_POLICY_LOGINS_HPP
#define COAUTH_TEST_UNIT_POLICY_LOGINS_HPP

#include <coauth/policy/pending_login.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace coauth::test {

/// A value that differs from that of each other number in every eighth byte.
inline random_value numbered(std::uint64_t number, unsigned char kind = 0)
{
    std::array<unsigned char, random_value::size_bytes> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<unsigned char>((number >> i % 8 * 8) + kind * 67);
    return random_value(bytes);
}

inline pending_login numbered_login(std::uint64_t browser, std::uint64_t state, std::string_view data = {})
{
    return pending_login(numbered(state, 's'), numbered(browser, 'b'), numbered(state, 'n'),
                         numbered(state, 'v'), state, response_mode::query, "openid", data);
}

/// The binding of a browser, and a state, as numbered_login() makes them.
inline random_value browser_number(std::uint64_t number) { return numbered(number, 'b'); }
inline random_value state_number(std::uint64_t number) { return numbered(number, 's'); }

} // namespace coauth::test

#endif
