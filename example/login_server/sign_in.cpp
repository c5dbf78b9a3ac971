// From the sign-in button to the session.
#include "application.hpp"

#include "return_to.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/string.hpp>

namespace asio = boost::asio;

namespace login_server {
namespace {

constexpr std::string_view default_return_to = "/profile";

bool is_form(const web_request& request)
{
    const std::string_view type = request.field("Content-Type");
    return boost::beast::iequals(type.substr(0, type.find_first_of("; \t")),
                                 "application/x-www-form-urlencoded");
}

/// Whether it is about the callback itself. A provider that is not known yet is discovered on the way.
bool came_with_the_callback(const coauth::error& reason)
{
    if (reason.code().category() == coauth::server_category())
        return true;
    if (reason == coauth::errc::seal_broken) // the cookie
        return true;
    const int code = reason.code().value();
    return reason.code().category() == coauth::client_category() &&
           code >= static_cast<int>(coauth::errc::callback_too_large) &&
           code <= static_cast<int>(coauth::errc::code_missing);
}

} // namespace

asio::awaitable<web_answer> application::login(const web_request& request)
{
    const std::string return_to = return_to_in(request.query()).value_or(std::string(default_return_to));
    // Not to what would send them off to the provider again, nor to a callback without a code.
    const std::string_view path = std::string_view(return_to).substr(0, return_to.find('?'));
    if (!stays_on_site(return_to) || path == "/login" || path == site_.callback_path())
        co_return refuse(request, problem(400, "invalid_return_to", "This link is not right",
                                          "It would lead to another place than a page of this site."));
    coauth::authorization_parameters parameters;
    parameters.scope = options_.scope;
    parameters.response_mode = options_.response_mode;
    parameters.extra = extra_;
    // Another tab may be signing in already: they share the cookie.
    parameters.browser_binding = request.cookie(cookies_.binding_name());
    parameters.application_data = return_to;
    const coauth::result<coauth::authorization_request> begun =
        co_await provider_.client().begin_authorization(parameters);
    if (!begun && begun.error() == coauth::errc::sealed_data_too_large)
        co_return refuse(request, problem(400, "return_to_too_long", "This link is too long",
                                          "The way back does not fit into a cookie."));
    if (!begun) {
        // The parameters were checked before the server started: what goes wrong now is the discovery.
        log_.write("sign_in.failed", {{"code", begun.error().qualified_name()}});
        co_return refuse(request, problem::from(begun.error(), stage::back_channel), default_return_to);
    }
    log_.write("sign_in.begun");
    web_answer out = web_answer::redirect(begun->url());
    if (!begun->cookie_suffix().empty())
        make_room_for_cookie(request, out);
    out.add_field("Set-Cookie",
                  cookies_.binding(cookies_.binding_name(begun->cookie_suffix()), begun->browser_binding(),
                                   coauth::limits().pending_login_lifetime));
    co_return out;
}

/// Sign-ins in cookies come along with every request: those that nobody completed must not become too many.
void application::make_room_for_cookie(const web_request& request, web_answer& answer) const
{
    const std::string prefix = cookies_.binding_name("-");
    std::vector<std::string_view> names;
    for (const std::string_view each : request.cookies())
        if (each.starts_with(prefix))
            names.push_back(each.substr(0, each.find('=')));
    // Which one is the oldest, the browser does not say.
    if (names.size() >= coauth::limits().pending_logins_per_browser)
        for (const std::string_view each : names)
            answer.add_field("Set-Cookie", cookies_.no_binding(each));
}

asio::awaitable<web_answer> application::callback(const web_request& request)
{
    const bool posted = request.method() == "POST";
    const std::string binding =
        cookies_.binding_name(provider_.client().cookie_suffix(posted ? request.body() : request.query()));
    web_answer out = co_await complete_callback(request, posted, binding);
    // The cookie of a sign-in alone has done its work, whatever came of it.
    if (binding != cookies_.binding_name() && !request.cookie(binding).empty())
        out.add_field("Set-Cookie", cookies_.no_binding(binding));
    co_return out;
}

asio::awaitable<web_answer> application::complete_callback(const web_request& request, bool posted,
                                                           std::string_view binding)
{
    if (posted && !is_form(request))
        co_return refuse(request, problem(415, "not_a_form", "That is not a form",
                                          "The callback is a form: application/x-www-form-urlencoded."));
    coauth::callback_parameters arrived;
    arrived.parameters = posted ? request.body() : request.query();
    arrived.browser_binding = request.cookie(binding);
    arrived.response_mode = posted ? coauth::response_mode::form_post : coauth::response_mode::query;
    coauth::result<coauth::authorization_code> code = co_await provider_.client().accept_callback(arrived);
    if (!code) {
        log_.write("sign_in.failed", {{"code", code.error().qualified_name()}});
        co_return refuse(request,
                         problem::from(code.error(), came_with_the_callback(code.error())
                                                         ? stage::front_channel
                                                         : stage::back_channel),
                         default_return_to);
    }
    const std::string return_to(code->application_data());

    const std::shared_ptr<session> replaced = co_await session_if_known(request);
    coauth::result<std::string> cookie = co_await complete(std::move(*code));
    if (!cookie) {
        log_.write("sign_in.failed", {{"code", cookie.error().qualified_name()},
                                      {"http_status", std::int64_t{cookie.error().http_status()}}});
        co_return refuse(request, problem::from(cookie.error(), stage::back_channel), default_return_to);
    }
    if (replaced)
        sessions_.end(*replaced);
    log_.write("sign_in.completed", {{"sessions", static_cast<std::int64_t>(sessions_.size())}});
    web_answer out = web_answer::redirect(return_to);
    out.add_field("Set-Cookie", cookies_.session(*cookie));
    co_return out;
}

/// @return the value of the session cookie
asio::awaitable<coauth::result<std::string>> application::complete(coauth::authorization_code code)
{
    sign_in_client client = provider_.client();
    const gate::place place = co_await provider_.back_channel().enter();
    if (!place)
        co_return coauth::error(coauth::errc::timed_out);
    coauth::result<coauth::token_set> tokens = co_await client.exchange(std::move(code));
    if (!tokens)
        co_return tokens.error();
    coauth::result<std::optional<coauth::userinfo>> said = co_await sessions_.fetch_userinfo(*tokens);
    if (!said)
        co_return said.error();
    coauth::result<std::string> cookie = co_await sessions_.begin(*tokens, std::move(*said));
    if (!cookie) // nobody will use them
        asio::co_spawn(executor_, revoke(std::move(*tokens)), asio::detached);
    co_return cookie;
}

} // namespace login_server
