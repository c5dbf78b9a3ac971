// Floor 2.
#ifndef COAUTH_PROTOCOL_CLIENT_AUTHENTICATION_HPP
#define COAUTH_PROTOCOL_CLIENT_AUTHENTICATION_HPP

#include <coauth/core/client_registration.hpp>

#include <string>
#include <string_view>

namespace coauth::detail {

/** How a client proves who it is, with its type forgotten: a header field or body parameters, never both.

    RFC 6749 2.3: "The client MUST NOT use more than one authentication method in each request."
*/
class client_credentials {
public:
    client_credentials() = default;
    COAUTH_DECL client_credentials(std::string client_id, const client_secret_basic& method);
    COAUTH_DECL client_credentials(std::string client_id, const client_secret_post& method);
    COAUTH_DECL client_credentials(std::string client_id, const public_client& method);
    COAUTH_DECL client_credentials(std::string client_id,
                                   const insecure::unencoded_client_secret_basic& method);

    const std::string& client_id() const noexcept { return client_id_; }
    std::string_view method_name() const noexcept { return method_name_; }

    /// The value of the Authorization field; empty if the method needs none.
    const secret& authorization_field() const noexcept { return authorization_field_; }
    /// Add to a request body what the method puts there.
    COAUTH_DECL void append_to(secure_bytes& body) const;

private:
    std::string client_id_;
    std::string_view method_name_;
    secret authorization_field_;
    secret post_secret_;
};

} // namespace coauth::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/client_authentication.ipp>
#endif

#endif
