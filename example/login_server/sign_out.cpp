// The ways out: a person's own, and those by which the provider says that somebody left there.
#include "application.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;

namespace login_server {
namespace {

constexpr std::chrono::seconds longest_wait_for_revocation{5};
/// How long somebody may take at the provider to say that they want to leave.
constexpr std::chrono::minutes longest_way_out{10};

} // namespace

asio::awaitable<web_answer> application::logout(const web_request& request)
{
    // First of all here, whatever the provider says then.
    const std::shared_ptr<session> mine = co_await session_if_known(request);
    std::string to = "/";
    std::string state;
    if (mine) {
        sessions_.end(*mine);
        log_.write("sign_out", {{"sessions", static_cast<std::int64_t>(sessions_.size())}});
        co_await revoke_briefly(*mine->tokens);
        coauth::logout_parameters parameters;
        if (mine->tokens->has_id_token())
            parameters.id_token = &mine->tokens->id_token();
        const coauth::result<coauth::logout_request> leaving =
            co_await provider_.client().begin_logout(parameters);
        if (leaving) {
            to = leaving->url().expose();
            state = leaving->state().expose();
        } else if (leaving.error() != coauth::errc::endpoint_missing) {
            log_.write("sign_out.failed", {{"code", leaving.error().qualified_name()}});
        }
    }
    web_answer out = web_answer::redirect(to);
    out.add_field("Set-Cookie", cookies_.no_session());
    if (!state.empty())
        out.add_field("Set-Cookie", cookies_.logout(state, longest_way_out));
    co_return out;
}

/// The person is signed out here already, and need not wait for a provider that hangs.
asio::awaitable<void> application::revoke_briefly(const coauth::token_set& tokens)
{
    const auto server = provider_.client().server_metadata();
    if (!server || server->revocation_endpoint().empty())
        co_return;
    const auto patience = std::make_shared<asio::steady_timer>(executor_, longest_wait_for_revocation);
    asio::co_spawn(executor_, revoke(tokens), [patience](std::exception_ptr) {
        patience->expires_at(asio::steady_timer::time_point::min()); // also if nobody waits yet
    });
    boost::system::error_code ignored;
    co_await patience->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> application::revoke(coauth::token_set tokens)
{
    const coauth::result<void> revoked = co_await provider_.client().revoke(tokens);
    if (!revoked)
        log_.write("revocation.failed", {{"code", revoked.error().qualified_name()}});
}

/// Where the provider sends people after that. They were signed out before they went there.
asio::awaitable<web_answer> application::signed_out(const web_request& request)
{
    const std::string_view expected = request.cookie(cookies_.logout_name());
    const coauth::result<void> back = provider_.client().accept_logout_callback(request.query(), expected);
    web_answer out;
    if (!back) {
        log_.write("sign_out.not_confirmed", {{"code", back.error().qualified_name()}});
        out = refuse(request, problem::from(back.error(), stage::logout_notice));
    } else if (request.wants_json()) {
        out = web_answer::json(200, "{\"signed_out\":true}");
    } else {
        out = signed_out_page(pages_);
    }
    if (!expected.empty())
        out.add_field("Set-Cookie", cookies_.no_logout());
    co_return out;
}

/// OpenID Connect Back-Channel Logout 2.5 to 2.8. The provider itself asks, so all answers are for programs.
asio::awaitable<web_answer> application::backchannel_logout(const web_request& request)
{
    coauth::result<coauth::logout_token> notice =
        co_await provider_.client().accept_logout_token(request.field("Content-Type"), request.body());
    if (!notice) {
        log_.write("backchannel_logout.refused", {{"code", notice.error().qualified_name()}});
        const problem what = problem::from(notice.error(), stage::logout_notice);
        co_return web_answer::json(what.status(), what.json(), "application/problem+json");
    }
    // Nobody there counts as success: "If the identified End-User is already logged out [...], the logout is considered
    // to have succeeded."
    const coauth::result<std::size_t> ended = co_await sessions_.end(std::move(*notice));
    if (!ended) {
        log_.write("backchannel_logout.failed", {{"code", ended.error().qualified_name()}});
        const problem what = problem::from(ended.error(), stage::logout_notice);
        co_return web_answer::json(what.status(), what.json(), "application/problem+json");
    }
    log_.write("backchannel_logout", {{"ended", static_cast<std::int64_t>(*ended)},
                                      {"sessions", static_cast<std::int64_t>(sessions_.size())}});
    co_return web_answer::json(200, "{}");
}

/** OpenID Connect Front-Channel Logout 2: the provider's page has this in a frame.

    Any page can, so no more than this browser's session ends, and no token is revoked. The session cookie does not
    come along from a page of another site (SameSite=Lax, and browsers' own rules): then there is nobody to sign out,
    and the back channel is what helps.
*/
asio::awaitable<web_answer> application::frontchannel_logout(const web_request& request)
{
    const std::shared_ptr<session> mine = co_await session_if_known(request);
    web_answer out = web_answer::json(200, "{}");
    if (!mine || !mine->tokens->has_id_token())
        co_return out;
    coauth::front_channel_logout_parameters parameters;
    parameters.query = request.query();
    parameters.issuer = mine->tokens->id_token().issuer();
    parameters.session_id = mine->tokens->id_token().session_id();
    coauth::result<void> meant = provider_.client().accept_front_channel_logout(parameters);
    // One that names no session is good for nobody's: with it, any page could sign people out.
    coauth::front_channel_logout_parameters nobody;
    nobody.query = request.query();
    if (meant && provider_.client().accept_front_channel_logout(nobody))
        meant = coauth::error(coauth::errc::session_unidentified);
    if (!meant) {
        log_.write("frontchannel_logout.refused", {{"code", meant.error().qualified_name()}});
        co_return refuse(request, problem::from(meant.error(), stage::logout_notice));
    }
    sessions_.end(*mine);
    log_.write("frontchannel_logout", {{"sessions", static_cast<std::int64_t>(sessions_.size())}});
    co_return out.add_field("Set-Cookie", cookies_.no_session());
}

} // namespace login_server
