// The web application: which request does what.
#ifndef LOGIN_SERVER_APPLICATION_HPP
#define LOGIN_SERVER_APPLICATION_HPP

#include "cookies.hpp"
#include "log.hpp"
#include "options.hpp"
#include "pages.hpp"
#include "provider.hpp"
#include "session_keeper.hpp"
#include "site.hpp"
#include "web.hpp"

#include <coauth.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace login_server {

/** @par Thread safety To be used from one thread, that of the executor. */
class application {
public:
    application(boost::asio::any_io_executor executor, options from, login_server::site here, provider& at,
                const stores& kept, page_context pages, event_log log);

    boost::asio::awaitable<web_answer> handle(web_request request);

    /// What goes on without requests, until it is cancelled: keeping tokens fresh.
    boost::asio::awaitable<void> run() { return sessions_.run(); }

    /// Before the process ends: nothing is refreshed any more, and what was is kept.
    boost::asio::awaitable<void> stop() { return sessions_.stop(); }

private:
    using handler = boost::asio::awaitable<web_answer> (application::*)(const web_request&);
    struct route {
        std::string_view method;
        std::string_view path;
        handler handle;
        bool changes_something; // and so has to come from a page of this site
    };

    const route* find_route(const web_request& request, std::string& other_methods) const;
    boost::asio::awaitable<web_answer> dispatch(const web_request& request, const route* at,
                                                std::string other_methods);

    // sign_in.cpp
    boost::asio::awaitable<web_answer> login(const web_request& request);
    boost::asio::awaitable<web_answer> callback(const web_request& request);
    boost::asio::awaitable<web_answer> complete_callback(const web_request& request, bool posted,
                                                         std::string_view binding);
    void make_room_for_cookie(const web_request& request, web_answer& answer) const;
    boost::asio::awaitable<coauth::result<std::string>> complete(coauth::authorization_code code);

    // account.cpp
    boost::asio::awaitable<web_answer> home(const web_request& request);
    boost::asio::awaitable<web_answer> healthz(const web_request& request);
    boost::asio::awaitable<web_answer> profile(const web_request& request);
    boost::asio::awaitable<web_answer> resource(const web_request& request);
    boost::asio::awaitable<web_answer> refresh(const web_request& request);

    // sign_out.cpp
    boost::asio::awaitable<web_answer> logout(const web_request& request);
    boost::asio::awaitable<web_answer> signed_out(const web_request& request);
    boost::asio::awaitable<web_answer> backchannel_logout(const web_request& request);
    boost::asio::awaitable<web_answer> frontchannel_logout(const web_request& request);
    boost::asio::awaitable<void> revoke_briefly(const coauth::token_set& tokens);
    boost::asio::awaitable<void> revoke(coauth::token_set tokens);

    /// @param return_to where a sign-in that is offered would lead
    web_answer refuse(const web_request& request, const problem& what, std::string_view return_to = {}) const;
    web_answer not_signed_in(const web_request& request, std::string_view return_to) const;
    boost::asio::awaitable<coauth::result<std::shared_ptr<session>>> session_of(const web_request& request);
    /// The same for whom the session is no use any more: if it cannot be found out, there is none.
    boost::asio::awaitable<std::shared_ptr<session>> session_if_known(const web_request& request);
    /// With what is known of the provider by now.
    page_context pages() const;

    boost::asio::any_io_executor executor_;
    options options_;
    login_server::site site_;
    provider& provider_;
    page_context pages_;
    event_log log_;
    cookie_rules cookies_;
    session_keeper sessions_;
    std::vector<coauth::parameter> extra_; // views into options_
    std::vector<route> routes_;
};

} // namespace login_server

#endif
