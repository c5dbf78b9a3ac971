#include "site.hpp"

#include "options.hpp"

#include <algorithm>
#include <array>

namespace login_server {
namespace {

std::string path_of(const coauth::endpoint_url& url)
{
    return std::string(url.target().substr(0, url.target().find('?')));
}

bool is_of_another_page(std::string_view path)
{
    constexpr std::array<std::string_view, 9> taken{"/",
                                                    "/login",
                                                    "/profile",
                                                    "/resource",
                                                    "/refresh",
                                                    "/logout",
                                                    "/healthz",
                                                    "/backchannel-logout",
                                                    "/frontchannel-logout"};
    return std::find(taken.begin(), taken.end(), path) != taken.end();
}

} // namespace

site::site(const std::string& redirect_uri, std::string listen_origin,
           const std::optional<std::string>& post_logout_redirect_uri)
    : redirect_uri_(redirect_uri)
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
    callback_path_ = path_of(*url);
    if (is_of_another_page(callback_path_))
        throw option_error("--redirect-uri has the path of another page");
    https_ = url->is_https();
    authority_ = url->host_header();
    origins_ = {(https_ ? "https://" : "http://") + authority_, std::move(listen_origin)};
    const std::string port = url->port() == 80 ? "" : ':' + std::to_string(url->port());
    if (!https_)
        loopback_names_ = {"localhost" + port, "127.0.0.1" + port, "[::1]" + port};

    const std::string back = post_logout_redirect_uri.value_or(origins_.front() + post_logout_path_);
    if (!back.empty()) {
        const auto after = coauth::endpoint_url::parse(back, coauth::insecure::http_to_loopback);
        // The cookie that the return is checked with goes to no other host.
        if (!after || after->is_https() != https_ || after->host_header() != authority_)
            throw option_error("--post-logout-redirect-uri is not of the same site as the redirect URI");
        post_logout_redirect_uri_ = coauth::redirect_uri::parse(back).value();
        post_logout_path_ = path_of(*after);
    }
    if (is_of_another_page(post_logout_path_) || post_logout_path_ == callback_path_)
        throw option_error(post_logout_redirect_uri
                               ? "--post-logout-redirect-uri has the path of another page"
                               : "--redirect-uri has the path of another page");
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
