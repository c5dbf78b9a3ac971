// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_LOGOUT_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_LOGOUT_IPP

#include <coauth/impl/testing/detail/server_pages.ipp>
#include <coauth/protocol/form.hpp>
#include <coauth/testing/detail/random_token.hpp>
#include <coauth/testing/detail/server_core.hpp>
#include <coauth/testing/page.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline std::string with_parameters(std::string url, const std::string& parameters)
{
    if (parameters.empty())
        return url;
    const bool has_query = url.find('?') != std::string::npos;
    const std::string_view joint = !has_query ? "?" : url.ends_with('?') ? "" : "&";
    return url + std::string(joint) + parameters;
}

COAUTH_DECL void server_core::set_backchannel_hook(backchannel_hook hook)
{
    auto held = hook ? std::make_shared<const backchannel_hook>(std::move(hook)) : nullptr;
    const std::lock_guard lock(origin_mutex_);
    backchannel_hook_ = std::move(held);
}

/// OpenID Connect RP-Initiated Logout 2, 3. @return no value: refused
COAUTH_DECL std::optional<logout_question>
server_core::read_logout(const server_request& request, const form_values& values, server_answer& refusal)
{
    const auto refuse = [&](std::string_view title, std::string_view text) {
        refusal = error_page(400, title, text);
        return std::nullopt;
    };
    if (!values.first_repeated().empty())
        return refuse("Not a valid request", "A parameter of the request occurs twice.");
    logout_question out;
    // "When an id_token_hint parameter is present, the OP MUST validate that it was the issuer of the ID Token.
    // The OP SHOULD accept ID Tokens when the RP identified by the ID Token's aud claim and/or sid claim has a
    // current session [...], even when the exp time has passed."
    const issued_id_token* hint = nullptr;
    if (const std::string* text = values.find("id_token_hint"))
        hint = id_tokens_.find(fingerprint(*text));
    const std::string* const named = values.find("client_id");
    // "When both client_id and id_token_hint are present, the OP MUST verify that the Client Identifier matches
    // the one used when issuing the ID Token."
    if (hint != nullptr && named != nullptr && *named != hint->client_id)
        return refuse("Not a valid request", "The application is not the one that you signed in to.");
    if (hint != nullptr || named != nullptr)
        out.client = find_client(hint != nullptr ? hint->client_id : *named);
    if (const std::string* uri = values.find("post_logout_redirect_uri")) {
        // "The OP also MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied
        // does not exactly match one of the previously registered post_logout_redirect_uris values."
        const auto* registered = out.client ? &out.client->post_logout_redirect_uris() : nullptr;
        if (registered == nullptr ||
            std::find(registered->begin(), registered->end(), *uri) == registered->end())
            return refuse(
                "Unknown return address",
                "The application asked for you to be sent to an address that it has not registered. "
                "You are still signed in.");
        std::string parameters;
        if (const std::string* state = values.find("state"))
            coauth::detail::append_form_parameter(parameters, "state", *state);
        out.return_to = with_parameters(*uri, parameters);
    }

    auto in_browser = session_of(request);
    if (in_browser && in_browser->user_name.empty())
        in_browser = nullptr;
    // Another site's form comes without the cookie (SameSite), but with the hint.
    out.session = !in_browser && hint != nullptr ? sessions_.find_signed_in(hint->session_id, request.time())
                                                 : in_browser;
    const bool by_person =
        request.method() == "POST" && values.get("decision") == "allow" && in_browser &&
        coauth::detail::constant_time_equal(values.get("csrf_token"), in_browser->csrf_token);
    out.confirmed =
        by_person || (hint != nullptr && out.session && out.session->user_name == hint->user_name);
    return out;
}

/// Forget who was signed in. @return whom to tell
COAUTH_DECL std::vector<logout_notice> server_core::end(const std::shared_ptr<browser_session>& session)
{
    std::vector<logout_notice> out;
    const auto who = find_user(session->user_name);
    for (const auto& [client_id, grants] : session->grants) {
        for (const auto& each : grants)
            // OpenID Connect Back-Channel Logout 2.7: refresh tokens issued without offline_access "to a session
            // being logged out SHOULD be revoked".
            if (const auto held = each.lock(); held && !held->allowed.contains("offline_access"))
                held->revoked = true;
        logout_notice notice;
        notice.client = find_client(client_id);
        notice.subject = who ? who->subject() : std::string();
        notice.session_id = session->session_id;
        if (notice.client)
            out.push_back(std::move(notice));
    }
    sessions_.erase(session);
    return out;
}

