// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_METADATA_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_METADATA_IPP

#include <coauth/testing/detail/server_core.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace coauth::testing::detail {

// OpenID Connect Discovery 1.0 3 and RFC 8414 2: one document serves both.
COAUTH_DECL server_answer server_core::metadata(const server_request&) const
{
    const std::string base = origin();
    const auto url = [&](endpoint at) { return base + path_of(at); };
    boost::json::object out;
    out["issuer"] = issuer();
    out["authorization_endpoint"] = url(endpoint::authorization);
    out["token_endpoint"] = url(endpoint::token);
    out["userinfo_endpoint"] = url(endpoint::userinfo);
    out["jwks_uri"] = url(endpoint::jwks);
    out["revocation_endpoint"] = url(endpoint::revocation);
    const boost::json::array authentication{"client_secret_basic", "client_secret_post", "none"};
    out["token_endpoint_auth_methods_supported"] = authentication;
    out["revocation_endpoint_auth_methods_supported"] = authentication;
    boost::json::array scopes{"openid", "profile", "email", "address", "phone", "offline_access"};
    const boost::json::value api_scope(configuration_.api_scope());
    if (std::find(scopes.begin(), scopes.end(), api_scope) == scopes.end())
        scopes.push_back(api_scope);
    out["scopes_supported"] = std::move(scopes);
    out["response_types_supported"] = boost::json::array{"code"};
    out["response_modes_supported"] = boost::json::array{"query", "form_post"};
    boost::json::array grant_types{"authorization_code"};
    if (configuration_.refresh_tokens() != refresh_tokens::none)
        grant_types.emplace_back("refresh_token");
    out["grant_types_supported"] = std::move(grant_types);
    out["code_challenge_methods_supported"] = boost::json::array{"S256"};
    out["subject_types_supported"] = boost::json::array{"public"};
    out["id_token_signing_alg_values_supported"] = boost::json::array{"RS256"};
    out["prompt_values_supported"] = boost::json::array{"none", "login", "consent", "select_account"};
    out["claims_supported"] =
        boost::json::array{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"};
    out["request_parameter_supported"] = false;
    out["request_uri_parameter_supported"] = false; // absent means true in OpenID Connect Discovery
    if (configuration_.issuer_in_response() == response_issuer::sent)
        out["authorization_response_iss_parameter_supported"] = true; // RFC 9207 3
    return server_answer::json(200, boost::json::serialize(out));
}

COAUTH_DECL server_answer server_core::jwks()
{
    boost::json::array keys;
    keys.push_back(current_key()->public_jwk());
    {
        const std::lock_guard lock(key_mutex_);
        if (previous_key_)
            keys.push_back(previous_key_->public_jwk());
    }
    boost::json::object out;
    out["keys"] = std::move(keys);
    return server_answer::json(200, boost::json::serialize(out));
}

} // namespace coauth::testing::detail

#endif
