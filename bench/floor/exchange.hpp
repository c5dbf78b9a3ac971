// A token exchange by hand: Beast in a coroutine, with a timeout for each step, on a connection that is kept.
#ifndef COAUTH_BENCH_FLOOR_EXCHANGE_HPP
#define COAUTH_BENCH_FLOOR_EXCHANGE_HPP

#include "authorization_url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench::floor {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

struct tokens {
    std::string access_token;
    std::string refresh_token;
    std::string id_token;
    std::string scope;
    std::int64_t expires_in = 0;
};

inline bool read_tokens(std::string_view body, tokens& out)
{
    unsigned char memory[8192];
    boost::json::monotonic_resource resource(memory, sizeof memory);
    error_code failure;
    const boost::json::value document = boost::json::parse(body, failure, &resource);
    if (failure || !document.is_object())
        return false;
    const boost::json::object& members = document.get_object();
    const auto text = [&](std::string_view name, std::string& place) {
        const boost::json::value* member = members.if_contains(name);
        if (member == nullptr)
            return true;
        if (!member->is_string())
            return false;
        place = std::string_view(member->get_string());
        return true;
    };
    std::string type;
    if (!text("access_token", out.access_token) || !text("refresh_token", out.refresh_token) ||
        !text("id_token", out.id_token) || !text("scope", out.scope) || !text("token_type", type))
        return false;
    const boost::json::value* lifetime = members.if_contains("expires_in");
    if (lifetime != nullptr && lifetime->is_int64())
        out.expires_in = lifetime->get_int64();
    return !out.access_token.empty() && type == "Bearer";
}

struct free_session {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using tls_session = std::unique_ptr<SSL_SESSION, free_session>;

class token_connection {
public:
    token_connection(asio::io_context& context, asio::ssl::context& tls, std::uint16_t port)
        : host_("localhost:" + std::to_string(port)), port_(port), stream_(context, tls)
    {
        constexpr std::string_view redirect = "https://shop.example/callback";
        append_encoded(redirect_uri_, redirect);
    }

    asio::awaitable<void> connect()
    {
        const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port_);
        co_await connect_to(endpoint, nullptr);
    }

    /// As a client that has only the name, and the session of a connection before.
    asio::awaitable<void> reconnect(asio::ip::tcp::resolver& resolver, SSL_SESSION* session)
    {
        error_code failure;
        auto token = asio::redirect_error(asio::use_awaitable, failure);
        const auto found = co_await resolver.async_resolve("localhost", std::to_string(port_), token);
        if (failure)
            throw boost::system::system_error(failure);
        co_await connect_to(found, session);
    }

    /// For the next connection. What is freed without a shutdown is not resumed.
    tls_session session()
    {
        SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        return tls_session(SSL_get1_session(stream_.native_handle()));
    }
    bool resumed() { return SSL_session_reused(stream_.native_handle()) == 1; }

    /// Throws if the answer is no token response.
    asio::awaitable<void> exchange(std::string_view code, std::string_view verifier, tokens& out)
    {
        http::request<http::string_body> request(http::verb::post, "/token", 11);
        request.set(http::field::host, host_);
        request.set(http::field::user_agent, "coauth");
        request.set(http::field::accept, "application/json");
        request.set(http::field::accept_encoding, "identity");
        request.set(http::field::authorization, "Basic YmVuY2gtY2xpZW50OmJlbmNoLXNlY3JldA==");
        request.set(http::field::content_type, "application/x-www-form-urlencoded");
        std::string& form = request.body();
        form.reserve(512);
        form += "grant_type=authorization_code&code=";
        append_encoded(form, code);
        form.append("&redirect_uri=").append(redirect_uri_).append("&code_verifier=").append(verifier);
        request.prepare_payload();
        co_await fetch(request);
        if (response_->get().result() != http::status::ok ||
            !response_->get()[http::field::content_type].starts_with("application/json") ||
            !read_tokens(response_->get().body(), out))
            throw std::runtime_error("floor of exchange");
    }

    asio::awaitable<void> get(std::string_view target, std::string& body)
    {
        http::request<http::string_body> request(http::verb::get, {target.data(), target.size()}, 11);
        request.set(http::field::host, host_);
        co_await fetch(request);
        body = response_->get().body();
    }

private:
    template <class Where>
    asio::awaitable<void> connect_to(const Where& where, SSL_SESSION* session)
    {
        error_code failure;
        auto token = asio::redirect_error(asio::use_awaitable, failure);
        beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds(5));
        co_await beast::get_lowest_layer(stream_).async_connect(where, token);
        if (failure)
            throw boost::system::system_error(failure);
        beast::get_lowest_layer(stream_).socket().set_option(asio::ip::tcp::no_delay(true));
        stream_.set_verify_mode(asio::ssl::verify_peer);
        stream_.set_verify_callback(asio::ssl::host_name_verification("localhost"));
        SSL_set_tlsext_host_name(stream_.native_handle(), "localhost");
        if (session != nullptr)
            SSL_set_session(stream_.native_handle(), session);
        co_await stream_.async_handshake(asio::ssl::stream_base::client, token);
        if (failure)
            throw boost::system::system_error(failure);
    }

    asio::awaitable<void> fetch(http::request<http::string_body>& request)
    {
        error_code failure;
        auto token = asio::redirect_error(asio::use_awaitable, failure);
        beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds(30));
        co_await http::async_write(stream_, request, token);
        if (failure)
            throw boost::system::system_error(failure);
        response_.emplace();
        response_->header_limit(32 * 1024);
        response_->body_limit(1024 * 1024);
        beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds(30));
        co_await http::async_read(stream_, buffer_, *response_, token);
        if (failure)
            throw boost::system::system_error(failure);
    }

    std::string host_;
    std::uint16_t port_;
    std::string redirect_uri_;
    beast::ssl_stream<beast::tcp_stream> stream_;
    beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::string_body>> response_;
};

} // namespace bench::floor

#endif
