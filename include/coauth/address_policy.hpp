// Floor 5. Which addresses a transport may connect to.
#ifndef COAUTH_ADDRESS_POLICY_HPP
#define COAUTH_ADDRESS_POLICY_HPP

#include <coauth/detail/config.hpp>

#include <boost/asio/ip/address.hpp>

#include <functional>

namespace coauth::inline COAUTH_MODE {

/// Says whether a connection to the address may be made. Called from any thread, also from several at once.
using address_policy = std::function<bool(const boost::asio::ip::address& address)>;

/** Let only addresses of the public Internet pass: an address_policy.

    For servers that take issuers or endpoints from strangers (server-side request forgery). Refused are
    loopback, private, shared (carrier-grade NAT), link-local, unique local, multicast, unspecified,
    documentation, benchmarking and reserved addresses, and those where clouds keep their instance
    metadata. An IPv4 address inside of an IPv6 one (mapped, NAT64, 6to4) is judged as what it is.

    @par Thread safety Safe.
    @par Specification RFC 6890, RFC 4291, RFC 6052, RFC 6598, RFC 8215; the IANA special-purpose registries
*/
COAUTH_DECL bool public_addresses_only(const boost::asio::ip::address& address) noexcept;

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/address_policy.ipp>
#endif

#endif
