// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_METADATA_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_METADATA_IPP

#include <coauth/testing/detail/server_core.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing::detail {

// OpenID Connect Discovery 1.0 3 and RFC 8414 2: one document serves both.
/// Those that some client is registered with, or that a key was made for.
COAUTH_DECL boost::json::array server_core::algorithm_names() const
{
    signing_algorithms published = keys_.algorithms();
    // OpenID Connect Discovery 3: "The algorithm RS256 MUST be included."
    published.insert(signing_algorithm::rs256);
    std::set<hmac_algorithm> secret;
    const auto add = [&](const std::optional<token_algorithm>& algorithm) {
        if (algorithm && std::holds_alternative<signing_algorithm>(*algorithm))
            published.insert(std::get<signing_algorithm>(*algorithm));
        else if (algorithm)
            secret.insert(std::get<hmac_algorithm>(*algorithm));
    };
    add(configuration_.id_token_algorithm());
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, client] : clients_) {
            add(client->id_token_algorithm());
            add(client->userinfo_algorithm());
        }
    }
    boost::json::array out;
    for (unsigned char i = 0; i <= static_cast<unsigned char>(signing_algorithm::eddsa); ++i)
        if (published.contains(signing_algorithm(i)))
            out.emplace_back(name(signing_algorithm(i)));
    for (const hmac_algorithm algorithm : secret)
        out.emplace_back(name(algorithm));
    return out;
}

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
    out["end_session_endpoint"] = url(endpoint::end_session);
    for (const char* const supported :
         {"backchannel_logout_supported", "backchannel_logout_session_supported",
          "frontchannel_logout_supported", "frontchannel_logout_session_supported"})
        out[supported] = true;
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
    out["id_token_signing_alg_values_supported"] = algorithm_names();
    out["userinfo_signing_alg_values_supported"] = algorithm_names();
    if (!configuration_.authentication_contexts().empty()) {
        boost::json::array& contexts = out["acr_values_supported"].emplace_array();
        for (const std::string& context : configuration_.authentication_contexts())
            contexts.emplace_back(context);
    }
    out["prompt_values_supported"] = boost::json::array{"none", "login", "consent", "select_account"};
    out["claims_supported"] = boost::json::array{"iss",   "sub",     "aud", "exp", "iat", "auth_time",
                                                 "nonce", "at_hash", "acr", "amr", "sid"};
    out["claims_parameter_supported"] = false;
    out["request_parameter_supported"] = false;
    out["request_uri_parameter_supported"] = false; // absent means true in OpenID Connect Discovery
    if (configuration_.issuer_in_response() == response_issuer::sent)
        out["authorization_response_iss_parameter_supported"] = true; // RFC 9207 3
    return server_answer::json(200, boost::json::serialize(out));
}

COAUTH_DECL server_answer server_core::jwks()
{
    // All that the metadata announces, so that no token comes with a key of an algorithm without one.
    for (const boost::json::value& announced : algorithm_names())
        if (const auto algorithm = signing_algorithm_from(announced.get_string()))
            keys_.current(*algorithm);
    boost::json::object out;
    out["keys"] = keys_.published();
    return server_answer::json(200, boost::json::serialize(out));
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
