// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_TOKEN_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_TOKEN_IPP

#include <coauth/testing/detail/server_core.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/pct_string_view.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// RFC 6749 2.3.1: identifier and secret are form-encoded before they are put together.
inline std::optional<std::string> form_decoded(std::string_view text)
{
    const auto encoded = boost::urls::make_pct_string_view(text);
    if (!encoded)
        return std::nullopt;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    return encoded->decode(options);
}

inline std::optional<std::pair<std::string, std::string>> read_basic_credentials(std::string_view field)
{
    constexpr std::string_view scheme = "Basic ";
    if (field.size() > 8192 || !boost::urls::grammar::ci_is_equal(field.substr(0, scheme.size()), scheme))
        return std::nullopt;
    const std::string encoded(
        field.substr(std::min(field.find_first_not_of(' ', scheme.size()), field.size())));
    std::vector<unsigned char> bytes(encoded.size() + 3);
    const int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(encoded.data()),
                                     static_cast<int>(encoded.size()));
    if (size < 0)
        return std::nullopt;
    std::string_view pair(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
    const auto padding = encoded.size() - (encoded.find_last_not_of('=') + 1);
    pair.remove_suffix(std::min(padding, pair.size()));
    const auto colon = pair.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    auto id = form_decoded(pair.substr(0, colon));
    auto secret = form_decoded(pair.substr(colon + 1));
    if (!id || !secret)
        return std::nullopt;
    return std::pair(*std::move(id), *std::move(secret));
}

COAUTH_DECL authenticated_client server_core::authenticate(const server_request& request,
                                                           const form_values& values) const
{
    const auto refuse = [](std::string_view description) {
        // RFC 6749 5.2: 401, with a challenge, is a MUST if the client used the Authorization field.
        return authenticated_client(
            json_error(401, "invalid_client", description)
                .add_field("WWW-Authenticate", "Basic realm=\"authorization server\""));
    };
    std::string id(values.get("client_id"));
    std::string secret(values.get("client_secret"));
    auto method = secret.empty() ? client_authentication::none : client_authentication::client_secret_post;
    const std::string_view field = request.field_value("Authorization");
    if (!field.empty()) {
        // RFC 6749 2.3: "The client MUST NOT use more than one authentication method in each request."
        if (!secret.empty())
            return authenticated_client(
                json_error(400, "invalid_request", "More than one authentication method."));
        const auto given = read_basic_credentials(field);
        if (!given || (!id.empty() && id != given->first))
            return refuse("The Authorization field is malformed, or for another client.");
        id = given->first;
        secret = given->second;
        method = client_authentication::client_secret_basic;
    }
    auto client = find_client(id);
    if (!client)
        return refuse("The client is unknown.");
    if (client->authentication() != method)
        return refuse("The client is registered with another authentication method.");
    if (method != client_authentication::none &&
        !coauth::detail::constant_time_equal(secret, client->secret()))
        return refuse("The secret is wrong.");
    return authenticated_client(std::move(client));
}

/// What is wrong with a request before anybody looks at its parameters.
inline std::optional<server_answer> refuse_form(const server_request& request,
                                                const std::optional<form_values>& values)
{
    if (!is_form(request) || !values)
        return json_error(400, "invalid_request", "The body is not a well-formed form.");
    if (!values->first_repeated().empty())
        return json_error(400, "invalid_request", "A parameter occurs twice.");
    return std::nullopt;
}

COAUTH_DECL server_answer server_core::token(const server_request& request)
{
    const auto values = form_values::parse(request.body());
    if (auto refusal = refuse_form(request, values))
        return *std::move(refusal);

    std::unique_lock lock(mutex_);
    const authenticated_client by = authenticate(request, *values);
    if (!by.client)
        return by.refusal;
    const auto type = values->get("grant_type");
    const bool first = type == "authorization_code";
    issued_tokens issued("");
    if (first) {
        for (const std::string_view name : {"code", "redirect_uri", "code_verifier"})
            if (values->find(name) == nullptr)
                return json_error(400, "invalid_request",
                                  "The parameter " + std::string(name) + " is missing.");
        issued = grants_.redeem_code(values->get("code"), by.client->id(), values->get("redirect_uri"),
                                     values->get("code_verifier"), request.time());
    } else if (type == "refresh_token") {
        const auto wanted = scope::parse(values->get("scope"));
        if (!wanted)
            return json_error(400, "invalid_scope", "The scope is malformed.");
        if (values->find("refresh_token") == nullptr)
            return json_error(400, "invalid_request", "The parameter refresh_token is missing.");
        issued = grants_.refresh(values->get("refresh_token"), by.client->id(), *wanted, request.time());
    } else if (type.empty()) {
        return json_error(400, "invalid_request", "The parameter grant_type is missing.");
    } else {
        return json_error(400, "unsupported_grant_type", "The grant_type is not supported.");
    }
    if (!issued.from)
        return json_error(400, issued.problem_code, issued.problem);
    const auto of = find_user(issued.from->user_name);
    if (!of)
        return json_error(400, "invalid_grant", "The user is gone.");
    lock.unlock();
    return token_answer(issued, *of, *by.client, first ? values->get("code") : std::string_view());
}

/// @param code empty for a refresh
COAUTH_DECL server_answer server_core::token_answer(const issued_tokens& issued, const user& of,
                                                    const registered_client& to, std::string_view code)
{
    boost::json::object out;
    out["access_token"] = issued.access_token;
    out["token_type"] = "Bearer";
    out["expires_in"] = configuration_.access_token_lifetime().count();
    out["scope"] = issued.allowed.to_string();
    if (!issued.refresh_token.empty())
        out["refresh_token"] = issued.refresh_token;
    if (issued.allowed.contains("openid"))
        out["id_token"] = id_token(issued, of, to, code);
    return server_answer::json(200, boost::json::serialize(out));
}

COAUTH_DECL server_answer server_core::revoke(const server_request& request)
{
    const auto values = form_values::parse(request.body());
    if (auto refusal = refuse_form(request, values))
        return *std::move(refusal);
    const std::lock_guard lock(mutex_);
    const authenticated_client by = authenticate(request, *values);
    if (!by.client)
        return by.refusal;
    if (values->find("token") == nullptr)
        return json_error(400, "invalid_request", "The parameter token is missing.");
    if (!grants_.revoke(values->get("token"), by.client->id()))
        return json_error(400, "invalid_grant", "The token was issued to another client.");
    // RFC 7009 2.2: "The authorization server responds with HTTP status code 200 if the token has been
    // revoked successfully or if the client submitted an invalid token."
    return server_answer(200).add_field("Cache-Control", "no-store");
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
