// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_TLS_CONTEXT_HPP
#define COAUTH_DETAIL_HTTPS_TLS_CONTEXT_HPP

#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/https_transport_settings.hpp>

#include <openssl/ssl.h>

namespace coauth::inline COAUTH_MODE::detail {

using tls_context = openssl_pointer<SSL_CTX, SSL_CTX_free>;

/** What all TLS connections of a transport have in common.

    Reading the system's authorities takes some 15 ms: once a transport.

    @par Errors errc::invalid_configuration, described
*/
COAUTH_DECL result<tls_context> make_tls_context(const https_transport_settings& settings);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/tls_context.ipp>
#endif

#endif
