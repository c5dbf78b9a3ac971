#include "pages.hpp"

#include "profile.hpp"

#include <coauth/testing/page.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace login_server {
namespace {

using coauth::testing::html_escape;

constexpr std::string_view sign_out_form =
    "<form method=\"post\" action=\"/logout\"><button class=\"plain\">Sign out</button></form>";

coauth::testing::page framed(std::string title)
{
    coauth::testing::page out(std::move(title));
    out.set_site_name("Login server");
    out.set_footer("An example of coauth, OAuth 2.0 and OpenID Connect for C++ servers.");
    return out;
}

coauth::testing::page framed_for(const page_context& context, const session& of, std::string title)
{
    auto out = framed(std::move(title));
    // The button leads on to the provider.
    if (!context.end_session_url.empty())
        out.add_form_target(context.end_session_url);
    out.set_aside("<span class=\"quiet\">" + html_escape(display_name(of)) + "</span>\n" +
                  std::string(sign_out_form));
    return out;
}

web_answer answer(unsigned status, const coauth::testing::page& shown)
{
    web_answer out(status);
    for (const auto& field : shown.fields())
        out.add_field(field.name, field.value);
    return out.set_body(shown.html());
}

std::string fact(std::string_view name, std::string_view markup)
{
    return "<dt>" + html_escape(name) + "</dt><dd>" + std::string(markup) + "</dd>\n";
}

bool is_time(std::string_view claim)
{
    return claim == "exp" || claim == "iat" || claim == "nbf" || claim == "auth_time" ||
           claim == "updated_at";
}

/// A claim's value for people: text as it is, times as such, anything else as JSON.
std::string value_text(std::string_view name, const boost::json::value& value)
{
    constexpr std::int64_t year_9999 = 253'402'300'799;
    if (value.is_int64() && is_time(name) && value.get_int64() >= 0 && value.get_int64() <= year_9999)
        return rfc3339(std::chrono::system_clock::time_point(std::chrono::seconds(value.get_int64())));
    if (const auto* text = value.if_string())
        return std::string(text->data(), text->size());
    if (value.is_bool())
        return value.get_bool() ? "yes" : "no";
    return boost::json::serialize(value);
}

/// The names of OpenID Connect Core 5.1 in words.
std::string claim_words(std::string_view name)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> names{
        {{"iss", "Issuer"},
         {"sub", "Subject"},
         {"aud", "Audience"},
         {"azp", "Authorized party"},
         {"exp", "Token expires"},
         {"iat", "Token issued"},
         {"auth_time", "Signed in at the provider"},
         {"acr", "Authentication context"},
         {"amr", "Authentication methods"},
         {"sid", "Session at the provider"},
         {"at_hash", "Hash of the access token"}}};
    for (const auto& [claim, words] : names)
        if (claim == name)
            return std::string(words);
    std::string out(name);
    std::replace(out.begin(), out.end(), '_', ' ');
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
        out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

std::string claim_list(const boost::json::object& claims)
{
    std::string out = "<dl class=\"facts\">\n";
    for (const auto& [key, value] : claims) {
        const std::string_view name(key.data(), key.size());
        out += fact(claim_words(name), html_escape(value_text(name, value)));
    }
    return out + "</dl>\n";
}

std::string return_to_query(std::string_view return_to)
{
    // Its own targets only, which are paths without anything to encode.
    return return_to.empty() ? std::string() : "?return_to=" + std::string(return_to);
}

std::string scope_list(const session& of)
{
    std::string out;
    for (const std::string& each : of.tokens->scope().tokens())
        out += (out.empty() ? "<code>" : " <code>") + html_escape(each) + "</code>";
    return out.empty() ? "<span class=\"quiet\">not named</span>" : out;
}

std::string expiry_words(const session& of)
{
    const auto expires = of.tokens->expires_at();
    if (!expires)
        return "The provider did not say";
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(*expires - std::chrono::system_clock::now()).count();
    const std::string at = ", " + rfc3339(*expires);
    if (left <= 0)
        return "It has" + at;
    if (left < 120)
        return "In " + std::to_string(left) + " seconds" + at;
    if (left < 2 * 3600)
        return "In " + std::to_string(left / 60) + " minutes" + at;
    return "In " + std::to_string(left / 3600) + " hours" + at;
}

/// Messages of error codes begin small and end without a full stop.
std::string sentence(std::string text)
{
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    if (!text.ends_with('.'))
        text += '.';
    return text;
}

} // namespace

web_answer welcome_page(const page_context& context)
{
    auto shown = framed("Welcome");
    shown.add("<h1>Welcome</h1>\n<p class=\"lead\">Sign in with <strong>" +
              html_escape(context.provider_name) + "</strong>, and this page can tell who you are.</p>\n");
    if (!context.sign_in_hint.empty())
        shown.add("<div class=\"notice\"><p>" + html_escape(context.sign_in_hint) + "</p></div>\n");
    shown.add("<div class=\"actions\"><a class=\"button\" href=\"/login\">Sign in</a></div>\n");
    return answer(200, shown);
}

