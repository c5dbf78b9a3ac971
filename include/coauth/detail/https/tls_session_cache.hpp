// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_TLS_SESSION_CACHE_HPP
#define COAUTH_DETAIL_HTTPS_TLS_SESSION_CACHE_HPP

#include <coauth/detail/config.hpp>
#include <coauth/detail/openssl_pointer.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

using tls_session = openssl_pointer<SSL_SESSION, SSL_SESSION_free>;

/** TLS sessions to resume, by `host:port`; one cache a transport, so that all of it share their settings.

    A resumed handshake does not verify the certificate again: a session must never reach another host,
    or a transport that trusts other authorities.

    @par Thread safety Safe.
*/
class tls_session_cache {
public:
    COAUTH_DECL void put(std::string_view server, tls_session session);

    /// The newest one. A TLS 1.3 ticket is handed out once (RFC 8446 C.4), a TLS 1.2 session stays.
    COAUTH_DECL tls_session take(std::string_view server);

private:
    static constexpr std::size_t most_per_server = 4;
    static constexpr std::size_t most = 256;

    struct entry {
        std::string server;
        tls_session session;
    };

    std::mutex mutex_;
    std::vector<entry> entries_; // oldest first
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/tls_session_cache.ipp>
#endif

#endif
