// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_AUTHORIZATION_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_AUTHORIZATION_IPP

#include <coauth/detail/base64url.hpp>
#include <coauth/protocol/form.hpp>
#include <coauth/testing/detail/server_core.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace coauth::inline COAUTH_MODE::testing::detail {

COAUTH_DECL server_answer server_core::authorize(const server_request& request)
{
    const bool post = request.method() == "POST"; // OpenID Connect Core 3.1.2.1 has both
    if (post && !is_form(request))
        return error_page(415, "Not a form", "An authorization request by POST has to be a form.");
    const auto values = form_values::parse(post ? std::string_view(request.body()) : request.query());
    if (!values)
        return error_page(400, "Not a valid request", "The parameters of the request are not well-formed.");

    const std::lock_guard lock(mutex_);
    // RFC 6749 4.1.2.1: with a wrong client identifier or redirect URI the server "MUST NOT automatically
    // redirect the user-agent to the invalid redirection URI".
    authorization_question question;
    question.client_id = values->get("client_id");
    question.redirect_uri = values->get("redirect_uri");
    const auto client = find_client(question.client_id);
    if (!client || values->repeated("client_id"))
        return error_page(400, "Unknown application",
                          "The application that sent you here is not registered with this server.");
    const auto& registered = client->redirect_uris();
    if (values->repeated("redirect_uri") ||
        std::find(registered.begin(), registered.end(), question.redirect_uri) == registered.end())
        return error_page(
            400, "Unknown return address",
            "The application asked for you to be sent to an address that it has not registered. "
            "For your safety, the sign-in ends here.");

    std::string problem;
    const std::string_view code = read_question(*values, question, problem);
    if (!code.empty())
        return refuse_client(question, code, problem);

    auto session = session_of(request);
    interaction started;
    started.question = question;
    if (session && recognised(question, session))
        started.user_name = session->user_name;
    if (question.prompt_none) {
        // OpenID Connect Core 3.1.2.1: "MUST NOT display any authentication or consent user interface pages".
        if (started.user_name.empty())
            return refuse_client(question, "login_required",
                                 "Nobody is signed in, or not in the way asked for.");
        if (consent_needed(started))
            return refuse_client(question, "consent_required", "The user has not agreed to this yet.");
    }
    const bool new_browser = !session;
    if (new_browser)
        session = sessions_.create(request.time() + configuration_.session_lifetime());
    started.session = session;
    started.csrf_token = random_token();
    started.expires_at = request.time() + std::chrono::minutes(10);
    const std::string id = random_token();
    interaction& kept = sessions_.interactions().insert(id, std::move(started));
    server_answer out = proceed(id, kept);
    if (new_browser)
        out.add_field("Set-Cookie", cookie(*session));
    return out;
}

/// @return the error code for the client; empty if all is well
COAUTH_DECL std::string_view server_core::read_question(const form_values& values,
                                                        authorization_question& question,
                                                        std::string& problem) const
{
    const auto refuse = [&](std::string_view code, std::string text) {
        problem = std::move(text);
        return code;
    };
    // First what the refusal itself needs.
    question.state = values.get("state");
    question.form_post = values.get("response_mode") == "form_post" && !values.repeated("response_mode");
    // RFC 6749 3.1: "Request and response parameters MUST NOT be included more than once."
    if (!values.first_repeated().empty())
        return refuse("invalid_request", "A parameter occurs twice.");
    const auto mode = values.get("response_mode");
    if (!mode.empty() && mode != "query" && mode != "form_post")
        return refuse("invalid_request", "The response_mode is not supported.");
    const auto type = values.get("response_type");
    if (type.empty())
        return refuse("invalid_request", "The response_type is missing.");
    if (type != "code")
        return refuse("unsupported_response_type", "Only the response_type code is supported.");
    for (const std::string_view name : {"request", "request_uri", "registration"})
        if (values.find(name) != nullptr)
            return refuse(name == "request"       ? "request_not_supported"
                          : name == "request_uri" ? "request_uri_not_supported"
                                                  : "registration_not_supported",
                          "The parameter is not supported.");

    auto wanted = scope::parse(values.get("scope"));
    const auto allowed = scope::parse(find_client(question.client_id)->scope());
    if (!wanted || !allowed || !allowed->includes(*wanted))
        return refuse("invalid_scope", "The scope is malformed, or more than the client may ask for.");
    question.wanted = *std::move(wanted);

    // OAuth 2.1 4.1.2.1, RFC 7636 4.4.1.
    question.challenge = values.get("code_challenge");
    if (question.challenge.empty())
        return refuse("invalid_request", "The code_challenge is missing.");
    if (values.get("code_challenge_method") != "S256")
        return refuse("invalid_request", "Only the code_challenge_method S256 is supported.");
    std::array<unsigned char, 32> digest;
    if (question.challenge.size() != 43 ||
        !coauth::detail::base64url_decode(question.challenge, digest.data()))
        return refuse("invalid_request", "The code_challenge is not a SHA-256 hash in base64url.");

    question.nonce = values.get("nonce");
    question.login_hint = values.get("login_hint");
    if (auto contexts = scope::parse(values.get("acr_values")))
        question.acr_values = contexts->tokens();
    else
        return refuse("invalid_request", "The acr_values are malformed.");
    const auto prompts = scope::parse(values.get("prompt"));
    if (!prompts)
        return refuse("invalid_request", "The prompt is malformed.");
    for (const std::string& prompt : prompts->tokens()) {
        question.prompt_none |= prompt == "none";
        question.prompt_login |= prompt == "login" || prompt == "select_account";
        question.prompt_consent |= prompt == "consent";
    }
    // OpenID Connect Core 3.1.2.1: "If this parameter contains none with any other value, an error is
    // returned."
    if (question.prompt_none && prompts->tokens().size() > 1)
        return refuse("invalid_request", "The prompt none goes with no other.");
    if (const std::string* text = values.find("max_age")) {
        std::uint32_t seconds = 0;
        const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), seconds);
        if (failure != std::errc() || end != text->data() + text->size())
            return refuse("invalid_request", "The max_age is not a number of seconds.");
        question.max_age = std::chrono::seconds(seconds);
    }
    return {};
}

