// Floor 2.
#ifndef COAUTH_PROTOCOL_DISCOVERY_HPP
#define COAUTH_PROTOCOL_DISCOVERY_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/protocol/token_response.hpp>

namespace coauth::inline COAUTH_MODE::detail {

/// `<issuer>/.well-known/openid-configuration`, a final `/` of the issuer left out.
/// @par Specification OpenID Connect Discovery 1.0 4
COAUTH_LAZY endpoint_url openid_configuration_url(const issuer& of);

/// `<host>/.well-known/oauth-authorization-server<path>`.
/// @par Specification RFC 8414 3.1
COAUTH_LAZY endpoint_url oauth_metadata_url(const issuer& of);

/** Read a metadata document.

    URLs in it may be http to a loopback address only if the issuer's own is.

    @param tenants if set, its template is the name that the document has to have

    @par Errors
    - errc::redirect_refused, errc::server_unavailable, errc::unexpected_status: by the status
    - errc::unexpected_content_type, errc::malformed_json, errc::duplicate_member
    - errc::issuer_mismatch: it is about another issuer, compared as a string
    - errc::invalid_metadata: a required member is missing, or a member in use has a wrong type
    - errc::invalid_url, errc::insecure_url: an endpoint is not one that a request may go to
    @par Specification RFC 8414 2, 3.3; OpenID Connect Discovery 1.0 3, 4.3
*/
COAUTH_LAZY result<server_metadata> parse_server_metadata(const answer& from, const issuer& expected,
                                                          const multi_tenant_issuer* tenants,
                                                          const limits& bounds);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/discovery.ipp>
#endif

#endif
