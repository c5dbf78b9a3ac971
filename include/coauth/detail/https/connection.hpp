// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_CONNECTION_HPP
#define COAUTH_DETAIL_HTTPS_CONNECTION_HPP

#include <coauth/core/secret.hpp>
#include <coauth/core/url.hpp>
#include <coauth/detail/https/tls_engine.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** A socket, its TLS, and the bytes between them and the messages.

    Nothing here suspends: the socket is non-blocking, and whoever is told `needs_input` or
    `needs_output` waits for it. What went through the buffers is wiped by wipe() and on destruction.

    @par Thread safety Unsafe.
*/
class connection {
public:
    using socket_type = boost::asio::ip::tcp::socket;
    enum class status {
        done,
        needs_input,
        needs_output,
        closed, ///< The other side has ended its part, in the way that its protocol ends.
        failed,
    };

    COAUTH_DECL connection(const boost::asio::any_io_executor& executor, const endpoint_url& url);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    /// Says goodbye if it can without waiting.
    COAUTH_DECL ~connection();

    bool serves(const boost::asio::execution_context& context, const endpoint_url& url) const noexcept
    {
        return context_ == &context && port_ == url.port() && https_ == url.is_https() && host_ == url.host();
    }
    boost::asio::execution_context& context() const noexcept { return *context_; }
    socket_type& socket() noexcept { return socket_; }

    /// From now on everything is encrypted.
    COAUTH_DECL void start_tls(SSL_CTX* context, tls_session_cache& sessions);
    COAUTH_DECL status handshake();
    bool certificate_rejected() const noexcept { return tls_->certificate_rejected(); }

    /// Where to put a request's text; send() empties it.
    secure_bytes& request() noexcept { return request_; }
    /// Encrypt the request. False if the connection is broken.
    COAUTH_DECL bool send();
    /// Whether a byte was written since send().
    bool has_written() const noexcept { return has_written_; }
    /// Write what send(), handshake() and receive() have left, as far as the socket takes it: done,
    /// needs_output or failed.
    COAUTH_DECL status flush();

    /// Where the socket shall read to.
    COAUTH_DECL boost::asio::mutable_buffer read_buffer();
    /// It has read so many bytes, or the end, which is no failure here: receive() judges it. False: it is broken.
    COAUTH_DECL bool take_read(const error_code& ec, std::size_t size);
    /// Decrypt what was read: done (received() has grown), needs_input, closed or failed.
    COAUTH_DECL status receive();

    std::string_view received() const noexcept { return {data_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t size) noexcept { begin_ += size; }

    /// Whether nothing came that nobody asked for, and nothing is half sent. Looks at the socket.
    COAUTH_DECL bool is_idle_and_open();
    /// Likewise for what has already been read.
    COAUTH_DECL bool is_quiet();
    /// Forget what went through.
    COAUTH_DECL void wipe() noexcept;

    std::chrono::steady_clock::time_point idle_since{};
    std::chrono::steady_clock::time_point idle_until{};

private:
    static constexpr std::size_t record_bytes = 16 * 1024;

    static COAUTH_DECL status status_of(tls_engine::status of_tls) noexcept;
    COAUTH_DECL void make_room();

    boost::asio::execution_context* context_;
    socket_type socket_;
    std::optional<tls_engine> tls_;
    std::string host_;
    std::uint16_t port_;
    bool https_;
    bool ended_ = false; // the socket has read its end
    bool has_written_ = false;
    bool fresh_ = false; // without TLS: received() has grown since receive()
    secure_bytes request_;
    secure_bytes data_; // decrypted: [begin_, end_) is not consumed, up to used_ there was something once
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t used_ = 0;
    std::unique_ptr<char[]> wire_; // encrypted, so not wiped
    std::size_t plain_sent_ = 0;   // without TLS: so much of request_
};

using connection_pointer = std::unique_ptr<connection>;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/connection.ipp>
#endif

#endif
