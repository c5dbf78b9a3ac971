#include "problem.hpp"

#include <boost/asio/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace login_server {
namespace {

using coauth::errc;
using coauth::server_errc;

bool refused_by_a_person(const coauth::error& reason)
{
    return reason == server_errc::access_denied || reason == server_errc::login_required ||
           reason == server_errc::interaction_required || reason == server_errc::consent_required ||
           reason == server_errc::account_selection_required;
}

bool said_by_the_provider(const coauth::error& reason)
{
    return reason.code().category() == coauth::server_category();
}

/// The store is down: nobody can sign in until it is back, and who is signed in does not notice as long as tokens last.
bool failed_to_be_kept(const coauth::error& reason)
{
    return reason == errc::state_store_failed || reason == errc::token_store_failed;
}

unsigned status_of(const coauth::error& reason, stage at)
{
    // OpenID Connect Back-Channel Logout 2.8: "If the logout request was invalid or the logout failed, the RP MUST
    // respond with HTTP 400 Bad Request."
    if (at == stage::logout_notice)
        return 400;
    if (reason == errc::timed_out)
        return 504;
    if (failed_to_be_kept(reason))
        return 503;
    if (reason == errc::random_source_failed || reason.code() == boost::asio::error::operation_aborted)
        return 500;
    switch (at) {
    case stage::own:
        return 500;
    case stage::front_channel:
        if (refused_by_a_person(reason))
            return 403;
        // What would be a 503, were it not a redirect (RFC 6749 4.1.2.1).
        if (reason == server_errc::temporarily_unavailable)
            return 503;
        return said_by_the_provider(reason) ? 502 : 400;
    case stage::back_channel:
    case stage::logout_notice:
        break;
    }
    return reason.http_status() == 429 || reason.http_status() == 503 ? 503 : 502;
}

std::string title_of(const coauth::error& reason, unsigned status, stage at)
{
    if (failed_to_be_kept(reason))
        return "Something that this site needs is down";
    if (at == stage::logout_notice)
        return "This sign-out could not be confirmed";
    switch (status) {
    case 400:
        return "This sign-in could not be completed";
    case 403:
        return "The sign-in was declined";
    case 503:
        return "The provider is busy";
    case 504:
        return "The provider did not answer in time";
    case 502:
        return "The provider did not answer as it should";
    default:
        return "Something went wrong here";
    }
}

} // namespace

problem problem::from(const coauth::error& reason, stage at)
{
    const unsigned status = status_of(reason, at);
    std::string detail = reason.code().message();
    // What came through the browser, its owner may see again. What the provider tells this server may be about the
    // client's secret.
    if (at == stage::front_channel && !reason.description().empty())
        detail += ": " + std::string(reason.description());
    problem out(status, "", title_of(reason, status, at), std::move(detail));
    out.code_ = reason.qualified_name();
    out.retry_after_ = reason.retry_after();
    out.stage_ = at;
    out.out_of_order_ = failed_to_be_kept(reason);
    return out;
}

std::string_view problem::advice() const noexcept
{
    if (code_.starts_with("login_server:"))
        return {};
    if (stage_ == stage::logout_notice)
        return "It does not belong to a sign-out that was begun in this browser, or that one is over. "
               "Nothing was "
               "changed.";
    if (out_of_order_)
        return "It is not your fault. If it stays like that, please tell those who run this site.";
    switch (status_) {
    case 400:
        return "It was begun in another browser, took too long, or is over already. Nobody was signed in; "
               "you can begin "
               "again.";
    case 403:
        return "You, or the provider, said no. Nobody was signed in.";
    case 409:
        return "You stay signed in for as long as the token is good.";
    case 503:
        return "Too many people want something from it right now.";
    case 502:
    case 504:
        return "It is not your fault. If it stays like that, please tell those who run this site.";
    default:
        return {};
    }
}

std::string problem::json() const
{
    boost::json::object out;
    out["type"] = "about:blank";
    out["title"] = title_;
    out["status"] = status_;
    out["code"] = code_;
    out["detail"] = detail_;
    return boost::json::serialize(out);
}

} // namespace login_server
