// Who is signed in, as far as this process knows.
#ifndef LOGIN_SERVER_SESSION_STORE_HPP
#define LOGIN_SERVER_SESSION_STORE_HPP

#include <coauth.hpp>
#include <coauth/managed_grant.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
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
    session(std::string signed_in_at, coauth::shared_tokens issued, std::optional<coauth::userinfo> said)
        : issuer(std::move(signed_in_at)), tokens(std::move(issued)), userinfo(std::move(said))
    {
    }

    std::string issuer;           // empty for a provider without one
    coauth::shared_tokens tokens; // the newest ones; with OpenID Connect they say who it is
    std::optional<coauth::userinfo> userinfo;

    std::string key;                            // of the grant
    std::optional<coauth::managed_grant> grant; // keeps the tokens fresh
    bool ended = false;

    // With a token store that other processes use, too:
    using notice_counts = std::array<std::uint64_t, 3>;
    std::uint64_t generation = 0; // of the tokens
    notice_counts notices{};      // how often the provider had said that this was over, when it began
};

/** Keeps sessions, bounded in number and time; the one begun first gives way.

    Those of people whom an ID token names are found by it, too: by issuer and subject, which together are who
    somebody is, and by issuer and the provider's session. Neither means anything without the issuer.

    @par Thread safety To be used from one thread.
*/
class session_store {
public:
    using clock = std::chrono::steady_clock;

    static constexpr std::chrono::hours longest_session{12};

    explicit session_store(std::size_t most = 50'000, clock::duration lifetime = longest_session)
        : most_(most), lifetime_(lifetime)
    {
    }

    enum class end_reason {
        over,    ///< Somebody signed out, or it is too old.
        no_room, ///< There are others.
    };
    using end_handler = std::function<void(const std::string& key, end_reason why)>;

    /// Called with the key of each session that ends, for whatever reason.
    void on_end(end_handler handler) { on_end_ = std::move(handler); }

    void begin(std::string key, std::shared_ptr<session> value);

    /// Null if there is none of this key, or not any more.
    std::shared_ptr<session> find(const std::string& key);

    /// No more to be found. Null if it was not there.
    std::shared_ptr<session> end(const std::string& key);

    /// End those that are too old, also if nobody asks for them.
    void end_expired();

    /** End what a provider's logout token is about.
        @return how many sessions that were
    */
    std::size_t end(const coauth::logout_token& notice);

    /// Replace the tokens of a session: a refreshed ID token may name another session of the provider's.
    void update(const std::string& key, coauth::shared_tokens fresh);

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

    void index_by_person(entries::iterator at);
    void erase(entries::iterator at, end_reason why = end_reason::over);
    void add_to_provider_sessions(entries::iterator at);

    std::size_t most_;
    clock::duration lifetime_;
    entries oldest_first_;
    std::unordered_map<std::string, entries::iterator> by_key_;
    index subjects_;
    index provider_sessions_;
    end_handler on_end_;
};

} // namespace login_server

#endif
