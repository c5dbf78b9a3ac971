#include "application.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace asio = boost::asio;

namespace login_server {

application::application(asio::any_io_executor executor, options from, login_server::site here, provider& at,
                         const stores& kept, page_context pages, event_log log)
    : executor_(std::move(executor)),
      options_(std::move(from)),
      site_(std::move(here)),
      provider_(at),
      pages_(std::move(pages)),
      log_(log),
      cookies_(site_.is_https(), options_.response_mode),
      sessions_(executor_, options_, at, kept, log)
{
    for (const auto& [name, value] : options_.authorize_parameters)
        extra_.push_back({name, value});
    routes_ = {
        {"GET", "/", &application::home, false},
        {"GET", "/healthz", &application::healthz, false},
        {"GET", "/login", &application::login, false},
        {"GET", site_.callback_path(), &application::callback, false},
        // From the provider's page, so it cannot come from one of this site. State and binding cookie protect it.
        {"POST", site_.callback_path(), &application::callback, false},
        {"GET", "/profile", &application::profile, false},
        {"GET", "/resource", &application::resource, false},
        {"POST", "/refresh", &application::refresh, true},
        {"POST", "/logout", &application::logout, true},
        {"GET", site_.post_logout_path(), &application::signed_out, false},
        // Not from a browser: the signature of the logout token says whose request it is.
        {"POST", "/backchannel-logout", &application::backchannel_logout, false},
        {"GET", "/frontchannel-logout", &application::frontchannel_logout, false},
    };
}

const application::route* application::find_route(const web_request& request,
                                                  std::string& other_methods) const
{
    for (const route& each : routes_) {
        if (each.path != request.path())
            continue;
        if (each.method == request.method())
            return &each;
        other_methods += (other_methods.empty() ? "" : ", ") + std::string(each.method);
        if (each.method == "GET")
            other_methods += ", HEAD";
    }
    return nullptr;
}

asio::awaitable<web_answer> application::handle(web_request request)
{
    const auto began = std::chrono::steady_clock::now();
    std::string other_methods;
    const route* const at = find_route(request, other_methods);
    // Only paths that are known here are logged: anything could stand in others.
    const std::string path(at ? at->path : "(other)");
    web_answer answer = co_await dispatch(request, at, std::move(other_methods));
    const auto took = std::chrono::steady_clock::now() - began;
    log_.write("http.request", {{"method", at ? at->method : "(other)"},
                                {"path", path},
                                {"status", std::int64_t{answer.status()}},
                                {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
    co_return answer;
}

asio::awaitable<web_answer> application::dispatch(const web_request& request, const route* at,
                                                  std::string other_methods)
{
    if (!at && other_methods.empty())
        co_return refuse(request,
                         problem(404, "not_found", "There is no such page", "This site has no page there."));
    if (!at) {
        problem what(405, "method_not_allowed", "That is not possible here", "This page has other methods.");
        co_return refuse(request, what.set_allow(std::move(other_methods)));
    }
    if (at->changes_something && !site_.made_here(request)) {
        log_.write("http.cross_site_request", {{"path", at->path}});
        co_return refuse(request, problem(403, "cross_site_request", "That came from another site",
                                          "Only a page of this site may ask for that. Nothing was changed."));
    }
    try {
        web_answer answer = co_await (this->*at->handle)(request);
        co_return answer;
    } catch (const std::exception&) {
        log_.write("http.failure", {{"path", at->path}});
    }
    co_return refuse(request,
                     problem(500, "internal", "Something went wrong here", "This server could not go on."));
}

web_answer application::refuse(const web_request& request, const problem& what,
                               std::string_view return_to) const
{
    web_answer out = request.wants_json()
                         ? web_answer::json(what.status(), what.json(), "application/problem+json")
                         : problem_page(what, return_to);
    if (what.retry_after())
        out.add_field("Retry-After", std::to_string(what.retry_after()->count()));
    if (!what.allow().empty())
        out.add_field("Allow", what.allow());
    return out;
}

web_answer application::not_signed_in(const web_request& request, std::string_view return_to) const
{
    return refuse(request,
                  problem(401, "not_signed_in", "Please sign in", "You are not signed in, or not any more."),
                  return_to);
}

page_context application::pages() const
{
    page_context out = pages_;
    if (const auto server = provider_.client().server_metadata();
        server && !server->end_session_endpoint().empty())
        out.end_session_url = server->end_session_endpoint().string();
    return out;
}

asio::awaitable<coauth::result<std::shared_ptr<session>>> application::session_of(const web_request& request)
{
    return sessions_.find(std::string(request.cookie(cookies_.session_name())));
}

asio::awaitable<std::shared_ptr<session>> application::session_if_known(const web_request& request)
{
    const coauth::result<std::shared_ptr<session>> found = co_await session_of(request);
    co_return found ? *found : nullptr;
}

} // namespace login_server
