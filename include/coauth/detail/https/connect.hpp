// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_CONNECT_HPP
#define COAUTH_DETAIL_HTTPS_CONNECT_HPP

#include <coauth/detail/https/exchange.hpp>

namespace coauth::inline COAUTH_MODE::detail {

/** Make a connection for the exchange: resolve, connect, tunnel, handshake.

    @par Errors those of https_transport::send() after which no byte of the request has left
*/
COAUTH_DECL on_strand<result<connection_pointer>> connect(exchange& x);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/connect.ipp>
#endif

#endif
