// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_PAGES_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_PAGES_IPP

#include <coauth/protocol/form.hpp>
#include <coauth/testing/detail/server_core.hpp>
#include <coauth/testing/page.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline page framed(const authorization_server_configuration& configuration, std::string title)
{
    page out(std::move(title));
    out.set_site_name(configuration.name());
    out.set_footer("A server for development. Do not type in a password that you use elsewhere.");
    return out;
}

inline server_answer answer_of(unsigned status, const page& shown)
{
    server_answer out(status);
    for (http_field& field : shown.fields())
        out.add_field(std::move(field.name), std::move(field.value));
    return out.set_body(shown.html());
}

inline std::string hidden_input(std::string_view name, std::string_view value)
{
    return "<input type=\"hidden\" name=\"" + html_escape(name) + "\" value=\"" + html_escape(value) +
           "\">\n";
}

/// The start of a form of an interaction.
inline std::string form_of(std::string_view action, const std::string& id, const interaction& at)
{
    return "<form method=\"post\" action=\"" + html_escape(action) + "\">\n" +
           hidden_input("interaction", id) + hidden_input("csrf_token", at.csrf_token);
}

/// Where somebody will be sent, as people can judge it: without path and query.
inline std::string destination(std::string_view redirect_uri)
{
    const auto parsed = boost::urls::parse_uri(redirect_uri);
    if (!parsed || !parsed->has_authority())
        return std::string(redirect_uri);
    const auto host = parsed->encoded_host_and_port();
    return {host.data(), host.size()};
}

inline std::string words_for(std::string_view scope_token, std::string_view api_scope)
{
    if (scope_token == "openid")
        return "Know who you are";
    if (scope_token == "profile")
        return "See your name and profile";
    if (scope_token == "email")
        return "See your email address";
    if (scope_token == "address")
        return "See your postal address";
    if (scope_token == "phone")
        return "See your phone number";
    if (scope_token == "offline_access")
        return "Keep this access while you are away";
    if (scope_token == api_scope)
        return "Use the API in your name";
    return "Something that this server has no words for";
}

COAUTH_DECL server_answer server_core::error_page(unsigned status, std::string_view title,
                                                  std::string_view explanation) const
{
    page shown = framed(configuration_, std::string(title));
    shown.add("<h1>" + html_escape(title) + "</h1>\n<p class=\"lead\">" + html_escape(explanation) +
              "</p>\n");
    return answer_of(status, shown);
}

COAUTH_DECL server_answer server_core::show_login(const std::string& id, const interaction& at,
                                                  std::string_view typed_name, std::string_view problem) const
{
    const auto client = find_client(at.question.client_id);
    page shown = framed(configuration_, problem.empty() ? "Sign in" : "Sign in again");
    shown.add_form_target(at.question.redirect_uri);
    shown.add("<h1>Sign in</h1>\n<p class=\"lead\">to continue to <strong>" +
              html_escape(client ? client->name() : at.question.client_id) + "</strong></p>\n");
    if (!problem.empty())
        shown.add("<div class=\"notice bad\" role=\"alert\" id=\"problem\"><p>" + html_escape(problem) +
                  "</p></div>\n");
    else if (!configuration_.sign_in_note().empty())
        shown.add("<div class=\"notice\"><p>" + html_escape(configuration_.sign_in_note()) + "</p></div>\n");
    shown.add(form_of(path_of(endpoint::login), id, at));
    // Focus goes to the first field that is still to be filled in.
    const std::string_view invalid =
        problem.empty() ? "" : " aria-invalid=\"true\" aria-describedby=\"problem\"";
    const auto input = [&](std::string_view attributes, bool focus) {
        std::string out = "<input " + std::string(attributes) + " required" + std::string(invalid);
        return out + (focus ? " autofocus>\n" : ">\n");
    };
    shown.add("<div class=\"field\"><label for=\"username\">Name</label>\n");
    shown.add(input("id=\"username\" name=\"username\" autocomplete=\"username\" autocapitalize=\"none\" "
                    "spellcheck=\"false\" value=\"" +
                        html_escape(typed_name) + '"',
                    typed_name.empty()));
    shown.add("</div>\n<div class=\"field\"><label for=\"password\">Password</label>\n");
    shown.add(input("id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\"",
                    !typed_name.empty()));
    shown.add("</div>\n<div class=\"actions\">\n<button name=\"decision\" value=\"allow\">Sign in</button>\n"
              "<button class=\"secondary\" name=\"decision\" value=\"deny\" formnovalidate>Cancel</button>\n"
              "</div>\n</form>\n");
    return answer_of(problem.empty() ? 200 : 422, shown);
}

