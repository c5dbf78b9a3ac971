#include "site.hpp"

#include "options.hpp"

#include <coauth.hpp>

#include <algorithm>
#include <array>

namespace login_server {

site::site(const std::string& redirect_uri, std::string listen_origin) : redirect_uri_(redirect_uri)
{
    const auto allowed = coauth::redirect_uri::parse(redirect_uri);
    if (!allowed && allowed.error() == coauth::errc::insecure_url)
        throw option_error("--redirect-uri has to be https, or http to a loopback address: " +
                           (redirect_uri.starts_with(listen_origin + '/')
                                ? std::string("give one, as --listen is not a loopback address")
                                : std::string("browsers send codes there")));
    const auto url = coauth::endpoint_url::parse(redirect_uri, coauth::insecure::http_to_loopback);
    if (!allowed || !url)
        throw option_error("--redirect-uri is not an URL that a web server can answer to");
    callback_path_ = std::string(url->target().substr(0, url->target().find('?')));
    constexpr std::array<std::string_view, 7> taken{"/",        "/login",  "/profile", "/resource",
                                                    "/refresh", "/logout", "/healthz"};
    if (std::find(taken.begin(), taken.end(), callback_path_) != taken.end())
        throw option_error("--redirect-uri has the path of another page");
    https_ = url->is_https();
    authority_ = url->host_header();
    origins_ = {(https_ ? "https://" : "http://") + authority_, std::move(listen_origin)};
    const std::string port = url->port() == 80 ? "" : ':' + std::to_string(url->port());
    if (!https_)
        loopback_names_ = {"localhost" + port, "127.0.0.1" + port, "[::1]" + port};
}

bool site::made_here(const web_request& request) const
{
    const std::string_view origin = request.field("Origin");
    const bool own = std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
    if (request.has_field("Sec-Fetch-Site")) {
        // The pages ask for no referrer, and then browsers write `Origin: null`, also for requests to the page's
        // own origin (Fetch, "append a request Origin header").
        const std::string_view from = request.field("Sec-Fetch-Site");
        return (from == "same-origin" || from == "none") && (own || origin.empty() || origin == "null");
    }
    return own || !request.has_field("Origin");
}

std::string site::proper_url(const web_request& request) const
{
    const std::string_view host = request.field("Host");
    if (host == authority_ ||
        std::find(loopback_names_.begin(), loopback_names_.end(), host) == loopback_names_.end())
        return {};
    return "http://" + authority_ + request.path();
}

} // namespace login_server
