// Keeps people signed in: what is behind the session cookie, and tokens that stay fresh.
#ifndef LOGIN_SERVER_SESSION_KEEPER_HPP
#define LOGIN_SERVER_SESSION_KEEPER_HPP

#include "log.hpp"
#include "provider.hpp"
#include "session_store.hpp"
#include "stores.hpp"

#include <coauth.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/sealed_cookie.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace login_server {

/** Sessions, and the grants behind them, which the scheduler refreshes.

    In one process the cookie holds an unguessable id, and everything else is in memory. With a token store that
    several processes share, the cookie holds the key of the grant, sealed: whichever process it comes to finds the
    tokens in the store. What ends a session, at whichever process, ends the grant there, and so the session
    everywhere.

    @par Thread safety To be used from one thread, that of the executor.
*/
class session_keeper {
public:
    session_keeper(boost::asio::any_io_executor executor, const options& from, provider& at,
                   const stores& kept, event_log log);
    session_keeper(const session_keeper&) = delete;
    session_keeper& operator=(const session_keeper&) = delete;

    /// Refresh in the background, and end what is too old. Ends when it is cancelled.
    boost::asio::awaitable<void> run();

    /// Refresh no more, and wait until the tokens of refreshes that were sent are where they are kept.
    boost::asio::awaitable<void> stop() { return scheduler_->stop(); }

    /** Begin a session.
        @return the value for the cookie
    */
    boost::asio::awaitable<coauth::result<std::string>> begin(coauth::token_set tokens,
                                                              std::optional<coauth::userinfo> userinfo);

    /** Whose session it is. While the shared store is down, those that were seen here before go on.
        @return null if nobody is signed in, or not any more
    */
    boost::asio::awaitable<coauth::result<std::shared_ptr<session>>> find(std::string cookie);

    /// End it, here and elsewhere. What a refresh that is under way brings is revoked.
    void end(const session& ended);

    /** End what a provider's logout token is about.
        @return how many sessions that were, as far as this process knows
    */
    boost::asio::awaitable<coauth::result<std::size_t>> end(coauth::logout_token notice);

    /// What else the provider says of somebody; no value if it says no more.
    boost::asio::awaitable<coauth::result<std::optional<coauth::userinfo>>>
    fetch_userinfo(const coauth::token_set& tokens);

    std::size_t size() const noexcept { return sessions_->size(); }

private:
    bool shared() const noexcept { return static_cast<bool>(store_); }
    std::string issuer_of(const coauth::token_set& tokens) const;
    boost::asio::awaitable<coauth::result<std::shared_ptr<session>>> find_shared(std::string cookie);
    boost::asio::awaitable<coauth::result<std::shared_ptr<session>>> adopt(std::string key,
                                                                           coauth::grant_record record);
    boost::asio::awaitable<coauth::result<session::notice_counts>> count_notices(coauth::shared_tokens whose);
    static void report(session_store& sessions, const coauth::refresh_event& event, event_log log);

    boost::asio::any_io_executor executor_;
    const options& options_;
    provider& provider_;
    event_log log_;
    coauth::any_token_store store_; // none: this process is alone
    std::optional<coauth::sealed_cookie> cookie_;
    std::shared_ptr<session_store> sessions_; // those in the store that were seen here, or all
    std::shared_ptr<coauth::refresh_scheduler> scheduler_;
};

} // namespace login_server

#endif
