#ifndef COAUTH_IMPL_PROTOCOL_AUTHORIZATION_REQUEST_IPP
#define COAUTH_IMPL_PROTOCOL_AUTHORIZATION_REQUEST_IPP

#include <coauth/core/scope.hpp>
#include <coauth/protocol/authorization_request.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

// Set by the library, or by an extension that it does not speak: a caller's value could only break the flow.
inline constexpr std::array<std::string_view, 15> reserved_names{
    "response_type", "client_id",      "redirect_uri",          "scope",         "state",
    "nonce",         "code_challenge", "code_challenge_method", "response_mode", "request",
    "request_uri",   "client_secret",  "code_verifier",         "code",          "max_age"};

COAUTH_DECL kept_authorization_parameters::kept_authorization_parameters(const authorization_parameters& from)
    : view_(from)
{
    std::string_view* const views[] = {&view_.scope,
                                       &view_.prompt,
                                       &view_.login_hint,
                                       &view_.acr_values,
                                       &view_.required_acr_values,
                                       &view_.browser_binding,
                                       &view_.application_data};
    texts_.reserve(std::size(views) + 2 * from.extra.size());
    extra_.reserve(from.extra.size());
    const auto keep = [this](std::string_view text) { return std::string_view(texts_.emplace_back(text)); };
    for (std::string_view* view : views)
        *view = keep(*view);
    for (const parameter& one : from.extra)
        extra_.push_back({keep(one.name), keep(one.value)});
    view_.extra = extra_;
}

inline bool contains(const auto& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

COAUTH_LAZY_DECL result<authorization_url_prefix>
authorization_url_prefix::make(const endpoint_url& endpoint, std::string_view client_id,
                               std::string_view redirect_uri)
{
    authorization_url_prefix out;
    const auto url = boost::urls::parse_uri(endpoint.string());
    if (url.has_error())
        return errc::invalid_url;
    // Not params(): its iterator makes strings where no exception may leave it.
    for (const auto& own : url->encoded_params()) {
        std::string name = own.key.decode();
        // RFC 6749 3.1: "Request and response parameters MUST NOT be included more than once."
        if (contains(reserved_names, name))
            return errc::invalid_configuration;
        out.own_names_.push_back(std::move(name));
    }
    // RFC 6749 3.1: the endpoint's query "MUST be retained when adding additional query parameters".
    out.prefix_ = endpoint.string();
    if (!url->has_query())
        out.prefix_ += '?';
    append_form_parameter(out.prefix_, "response_type", "code");
    append_form_parameter(out.prefix_, "client_id", client_id);
    append_form_parameter(out.prefix_, "redirect_uri", redirect_uri);
    append_form_parameter(out.prefix_, "code_challenge_method", "S256");
    return out;
}

COAUTH_LAZY_DECL result<std::string>
authorization_url_prefix::build(const authorization_parameters& parameters, const random_value& state,
                                const random_value& nonce, const random_value& code_challenge) const
{
    bool openid = false;
    scope_reader asked(parameters.scope);
    for (std::string_view token = asked.next(); !token.empty(); token = asked.next()) {
        if (!is_scope_token(token))
            return errc::invalid_parameter;
        openid = openid || token == "openid";
    }
    const bool demands_acr = !parameters.required_acr_values.empty();
    if (!openid && (parameters.max_age || !parameters.acr_values.empty() || demands_acr))
        return errc::openid_scope_missing;
    if (demands_acr && !parameters.acr_values.empty())
        return errc::invalid_parameter;
    if (parameters.max_age && parameters.max_age->count() < 0)
        return errc::invalid_parameter;

    std::string out;
    out.reserve(prefix_.size() + 512);
    out = prefix_;
    const auto append_random = [&out](std::string_view name, const random_value& value) {
        const random_value::encoded text = value.encode();
        out.append(name).append(text.data(), text.size());
    };
    append_random("&code_challenge=", code_challenge);
    append_random("&state=", state);
    if (openid) // OpenID Connect Core 15.5.2; for the code flow, too, against injected codes
        append_random("&nonce=", nonce);
    std::string_view before = "&scope=";
    scope_reader sent(parameters.scope);
    for (std::string_view token = sent.next(); !token.empty(); token = sent.next()) {
        out += std::exchange(before, "%20");
        append_form_encoded(out, token);
    }
    if (parameters.response_mode == response_mode::form_post)
        append_form_parameter(out, "response_mode", "form_post");

    std::array<char, 24> max_age;
    parameter named[] = {{"prompt", parameters.prompt},
                         {"login_hint", parameters.login_hint},
                         {"acr_values", demands_acr ? parameters.required_acr_values : parameters.acr_values},
                         {"max_age", {}}};
    if (parameters.max_age) {
        const auto end = std::to_chars(max_age.begin(), max_age.end(), parameters.max_age->count()).ptr;
        named[3].value = {max_age.data(), static_cast<std::size_t>(end - max_age.data())};
    }
    const auto append = [&](const parameter& one) -> result<void> {
        if (one.name.empty() || one.name.find('\0') != one.name.npos ||
            one.value.find('\0') != one.value.npos)
            return errc::invalid_parameter;
        if (contains(own_names_, one.name))
            return errc::reserved_parameter;
        append_form_parameter(out, one.name, one.value);
        return {};
    };
    for (const parameter& one : named)
        if (!one.value.empty())
            if (auto appended = append(one); !appended)
                return appended.error();
    for (auto one = parameters.extra.begin(); one != parameters.extra.end(); ++one) {
        const auto same_name = [one](const parameter& other) { return other.name == one->name; };
        const bool repeated =
            std::any_of(std::begin(named), std::end(named),
                        [&](const parameter& other) { return same_name(other) && !other.value.empty(); }) ||
            std::any_of(parameters.extra.begin(), one, same_name);
        // RFC 8707 2: "Multiple resource parameters MAY be used"
        if (contains(reserved_names, one->name) || (repeated && one->name != "resource"))
            return errc::reserved_parameter;
        if (auto appended = append(*one); !appended)
            return appended.error();
    }
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
