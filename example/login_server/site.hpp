// What this site is called in URLs. From the configuration only: never from what a request says (Host, X-Forwarded-*).
#ifndef LOGIN_SERVER_SITE_HPP
#define LOGIN_SERVER_SITE_HPP

#include "web.hpp"

#include <coauth.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace login_server {

class site {
public:
    /**
        @param redirect_uri decides scheme, host and port that people see, and the path of the callback
        @param listen_origin where the server listens itself: a second name of the site
        @param post_logout_redirect_uri no value: a page of this site; empty: providers send nobody back
        @throws option_error if a web server cannot be behind one of them, or its path is another page's
    */
    site(const std::string& redirect_uri, std::string listen_origin,
         const std::optional<std::string>& post_logout_redirect_uri);

    const std::string& redirect_uri() const noexcept { return redirect_uri_; }
    const std::string& callback_path() const noexcept { return callback_path_; }
    /// Where a provider sends people after they signed out there; maybe empty.
    const coauth::redirect_uri& post_logout_redirect_uri() const noexcept
    {
        return post_logout_redirect_uri_;
    }
    const std::string& post_logout_path() const noexcept { return post_logout_path_; }
    bool is_https() const noexcept { return https_; }

    /** Whether a page of this site, or no page at all, made the browser send this request.

        Cookies alone do not say: SameSite takes all ports of a host for one site. Programs that are no browsers
        send neither field, and have no cookie of somebody else's.
    */
    bool made_here(const web_request& request) const;

    /** Where the same page has the name that cookies and redirect URI need, if the browser used another one for
        this machine, as `localhost` for 127.0.0.1. Empty if there is nothing to correct.
    */
    std::string proper_url(const web_request& request) const;

private:
    std::string redirect_uri_;
    std::string callback_path_;
    coauth::redirect_uri post_logout_redirect_uri_;
    std::string post_logout_path_ = "/signed-out";
    std::string authority_;
    std::vector<std::string> origins_;
    std::vector<std::string> loopback_names_;
    bool https_;
};

} // namespace login_server

#endif
