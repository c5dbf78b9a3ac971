#ifndef COAUTH_IMPL_DETAIL_HTTPS_TLS_SESSION_CACHE_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_TLS_SESSION_CACHE_IPP

#include <coauth/detail/https/tls_session_cache.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::detail {

inline bool is_single_use(const tls_session& session) noexcept
{
    return SSL_SESSION_get_protocol_version(session.get()) >= TLS1_3_VERSION;
}

COAUTH_DECL void tls_session_cache::put(std::string_view server, tls_session session)
{
    if (SSL_SESSION_is_resumable(session.get()) != 1)
        return;
    const std::lock_guard lock(mutex_);
    const auto of_server = [server](const entry& e) { return e.server == server; };
    const auto kept = static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), of_server));
    if (kept >= (is_single_use(session) ? most_per_server : 1))
        entries_.erase(std::find_if(entries_.begin(), entries_.end(), of_server));
    else if (entries_.size() >= most)
        entries_.erase(entries_.begin());
    entries_.push_back(entry{std::string(server), std::move(session)});
}

COAUTH_DECL tls_session tls_session_cache::take(std::string_view server)
{
    const std::lock_guard lock(mutex_);
    const auto newest = std::find_if(entries_.rbegin(), entries_.rend(),
                                     [server](const entry& e) { return e.server == server; });
    if (newest == entries_.rend())
        return nullptr;
    if (!is_single_use(newest->session)) {
        SSL_SESSION_up_ref(newest->session.get());
        return tls_session(newest->session.get());
    }
    tls_session out = std::move(newest->session);
    entries_.erase(std::prev(newest.base()));
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
