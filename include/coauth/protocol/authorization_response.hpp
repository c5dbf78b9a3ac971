// Floor 2.
#ifndef COAUTH_PROTOCOL_AUTHORIZATION_RESPONSE_HPP
#define COAUTH_PROTOCOL_AUTHORIZATION_RESPONSE_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** The parameters of an authorization response, well-formed and nothing more: whoever made it is not yet known.

    @par Specification RFC 6749 4.1.2, 4.1.2.1; RFC 9207 2
*/
struct authorization_response {
    std::optional<secret> state;
    std::optional<secret> code;
    std::optional<std::string> issuer;
    std::optional<std::string> error;
    std::string error_description;
};

/** Read a callback's query or form body.

    @par Errors
    - errc::callback_too_large: beyond limits::callback_bytes, callback_parameters or code_bytes
    - errc::malformed_callback: not form-encoded; or a code or state outside of %x20-7E
    - errc::duplicate_parameter: a parameter of the protocol occurs twice
    - errc::response_mode_mismatch: a response for another response type or mode (`response`, `access_token`, `id_token`)
*/
COAUTH_LAZY result<authorization_response> parse_authorization_response(std::string_view parameters,
                                                                        const limits& bounds);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/authorization_response.ipp>
#endif

#endif
