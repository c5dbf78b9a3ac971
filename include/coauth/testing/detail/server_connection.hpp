// Floor 5. For tests. Connections of a testing::authorization_server; only listener.ipp includes it.
#ifndef COAUTH_TESTING_DETAIL_SERVER_CONNECTION_HPP
#define COAUTH_TESTING_DETAIL_SERVER_CONNECTION_HPP

#include <coauth/detail/https/tls_engine.hpp>
#include <coauth/testing/detail/server_core.hpp>
#include <coauth/testing/detail/wire.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

/// Beast's parser, which also knows whether the last chunk of a body has begun.
class request_parser : public boost::beast::http::request_parser<boost::beast::http::string_body> {
public:
    request_parser() { on_chunk_header(note_chunk_); }
    request_parser(const request_parser&) = delete;

    /// In a chunked body, and the line of its last chunk is not consumed.
    bool is_before_last_chunk() const { return is_header_done() && chunked() && !has_last_chunk_; }

private:
    bool has_last_chunk_ = false;
    std::function<void(std::uint64_t, boost::beast::string_view, error_code&)> note_chunk_{
        [this](std::uint64_t size, boost::beast::string_view, error_code&) { has_last_chunk_ = size == 0; }};
};

inline constexpr std::uint32_t most_request_header_bytes = 64 * 1024;
inline constexpr std::uint64_t most_request_body_bytes = 1024 * 1024;

/** One client's connection: a socket, its TLS, a watchdog that closes it, and what was read and not yet used.

    Everything happens on the listener's only thread. Nothing here suspends: the socket is non-blocking. Coroutines
    wait for it and for timers only, so that they await one kind of operation: each kind costs megabytes to compile.
*/
class server_connection : public std::enable_shared_from_this<server_connection> {
public:
    using socket_type = boost::asio::ip::tcp::socket;
    enum class status { done, needs_input, needs_output, ended };

    /// @param tls null for plain HTTP
    server_connection(std::shared_ptr<server_core> served, std::shared_ptr<const int> counted,
                      socket_type accepted, SSL_CTX* tls)
        : core(std::move(served)),
          socket(std::move(accepted)),
          watchdog(socket.get_executor()),
          counted_(std::move(counted))
    {
        if (tls != nullptr)
            tls_.emplace(tls);
        error_code ignored; // byte by byte means in packets of their own
        socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
        socket.non_blocking(true, ignored);
    }

    /// From now on, so much time is left before the connection is closed.
    void allow(std::chrono::milliseconds time)
    {
        watchdog.expires_after(time);
        watchdog.async_wait([self = weak_from_this()](const error_code& failure) {
            const auto connection = self.lock();
            if (connection && !failure && connection->watchdog.expiry() <= std::chrono::steady_clock::now())
                connection->close();
        });
    }
    void close() noexcept
    {
        error_code ignored;
        socket.close(ignored);
    }

    /// Go on with the handshake; without TLS it is done.
    status handshake()
    {
        if (!tls_)
            return status::done;
        const auto state = tls_->handshake();
        const bool goes_on = state == tls_status::done || state == tls_status::needs_input;
        const status sent = flush(); // the alert of a failure, too
        if (!goes_on || sent != status::done)
            return goes_on ? sent : status::ended;
        return state == tls_status::done ? status::done : status::needs_input;
    }

    /// Encrypt, for flush(). False if the connection is broken.
    [[nodiscard]] bool put(std::string_view plain)
    {
        if (tls_)
            return plain.empty() || tls_->write(plain);
        output_ += plain;
        return true;
    }
    /// Let flush() send the close_notify.
    void put_goodbye() noexcept
    {
        if (tls_)
            tls_->close();
    }
    /// done, needs_output or ended.
    status flush()
    {
        for (;;) {
            const std::string_view left = tls_ ? tls_->output() : std::string_view(output_);
            if (left.empty())
                return status::done;
            error_code failure;
            const std::size_t size =
                socket.write_some(boost::asio::const_buffer(left.data(), left.size()), failure);
            if (failure)
                return is_not_yet(failure) ? status::needs_output : status::ended;
            if (tls_)
                tls_->consume_output(size);
            else
                output_.erase(0, size);
        }
    }

    /// Read what the socket has, as it came. done, needs_input or ended.
    status take_wire()
    {
        error_code failure;
        wire_size_ = socket.read_some(boost::asio::buffer(block_), failure);
        if (failure)
            return is_not_yet(failure) ? status::needs_input : status::ended;
        if (tls_ && !tls_->feed({block_.data(), wire_size_}))
            return status::ended;
        return status::done;
    }
    /// Read and decrypt. done (received has grown), needs_input or ended.
    status receive()
    {
        for (;;) {
            if (tls_) {
                std::array<char, 16 * 1024> plain;
                std::size_t size = 0;
                const auto state = tls_->read(plain, size);
                received.append(plain.data(), size);
                if (state != tls_status::needs_input)
                    return state == tls_status::done ? status::done : status::ended;
            }
            const status wire = take_wire();
            if (wire != status::done)
                return wire;
            if (!tls_) {
                received.append(block_.data(), wire_size_);
                return status::done;
            }
        }
    }

