// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_ADDRESSES_HPP
#define COAUTH_DETAIL_HTTPS_ADDRESSES_HPP

#include <coauth/detail/https/exchange.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

using addresses = std::vector<boost::asio::ip::address>;

inline constexpr std::size_t most_addresses_tried = 8;

/** Find a host's addresses, within the exchange's limit.

    The system's resolver cannot be stopped once it looks: it is left behind when the limit passes.
*/
COAUTH_DECL on_strand<result<addresses>> resolve(exchange& x, std::string host);

/// Whether the address is the machine's own, also in its IPv6 spelling.
COAUTH_DECL bool is_loopback(const boost::asio::ip::address& address) noexcept;

/// At most so many as shall be tried, the families in turns (RFC 8305 4), starting with the first one's.
COAUTH_DECL addresses in_order_of_trial(const addresses& found);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/addresses.ipp>
#endif

#endif
