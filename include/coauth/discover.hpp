// Floor 4.
#ifndef COAUTH_DISCOVER_HPP
#define COAUTH_DISCOVER_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/policy/any_transport.hpp>

namespace coauth::inline COAUTH_MODE {

/** Fetch an authorization server's metadata.

    Asks for the OpenID Connect document first, and where there is none (404), for that of RFC 8414.

    @par Completion One or two GET requests to the issuer's origin.
    @par Errors
    - errc::issuer_mismatch: the document is about another issuer, compared as a string
    - errc::invalid_metadata, errc::invalid_url, errc::insecure_url: the document cannot be used
    - errc::malformed_json, errc::duplicate_member, errc::unexpected_content_type: it cannot be read
    - errc::redirect_refused, errc::server_unavailable, errc::unexpected_status: by the HTTP status
    - errc::timed_out and the other errors of the transport
    @par Per-operation cancellation terminal, partial and total; nothing has changed then
    @par Lifetimes The arguments are copied.
    @par Thread safety Safe.
    @par Specification OpenID Connect Discovery 1.0 4, RFC 8414 3
    @param transport what carries the requests
    @param from the issuer, as it is known beforehand
    @param bounds discovery_deadline for each request, discovery_body_bytes, json_depth, json_nodes
*/
COAUTH_LAZY boost::asio::awaitable<result<server_metadata>>
discover_server_metadata(any_transport transport, issuer from, limits bounds = {});

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/discover.ipp>
#endif

#endif
