#ifndef COAUTH_IMPL_PROTOCOL_TOKEN_REQUEST_IPP
#define COAUTH_IMPL_PROTOCOL_TOKEN_REQUEST_IPP

#include <coauth/protocol/form.hpp>
#include <coauth/protocol/token_request.hpp>

#include <initializer_list>

namespace coauth::inline COAUTH_MODE::detail {

inline secret form_body(const client_credentials& credentials, std::initializer_list<parameter> parameters)
{
    secure_bytes body;
    body.reserve(1024);
    for (const parameter& one : parameters)
        if (!one.value.empty())
            append_form_parameter(body, one.name, one.value);
    credentials.append_to(body);
    return secret(std::move(body));
}

COAUTH_LAZY_DECL secret authorization_code_request(const client_credentials& credentials,
                                                   std::string_view code, std::string_view redirect_uri,
                                                   std::string_view code_verifier)
{
    return form_body(credentials, {{"grant_type", "authorization_code"},
                                   {"code", code},
                                   {"redirect_uri", redirect_uri},
                                   {"code_verifier", code_verifier}});
}

COAUTH_LAZY_DECL secret refresh_request(const client_credentials& credentials, std::string_view refresh_token,
                                        std::string_view scope)
{
    return form_body(credentials,
                     {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}, {"scope", scope}});
}

COAUTH_LAZY_DECL secret revocation_request(const client_credentials& credentials, std::string_view token,
                                           std::string_view token_type_hint)
{
    return form_body(credentials, {{"token", token}, {"token_type_hint", token_type_hint}});
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
