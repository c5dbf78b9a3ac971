// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_TLS_ENGINE_HPP
#define COAUTH_DETAIL_HTTPS_TLS_ENGINE_HPP

#include <coauth/detail/https/tls_session_cache.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** One side of a TLS connection, without a socket: what arrives is fed, what shall leave is fetched.

    Not Asio's stream, as that cannot be looked into without suspending: whether a kept connection has
    something to say must be known before a request is written to it.

    @par Thread safety Unsafe.
*/
class tls_engine {
public:
    enum class status {
        done,
        needs_input, ///< feed() more, after sending what output() has
        closed,      ///< The peer's close_notify: an end that nobody else can fake.
        failed,      ///< Anything else, the end without close_notify included.
    };

    /** @param server `host:port`, the key of its sessions in the cache
        @param host what the certificate has to be for
        @param sessions outlives the engine
    */
    COAUTH_DECL tls_engine(SSL_CTX* context, const std::string& host, std::string server,
                           tls_session_cache& sessions);
    /** The server's side, for tests.
        @param context has a certificate
    */
    COAUTH_DECL explicit tls_engine(SSL_CTX* context);
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;
    ~tls_engine() = default;

    COAUTH_DECL status handshake();
    /// Why handshake() failed.
    bool certificate_rejected() const noexcept { return SSL_get_verify_result(ssl_.get()) != X509_V_OK; }

    /// Encrypt all of it. False if the connection is broken.
    COAUTH_DECL bool write(std::string_view plain);
    /// Decrypt what was fed. `done`: at least one byte.
    COAUTH_DECL status read(std::span<char> plain, std::size_t& size);
    /// Whether read() has something to look at.
    COAUTH_DECL bool has_input() const noexcept;
    /// Let output() have the close_notify that RFC 8446 6.1 asks for.
    COAUTH_DECL void close() noexcept;

    COAUTH_DECL bool feed(std::string_view wire);
    COAUTH_DECL void feed_end() noexcept;

    COAUTH_DECL std::string_view output() const noexcept;
    COAUTH_DECL void consume_output(std::size_t size) noexcept;

    /// Make the context hand its connections' sessions to their engines.
    static COAUTH_DECL void keep_sessions_of(SSL_CTX* context) noexcept;

private:
    static COAUTH_DECL int on_new_session(SSL* ssl, SSL_SESSION* session);
    COAUTH_DECL void attach_buffers();
    COAUTH_DECL status status_of(int returned) noexcept;

    openssl_pointer<SSL, SSL_free> ssl_;
    BIO* input_ = nullptr; // both are ssl_'s
    BIO* output_ = nullptr;
    std::size_t output_begin_ = 0;
    std::string server_;
    tls_session_cache* sessions_; // null on the server's side
    bool failed_ = false;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/tls_engine.ipp>
#endif

#endif