/// Whether the person of the session will do for this request.
COAUTH_DECL bool server_core::recognised(const authorization_question& question,
                                         const session_pointer& session) const
{
    if (session->user_name.empty() || !find_user(session->user_name) || question.prompt_login)
        return false;
    if (!question.login_hint.empty() && question.login_hint != session->user_name)
        return false;
    // OpenID Connect Core 3.1.2.1: zero is the same as prompt=login.
    return !question.max_age ||
           (question.max_age->count() > 0 && now() - session->authenticated_at <= *question.max_age);
}

COAUTH_DECL bool server_core::consent_needed(const interaction& at) const
{
    if (at.question.prompt_consent)
        return true;
    const auto client = find_client(at.question.client_id);
    if (!client || client->consent() == testing::consent::implied)
        return false;
    const auto given = consents_.find({at.user_name, at.question.client_id});
    if (given == consents_.end())
        return true;
    const auto& tokens = at.question.wanted.tokens();
    return !std::all_of(tokens.begin(), tokens.end(),
                        [&](const std::string& token) { return given->second.contains(token); });
}

/// The next page, or the way back to the client.
COAUTH_DECL server_answer server_core::proceed(const std::string& id, interaction& at)
{
    if (at.user_name.empty())
        return show_login(id, at, at.question.login_hint, {});
    if (consent_needed(at))
        return show_consent(id, at);
    return give_code(id, at);
}

/// OpenID Connect Core 3.1.2.1: acr_values are "in order of preference".
inline std::string context_for(const std::vector<std::string>& asked,
                               const authorization_server_configuration& configuration)
{
    const auto& possible = configuration.authentication_contexts();
    for (const std::string& wanted : asked)
        if (std::find(possible.begin(), possible.end(), wanted) != possible.end())
            return wanted;
    return possible.empty() ? std::string() : possible.front();
}

COAUTH_DECL server_answer server_core::give_code(const std::string& id, interaction& at)
{
    auto given = std::make_shared<grant>();
    given->client_id = at.question.client_id;
    given->user_name = at.user_name;
    given->nonce = at.question.nonce;
    given->allowed = at.question.wanted;
    given->authenticated_at = at.session->authenticated_at;
    given->session_id = at.session->session_id;
    given->authentication_context = context_for(at.question.acr_values, configuration_);
    at.session->grants[given->client_id].emplace_back(given);
    const std::string code =
        grants_.issue_code(std::move(given), at.question.redirect_uri, at.question.challenge, now());
    const authorization_question question = std::move(at.question);
    sessions_.interactions().erase(id);
    std::string parameters;
    coauth::detail::append_form_parameter(parameters, "code", code);
    return answer_client(question, std::move(parameters));
}

COAUTH_DECL server_answer server_core::refuse_client(const authorization_question& question,
                                                     std::string_view code,
                                                     std::string_view description) const
{
    std::string parameters;
    coauth::detail::append_form_parameter(parameters, "error", code);
    coauth::detail::append_form_parameter(parameters, "error_description", description);
    return answer_client(question, std::move(parameters));
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
