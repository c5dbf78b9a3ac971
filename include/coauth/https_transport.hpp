// Floor 5. The one heavy header: include it where the transport is made, or compile the library once.
#ifndef COAUTH_HTTPS_TRANSPORT_HPP
#define COAUTH_HTTPS_TRANSPORT_HPP

#include <coauth/https_transport_settings.hpp>
#include <coauth/policy/transport.hpp>

#include <memory>

namespace coauth::inline COAUTH_MODE {
namespace detail {
class https_core;
}

/** HTTP/1.1 over TLS, with keep-alive connections: a transport.

    Certificates and host names are always verified, TLS is 1.2 or newer with forward secrecy and
    authenticated encryption. No redirect is followed, no cookie sent, no coding undone, no environment
    variable looked at. Plain http goes to loopback addresses only, whatever the name resolves to.

    Connections are kept per origin and execution context, TLS sessions per host and port. One transport
    serves any number of clients, threads and execution contexts; make one and keep it, as it holds the
    trusted authorities. Copies share everything.

    @par Thread safety Distinct and shared objects: safe.
    @par Specification RFC 9110, RFC 9112, RFC 9325, RFC 9525
*/
class https_transport {
public:
    /** Make a transport, and check everything that can be wrong with its settings.

        @par Errors
        - errc::invalid_configuration: an authority or client certificate cannot be read, a key does not
          fit, a proxy has no host or port; the description says which
    */
    static COAUTH_DECL result<https_transport> create(https_transport_settings settings = {});

    /** Perform one HTTP exchange.

        Uses a kept connection that is still open or makes one. http_request::commit() is called after
        connecting and right before the first byte of the request is written, once.

        @par Completion one request; or two if a kept connection turned out dead before the first byte of an answer, and
        the request is repeatable or no byte of it was written
        @par Errors
        - errc::timed_out: the deadline passed, or the shorter limits for connecting or the handshake
        - errc::name_resolution_failed: no address, or none that the address policy lets pass
        - errc::insecure_url: http to something that is not a loopback address
        - errc::connection_failed, errc::proxy_refused: no connection, or no tunnel
        - errc::certificate_rejected: untrusted, expired, or for another host
        - errc::tls_handshake_failed: any other failure of the handshake
        - errc::connection_lost: it broke off before the answer was complete
        - errc::malformed_http: the answer is not HTTP/1.1 as it should be, or more than five interim ones
        - errc::header_too_large, errc::body_too_large: beyond the request's limits
        - errc::unsupported_coding: content or transfer coding that was not asked for
        - errc::invalid_url, errc::invalid_parameter, errc::reserved_parameter: the request itself is wrong;
          nothing was sent
        - `operation_aborted`: cancelled

        @par Per-operation cancellation terminal, partial and total, as far as the calling coroutine's
        filter lets them through (by default it passes terminal only). All end the exchange and close
        its connection; the server may have acted on the request if it was committed.
        @par Lifetimes The transport may be destroyed while exchanges run, and an execution context may be
        destroyed before or after the transport.
        @par Thread safety Safe: from any thread, in a coroutine on any executor of an execution context.
    */
    COAUTH_DECL boost::asio::awaitable<result<http_response>> send(http_request request) const;

    /** Begin an exchange that goes on whatever becomes of the caller. For the library's own use.

        @param complete called once, on a strand of the executor's context, unless that is destroyed before
    */
    COAUTH_DECL std::weak_ptr<detail::running_exchange>
    start(const boost::asio::any_io_executor& executor, http_request request,
          detail::transport_interface::completion complete) const;

    /// Close the connections that no request uses. Those in use are closed or kept as ever.
    COAUTH_DECL void close_idle_connections() const;

private:
    explicit https_transport(std::shared_ptr<detail::https_core> core) noexcept : core_(std::move(core)) {}

    std::shared_ptr<detail::https_core> core_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION // who has a transport makes clients
#include <coauth/client_implementation.hpp>
#endif

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/https_transport.ipp>
#endif

#endif
