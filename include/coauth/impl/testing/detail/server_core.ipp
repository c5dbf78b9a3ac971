#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_CORE_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_CORE_IPP

#include <coauth/testing/detail/server_core.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/grammar/ci_string.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// Everything that is not the issuer's path, in the order of the enumerators.
class route {
public:
    endpoint at;
    std::string_view path;
    std::string_view methods; // each with a space after it
};
inline constexpr route routes[] = {
    {endpoint::metadata, "/.well-known/openid-configuration", "GET HEAD "},
    {endpoint::jwks, "/jwks", "GET HEAD "},
    {endpoint::authorization, "/authorize", "GET POST "},
    {endpoint::login, "/login", "POST "},
    {endpoint::consent, "/consent", "GET POST "},
    {endpoint::token, "/token", "POST "},
    {endpoint::userinfo, "/userinfo", "GET POST "},
    {endpoint::revocation, "/revoke", "POST "},
    {endpoint::end_session, "/end_session", "GET POST "},
    {endpoint::api, "/api/hello", "GET HEAD "},
};
static_assert(std::size(routes) + 1 == endpoint_count);

COAUTH_DECL server_core::server_core(authorization_server_configuration configuration)
    : configuration_(std::move(configuration)),
      record_(configuration_.most_recorded_requests()),
      origin_(configuration_.origin()),
      grants_(configuration_),
      sessions_(configuration_.most_entries()),
      id_tokens_(configuration_.most_entries())
{
}

COAUTH_DECL server_answer server_core::handle(server_request request)
{
    request.set_endpoint(endpoint_of(request.path())).set_time(now());
    record_.add(request);
    std::optional<server_answer> answer;
    if (const auto hook = request_hooks_.get(request.endpoint()))
        answer = (*hook)(request);
    if (!answer)
        answer = dispatch(request);
    if (const auto hook = answer_hooks_.get(request.endpoint()))
        (*hook)(request, *answer);
    return *std::move(answer);
}

COAUTH_DECL endpoint server_core::endpoint_of(std::string_view path) const
{
    const std::string& prefix = configuration_.issuer_path();
    // RFC 8414 3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery 4 after it.
    constexpr std::string_view well_known = "/.well-known/oauth-authorization-server";
    if (path.starts_with(well_known) && path.substr(well_known.size()) == prefix)
        return endpoint::metadata;
    if (path.starts_with(prefix))
        for (const route& candidate : routes)
            if (path.substr(prefix.size()) == candidate.path)
                return candidate.at;
    return endpoint::other;
}

COAUTH_DECL std::string server_core::path_of(endpoint at) const
{
    const auto index = static_cast<std::size_t>(at);
    return configuration_.issuer_path() + std::string(index < std::size(routes) ? routes[index].path : "/");
}

COAUTH_DECL server_answer server_core::dispatch(const server_request& request)
{
    if (request.endpoint() == endpoint::other)
        return error_page(404, "Nothing here", "This server has no such page.");
    const route& at = routes[static_cast<std::size_t>(request.endpoint())];
    if (at.methods.find(request.method() + ' ') == std::string_view::npos) {
        std::string allowed;
        for (std::string_view rest = at.methods; !rest.empty(); rest.remove_prefix(rest.find(' ') + 1)) {
            if (!allowed.empty())
                allowed += ", ";
            allowed += rest.substr(0, rest.find(' '));
        }
        return error_page(405, "Not this way", "The request has a method that this page does not know.")
            .set_field("Allow", allowed);
    }
    switch (request.endpoint()) {
    case endpoint::metadata:
        return metadata(request);
    case endpoint::jwks:
        return jwks();
    case endpoint::authorization:
        return authorize(request);
    case endpoint::login:
        return login(request);
    case endpoint::consent:
        return consent(request);
    case endpoint::token:
        return token(request);
    case endpoint::userinfo:
        return userinfo(request);
    case endpoint::revocation:
        return revoke(request);
    case endpoint::end_session:
        return end_session(request);
    case endpoint::api:
        return api(request);
    case endpoint::other:
        break;
    }
    return server_answer(404);
}

COAUTH_DECL std::string server_core::origin() const
{
    const std::lock_guard lock(origin_mutex_);
    return origin_;
}

COAUTH_DECL void server_core::set_origin(std::string value)
{
    const std::lock_guard lock(origin_mutex_);
    origin_ = std::move(value);
}

COAUTH_DECL void server_core::add_user(user value)
{
    auto held = std::make_shared<const user>(std::move(value));
    const std::lock_guard lock(mutex_);
    users_[held->name()] = held;
}

COAUTH_DECL void server_core::add_client(registered_client value)
{
    for (const auto& algorithm : {value.id_token_algorithm(), value.userinfo_algorithm()})
        if (algorithm && std::holds_alternative<hmac_algorithm>(*algorithm))
            hmac_key(std::get<hmac_algorithm>(*algorithm), secret(value.secret())); // throws if it is short
    auto held = std::make_shared<const registered_client>(std::move(value));
    const std::lock_guard lock(mutex_);
    clients_[held->id()] = held;
}

COAUTH_DECL void server_core::revoke_everything()
{
    const std::lock_guard lock(mutex_);
    grants_.clear();
    sessions_.clear();
    consents_.clear();
    id_tokens_.clear();
}

COAUTH_DECL std::shared_ptr<const registered_client> server_core::find_client(std::string_view id) const
{
    const auto found = clients_.find(id);
    return found == clients_.end() ? nullptr : found->second;
}

COAUTH_DECL std::shared_ptr<const user> server_core::find_user(std::string_view name) const
{
    const auto found = users_.find(name);
    return found == users_.end() ? nullptr : found->second;
}

COAUTH_DECL server_answer json_error(unsigned status, std::string_view code, std::string_view description)
{
    boost::json::object body;
    body["error"] = code;
    body["error_description"] = description;
    return server_answer::json(status, boost::json::serialize(body));
}

COAUTH_DECL bool is_form(const server_request& request)
{
    std::string_view type = request.field_value("Content-Type");
    type = type.substr(0, type.find(';'));
    type = type.substr(0, type.find_last_not_of(" \t") + 1);
    return boost::urls::grammar::ci_is_equal(type, "application/x-www-form-urlencoded");
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#include <coauth/impl/testing/detail/server_authorization.ipp>
#include <coauth/impl/testing/detail/server_interaction.ipp>
#include <coauth/impl/testing/detail/server_logout.ipp>
#include <coauth/impl/testing/detail/server_metadata.ipp>
#include <coauth/impl/testing/detail/server_pages.ipp>
#include <coauth/impl/testing/detail/server_resources.ipp>
#include <coauth/impl/testing/detail/server_signing.ipp>
#include <coauth/impl/testing/detail/server_token.ipp>

#endif
