#include "http_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>

#include <array>
#include <optional>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace login_server {
namespace {

using error_code = boost::system::error_code;
using request_parser = http::request_parser<http::string_body>;
using response = http::response<http::string_body>;

/// The request as the handler gets it; no value if its target is not one of a resource here.
std::optional<web_request> read_request(http::request<http::string_body>&& from)
{
    // RFC 9112 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that
    // lacks a Host header field and to any request message that contains more than one Host header field line".
    const std::size_t hosts = from.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && from.version() >= 11))
        return std::nullopt;
    std::string_view target(from.target().data(), from.target().size());
    std::string path;
    std::string query;
    if (target.starts_with('/')) {
        const auto mark = target.find('?');
        path = target.substr(0, mark);
        if (mark != target.npos)
            query = target.substr(mark + 1);
    } else {
        // RFC 9112 3.2.2: "a server MUST accept the absolute-form in requests"
        const auto url = boost::urls::parse_absolute_uri({target.data(), target.size()});
        if (url.has_error() || !url->has_authority())
            return std::nullopt;
        path.assign(url->encoded_path().data(), url->encoded_path().size());
        query.assign(url->encoded_query().data(), url->encoded_query().size());
        if (path.empty())
            path = "/";
    }
    const auto method = from.method_string();
    web_request out(from.method() == http::verb::head ? "GET" : std::string(method.data(), method.size()),
                    std::move(path), std::move(query));
    for (const auto& field : from) {
        const auto name = field.name_string();
        const auto value = field.value();
        out.add_field(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
    out.set_body(std::move(from.body()));
    return out;
}

/// Why a request could not be read.
unsigned status_of(const error_code& failure)
{
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return 431;
    if (failure == http::error::body_limit)
        return 413;
    return 400;
}

bool is_http_failure(const error_code& failure)
{
    return failure.category() == make_error_code(http::error::end_of_stream).category() &&
           failure != http::error::end_of_stream && failure != http::error::partial_message;
}

response write_answer(const web_answer& from, unsigned version, bool keep_alive, bool head)
{
    response out(static_cast<http::status>(from.status()), version);
    for (const web_field& field : from.fields())
        out.insert(field.name, field.value); // one line each: Set-Cookie cannot be joined
    out.keep_alive(keep_alive);
    out.content_length(from.body().size());
    if (!head)
        out.body() = from.body();
    return out;
}

} // namespace

