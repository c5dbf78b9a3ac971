// A client that sends what it is told, over TCP or TLS, and says how the connection ended.
#ifndef COAUTH_TEST_UNIT_TESTING_RAW_CONNECTION_HPP
#define COAUTH_TEST_UNIT_TESTING_RAW_CONNECTION_HPP

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coauth_test {

namespace asio = boost::asio;

/// What came until the other side ended the connection.
class received_text {
public:
    std::string text;
    std::vector<std::size_t> pieces; // the size of each read
    boost::system::error_code end;
};

template <class Stream>
received_text read_to_end(Stream& stream)
{
    received_text out;
    std::array<char, 16 * 1024> block;
    for (;;) {
        const std::size_t size = stream.read_some(asio::buffer(block), out.end);
        if (out.end)
            return out;
        out.text.append(block.data(), size);
        out.pieces.push_back(size);
    }
}

/// Reads until the text ends so.
template <class Stream>
std::string read_until(Stream& stream, std::string_view end)
{
    std::string out;
    std::array<char, 1024> block;
    while (!out.ends_with(end))
        out.append(block.data(), stream.read_some(asio::buffer(block)));
    return out;
}

class raw_connection {
public:
    explicit raw_connection(std::uint16_t port) : socket(context)
    {
        socket.connect({asio::ip::address_v4::loopback(), port});
    }

    void send(std::string_view text) { asio::write(socket, asio::buffer(text)); }
    received_text read() { return read_to_end(socket); }

    asio::io_context context;
    asio::ip::tcp::socket socket;
};

class raw_tls_connection {
public:
    /// @param ca_pem whom to trust; nobody is trusted if it is empty
    raw_tls_connection(std::uint16_t port, std::string_view ca_pem, long options = 0)
        : tls(asio::ssl::context::tls_client), stream(context, prepared(tls, ca_pem, options))
    {
        stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
        stream.set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
        stream.handshake(asio::ssl::stream_base::client, handshake_failure);
    }

    void send(std::string_view text) { asio::write(stream, asio::buffer(text)); }
    received_text read() { return read_to_end(stream); }

    asio::io_context context;
    asio::ssl::context tls;
    asio::ssl::stream<asio::ip::tcp::socket> stream;
    boost::system::error_code handshake_failure;

private:
    static asio::ssl::context& prepared(asio::ssl::context& tls, std::string_view ca_pem, long options)
    {
        tls.set_verify_mode(asio::ssl::verify_peer);
        if (!ca_pem.empty())
            tls.add_certificate_authority(asio::buffer(ca_pem));
        tls.set_options(static_cast<asio::ssl::context::options>(options));
        return tls;
    }
};

} // namespace coauth_test

#endif
