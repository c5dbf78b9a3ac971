// Who is signed in: sessions in memory, each behind an unguessable id in a cookie.
#ifndef LOGIN_SERVER_SESSION_STORE_HPP
#define LOGIN_SERVER_SESSION_STORE_HPP

#include "flight.hpp"

#include <coauth.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace login_server {

/// One person's sign-in.
struct session {
    session(std::string signed_in_at, coauth::token_set issued, std::optional<coauth::userinfo> said)
        : issuer(std::move(signed_in_at)), tokens(std::move(issued)), userinfo(std::move(said))
    {
    }

    std::string issuer;       // empty for a provider without one
    coauth::token_set tokens; // and with OpenID Connect, who it is
    std::optional<coauth::userinfo> userinfo;

    std::optional<std::chrono::steady_clock::time_point> refreshed_at;
    std::shared_ptr<flight<coauth::result<void>>> refreshing; // while a refresh runs
    bool ended = false;
};

/** Keeps sessions, bounded in number and time; the one begun first gives way.

    Those of people whom an ID token names are found by it, too: by issuer and subject, which together are who
    somebody is, and by issuer and the provider's session. Neither means anything without the issuer.

    @par Thread safety To be used from one thread.
*/
class session_store {
public:
    using clock = std::chrono::steady_clock;

    explicit session_store(std::size_t most = 50'000, clock::duration lifetime = std::chrono::hours(12))
        : most_(most), lifetime_(lifetime)
    {
    }

    /** Keep a session under a new id.
        @return the id, for the cookie; an error if there is no randomness to be had
    */
    coauth::result<std::string> begin(std::shared_ptr<session> value);

    /// Null if there is none of this id, or not any more.
    std::shared_ptr<session> find(std::string_view id);

    /// No more to be found. Null if it was not there.
    std::shared_ptr<session> end(std::string_view id);

    /** End what a provider's logout token is about.
        @return how many sessions that were
    */
    std::size_t end(const coauth::logout_token& notice);

    /// To be called when the tokens of a session were replaced: a refreshed ID token may name another session.
    void update(const std::shared_ptr<session>& changed);

    std::size_t size() const noexcept { return by_key_.size(); }

private:
    struct entry;
    using entries = std::list<entry>;
    /// By issuer and subject, or by issuer and the provider's session.
    using index = std::multimap<std::pair<std::string, std::string>, entries::iterator>;
    struct entry {
        std::string key;
        std::shared_ptr<session> value;
        clock::time_point expires;
        index::iterator in_subjects{}; // the ends if it is in neither
        index::iterator in_provider_sessions{};
    };

    void erase(entries::iterator at);
    void add_to_provider_sessions(entries::iterator at);

    std::size_t most_;
    clock::duration lifetime_;
    entries oldest_first_;
    std::unordered_map<std::string, entries::iterator> by_key_;
    index subjects_;
    index provider_sessions_;
};

} // namespace login_server

#endif
