// What one can do while signed in.
#include "application.hpp"

#include "profile.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace asio = boost::asio;

namespace login_server {
namespace {

constexpr std::chrono::seconds shortest_time_between_refreshes{5};

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
    const auto mine = session_of(request);
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
    const auto mine = session_of(request);
    if (!mine)
        co_return not_signed_in(request, "/profile");
    if (request.wants_json())
        co_return web_answer::json(200, boost::json::serialize(profile_of(*mine)));
    co_return profile_page(pages(), *mine);
}

asio::awaitable<web_answer> application::resource(const web_request& request)
{
    const auto mine = session_of(request);
    if (!mine)
        co_return not_signed_in(request, "/resource");
    if (options_.resource.empty())
        co_return refuse(request, problem(404, "no_resource", "There is no API to call",
                                          "This server was started without the option --resource."));
    // Stay signed in: an access token that is about to expire is exchanged first.
    if (mine->tokens.expired(std::chrono::system_clock::now(), coauth::limits().early_expiry) &&
        !mine->tokens.refresh_token().empty()) {
        const coauth::result<void> refreshed = co_await refresh_session(mine);
        if (!refreshed)
            co_return refuse(request, problem::from(refreshed.error(), stage::back_channel), "/resource");
    }
    coauth::resource_parameters parameters;
    parameters.url = options_.resource.string();
    parameters.accept = "application/json, */*;q=0.5";
    const coauth::result<coauth::resource_response> got =
        co_await provider_.client().fetch_resource(mine->tokens, parameters);
    if (!got)
        co_return refuse(request, problem::from(got.error(), stage::back_channel));
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
    const auto mine = session_of(request);
    if (!mine)
        co_return not_signed_in(request, "/profile");
    if (mine->tokens.refresh_token().empty() && !mine->refreshing) {
        const coauth::error missing(coauth::errc::refresh_token_missing);
        problem what(409, "", "This sign-in cannot be refreshed", "The provider issued no refresh token.");
        co_return refuse(request, what.set_code(missing.qualified_name()), "/profile");
    }
    const coauth::result<void> refreshed = co_await refresh_session(mine);
    if (mine->ended)
        co_return not_signed_in(request, "/profile");
    if (!refreshed) {
        log_.write("refresh.failed", {{"code", refreshed.error().qualified_name()}});
        co_return refuse(request, problem::from(refreshed.error(), stage::back_channel), "/profile");
    }
    if (request.wants_json())
        co_return web_answer::json(200, boost::json::serialize(profile_of(*mine)));
    co_return web_answer::redirect("/profile");
}

/// One refresh of a session at a time: to a server that rotates refresh tokens, two would be theft.
asio::awaitable<coauth::result<void>> application::refresh_session(std::shared_ptr<session> of)
{
    const auto under_way = of->refreshing;
    if (under_way) {
        co_await under_way->wait();
        if (under_way->outcome())
            co_return *under_way->outcome();
        co_return coauth::error(coauth::error_code(asio::error::operation_aborted));
    }
    const auto now = std::chrono::steady_clock::now();
    if (of->refreshed_at && now - *of->refreshed_at < shortest_time_between_refreshes)
        co_return coauth::result<void>();
    of->refreshing = std::make_shared<flight<coauth::result<void>>>(executor_);
    const auto mine = of->refreshing;
    const landing at_the_end(of->refreshing);

    coauth::result<coauth::token_set> fresh = co_await provider_.client().refresh(of->tokens);
    if (!fresh) {
        // Dead for good: there is no point in sending it again.
        if (fresh.error() == coauth::server_errc::invalid_grant)
            of->tokens.set_refresh_token(coauth::secret());
        mine->land(fresh.error());
        co_return fresh.error();
    }
    of->refreshed_at = std::chrono::steady_clock::now();
    // Signed out in the meantime: what came too late is not for anybody.
    if (of->ended) {
        asio::co_spawn(executor_, revoke(std::move(*fresh)), asio::detached);
    } else {
        of->tokens = std::move(*fresh);
        sessions_.update(of);
    }
    log_.write("refresh.completed");
    mine->land(coauth::result<void>());
    co_return coauth::result<void>();
}

} // namespace login_server
