// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_INTERACTION_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_INTERACTION_IPP

#include <coauth/testing/detail/server_core.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// The value of a cookie; empty if it was not sent. RFC 6265 4.2.1: pairs with "; " between them.
inline std::string_view cookie_value(const server_request& request, std::string_view name)
{
    for (const http_field& field : request.fields()) {
        if (field.name != "Cookie" && field.name != "cookie")
            continue;
        for (std::string_view rest = field.value; !rest.empty();) {
            const std::string_view pair = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
            while (rest.starts_with(' '))
                rest.remove_prefix(1);
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
                return pair.substr(name.size() + 1);
        }
    }
    return {};
}

COAUTH_DECL std::string server_core::cookie_name() const
{
    return origin().starts_with("https:") ? "__Host-authorization-server" : "authorization-server";
}

COAUTH_DECL std::string server_core::cookie(const browser_session& session) const
{
    std::string out = cookie_name() + '=' + session.id + "; Path=/; HttpOnly; SameSite=Lax";
    if (origin().starts_with("https:"))
        out += "; Secure";
    return out;
}

COAUTH_DECL server_core::session_pointer server_core::session_of(const server_request& request)
{
    return sessions_.find(cookie_value(request, cookie_name()), request.time());
}

/// Null unless this browser was given this form.
COAUTH_DECL interaction* server_core::find_interaction(const server_request& request,
                                                       const form_values& values)
{
    const auto id = values.get("interaction");
    interaction* found = sessions_.interactions().find(id);
    if (found == nullptr)
        return nullptr;
    if (request.time() >= found->expires_at) {
        sessions_.interactions().erase(id);
        return nullptr;
    }
    if (found->session != session_of(request))
        return nullptr;
    if (request.method() == "POST" &&
        !coauth::detail::constant_time_equal(values.get("csrf_token"), found->csrf_token))
        return nullptr;
    return found;
}

inline constexpr std::string_view interaction_over_title = "This sign-in is over";
inline constexpr std::string_view interaction_over_text =
    "It was completed already, took too long, or was begun in another browser. Go back to the application "
    "and "
    "begin again.";

COAUTH_DECL server_answer server_core::login(const server_request& request)
{
    const auto values = form_values::parse(request.body());
    if (!is_form(request) || !values || !values->first_repeated().empty())
        return error_page(400, "Not a valid request", "The form is not well-formed.");
    const std::lock_guard lock(mutex_);
    interaction* const at = find_interaction(request, *values);
    if (at == nullptr)
        return error_page(403, interaction_over_title, interaction_over_text);
    const std::string id(values->get("interaction"));
    if (values->get("decision") == "deny") {
        const authorization_question question = std::move(at->question);
        sessions_.interactions().erase(id);
        return refuse_client(question, "access_denied", "The user did not sign in.");
    }
    const auto who = find_user(values->get("username"));
    // Without the user compared all the same, so that the time does not tell which of the two was wrong.
    const bool matches = coauth::detail::constant_time_equal(values->get("password"),
                                                             who ? who->password() : std::string_view());
    if (!who || !matches)
        return show_login(id, *at, values->get("username"),
                          "The name or the password is wrong. Please try again.");

    sessions_.sign_in(at->session, who->name());
    at->session->authenticated_at = request.time();
    at->session->expires_at = request.time() + configuration_.session_lifetime();
    at->user_name = who->name();
    const std::string set_cookie = cookie(*at->session);
    server_answer out(303);
    if (consent_needed(*at)) {
        // By a redirect, so that reloading the page does not send the password again.
        out.add_field("Location", path_of(endpoint::consent) + "?interaction=" + id);
        out.add_field("Cache-Control", "no-store").add_field("Referrer-Policy", "no-referrer");
    } else {
        out = give_code(id, *at);
    }
    return out.add_field("Set-Cookie", set_cookie);
}

COAUTH_DECL server_answer server_core::consent(const server_request& request)
{
    const bool post = request.method() == "POST";
    const auto values = form_values::parse(post ? std::string_view(request.body()) : request.query());
    if ((post && !is_form(request)) || !values || !values->first_repeated().empty())
        return error_page(400, "Not a valid request", "The form is not well-formed.");
    const std::lock_guard lock(mutex_);
    interaction* const at = find_interaction(request, *values);
    if (at == nullptr)
        return error_page(post ? 403 : 404, interaction_over_title, interaction_over_text);
    const std::string id(values->get("interaction"));
    // Somebody else may have signed in in another tab: nobody agrees in another one's name.
    if (at->user_name.empty() || at->user_name != at->session->user_name)
        return show_login(id, *at, {}, {});
    if (!post)
        return show_consent(id, *at);
    const auto decision = values->get("decision");
    if (decision == "switch") {
        at->user_name.clear();
        return show_login(id, *at, {}, {});
    }
    if (decision == "allow") {
        auto& given = consents_[{at->user_name, at->question.client_id}];
        given.insert(at->question.wanted.tokens().begin(), at->question.wanted.tokens().end());
        return give_code(id, *at);
    }
    const authorization_question question = std::move(at->question);
    sessions_.interactions().erase(id);
    return refuse_client(question, "access_denied", "The user said no.");
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