    std::shared_ptr<server_core> core;
    socket_type socket;
    boost::asio::steady_timer watchdog;
    std::string received;

private:
    using tls_status = coauth::detail::tls_engine::status;

    static bool is_not_yet(const error_code& failure) noexcept
    {
        return failure == boost::asio::error::would_block || failure == boost::asio::error::try_again;
    }

    std::optional<coauth::detail::tls_engine> tls_;
    std::string output_; // without TLS
    std::array<char, 16 * 1024> block_;
    std::size_t wire_size_ = 0;
    std::shared_ptr<const int> counted_;
};

using connection_pointer = std::shared_ptr<server_connection>;

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
        // Beast 1.81 to 1.85 asserts that the end of a chunked body, five bytes at least, is there whole. Beast 1.87 and
        // newer consumes the last chunk's line by itself, and then two bytes are enough.
        if (parser.is_before_last_chunk() && left < 5)
            break;
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

/// Wait until the socket can be read from or written to. False: it is closed.
inline boost::asio::awaitable<bool> wait_for(connection_pointer c, boost::asio::socket_base::wait_type what)
{
    namespace asio = boost::asio;
    error_code failure;
    co_await c->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, failure));
    co_return !failure;
}

inline boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds time)
{
    namespace asio = boost::asio;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// @return whether all of it was sent
inline boost::asio::awaitable<bool> flush(connection_pointer c)
{
    using status = server_connection::status;
    for (;;) {
        const status sent = c->flush();
        if (sent != status::needs_output)
            co_return sent == status::done;
        const bool ready = co_await wait_for(c, boost::asio::socket_base::wait_write);
        if (!ready)
            co_return false;
    }
}

/// @return whether received has grown
inline boost::asio::awaitable<bool> receive(connection_pointer c)
{
    using status = server_connection::status;
    for (;;) {
        const status read = c->receive();
        if (read != status::needs_input)
            co_return read == status::done;
        const bool answered = co_await flush(c); // TLS may have something to answer by itself
        if (!answered)
            co_return false;
        const bool ready = co_await wait_for(c, boost::asio::socket_base::wait_read);
        if (!ready)
            co_return false;
    }
}

inline boost::asio::awaitable<bool> shake_hands(connection_pointer c)
{
    using status = server_connection::status;
    for (;;) {
        const status state = c->handshake();
        if (state == status::done || state == status::ended)
            co_return state == status::done;
        bool ready = true;
        if (state == status::needs_output) {
            ready = co_await wait_for(c, boost::asio::socket_base::wait_write);
        } else {
            const status arrived = c->take_wire();
            ready = arrived == status::done;
            if (arrived == status::needs_input)
                ready = co_await wait_for(c, boost::asio::socket_base::wait_read);
        }
        if (!ready)
            co_return false;
    }
}

inline boost::asio::awaitable<bool> write(connection_pointer c, std::string_view bytes)
{
    if (!c->put(bytes))
        co_return false;
    const bool sent = co_await flush(c);
    co_return sent;
}

inline boost::asio::awaitable<request_state> read_request(connection_pointer c, request_parser& parser)
{
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
        const bool arrived = co_await receive(c);
        if (!arrived)
            co_return request_state::ended;
    }
}

/// @return whether the connection is still good
inline boost::asio::awaitable<bool> send_answer(connection_pointer c, const server_answer& answer,
                                                std::string bytes)
{
    const auto deadline = c->core->configuration().request_deadline();
    if (answer.delay() > std::chrono::milliseconds::zero()) {
        c->allow(answer.delay() + deadline);
        co_await sleep_for(answer.delay());
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
            c->allow(*answer.byte_pause() + deadline);
            co_await sleep_for(*answer.byte_pause());
        }
    }
    if (bytes.size() < whole_size) {
        c->close();
        good = false;
    }
    co_return good;
}

/// End the connection so that the last answer arrives: not before the other side has had the time to read it.
inline boost::asio::awaitable<void> say_goodbye(connection_pointer c)
{
    c->allow(std::chrono::seconds(2));
    c->put_goodbye();
    bool open = co_await flush(c);
    error_code ignored;
    if (c->socket.is_open())
        c->socket.shutdown(boost::asio::socket_base::shutdown_send, ignored);
    while (open) {
        const auto read = c->take_wire();
        open = read != server_connection::status::ended;
        if (read == server_connection::status::needs_input)
            open = co_await wait_for(c, boost::asio::socket_base::wait_read);
    }
    c->close();
}

inline boost::asio::awaitable<void> serve(connection_pointer c)
{
    const auto deadline = c->core->configuration().request_deadline();
    c->allow(deadline);
    const bool secured = co_await shake_hands(c);
    if (!secured)
        co_return;
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
