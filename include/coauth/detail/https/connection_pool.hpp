// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_CONNECTION_POOL_HPP
#define COAUTH_DETAIL_HTTPS_CONNECTION_POOL_HPP

#include <coauth/detail/https/connection.hpp>
#include <coauth/policy/http.hpp>

#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/** Connections that no request uses.

    There is no timer, as one would keep `io_context::run()` from returning: what has been idle too long is
    closed when the pool is next used. An execution context takes its connections with it when it goes.

    The pool destroys connections while it holds its mutex: their context, which goes away in another thread, waits for
    that mutex in forget() before it destroys what the connections refer to.

    @par Thread safety Safe.
*/
class connection_pool : public std::enable_shared_from_this<connection_pool> {
public:
    connection_pool(std::size_t per_origin, std::size_t total, std::chrono::milliseconds idle_time) noexcept
        : per_origin_(per_origin), total_(total), idle_time_(idle_time)
    {
    }

    /** The one used last, if it is still open.
        @param request one that cannot be repeated takes only a connection that was used a few seconds ago: a server that
        closes it at this moment has not seen the request, and nobody could know
    */
    COAUTH_DECL connection_pointer take(const boost::asio::execution_context& context,
                                        const http_request& request);
    /// @param server_keeps how long the server keeps it open, if it said so
    COAUTH_DECL void put(connection_pointer idle, const endpoint_url& url,
                         std::optional<std::chrono::seconds> server_keeps);
    COAUTH_DECL void clear();
    /// Closes all connections, and every one that comes later. Contexts may hold on to the pool longer than its owner.
    COAUTH_DECL void close();
    bool is_closed()
    {
        const std::lock_guard lock(mutex_);
        return closed_;
    }
    COAUTH_DECL void forget(const boost::asio::execution_context& context);

private:
    using connections = std::vector<connection_pointer>;

    COAUTH_DECL void close_expired(std::chrono::steady_clock::time_point now); // with the mutex held
    COAUTH_DECL void watch(boost::asio::execution_context& context);

    std::mutex mutex_;
    connections idle_; // the one used last is at the end
    std::vector<const boost::asio::execution_context*> watched_;
    bool closed_ = false;
    const std::size_t per_origin_;
    const std::size_t total_;
    const std::chrono::milliseconds idle_time_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/connection_pool.ipp>
#endif

#endif
