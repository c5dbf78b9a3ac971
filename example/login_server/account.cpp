// What one can do while signed in.
#include "application.hpp"

#include "profile.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace asio = boost::asio;

namespace login_server {
namespace {

/// What a protected resource finds wrong with the token, in words.
std::string challenge_words(const coauth::resource_response& from)
{
    const auto challenge = from.challenge();
    if (!challenge)
        return {};
    std::string out;
    if (const auto reason = challenge->reason())
        out = reason->code().message();
    if (!challenge->scope().empty())
        out +=
            (out.empty() ? "it wants the scope " : "; it wants the scope ") + std::string(challenge->scope());
    return valid_utf8(out);
}

} // namespace

asio::awaitable<web_answer> application::home(const web_request& request)
{
    const coauth::result<std::shared_ptr<session>> found = co_await session_of(request);
    if (!found)
        co_return refuse(request, problem::from(found.error(), stage::back_channel));
    const std::shared_ptr<session> mine = *found;
    if (request.wants_json()) {
        boost::json::object out;
        out["signed_in"] = mine != nullptr;
        co_return web_answer::json(200, boost::json::serialize(out));
    }
    // Whoever typed `localhost` would get cookies that do not come back with the callback to 127.0.0.1.
    const std::string proper = site_.proper_url(request);
    if (!proper.empty())
        co_return web_answer::redirect(proper);
    co_return mine ? home_page(pages(), *mine) : welcome_page(pages_);
}

asio::awaitable<web_answer> application::healthz(const web_request&)
{
    co_return web_answer::json(200, "{\"status\":\"ok\"}");
}

asio::awaitable<web_answer> application::profile(const web_request& request)
{
    const coauth::result<std::shared_ptr<session>> found = co_await session_of(request);
    if (!found)
        co_return refuse(request, problem::from(found.error(), stage::back_channel));
    const std::shared_ptr<session> mine = *found;
    if (!mine)
        co_return not_signed_in(request, "/profile");
    if (request.wants_json())
        co_return web_answer::json(200, boost::json::serialize(profile_of(*mine)));
    co_return profile_page(pages(), *mine);
}

asio::awaitable<web_answer> application::resource(const web_request& request)
{
    const coauth::result<std::shared_ptr<session>> found = co_await session_of(request);
    if (!found)
        co_return refuse(request, problem::from(found.error(), stage::back_channel));
    const std::shared_ptr<session> mine = *found;
    if (!mine)
        co_return not_signed_in(request, "/resource");
    if (options_.resource.empty())
        co_return refuse(request, problem(404, "no_resource", "There is no API to call",
                                          "This server was started without the option --resource."));
    coauth::resource_parameters parameters;
    parameters.url = options_.resource.string();
    parameters.accept = "application/json, */*;q=0.5";
    // An access token that is about to expire, or that the API does not take any more, is exchanged on the way.
    coauth::managed_grant grant = mine->grant.value();
    const coauth::result<coauth::resource_response> got = co_await grant.fetch_resource(parameters);
    if (!got && mine->ended)
        co_return not_signed_in(request, "/resource");
    if (!got)
        co_return refuse(request, problem::from(got.error(), stage::back_channel), "/resource");
    const resource_view shown(got->status(), valid_utf8(got->content_type()), valid_utf8(got->body()),
                              challenge_words(*got));
    if (!request.wants_json())
        co_return resource_page(pages(), *mine, shown);
    boost::json::object out;
    out["status"] = shown.status;
    out["content_type"] = shown.content_type;
    out["body"] = shown.body;
    co_return web_answer::json(200, boost::json::serialize(out));
}

asio::awaitable<web_answer> application::refresh(const web_request& request)
{
    const coauth::result<std::shared_ptr<session>> found = co_await session_of(request);
    if (!found)
        co_return refuse(request, problem::from(found.error(), stage::back_channel), "/profile");
    const std::shared_ptr<session> mine = *found;
    if (!mine)
        co_return not_signed_in(request, "/profile");
    if (mine->tokens->refresh_token().empty()) {
        const coauth::error missing(coauth::errc::refresh_token_missing);
        problem what(409, "", "This sign-in cannot be refreshed", "The provider issued no refresh token.");
        co_return refuse(request, what.set_code(missing.qualified_name()), "/profile");
    }
    // However many ask at once, and at however many processes: one request is sent. None, if the last one was a
    // moment ago.
    coauth::managed_grant grant = mine->grant.value();
    const coauth::result<coauth::shared_tokens> fresh = co_await grant.refresh_now();
    if (mine->ended)
        co_return not_signed_in(request, "/profile");
    if (!fresh) {
        log_.write("refresh.failed", {{"code", fresh.error().qualified_name()}});
        co_return refuse(request, problem::from(fresh.error(), stage::back_channel), "/profile");
    }
    mine->tokens = *fresh;
    if (request.wants_json())
        co_return web_answer::json(200, boost::json::serialize(profile_of(*mine)));
    co_return web_answer::redirect("/profile");
}

} // namespace login_server
