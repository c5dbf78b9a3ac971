// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_REQUEST_TEXT_HPP
#define COAUTH_DETAIL_HTTPS_REQUEST_TEXT_HPP

#include <coauth/core/result.hpp>
#include <coauth/https_transport_settings.hpp>
#include <coauth/policy/http.hpp>

#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** Whether the request can be written without breaking out of its lines.

    @par Errors
    - errc::invalid_url: none
    - errc::invalid_parameter: the method or a field's name is no token, or a value has a control character
    - errc::reserved_parameter: a field that the transport itself writes, or that would change the framing
*/
COAUTH_DECL error check_request(const http_request& request);

/// Write header and body, in one piece, so that they leave in one packet.
COAUTH_DECL void append_request(secure_bytes& out, const http_request& request, std::string_view user_agent);

/// Write the CONNECT request for the tunnel to the URL's host and port.
COAUTH_DECL void append_tunnel_request(secure_bytes& out, const endpoint_url& url, const http_proxy& proxy);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/request_text.ipp>
#endif

#endif