COAUTH_DECL server_answer server_core::show_consent(const std::string& id, const interaction& at) const
{
    const auto client = find_client(at.question.client_id);
    const std::string name = html_escape(client ? client->name() : at.question.client_id);
    page shown = framed(configuration_, "Allow access");
    shown.add_form_target(at.question.redirect_uri);
    shown.add("<h1>Allow access?</h1>\n<p class=\"lead\"><strong>" + name + "</strong> would like to</p>\n");
    shown.add("<ul class=\"scopes\">\n");
    if (at.question.wanted.empty())
        shown.add("<li>Know that you have an account here</li>\n");
    for (const std::string& token : at.question.wanted.tokens())
        shown.add("<li><span>" + html_escape(words_for(token, configuration_.api_scope())) +
                  "</span> <code>" + html_escape(token) + "</code></li>\n");
    shown.add("</ul>\n" + form_of(path_of(endpoint::consent), id, at));
    // The first button is what the Enter key presses, wherever the others are shown.
    shown.add(
        "<div class=\"actions\">\n<button name=\"decision\" value=\"allow\">Allow</button>\n"
        "<button class=\"secondary\" name=\"decision\" value=\"deny\">Deny</button>\n</div>\n</form>\n");
    shown.add(
        form_of(path_of(endpoint::consent), id, at) +
        "<p class=\"quiet after\">Either way you will be sent to <strong>" +
        html_escape(destination(at.question.redirect_uri)) +
        "</strong>.</p>\n<p class=\"quiet\">You are signed in as <strong>" + html_escape(at.user_name) +
        "</strong>. <button class=\"plain\" name=\"decision\" value=\"switch\">Use another account</button>"
        "</p>\n</form>\n");
    return answer_of(200, shown);
}

/// @param parameters form-encoded; state and issuer are added
COAUTH_DECL server_answer server_core::answer_client(const authorization_question& question,
                                                     std::string parameters) const
{
    if (!question.state.empty())
        coauth::detail::append_form_parameter(parameters, "state", question.state);
    if (configuration_.issuer_in_response() == response_issuer::sent)
        coauth::detail::append_form_parameter(parameters, "iss", issuer());
    if (!question.form_post) {
        const bool has_query = question.redirect_uri.find('?') != std::string::npos;
        const std::string_view joint = !has_query ? "?" : question.redirect_uri.ends_with('?') ? "" : "&";
        // RFC 9700 4.12: not 307, which would make the browser send the password on to the client.
        server_answer out(303);
        out.add_field("Location", question.redirect_uri + std::string(joint) + parameters);
        return out.add_field("Cache-Control", "no-store").add_field("Referrer-Policy", "no-referrer");
    }
    // OAuth 2.0 Form Post Response Mode. Pages here have no scripts, so somebody has to press the button.
    const auto client = find_client(question.client_id);
    const std::string name = html_escape(client ? client->name() : question.client_id);
    page shown = framed(configuration_, "Continue");
    shown.add_form_target(question.redirect_uri);
    shown.add("<h1>Almost there</h1>\n<p class=\"lead\">Continue to <strong>" + name +
              "</strong> at <strong>" + html_escape(destination(question.redirect_uri)) + "</strong>.</p>\n");
    shown.add("<form method=\"post\" action=\"" + html_escape(question.redirect_uri) + "\">\n");
    const auto values = form_values::parse(parameters);
    for (const std::string_view field : {"code", "error", "error_description", "state", "iss"})
        if (const std::string* value = values ? values->find(field) : nullptr)
            shown.add(hidden_input(field, *value));
    shown.add("<div class=\"actions\"><button autofocus>Continue</button></div>\n</form>\n");
    return answer_of(200, shown);
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
