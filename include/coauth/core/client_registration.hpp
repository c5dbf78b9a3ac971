// Floor 1.
#ifndef COAUTH_CORE_CLIENT_REGISTRATION_HPP
#define COAUTH_CORE_CLIENT_REGISTRATION_HPP

#include <coauth/core/openid_registration.hpp>
#include <coauth/core/scope.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/core/url.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/// How the client proves who it is at the token endpoint. One type a method, so that a policy can forbid it.
/// @par Specification RFC 6749 2.3, RFC 7591 2 (the names)

/// The secret in the Authorization header, each part form-encoded first (RFC 6749 2.3.1).
struct client_secret_basic {
    static constexpr std::string_view method_name = "client_secret_basic";
    static constexpr bool conforming = true;
    explicit client_secret_basic(secret client_secret) : value(std::move(client_secret)) {}
    secret value;
};

/// The secret in the request body.
struct client_secret_post {
    static constexpr std::string_view method_name = "client_secret_post";
    static constexpr bool conforming = true;
    explicit client_secret_post(secret client_secret) : value(std::move(client_secret)) {}
    secret value;
};

/// A public client: no secret. PKCE is what protects its codes.
struct public_client {
    static constexpr std::string_view method_name = "none";
    static constexpr bool conforming = true;
};

namespace insecure {

/** client_secret_basic without the form-encoding, for servers that do not decode.

    @warning RFC 6749 2.3.1 demands the encoding; a secret with `:` in it cannot be told apart.
*/
struct unencoded_client_secret_basic {
    static constexpr std::string_view method_name = "client_secret_basic";
    static constexpr bool conforming = false;
    explicit unencoded_client_secret_basic(secret client_secret) : value(std::move(client_secret)) {}
    secret value;
};

} // namespace insecure

template <class T>
concept client_authentication_method = requires {
    { T::method_name } -> std::convertible_to<std::string_view>;
    { T::conforming } -> std::convertible_to<bool>;
};

/** What the authorization server knows of this client: its identifier, how it authenticates, where it is sent back to.

    @tparam Authentication client_secret_basic, client_secret_post or public_client; deduced
    @par Specification RFC 6749 2
*/
template <client_authentication_method Authentication>
class client_registration {
public:
    /**
        @param client_id as the server issued it, not empty
        @param authentication one of the methods above
        @param redirect_uri exactly as it is registered
    */
    client_registration(std::string client_id, Authentication authentication,
                        coauth::redirect_uri redirect_uri)
        : client_id_(std::move(client_id)),
          authentication_(std::move(authentication)),
          redirect_uri_(std::move(redirect_uri))
    {
    }

    const std::string& client_id() const noexcept { return client_id_; }
    const Authentication& authentication() const noexcept { return authentication_; }
    const coauth::redirect_uri& redirect_uri() const noexcept { return redirect_uri_; }

    const openid_registration& openid() const noexcept { return openid_; }
    client_registration& set_openid(openid_registration value)
    {
        openid_ = std::move(value);
        return *this;
    }

private:
    std::string client_id_;
    Authentication authentication_;
    coauth::redirect_uri redirect_uri_;
    openid_registration openid_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
