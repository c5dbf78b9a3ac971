// Floor 5. For tests. Connections of a testing::authorization_server; only listener.ipp includes it.
#ifndef COAUTH_TESTING_DETAIL_SERVER_CONNECTION_HPP
#define COAUTH_TESTING_DETAIL_SERVER_CONNECTION_HPP

#include <coauth/testing/detail/server_core.hpp>
#include <coauth/testing/detail/wire.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

inline constexpr std::uint32_t most_request_header_bytes = 64 * 1024;
inline constexpr std::uint64_t most_request_body_bytes = 1024 * 1024;

/** One client's connection: a socket, a watchdog that closes it, and what was read and not yet used.

    Everything happens on the listener's only thread.
*/
template <class Stream>
class server_connection : public std::enable_shared_from_this<server_connection<Stream>> {
public:
    using socket_type = boost::asio::ip::tcp::socket;

    template <class... Arguments>
    server_connection(std::shared_ptr<server_core> served, std::shared_ptr<const int> counted,
                      socket_type socket, Arguments&... arguments)
        : core(std::move(served)),
          stream(std::move(socket), arguments...),
          watchdog(this->socket().get_executor()),
          counted_(std::move(counted))
    {
        error_code ignored; // byte by byte means in packets of their own
        this->socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    }

    socket_type& socket() noexcept
    {
        if constexpr (std::is_same_v<Stream, socket_type>)
            return stream;
        else
            return stream.next_layer();
    }

    /// From now on, so much time is left before the connection is closed.
    void allow(std::chrono::milliseconds time)
    {
        watchdog.expires_after(time);
        watchdog.async_wait([self = this->weak_from_this()](const error_code& failure) {
            const auto connection = self.lock();
            if (connection && !failure && connection->watchdog.expiry() <= std::chrono::steady_clock::now())
                connection->close();
        });
    }
    void close() noexcept
    {
        error_code ignored;
        socket().close(ignored);
    }

    std::shared_ptr<server_core> core;
    Stream stream;
    boost::asio::steady_timer watchdog;
    std::string received;
    std::array<char, 16 * 1024> block;

private:
    std::shared_ptr<const int> counted_;
};

/// boost::asio::ssl::stream whose lowest layer it owns.
using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;
using tls_connection = server_connection<tls_stream>;
using plain_connection = server_connection<boost::asio::ip::tcp::socket>;

/// What came of reading a request.
enum class request_state {
    complete,
    wants_continue,
    needs_more,
    ended,
    header_too_large,
    body_too_large,
    malformed
};

/// Give the parser what is there. Consumes what it took.
inline request_state advance(request_parser& parser, std::string& received)
{
    namespace http = boost::beast::http;
    const bool had_header = parser.is_header_done();
    std::size_t used = 0;
    request_state out = request_state::needs_more;
    while (out == request_state::needs_more && used < received.size()) {
        const std::size_t left = received.size() - used;
        if (parser.is_header_done() && parser.chunked() && left < 5)
            break; // Beast 1.81 asserts that the end of a chunked body, five bytes at least, is there whole
        error_code failure;
        used += parser.put(boost::asio::const_buffer(received.data() + used, left), failure);
        if (failure == http::error::need_more)
            break;
        if (failure == http::error::header_limit)
            out = request_state::header_too_large;
        else if (failure == http::error::body_limit)
            out = request_state::body_too_large;
        else if (failure)
            out = request_state::malformed;
        else if (parser.is_done())
            out = request_state::complete;
    }
    received.erase(0, used);
    if (out == request_state::needs_more && received.size() > most_request_header_bytes)
        return request_state::malformed; // Beast does not bound chunk extensions
    if (out == request_state::needs_more && !had_header && parser.is_header_done() &&
        parser.get()[http::field::expect] == "100-continue")
        return request_state::wants_continue;
    return out;
}

inline server_request to_request(request_parser& parser)
{
    auto message = parser.release();
    server_request out(std::string(message.method_string()), std::string(message.target()));
    for (const auto& field : message)
        out.add_field(std::string(field.name_string()), std::string(field.value()));
    return out.set_body(std::move(message.body()));
}

inline server_answer refusal(request_state why)
{
    const unsigned status = why == request_state::header_too_large ? 431u
                            : why == request_state::body_too_large ? 413u
                                                                   : 400u;
    return server_answer(status);
}

inline server_answer handle_safely(server_core& core, server_request request)
{
    try {
        return core.handle(std::move(request));
    } catch (...) { // a hook's, or out of memory
        return server_answer(500);
    }
}

