#ifndef COAUTH_IMPL_DETAIL_HTTPS_CONNECT_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_CONNECT_IPP

#include <coauth/detail/https/addresses.hpp>
#include <coauth/detail/https/connect.hpp>
#include <coauth/detail/https/request_text.hpp>
#include <coauth/detail/https/response_reader.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// Drop what must not be connected to.
inline result<addresses> permitted(const exchange& x, addresses found, bool to_proxy)
{
    const endpoint_url& url = x.request().url();
    if (!url.is_https()) {
        // The URL names a loopback host, and yet the name may lead elsewhere.
        std::erase_if(found, [](const auto& address) { return !is_loopback(address); });
        if (found.empty())
            return errc::insecure_url;
    }
    if (const address_policy& permits = x.settings().address_policy(); permits && !to_proxy) {
        std::erase_if(found, [&](const auto& address) { return !permits(address); });
        if (found.empty())
            return errc::name_resolution_failed;
    }
    return found;
}

/// Try one address after the other, each within its share of the time that is left.
inline on_strand<error> connect_socket(exchange& x, connection::socket_type& socket, addresses tried,
                                       std::uint16_t port, exchange::time_point limit)
{
    error failure = errc::connection_failed;
    for (std::size_t i = 0; i < tried.size(); ++i) {
        const auto now = exchange::clock::now();
        if (now >= limit)
            co_return errc::timed_out;
        x.set_limit(now + (limit - now) / static_cast<std::ptrdiff_t>(tried.size() - i));
        const boost::asio::ip::tcp::endpoint endpoint(tried[i], port);
        auto connecting = socket.async_connect(endpoint, boost::asio::as_tuple(boost::asio::deferred));
        const std::tuple<error_code> connected = co_await std::move(connecting);
        error_code ec = std::get<0>(connected);
        if (x.is_cancelled())
            co_return x.interruption();
        if (!ec && !x.has_lapsed()) {
            socket.set_option(boost::asio::ip::tcp::no_delay(true), ec);
            if (!ec)
                socket.non_blocking(true, ec);
            if (!ec)
                co_return error();
        }
        failure = x.has_lapsed() ? errc::timed_out : errc::connection_failed;
        socket.close(ec);
    }
    co_return failure;
}

/// Write what the connection has to send. False: broken, or interrupted.
inline on_strand<bool> write_all(exchange& x, connection& c)
{
    for (;;) {
        const auto status = c.flush();
        if (status != connection::status::needs_output)
            co_return status == connection::status::done;
        auto waiting = c.socket().async_wait(connection::socket_type::wait_write,
                                             boost::asio::as_tuple(boost::asio::deferred));
        const std::tuple<error_code> writable = co_await std::move(waiting);
        if (std::get<0>(writable) || x.is_interrupted())
            co_return false;
    }
}

/// Read once. False: broken, or interrupted.
inline on_strand<bool> read_some(exchange& x, connection& c)
{
    auto reading = c.socket().async_read_some(c.read_buffer(), boost::asio::as_tuple(boost::asio::deferred));
    const std::tuple<error_code, std::size_t> read = co_await std::move(reading);
    if (x.is_interrupted())
        co_return false;
    co_return c.take_read(std::get<0>(read), std::get<1>(read));
}

inline on_strand<error> open_tunnel(exchange& x, connection& c, const http_proxy& proxy)
{
    x.set_limit(x.limit_in(x.settings().connect_timeout()));
    append_tunnel_request(c.request(), x.request().url(), proxy);
    c.send();
    const bool written = co_await write_all(x, c);
    if (x.is_interrupted())
        co_return x.interruption();
    if (!written)
        co_return errc::connection_failed;

    // RFC 9110 9.3.6: "Any 2xx (Successful) response indicates that the sender [...] will switch to tunnel
    // mode"
    static constexpr std::size_t header_bytes = 8 * 1024;
    response_reader reader(header_bytes, 0, request_method::connect);
    for (;;) {
        const auto arrived = c.receive();
        if (arrived == connection::status::needs_input) {
            const bool read = co_await read_some(x, c);
            if (x.is_interrupted())
                co_return x.interruption();
            if (!read)
                co_return errc::connection_failed;
            continue;
        }
        if (arrived != connection::status::done)
            co_return errc::connection_failed;
        std::size_t consumed = 0;
        const auto progress = reader.read(c.received(), consumed);
        c.consume(consumed);
        if (progress == response_reader::status::needs_more)
            continue;
        if (progress == response_reader::status::failed)
            co_return errc::proxy_refused;
        break;
    }
    const unsigned status = reader.take_response().status();
    if (status / 100 != 2)
        co_return error(errc::proxy_refused).set_http_status(status);
    if (!c.received().empty()) // the server does not speak before the client has
        co_return errc::proxy_refused;
    c.wipe();
    co_return error();
}

inline on_strand<error> shake_hands(exchange& x, connection& c)
{
    x.set_limit(x.limit_in(x.settings().handshake_timeout()));
    c.start_tls(x.core().tls.get(), x.core().sessions);
    for (;;) {
        const auto status = c.handshake();
        if (status == connection::status::done)
            break; // our last message leaves together with the request
        if (status == connection::status::needs_input) {
            const bool written = co_await write_all(x, c);
            if (x.is_interrupted())
                co_return x.interruption();
            if (!written)
                co_return errc::tls_handshake_failed;
            const bool read = co_await read_some(x, c);
            if (x.is_interrupted())
                co_return x.interruption();
            if (!read)
                co_return errc::tls_handshake_failed;
            continue;
        }
        c.flush(); // the alert that tells the server why
        if (c.certificate_rejected())
            co_return errc::certificate_rejected;
        co_return errc::tls_handshake_failed;
    }
    co_return error();
}

COAUTH_DECL on_strand<result<connection_pointer>> connect(exchange& x)
{
    const endpoint_url& url = x.request().url();
    const http_proxy* proxy = nullptr;
    if (url.is_https() && x.settings().proxy())
        proxy = &*x.settings().proxy();
    if (proxy != nullptr && x.settings().address_policy()) {
        error_code not_an_address;
        const auto literal = boost::asio::ip::make_address(url.host(), not_an_address);
        if (!not_an_address && !x.settings().address_policy()(literal))
            co_return errc::name_resolution_failed;
    }

    const auto limit = x.limit_in(x.settings().connect_timeout());
    x.set_limit(limit);
    std::string host = proxy != nullptr ? proxy->host() : url.host();
    result<addresses> found = co_await resolve(x, std::move(host));
    if (!found)
        co_return found.error();
    found = permitted(x, std::move(*found), proxy != nullptr);
    if (!found)
        co_return found.error();

    auto made = std::make_unique<connection>(x.executor(), url);
    const exchange::interruptible guard(x, *made);
    const std::uint16_t port = proxy != nullptr ? proxy->port() : url.port();
    addresses tried = in_order_of_trial(*found);
    error failure = co_await connect_socket(x, made->socket(), std::move(tried), port, limit);
    if (!failure.code() && proxy != nullptr)
        failure = co_await open_tunnel(x, *made, *proxy);
    if (!failure.code() && url.is_https())
        failure = co_await shake_hands(x, *made);
    if (failure.code())
        co_return failure;
    co_return made;
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