class http_server::connection {
public:
    connection(std::shared_ptr<http_server> at, tcp::socket socket)
        : stream(std::move(socket)), at_(std::move(at))
    {
        at_->connections_.insert(this);
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection()
    {
        at_->connections_.erase(this);
        if (at_->connections_.empty() && at_->when_done_)
            std::exchange(at_->when_done_, nullptr)();
    }

    beast::tcp_stream stream;
    bool answering = false;

private:
    std::shared_ptr<http_server> at_;
};

http_server::http_server(asio::io_context& context, event_log log, const http_limits& limits)
    : acceptor_(context), log_(log), limits_(limits)
{
}

std::shared_ptr<http_server> http_server::listen(asio::io_context& context, const tcp::endpoint& at,
                                                 event_log log, const http_limits& limits)
{
    std::shared_ptr<http_server> out(new http_server(context, log, limits));
    out->acceptor_.open(at.protocol());
    out->acceptor_.set_option(tcp::acceptor::reuse_address(true));
    out->acceptor_.bind(at);
    out->acceptor_.listen();
    return out;
}

std::uint16_t http_server::port() const { return acceptor_.local_endpoint().port(); }

void http_server::serve(web_handler handler)
{
    handler_ = std::move(handler);
    asio::co_spawn(acceptor_.get_executor(), accept(shared_from_this()), asio::detached);
}

void http_server::stop(std::function<void()> when_done)
{
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    if (connections_.empty()) {
        when_done();
        return;
    }
    when_done_ = std::move(when_done);
    for (connection* each : connections_)
        if (!each->answering)
            each->stream.cancel();
}

asio::awaitable<void> http_server::accept(std::shared_ptr<http_server> self)
{
    asio::steady_timer pause(self->acceptor_.get_executor());
    while (!self->stopping_) {
        error_code failed;
        if (self->connections_.size() < self->limits_.connections) {
            tcp::socket socket =
                co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
            if (!failed) {
                asio::co_spawn(self->acceptor_.get_executor(), converse(self, std::move(socket)),
                               asio::detached);
                continue;
            }
        }
        if (self->stopping_)
            break;
        // Too many connections, or no descriptor left: the next ones wait in the backlog.
        if (failed)
            self->log_.write("http.accept_failed", {{"reason", failed.message()}});
        pause.expires_after(std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    }
}

namespace {

/// The answer to what is no request.
web_answer refusal(unsigned status)
{
    web_answer out(status);
    out.add_field("Content-Type", "text/plain").add_field("Cache-Control", "no-store");
    out.set_body(status == 431   ? "The header is too large.\n"
                 : status == 413 ? "The body is too large.\n"
                                 : "This is not a request that can be understood.\n");
    return out;
}

asio::awaitable<web_answer> call(const web_handler& handler, std::optional<web_request> request)
{
    if (!request)
        co_return refusal(400);
    web_answer out(500);
    try {
        out = co_await handler(std::move(*request));
    } catch (const std::exception&) {
        out = web_answer(500);
    }
    co_return out;
}

/// Let the other side read the last answer: closing with unread input in the buffer would reset the connection.
asio::awaitable<void> linger(beast::tcp_stream& stream)
{
    error_code ended;
    stream.socket().shutdown(tcp::socket::shutdown_send, ended);
    stream.expires_after(std::chrono::seconds(1));
    std::array<char, 4096> scrap{};
    std::size_t total = 0;
    while (!ended && total < 256 * 1024) {
        const std::size_t got = co_await stream.async_read_some(
            asio::buffer(scrap), asio::redirect_error(asio::use_awaitable, ended));
        total += got;
    }
}

} // namespace

asio::awaitable<void> http_server::converse(std::shared_ptr<http_server> self, tcp::socket socket)
{
    connection here(self, std::move(socket));
    beast::tcp_stream& stream = here.stream;
    error_code failed;
    stream.socket().set_option(tcp::no_delay(true), failed);
    beast::flat_buffer buffer;
    bool keep_alive = true;
    while (keep_alive && !self->stopping_) {
        here.answering = false;
        // One time limit for the whole request, however slowly its bytes arrive.
        stream.expires_after(self->limits_.request_time);
        std::optional<request_parser> parser(std::in_place);
        parser->header_limit(static_cast<std::uint32_t>(self->limits_.header_bytes));
        parser->body_limit(self->limits_.body_bytes);
        co_await http::async_read_header(stream, buffer, *parser,
                                         asio::redirect_error(asio::use_awaitable, failed));
        if (!failed && beast::iequals(parser->get()[http::field::expect], "100-continue")) {
            constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(stream, asio::buffer(go_on),
                                       asio::redirect_error(asio::use_awaitable, failed));
        }
        if (!failed)
            co_await http::async_read(stream, buffer, *parser,
                                      asio::redirect_error(asio::use_awaitable, failed));
        if (failed && !is_http_failure(failed))
            co_return; // gone, too slow, or stopped
        here.answering = true;
        web_answer answer(500);
        bool head = false;
        unsigned version = 11;
        if (failed) {
            keep_alive = false;
            answer = refusal(status_of(failed));
        } else {
            keep_alive = parser->get().keep_alive();
            head = parser->get().method() == http::verb::head;
            version = parser->get().version();
            std::optional<web_request> request = read_request(parser->release());
            answer = co_await call(self->handler_, std::move(request));
        }
        response out = write_answer(answer, version, keep_alive && !self->stopping_, head);
        keep_alive = out.keep_alive();
        stream.expires_after(self->limits_.answer_time);
        co_await http::async_write(stream, out, asio::redirect_error(asio::use_awaitable, failed));
        if (failed)
            co_return;
    }
    co_await linger(stream);
}

} // namespace login_server