template <class Connection>
boost::asio::awaitable<bool> write(std::shared_ptr<Connection> c, std::string_view bytes)
{
    namespace asio = boost::asio;
    error_code failure;
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    co_await asio::async_write(c->stream, buffer, asio::redirect_error(asio::use_awaitable, failure));
    co_return !failure;
}

template <class Connection>
boost::asio::awaitable<request_state> read_request(std::shared_ptr<Connection> c, request_parser& parser)
{
    namespace asio = boost::asio;
    parser.header_limit(most_request_header_bytes);
    parser.body_limit(most_request_body_bytes);
    parser.eager(true);
    for (;;) {
        request_state state = advance(parser, c->received);
        if (state == request_state::wants_continue) {
            const bool written = co_await write(c, "HTTP/1.1 100 Continue\r\n\r\n");
            state = written ? request_state::needs_more : request_state::ended;
        }
        if (state != request_state::needs_more)
            co_return state;
        error_code failure;
        const asio::mutable_buffer buffer(c->block.data(), c->block.size());
        const std::size_t size =
            co_await c->stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, failure));
        if (failure)
            co_return request_state::ended;
        c->received.append(c->block.data(), size);
    }
}

/// @return whether the connection is still good
template <class Connection>
boost::asio::awaitable<bool> send_answer(std::shared_ptr<Connection> c, const server_answer& answer,
                                         std::string bytes)
{
    namespace asio = boost::asio;
    const auto deadline = c->core->configuration().request_deadline();
    error_code failure;
    asio::steady_timer pause(c->socket().get_executor());
    if (answer.delay() > std::chrono::milliseconds::zero()) {
        c->allow(answer.delay() + deadline);
        pause.expires_after(answer.delay());
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    }
    const std::size_t whole_size = bytes.size();
    if (answer.truncation())
        bytes.resize(std::min(bytes.size(), *answer.truncation()));
    const std::size_t step = answer.byte_pause() ? 1 : std::max<std::size_t>(bytes.size(), 1);
    bool good = true;
    for (std::size_t sent = 0; good && sent < bytes.size(); sent += step) {
        c->allow(deadline);
        const std::string_view part = std::string_view(bytes).substr(sent, step);
        good = co_await write(c, part);
        if (answer.byte_pause() && *answer.byte_pause() > std::chrono::milliseconds::zero()) {
            pause.expires_after(*answer.byte_pause());
            c->allow(*answer.byte_pause() + deadline);
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failure));
        }
    }
    if (bytes.size() < whole_size) {
        c->close();
        good = false;
    }
    co_return good;
}

/// End the connection so that the last answer arrives: not before the other side has had the time to read it.
template <class Connection>
boost::asio::awaitable<void> say_goodbye(std::shared_ptr<Connection> c)
{
    namespace asio = boost::asio;
    c->allow(std::chrono::seconds(2));
    error_code failure;
    if constexpr (std::is_same_v<Connection, tls_connection>)
        co_await c->stream.async_shutdown(asio::redirect_error(asio::use_awaitable, failure));
    if (c->socket().is_open())
        c->socket().shutdown(asio::ip::tcp::socket::shutdown_send, failure);
    const asio::mutable_buffer buffer(c->block.data(), c->block.size());
    failure = {};
    while (!failure)
        co_await c->socket().async_read_some(buffer, asio::redirect_error(asio::use_awaitable, failure));
    c->close();
}

template <class Connection>
boost::asio::awaitable<void> serve(std::shared_ptr<Connection> c)
{
    namespace asio = boost::asio;
    const auto deadline = c->core->configuration().request_deadline();
    c->allow(deadline);
    if constexpr (std::is_same_v<Connection, tls_connection>) {
        error_code failure;
        co_await c->stream.async_handshake(asio::ssl::stream_base::server,
                                           asio::redirect_error(asio::use_awaitable, failure));
        if (failure)
            co_return;
    }
    for (bool stays = true; stays;) {
        c->allow(deadline);
        request_parser parser;
        const request_state state = co_await read_request(c, parser);
        if (state == request_state::ended)
            break;
        const bool complete = state == request_state::complete;
        stays = complete && parser.keep_alive();
        const bool head = complete && parser.get().method() == boost::beast::http::verb::head;
        server_answer answer = refusal(state);
        if (complete)
            answer = handle_safely(*c->core, to_request(parser));
        std::string bytes =
            to_wire(answer, head ? body_sent::no_as_for_head : body_sent::yes,
                    stays ? connection_after::kept : connection_after::closed, c->core->now());
        stays = stays && !answer.raw();
        const bool sent = co_await send_answer(c, answer, std::move(bytes));
        if (!sent)
            co_return;
    }
    co_await say_goodbye(c);
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
