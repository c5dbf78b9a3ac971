#ifndef COAUTH_IMPL_PROTOCOL_DISCOVERY_IPP
#define COAUTH_IMPL_PROTOCOL_DISCOVERY_IPP

#include <coauth/detail/json_document.hpp>
#include <coauth/impl/detail/json_member.ipp>
#include <coauth/protocol/discovery.hpp>

#include <boost/json/array.hpp>

namespace coauth::inline COAUTH_MODE::detail {

inline result<endpoint_url> parse_like(const issuer& of, std::string_view text)
{
    return of.url().is_https() ? endpoint_url::parse(text)
                               : endpoint_url::parse(text, insecure::http_to_loopback);
}

/// An issuer with another path: no query or fragment is lost, as an issuer has none.
inline endpoint_url with_path(const issuer& of, std::string_view before, std::string_view after)
{
    const std::string& text = of.string();
    const auto path_at = std::min(text.find('/', text.find("//") + 2), text.size());
    std::string_view path = std::string_view(text).substr(path_at);
    if (path.ends_with('/'))
        path.remove_suffix(1);
    std::string url(text, 0, path_at);
    url.append(before).append(path).append(after);
    return parse_like(of, url).value();
}

COAUTH_LAZY_DECL endpoint_url openid_configuration_url(const issuer& of)
{
    return with_path(of, "", "/.well-known/openid-configuration");
}

COAUTH_LAZY_DECL endpoint_url oauth_metadata_url(const issuer& of)
{
    return with_path(of, "/.well-known/oauth-authorization-server", "");
}

inline result<endpoint_url> endpoint_in(const boost::json::object& document, std::string_view name,
                                        const issuer& of)
{
    if (is_absent(document, name))
        return endpoint_url();
    const auto text = string_member(document, name);
    if (!text)
        return errc::invalid_metadata;
    return parse_like(of, *text);
}

inline result<std::vector<std::string>> strings_in(const boost::json::object& document, std::string_view name)
{
    std::vector<std::string> out;
    if (is_absent(document, name))
        return out;
    const auto* array = document.at(name).if_array();
    if (!array)
        return errc::invalid_metadata;
    for (const boost::json::value& element : *array) {
        const auto* text = element.if_string();
        if (!text)
            return errc::invalid_metadata;
        out.emplace_back(*text);
    }
    return out;
}

COAUTH_LAZY_DECL result<server_metadata> parse_server_metadata(const answer& from, const issuer& expected,
                                                               const multi_tenant_issuer* tenants,
                                                               const limits& bounds)
{
    if (from.status != 200)
        return document_error(from, bounds);
    const auto fail = [&from](error reason) { return reason.set_http_status(from.status); };
    if (!is_media_type(from.content_type, "application/json"))
        return fail(errc::unexpected_content_type);
    const auto document = json_document::parse(from.body, bounds);
    if (!document)
        return fail(document.error());
    const boost::json::object& object = document->object();

    const auto name = string_member(object, "issuer");
    if (!name)
        return fail(errc::invalid_metadata);
    // RFC 8414 3.3: "The "issuer" value returned MUST be identical to the authorization server's issuer
    // identifier [...] If these values are not identical, the data contained in the response MUST NOT be used."
    if (*name != (tenants ? tenants->issuer_template() : expected.string()))
        return fail(errc::issuer_mismatch);

    auto authorization = endpoint_in(object, "authorization_endpoint", expected);
    auto token = endpoint_in(object, "token_endpoint", expected);
    auto userinfo = endpoint_in(object, "userinfo_endpoint", expected);
    auto revocation = endpoint_in(object, "revocation_endpoint", expected);
    auto keys = endpoint_in(object, "jwks_uri", expected);
    auto end_session = endpoint_in(object, "end_session_endpoint", expected);
    for (const auto* endpoint : {&authorization, &token, &userinfo, &revocation, &keys, &end_session})
        if (!*endpoint)
            return fail(endpoint->error());
    if (authorization->empty() || token->empty())
        return fail(errc::invalid_metadata);

    auto methods = strings_in(object, "token_endpoint_auth_methods_supported");
    const auto* iss_supported = object.if_contains("authorization_response_iss_parameter_supported");
    const auto algorithms = strings_in(object, "id_token_signing_alg_values_supported");
    if (!methods || !algorithms || (iss_supported && !iss_supported->is_bool()))
        return fail(errc::invalid_metadata);
    if (methods->empty()) // RFC 8414 2: "If omitted, the default is "client_secret_basic""
        methods->emplace_back("client_secret_basic");

    server_metadata out(std::move(*authorization), std::move(*token));
    out.set_issuer(expected)
        .set_userinfo_endpoint(std::move(*userinfo))
        .set_revocation_endpoint(std::move(*revocation))
        .set_jwks_uri(std::move(*keys))
        .set_end_session_endpoint(std::move(*end_session))
        .set_token_endpoint_authentication_methods(std::move(*methods))
        .set_sends_issuer_in_response(iss_supported && iss_supported->get_bool());
    if (!algorithms->empty()) {
        signing_algorithms known; // `none` and those with a secret are none of ours
        for (const std::string& algorithm : *algorithms)
            if (const auto one = signing_algorithm_from(algorithm))
                known.insert(*one);
        out.set_id_token_algorithms(known);
    }
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