web_answer home_page(const page_context& context, const session& of)
{
    auto shown = framed_for(context, of, "Home");
    shown.add(
        "<h1>Hello, " + html_escape(display_name(of)) +
        "</h1>\n<p class=\"lead\">You are signed in with <strong>" + html_escape(context.provider_name) +
        "</strong>.</p>\n<div class=\"actions\"><a class=\"button\" href=\"/profile\">Your profile</a>");
    if (!context.resource_url.empty())
        shown.add("<a class=\"button secondary\" href=\"/resource\">Call the API</a>");
    shown.add("</div>\n");
    return answer(200, shown);
}

web_answer profile_page(const page_context& context, const session& of)
{
    auto shown = framed_for(context, of, "Profile");
    shown.set_wide();
    shown.add("<h1>" + html_escape(display_name(of)) + "</h1>\n");
    shown.add("<p class=\"lead\">" +
              (of.userinfo || of.tokens->has_id_token()
                   ? "What <strong>" + html_escape(context.provider_name) + "</strong> says about you."
                   : "Signed in with <strong>" + html_escape(context.provider_name) +
                         "</strong>, which says no more.") +
              "</p>\n");
    if (of.tokens->has_id_token())
        shown.add(
            "<h2>The ID token</h2>\n<p class=\"quiet\">Its signature and claims were verified. Issuer and "
            "subject together are who you are.</p>\n" +
            claim_list(id_token_claims(of)));
    if (of.userinfo)
        shown.add("<h2>Userinfo</h2>\n" + claim_list(of.userinfo->claims()));
    shown.add("<h2>The access token</h2>\n<dl class=\"facts\">\n");
    if (!of.issuer.empty() && !of.tokens->has_id_token())
        shown.add(fact("Issuer", html_escape(of.issuer)));
    shown.add(fact("Type", html_escape(of.tokens->token_type())));
    shown.add(fact("Scope", scope_list(of)));
    shown.add(fact("Expires", html_escape(expiry_words(of))));
    shown.add(fact("Refreshable", of.tokens->refresh_token().empty() ? "no" : "yes"));
    shown.add("</dl>\n<div class=\"actions\">");
    if (!of.tokens->refresh_token().empty())
        shown.add("<form method=\"post\" action=\"/refresh\"><button class=\"secondary\">Refresh "
                  "now</button></form>");
    if (!context.resource_url.empty())
        shown.add("<a class=\"button secondary\" href=\"/resource\">Call the API</a>");
    shown.add("<a class=\"button secondary\" href=\"/\">Home</a></div>\n");
    return answer(200, shown);
}

web_answer resource_page(const page_context& context, const session& of, const resource_view& shown_view)
{
    const bool good = shown_view.status >= 200 && shown_view.status < 300;
    auto shown = framed_for(context, of, "API");
    shown.set_wide();
    shown.add("<h1>The API's answer</h1>\n<p class=\"lead\"><code>GET " + html_escape(context.resource_url) +
              "</code></p>\n<div class=\"notice " + std::string(good ? "good" : "bad") + "\"><p>Status " +
              std::to_string(shown_view.status));
    if (!shown_view.challenge.empty())
        shown.add(": " + html_escape(shown_view.challenge));
    shown.add("</p></div>\n");
    if (!shown_view.content_type.empty())
        shown.add("<p class=\"quiet\">" + html_escape(shown_view.content_type) + "</p>\n");
    if (!shown_view.body.empty())
        shown.add("<pre class=\"code\" tabindex=\"0\">" + html_escape(shown_view.body) + "</pre>\n");
    shown.add("<div class=\"actions\"><a class=\"button secondary\" href=\"/resource\">Again</a>"
              "<a class=\"button secondary\" href=\"/profile\">Your profile</a></div>\n");
    return answer(200, shown);
}

web_answer signed_out_page(const page_context& context)
{
    auto shown = framed("Signed out");
    shown.add("<h1>You are signed out</h1>\n<p class=\"lead\">Here, and with <strong>" +
              html_escape(context.provider_name) +
              "</strong>.</p>\n<div class=\"actions\"><a class=\"button\" href=\"/login\">Sign in "
              "again</a><a class=\"button secondary\" href=\"/\">Home</a></div>\n");
    return answer(200, shown);
}

web_answer problem_page(const problem& what, std::string_view return_to)
{
    auto shown = framed(what.title());
    shown.add("<h1>" + html_escape(what.title()) + "</h1>\n");
    const std::string detail = html_escape(sentence(what.detail()));
    if (what.advice().empty())
        shown.add("<p class=\"lead\" role=\"alert\">" + detail + "</p>\n");
    else
        shown.add("<p class=\"lead\">" + html_escape(what.advice()) +
                  "</p>\n<div class=\"notice bad\" role=\"alert\"><p>" + detail + "</p></div>\n");
    if (what.retry_after())
        shown.add("<p>Please try again in " + std::to_string(what.retry_after()->count()) +
                  " seconds.</p>\n");
    shown.add("<p class=\"quiet\">If you ask somebody for help, name this code: <code>" +
              html_escape(what.code()) + "</code></p>\n<div class=\"actions\">");
    if (!return_to.empty())
        shown.add("<a class=\"button\" href=\"/login" + html_escape(return_to_query(return_to)) +
                  "\">Sign in</a>");
    shown.add("<a class=\"button secondary\" href=\"/\">Home</a></div>\n");
    return answer(what.status(), shown);
}

} // namespace login_server
