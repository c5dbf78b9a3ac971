#include "logout_listener.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <utility>

namespace coauth_test {

namespace http = boost::beast::http;

logout_listener::logout_listener() : server_([this](server_peer& peer) { answer(peer); }) {}

void logout_listener::set_check(const std::string& path, check client)
{
    const std::lock_guard lock(mutex_);
    checks_[path] = std::move(client);
}

std::vector<received_logout> logout_listener::take(const std::string& path)
{
    const std::lock_guard lock(mutex_);
    return std::exchange(received_[path], {});
}

void logout_listener::answer(server_peer& peer)
{
    for (;;) {
        const std::string text = peer.read_request();
        if (text.empty())
            return;
        http::request_parser<http::string_body> parser;
        parser.eager(true);
        boost::system::error_code failed;
        parser.put(boost::asio::buffer(text), failed);
        if (failed || !parser.is_done() || parser.get().method() != http::verb::post)
            return;
        const auto& request = parser.get();
        received_logout got;
        got.content_type = std::string(request[http::field::content_type]);
        got.body = request.body();
        const std::string path(request.target());
        check client;
        {
            const std::lock_guard lock(mutex_);
            client = checks_[path];
        }
        if (!client)
            return;
        got.outcome = client(got.content_type, got.body);
        const std::string status = got.outcome ? "200 OK" : "400 Bad Request";
        {
            const std::lock_guard lock(mutex_);
            received_[path].push_back(std::move(got));
        }
        peer.write("HTTP/1.1 " + status + "\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n");
    }
}

} // namespace coauth_test
