#ifndef COAUTH_IMPL_PROTOCOL_LOGOUT_REQUEST_IPP
#define COAUTH_IMPL_PROTOCOL_LOGOUT_REQUEST_IPP

#include <coauth/protocol/id_token.hpp>
#include <coauth/protocol/logout_request.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL secret logout_request::url() const
{
    const std::string& endpoint = endpoint_.string();
    detail::secure_bytes out(endpoint.begin(), endpoint.end());
    // RP-Initiated Logout 2.1: the endpoint may have a query, "which MUST be retained when adding additional
    // query parameters".
    if (!endpoint_.has_query())
        out.push_back('?');
    for (const field& one : fields_)
        detail::append_form_parameter(out, one.name, one.value.expose());
    return secret(std::move(out));
}

COAUTH_DECL secret logout_request::form_body() const
{
    detail::secure_bytes out;
    for (const field& one : fields_)
        detail::append_form_parameter(out, one.name, one.value.expose());
    return secret(std::move(out));
}

namespace detail {

inline constexpr std::array<std::string_view, 6> logout_parameter_names{
    "id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"};

class logout_request_builder {
public:
    explicit logout_request_builder(const endpoint_url& endpoint) : out_(endpoint) {}

    void add(std::string_view name, std::string_view value)
    {
        if (value.empty())
            return;
        form_field added;
        added.name = name;
        added.value = secret(value);
        out_.fields_.push_back(std::move(added));
    }
    void add_state(const random_value& state)
    {
        const random_value::encoded text = state.encode();
        out_.state_ = secret(std::string_view(text.data(), text.size()));
        add("state", out_.state_.expose());
    }
    logout_request finish() && { return std::move(out_); }

private:
    logout_request out_;
};

COAUTH_LAZY_DECL result<logout_request> make_logout_request(const endpoint_url& endpoint,
                                                            const redirect_uri& post_logout_redirect_uri,
                                                            std::string_view client_id,
                                                            const logout_parameters& parameters,
                                                            const random_value& state)
{
    if (endpoint.empty())
        return errc::endpoint_missing;
    const boost::urls::url_view url = boost::urls::parse_uri(endpoint.string()).value();
    // RFC 6749 3.1: parameters "MUST NOT be included more than once", and here, too, two readers would
    // differ.
    for (const auto& own : url.encoded_params())
        if (std::find(logout_parameter_names.begin(), logout_parameter_names.end(), own.key.decode()) !=
            logout_parameter_names.end())
            return errc::invalid_configuration;
    if (parameters.logout_hint.find('\0') != std::string_view::npos ||
        parameters.ui_locales.find('\0') != std::string_view::npos)
        return errc::invalid_parameter;

    logout_request_builder builder(endpoint);
    if (parameters.id_token)
        builder.add("id_token_hint", parameters.id_token->encoded().expose());
    builder.add("logout_hint", parameters.logout_hint);
    // RP-Initiated Logout 2: "The most common use case for it is to specify the Client Identifier when
    // post_logout_redirect_uri is used but id_token_hint is not."
    builder.add("client_id", client_id);
    if (!post_logout_redirect_uri.empty()) {
        builder.add("post_logout_redirect_uri", post_logout_redirect_uri.string());
        builder.add_state(state);
    }
    builder.add("ui_locales", parameters.ui_locales);
    return std::move(builder).finish();
}

COAUTH_LAZY_DECL result<void> check_logout_response(std::string_view query, std::string_view expected_state,
                                                    const limits& bounds)
{
    const auto fields = parse_form(query, bounds);
    if (!fields)
        return fields.error();
    const secret* state = nullptr;
    for (const form_field& field : *fields) {
        if (field.name != "state")
            continue;
        if (state)
            return errc::duplicate_parameter;
        state = &field.value;
    }
    if (!state)
        return errc::state_missing;
    if (expected_state.empty() || !constant_time_equal(state->expose(), expected_state))
        return errc::state_mismatch;
    return {};
}

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#endif
