// HTTP/1.1 for the web application: connections, limits and time limits.
#ifndef LOGIN_SERVER_HTTP_SERVER_HPP
#define LOGIN_SERVER_HTTP_SERVER_HPP

#include "log.hpp"
#include "web.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>

namespace login_server {

/// What a client may cost.
struct http_limits {
    std::size_t header_bytes = 32 * 1024;
    std::size_t body_bytes = 64 * 1024;
    std::size_t connections = 4096;
    /// From the last answer until the next request has arrived whole.
    std::chrono::milliseconds request_time{15'000};
    /// Until an answer has been taken.
    std::chrono::milliseconds answer_time{15'000};
};

/** Serves requests from loopback or the network to a handler.

    @par Thread safety To be used from the one thread that runs the context.
*/
class http_server : public std::enable_shared_from_this<http_server> {
public:
    /** @throws boost::system::system_error if it cannot listen there */
    static std::shared_ptr<http_server> listen(boost::asio::io_context& context,
                                               const boost::asio::ip::tcp::endpoint& at, event_log log,
                                               const http_limits& limits = {});

    std::uint16_t port() const;
    void serve(web_handler handler);

    /** Take no more requests. Those that were taken are answered.
        @param when_done called once no connection is left
    */
    void stop(std::function<void()> when_done);

private:
    class connection;

    http_server(boost::asio::io_context& context, event_log log, const http_limits& limits);

    static boost::asio::awaitable<void> accept(std::shared_ptr<http_server> self);
    static boost::asio::awaitable<void> converse(std::shared_ptr<http_server> self,
                                                 boost::asio::ip::tcp::socket socket);

    boost::asio::ip::tcp::acceptor acceptor_;
    event_log log_;
    http_limits limits_;
    web_handler handler_;
    std::set<connection*> connections_;
    std::function<void()> when_done_;
    bool stopping_ = false;
};

} // namespace login_server

#endif
