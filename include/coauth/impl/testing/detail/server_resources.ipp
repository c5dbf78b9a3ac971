// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_RESOURCES_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_RESOURCES_IPP

#include <coauth/testing/detail/server_core.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// Empty if there is no bearer token (RFC 6750 2.1).
inline std::string_view bearer_token(const server_request& request)
{
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view field = request.field_value("Authorization");
    if (!boost::urls::grammar::ci_is_equal(field.substr(0, scheme.size()), scheme))
        return {};
    return field.substr(std::min(field.find_first_not_of(' ', scheme.size()), field.size()));
}

/// RFC 6750 3. Without a code for one who sent no token: 3.1 "SHOULD NOT include an error code".
inline server_answer bearer_refusal(unsigned status, std::string_view code, std::string_view description,
                                    std::string_view wanted_scope)
{
    std::string challenge = "Bearer realm=\"authorization server\"";
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty())
            challenge += ", " + std::string(name) + "=\"" + std::string(value) + '"';
    };
    add("scope", wanted_scope);
    add("error", code);
    add("error_description", description);
    server_answer out = code.empty() ? server_answer(status) : json_error(status, code, description);
    return out.set_field("Cache-Control", "no-store").add_field("WWW-Authenticate", challenge);
}

inline server_answer bearer_refusal_for(const server_request& request, bool token_known,
                                        std::string_view wanted_scope)
{
    if (bearer_token(request).empty())
        return bearer_refusal(401, {}, {}, wanted_scope);
    if (!token_known)
        return bearer_refusal(401, "invalid_token", "The access token is unknown, expired or revoked.", {});
    return bearer_refusal(403, "insufficient_scope", "The access token is not good for this.", wanted_scope);
}

/// The scope that a claim comes with: OpenID Connect Core 5.4.
inline std::string_view scope_of_claim(std::string_view name)
{
    if (name == "email" || name == "email_verified")
        return "email";
    if (name == "phone_number" || name == "phone_number_verified")
        return "phone";
    return name == "address" ? "address" : "profile";
}

COAUTH_DECL server_answer server_core::userinfo(const server_request& request)
{
    std::unique_lock lock(mutex_);
    const std::optional with = grants_.find_access_token(bearer_token(request), request.time());
    const std::shared_ptr of = with ? find_user(with->from->user_name) : nullptr;
    const std::shared_ptr to = with ? find_client(with->from->client_id) : nullptr;
    lock.unlock();
    if (!of || !with->allowed.contains("openid"))
        return bearer_refusal_for(request, of != nullptr, "openid");
    boost::json::object out;
    out["sub"] = of->subject();
    for (const user_claim& claim : of->claims())
        if (with->allowed.contains(scope_of_claim(claim.name())))
            std::visit([&](const auto& value) { out[claim.name()] = value; }, claim.value());
    const bool hooked = signing_hooks_.get(server_jwt::userinfo) != nullptr;
    if (!to || (!to->userinfo_algorithm() && !hooked))
        return server_answer::json(200, boost::json::serialize(out));
    // OpenID Connect Core 5.3.2: signed, "the UserInfo Response SHOULD contain the Claims iss [...] and aud".
    out["iss"] = issuer();
    out["aud"] = to->id();
    server_answer answer(200);
    answer.add_field("Content-Type", "application/jwt").add_field("Cache-Control", "no-store");
    const token_algorithm algorithm = to->userinfo_algorithm().value_or(signing_algorithm::rs256);
    return answer.set_body(sign(server_jwt::userinfo, algorithm, *to, std::move(out)));
}

COAUTH_DECL server_answer server_core::api(const server_request& request)
{
    std::unique_lock lock(mutex_);
    const std::optional with = grants_.find_access_token(bearer_token(request), request.time());
    const std::shared_ptr of = with ? find_user(with->from->user_name) : nullptr;
    lock.unlock();
    if (!of || !with->allowed.contains(configuration_.api_scope()))
        return bearer_refusal_for(request, of != nullptr, configuration_.api_scope());
    boost::json::object out;
    out["message"] = "Hello, " + of->name();
    out["subject"] = of->subject();
    out["client_id"] = with->from->client_id;
    out["scope"] = with->allowed.to_string();
    return server_answer::json(200, boost::json::serialize(out));
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
