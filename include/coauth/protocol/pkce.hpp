// Floor 2.
#ifndef COAUTH_PROTOCOL_PKCE_HPP
#define COAUTH_PROTOCOL_PKCE_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>

#include <string_view>

namespace coauth::inline COAUTH_MODE {

/** The S256 code challenge for a code verifier: BASE64URL(SHA256(ASCII(verifier))).

    There is no `plain`: RFC 7636 4.2 demands S256 of clients that are capable of it, and this one is.

    @par Errors
    - errc::invalid_parameter: not 43 to 128 characters of A-Z a-z 0-9 - . _ ~
    - errc::invalid_configuration: OpenSSL has no SHA-256
    @par Thread safety Safe.
    @par Specification RFC 7636 4.1, 4.2
*/
COAUTH_DECL result<random_value> code_challenge_s256(std::string_view code_verifier);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/pkce.ipp>
#endif

#endif
