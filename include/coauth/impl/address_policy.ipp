#ifndef COAUTH_IMPL_ADDRESS_POLICY_IPP
#define COAUTH_IMPL_ADDRESS_POLICY_IPP

#include <coauth/address_policy.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace coauth::inline COAUTH_MODE {
namespace detail {

struct ipv4_block {
    std::uint32_t network;
    unsigned prefix_bits;
};

inline constexpr std::array special_ipv4_blocks{
    ipv4_block{0x00000000, 8},  // this network, the unspecified address
    ipv4_block{0x0a000000, 8},  // private
    ipv4_block{0x64400000, 10}, // shared, RFC 6598; one cloud's metadata at 100.100.100.200
    ipv4_block{0x7f000000, 8},  // loopback
    ipv4_block{0xa83f8110, 32}, // 168.63.129.16: one cloud's host agent, though the address is a public one
    ipv4_block{0xa9fe0000, 16}, // link-local; most clouds' metadata at 169.254.169.254
    ipv4_block{0xac100000, 12}, // private
    ipv4_block{0xc0000000, 24}, // IETF protocol assignments
    ipv4_block{0xc0000200, 24}, // documentation
    ipv4_block{0xc0586300, 24}, // 6to4 relays
    ipv4_block{0xc0a80000, 16}, // private
    ipv4_block{0xc6120000, 15}, // benchmarking
    ipv4_block{0xc6336400, 24}, // documentation
    ipv4_block{0xcb007100, 24}, // documentation
    ipv4_block{0xe0000000, 4},  // multicast
    ipv4_block{0xf0000000, 4},  // reserved, broadcast
};

inline bool is_public_ipv4(std::uint32_t address) noexcept
{
    return std::none_of(special_ipv4_blocks.begin(), special_ipv4_blocks.end(),
                        [address](const ipv4_block& block) {
                            return (address ^ block.network) >> (32 - block.prefix_bits) == 0;
                        });
}

inline bool is_public_ipv6(const boost::asio::ip::address_v6::bytes_type& bytes) noexcept
{
    const auto word = [&bytes](std::size_t i) {
        return static_cast<std::uint32_t>(bytes[i]) << 8 | static_cast<std::uint32_t>(bytes[i + 1]);
    };
    const auto ipv4_at = [&word](std::size_t i) { return word(i) << 16 | word(i + 2); };
    const auto zeros = [&bytes](std::size_t from, std::size_t to) {
        return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                           bytes.begin() + static_cast<std::ptrdiff_t>(to),
                           [](unsigned char b) { return b == 0; });
    };
    if (zeros(0, 10) && word(10) == 0xffff) // ::ffff:0:0/96, an IPv4 address
        return is_public_ipv4(ipv4_at(12));
    if (word(0) == 0x0064 && word(2) == 0xff9b && zeros(4, 12)) // 64:ff9b::/96, RFC 6052
        return is_public_ipv4(ipv4_at(12));
    if (word(0) == 0x2002) // 6to4, RFC 3056
        return is_public_ipv4(ipv4_at(2));
    // Of all the rest only 2000::/3 is global unicast: ::1, fc00::/7, fe80::/10, ff00::/8, 64:ff9b:1::/48 are
    // not in it.
    if ((bytes[0] & 0xe0) != 0x20)
        return false;
    if (word(0) == 0x2001 &&
        (word(2) < 0x0200 || word(2) == 0x0db8)) // IETF assignments with Teredo; documentation
        return false;
    return word(0) != 0x3fff || bytes[2] >= 0x10; // 3fff::/20, documentation
}

} // namespace detail

COAUTH_DECL bool public_addresses_only(const boost::asio::ip::address& address) noexcept
{
    return address.is_v4() ? detail::is_public_ipv4(address.to_v4().to_uint())
                           : detail::is_public_ipv6(address.to_v6().to_bytes());
}

} // namespace coauth::inline COAUTH_MODE

#endif
