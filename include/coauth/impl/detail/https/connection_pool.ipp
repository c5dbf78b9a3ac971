#ifndef COAUTH_IMPL_DETAIL_HTTPS_CONNECTION_POOL_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_CONNECTION_POOL_IPP

#include <coauth/detail/https/connection_pool.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// Tells pools that a context is about to go, while its sockets can still be closed.
class context_watch final : public boost::asio::execution_context::service {
public:
    using key_type = context_watch;
    static inline boost::asio::execution_context::id id;

    explicit context_watch(boost::asio::execution_context& context) : service(context) {}

    void add(std::shared_ptr<connection_pool> pool)
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(pools_, [](const auto& known) { return known->is_closed(); });
        pools_.push_back(std::move(pool));
    }

private:
    void shutdown() override
    {
        for (const auto& pool : pools_)
            pool->forget(context());
    }

    std::mutex mutex_;
    // Not weak: the last owner of a pool may be closing this context's connections at this moment.
    std::vector<std::shared_ptr<connection_pool>> pools_;
};

/// How long a connection may have been idle that takes a request which cannot be repeated.
inline constexpr std::chrono::seconds short_idle_time{3};
/// How much earlier than the server says a connection is closed: its clock started before ours, and a request is on its
/// way for a while.
inline constexpr std::chrono::seconds keep_alive_margin{1};

COAUTH_DECL connection_pointer connection_pool::take(const boost::asio::execution_context& context,
                                                     const http_request& request)
{
    for (;;) {
        connection_pointer found;
        {
            const std::lock_guard lock(mutex_);
            const auto now = std::chrono::steady_clock::now();
            close_expired(now);
            const auto newest = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& c) {
                return c->serves(context, request.url());
            });
            if (newest != idle_.rend() &&
                (request.repeatable() || now - (*newest)->idle_since <= short_idle_time)) {
                found = std::move(*newest);
                idle_.erase(std::prev(newest.base()));
            }
        }
        if (!found || found->is_idle_and_open())
            return found;
    }
}

COAUTH_DECL void connection_pool::put(connection_pointer idle, const endpoint_url& url,
                                      std::optional<std::chrono::seconds> server_keeps)
{
    std::chrono::milliseconds idle_time = idle_time_;
    if (server_keeps)
        idle_time = std::min<std::chrono::milliseconds>(idle_time, *server_keeps - keep_alive_margin);
    if (per_origin_ == 0 || total_ == 0 || idle_time.count() <= 0)
        return;
    watch(idle->context());
    const auto now = std::chrono::steady_clock::now();
    idle->idle_since = now;
    idle->idle_until = now + idle_time;
    const std::lock_guard lock(mutex_);
    close_expired(now);
    const auto same = [&](const auto& c) { return c->serves(idle->context(), url); };
    const auto of_origin = static_cast<std::size_t>(std::count_if(idle_.begin(), idle_.end(), same));
    auto surplus = idle_.end();
    if (of_origin >= per_origin_)
        surplus = std::find_if(idle_.begin(), idle_.end(), same);
    else if (idle_.size() >= total_)
        surplus = idle_.begin();
    if (surplus != idle_.end())
        idle_.erase(surplus);
    if (!closed_)
        idle_.push_back(std::move(idle));
}

COAUTH_DECL void connection_pool::clear()
{
    const std::lock_guard lock(mutex_);
    idle_.clear();
}

COAUTH_DECL void connection_pool::close()
{
    const std::lock_guard lock(mutex_);
    idle_.clear();
    closed_ = true;
}

COAUTH_DECL void connection_pool::forget(const boost::asio::execution_context& context)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(idle_, [&](const auto& one) { return &one->context() == &context; });
    std::erase(watched_, &context);
}

COAUTH_DECL void connection_pool::close_expired(std::chrono::steady_clock::time_point now)
{
    std::erase_if(idle_, [now](const auto& c) { return c->idle_until < now; });
}

COAUTH_DECL void connection_pool::watch(boost::asio::execution_context& context)
{
    {
        const std::lock_guard lock(mutex_);
        if (std::find(watched_.begin(), watched_.end(), &context) != watched_.end())
            return;
        watched_.push_back(&context);
    }
    boost::asio::use_service<context_watch>(context).add(shared_from_this());
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