COAUTH_DECL server_answer server_core::end_session(const server_request& request)
{
    const bool post = request.method() == "POST";
    if (post && !is_form(request))
        return error_page(415, "Not a form", "A logout request by POST has to be a form.");
    const auto values = form_values::parse(post ? std::string_view(request.body()) : request.query());
    if (!values)
        return error_page(400, "Not a valid request", "The parameters of the request are not well-formed.");
    std::unique_lock lock(mutex_);
    server_answer refusal;
    const auto question = read_logout(request, *values, refusal);
    if (!question)
        return refusal;
    if (question->session && !question->confirmed)
        return show_logout(*values, *question);
    const auto notices = question->session ? end(question->session) : std::vector<logout_notice>();
    lock.unlock();

    std::shared_ptr<const backchannel_hook> send;
    {
        const std::lock_guard hook_lock(origin_mutex_);
        send = backchannel_hook_;
    }
    for (logout_notice notice : notices) {
        if (!send || notice.client->backchannel_logout_uri().empty())
            continue;
        if (notice.client->backchannel_logout_session() == session_in_logout::not_named)
            notice.session_id.clear();
        std::string body;
        coauth::detail::append_form_parameter(body, "logout_token", logout_token(notice));
        (*send)(notice.client->backchannel_logout_uri(), body);
    }
    return logged_out(*question, notices);
}

COAUTH_DECL server_answer server_core::show_logout(const form_values& values,
                                                   const logout_question& question) const
{
    page shown = framed(configuration_, "Sign out");
    if (!question.return_to.empty())
        shown.add_form_target(question.return_to);
    shown.add("<h1>Sign out?</h1>\n<p class=\"lead\">");
    if (question.client)
        shown.add("<strong>" + html_escape(question.client->name()) + "</strong> asks you to sign out. ");
    shown.add("You are signed in as <strong>" + html_escape(question.session->user_name) +
              "</strong>.</p>\n");
    shown.add("<form method=\"post\" action=\"" + html_escape(path_of(endpoint::end_session)) + "\">\n" +
              hidden_input("csrf_token", question.session->csrf_token));
    for (const std::string_view name : {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"})
        if (const std::string* value = values.find(name))
            shown.add(hidden_input(name, *value));
    shown.add("<div class=\"actions\">\n<button name=\"decision\" value=\"allow\">Sign out</button>\n"
              "</div>\n</form>\n");
    return answer_of(200, shown);
}

COAUTH_DECL server_answer server_core::logged_out(const logout_question& question,
                                                  const std::vector<logout_notice>& notices) const
{
    page shown = framed(configuration_, "Signed out");
    shown.add("<h1>You are signed out</h1>\n");
    bool has_frames = false;
    for (const logout_notice& notice : notices) {
        if (notice.client->frontchannel_logout_uri().empty())
            continue;
        std::string parameters;
        // OpenID Connect Front-Channel Logout 2: "If either is included, both MUST be."
        if (notice.client->frontchannel_logout_session() == session_in_logout::named) {
            coauth::detail::append_form_parameter(parameters, "iss", issuer());
            coauth::detail::append_form_parameter(parameters, "sid", notice.session_id);
        }
        shown.add_frame(with_parameters(notice.client->frontchannel_logout_uri(), parameters));
        has_frames = true;
    }
    if (question.return_to.empty())
        return answer_of(200, shown.add("<p class=\"lead\">You can close this page.</p>\n"));
    if (!has_frames) {
        server_answer out(303);
        out.add_field("Location", question.return_to).add_field("Cache-Control", "no-store");
        return out.add_field("Referrer-Policy", "no-referrer");
    }
    // The frames need a moment to load, and pages here have no scripts.
    shown.add("<p class=\"lead\"><a href=\"" + html_escape(question.return_to) + "\">Continue</a></p>\n");
    return answer_of(200, shown).add_field("Refresh", "2; url=" + question.return_to);
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
