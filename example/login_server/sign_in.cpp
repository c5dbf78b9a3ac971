// From the sign-in button to the session.
#include "application.hpp"

#include "return_to.hpp"

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
    if (!begun) {
        // The parameters were checked before the server started: what goes wrong now is the discovery.
        log_.write("sign_in.failed", {{"code", begun.error().qualified_name()}});
        co_return refuse(request, problem::from(begun.error(), stage::back_channel), default_return_to);
    }
    log_.write("sign_in.begun");
    web_answer out = web_answer::redirect(begun->url());
    out.add_field("Set-Cookie",
                  cookies_.binding(begun->browser_binding(), coauth::limits().pending_login_lifetime));
    co_return out;
}

asio::awaitable<web_answer> application::callback(const web_request& request)
{
    const bool posted = request.method() == "POST";
    if (posted && !is_form(request))
        co_return refuse(request, problem(415, "not_a_form", "That is not a form",
                                          "The callback is a form: application/x-www-form-urlencoded."));
    coauth::callback_parameters arrived;
    arrived.parameters = posted ? request.body() : request.query();
    arrived.browser_binding = request.cookie(cookies_.binding_name());
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

    coauth::result<std::shared_ptr<session>> made = co_await complete(std::move(*code));
    if (!made) {
        log_.write("sign_in.failed", {{"code", made.error().qualified_name()},
                                      {"http_status", std::int64_t{made.error().http_status()}}});
        co_return refuse(request, problem::from(made.error(), stage::back_channel), default_return_to);
    }
    // A new id for every sign-in: one that somebody else put into this browser before never becomes a session.
    sessions_.end(request.cookie(cookies_.session_name()));
    const coauth::result<std::string> id = sessions_.begin(*made);
    if (!id)
        co_return refuse(request, problem::from(id.error(), stage::own));
    log_.write("sign_in.completed", {{"sessions", static_cast<std::int64_t>(sessions_.size())}});
    web_answer out = web_answer::redirect(return_to);
    out.add_field("Set-Cookie", cookies_.session(*id));
    co_return out;
}

asio::awaitable<coauth::result<std::shared_ptr<session>>>
application::complete(coauth::authorization_code code)
{
    sign_in_client client = provider_.client();
    const gate::place place = co_await provider_.back_channel().enter();
    if (!place)
        co_return coauth::error(coauth::errc::timed_out);
    coauth::result<coauth::token_set> tokens = co_await client.exchange(std::move(code));
    if (!tokens)
        co_return tokens.error();
    const auto server = client.server_metadata();
    // A provider with OpenID Connect answers to tokens with that scope; one whose endpoint was named, to all.
    const bool ask = !server->userinfo_endpoint().empty() &&
                     (options_.provider == provider_kind::endpoints || tokens->has_id_token());
    std::optional<coauth::userinfo> userinfo;
    if (ask) {
        coauth::result<coauth::userinfo> said = co_await client.fetch_userinfo(*tokens);
        if (!said)
            co_return said.error();
        userinfo = std::move(*said);
    }
    std::string issuer = server->issuer().string();
    if (tokens->has_id_token()) // with many tenants, that of the person's
        issuer = tokens->id_token().issuer();
    co_return std::make_shared<session>(std::move(issuer), std::move(*tokens), std::move(userinfo));
}

} // namespace login_server
