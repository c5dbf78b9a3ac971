// Floor 2. The bodies of requests to the token and revocation endpoints.
#ifndef COAUTH_PROTOCOL_TOKEN_REQUEST_HPP
#define COAUTH_PROTOCOL_TOKEN_REQUEST_HPP

#include <coauth/core/secret.hpp>
#include <coauth/protocol/client_authentication.hpp>

#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** @par Specification RFC 6749 4.1.3, RFC 7636 4.5 */
COAUTH_LAZY secret authorization_code_request(const client_credentials& credentials, std::string_view code,
                                              std::string_view redirect_uri, std::string_view code_verifier);

/** @par Specification RFC 6749 6
    @param scope the tokens to narrow the grant to; empty leaves it as it is */
COAUTH_LAZY secret refresh_request(const client_credentials& credentials, std::string_view refresh_token,
                                   std::string_view scope);

/** @par Specification RFC 7009 2.1 */
COAUTH_LAZY secret revocation_request(const client_credentials& credentials, std::string_view token,
                                      std::string_view token_type_hint);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/token_request.ipp>
#endif

#endif
