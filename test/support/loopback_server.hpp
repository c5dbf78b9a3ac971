// A server on a loopback address that does what the test writes down, right or wrong: bytes in, bytes out.
#ifndef COAUTH_TEST_LOOPBACK_SERVER_HPP
#define COAUTH_TEST_LOOPBACK_SERVER_HPP

#include <coauth/testing/certificate_authority.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coauth_test {

/// The authority of all servers of a test program, made at first use.
const coauth::testing::certificate_authority& authority();

/// How the server speaks TLS.
class server_tls {
public:
    using certificate = coauth::testing::certificate_authority::certificate;

    explicit server_tls(certificate shown) : certificate_(std::move(shown)) {}
    server_tls() : server_tls(authority().issue_for_loopback()) {}

    /// As OpenSSL numbers them: TLS1_2_VERSION ...
    server_tls& set_versions(int oldest, int newest)
    {
        oldest_ = oldest;
        newest_ = newest;
        return *this;
    }
    /// Of TLS 1.2 and older, in OpenSSL's language; with `@SECLEVEL=0` also the bad ones.
    server_tls& set_ciphers(std::string names)
    {
        ciphers_ = std::move(names);
        return *this;
    }
    /// Another certificate for clients that ask for this name (SNI).
    server_tls& add_virtual_host(std::string name, certificate shown)
    {
        virtual_hosts_.emplace_back(std::move(name), std::move(shown));
        return *this;
    }
    /// Demand a client certificate of this authority (PEM).
    server_tls& set_client_authority(std::string pem)
    {
        client_authority_ = std::move(pem);
        return *this;
    }
    /// Be ready to take requests in TLS 1.3 early data.
    server_tls& offer_early_data()
    {
        early_data_ = true;
        return *this;
    }

    certificate certificate_;
    int oldest_ = 0;
    int newest_ = 0;
    std::string ciphers_;
    std::vector<std::pair<std::string, certificate>> virtual_hosts_;
    std::string client_authority_;
    bool early_data_ = false;
};

/** The server's end of one connection, on a thread of its own.

    After the client has gone or the server stops, reading finds the end and writing does nothing.
*/
class server_peer {
public:
    server_peer() = default;
    server_peer(const server_peer&) = delete;
    server_peer& operator=(const server_peer&) = delete;
    virtual ~server_peer() = default;

    /// Header and as much body as its Content-Length says; empty at the end. Counted and recorded.
    virtual std::string read_request() = 0;
    /// Everything up to the client's end.
    virtual std::string read_to_end() = 0;
    /// @return false if the client has gone, as far as that is known
    virtual bool write(std::string_view bytes) = 0;
    /// One TLS record, or packet, a byte.
    void write_slowly(std::string_view bytes, std::chrono::milliseconds gap);
    /// Write the bytes again and again until the client goes or the server stops; no longer than a minute.
    void trickle(std::string_view bytes, std::chrono::milliseconds gap);
    /// Until the client goes or the server stops; no longer than a minute.
    virtual void wait_for_close() = 0;
    virtual void sleep(std::chrono::milliseconds time) = 0;
    /// Until the flag is set or the server stops; no longer than a minute.
    void wait_for(const std::atomic<bool>& flag);

    virtual void close() = 0;                ///< as TLS and TCP end
    virtual void close_without_notify() = 0; ///< TCP alone ends
    virtual void reset() = 0;                ///< TCP breaks off
    virtual bool is_stopping() const = 0;    ///< whether the server ends
    /// Do the TLS handshake if that has not been done: for servers that begin with `start_plain`.
    virtual bool handshake() = 0;
    virtual bool renegotiate() = 0; ///< TLS 1.2; true if the client went along

    virtual bool is_resumed() const = 0;
    virtual std::string server_name() const = 0; ///< of the SNI; empty if there was none
    virtual std::string alpn() const = 0;
    virtual bool was_early_data_used() const = 0;
    virtual bool is_compressed() const = 0;

    std::size_t number = 0; ///< of the connection, from 0
};

/** Listens on 127.0.0.1, some free port. Each connection runs the script, on a thread of its own. */
class loopback_server {
public:
    using script = std::function<void(server_peer&)>;

    /// Without TLS.
    explicit loopback_server(script each_connection);
    loopback_server(server_tls tls, script each_connection);
    /// The script begins before the handshake, which it may do with server_peer::handshake().
    static loopback_server start_plain(server_tls tls, script each_connection);
    loopback_server(loopback_server&&) noexcept;
    ~loopback_server();

    std::uint16_t port() const;
    /// `https://127.0.0.1:port` and the target, or http without TLS.
    std::string url(std::string_view target = "/", std::string_view host = "127.0.0.1") const;

    std::size_t connections() const; ///< TCP
    std::size_t handshakes() const;  ///< those that succeeded
    std::size_t resumed() const;     ///< of these
    /// All requests that read_request() has read, each as it came.
    std::vector<std::string> requests() const;
    /// Bytes that came after the handshake, or at all without TLS, whether they made a request or not.
    std::size_t bytes_received() const;
    /// Connections whose client has said goodbye with close_notify.
    std::size_t goodbyes() const;
    /// Waits for so many TCP connections. One that its client has given up may still be accepted.
    bool wait_for_connections(std::size_t count,
                              std::chrono::milliseconds patience = std::chrono::minutes(1)) const;
    /// Waits for all connections to end.
    bool wait_until_all_closed(std::chrono::milliseconds patience = std::chrono::minutes(1)) const;

private:
    class state;
    loopback_server(std::shared_ptr<server_tls> tls, bool start_plain, script each_connection);
    std::shared_ptr<state> state_;
};

/// A response with Content-Length.
std::string ok(std::string_view body = "hello");
/// Answers every request with ok(), until the client goes.
void answer_all(server_peer& peer);
/// Reads one request, writes these bytes, then ends or waits.
loopback_server::script answer_and_close(std::string bytes);
loopback_server::script answer_and_wait(std::string bytes);

} // namespace coauth_test

#endif
