// Floor 2.
#ifndef COAUTH_PROTOCOL_CLIENT_ASSERTION_HPP
#define COAUTH_PROTOCOL_CLIENT_ASSERTION_HPP

#include <coauth/jose/signing_key.hpp>
#include <coauth/protocol/client_authentication.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// What can be said about an assertion, whatever signs it.
template <class Derived>
class assertion_settings {
public:
    /** The audience, for a server that does not want its issuer identifier there, or whose issuer is not known.

        Some want the URL of their token endpoint. Write it down as the server's documentation has it: an endpoint
        that the metadata names may be another server's, which could use the assertion there (CVE-2025-27370).
    */
    Derived& set_audience(std::string value)
    {
        audience_ = std::move(value);
        return static_cast<Derived&>(*this);
    }
    /// Empty: the server's issuer identifier.
    const std::string& audience() const noexcept { return audience_; }

    /// `typ` of the header, as `client-authentication+jwt` for servers that ask for it. Default: `JWT`.
    Derived& set_type(std::string value)
    {
        type_ = std::move(value);
        return static_cast<Derived&>(*this);
    }
    const std::string& type() const noexcept { return type_; }

private:
    std::string audience_;
    std::string type_ = "JWT";
};

} // namespace detail

/** The client signs with a private key; the server knows the public one.

    A new assertion for every request, for one minute and one use, and for this server only.

    @par Specification OpenID Connect Core 9, RFC 7523 2.2, 3; RFC 7521 4.2
*/
class private_key_jwt : public detail::assertion_settings<private_key_jwt> {
public:
    static constexpr std::string_view method_name = "private_key_jwt";
    static constexpr bool conforming = true;

    explicit private_key_jwt(signing_key key) : key_(std::move(key)) {}

    const signing_key& key() const noexcept { return key_; }
    COAUTH_DECL std::shared_ptr<const detail::assertion_source> source(const std::string& client_id) const;

private:
    signing_key key_;
};

/** The client signs with the client secret, which is never sent.

    hmac_key refuses a secret that is shorter than the hash.

    @par Specification OpenID Connect Core 9, RFC 7523 2.2, 3
*/
class client_secret_jwt : public detail::assertion_settings<client_secret_jwt> {
public:
    static constexpr std::string_view method_name = "client_secret_jwt";
    static constexpr bool conforming = true;

    explicit client_secret_jwt(hmac_key key) : key_(std::move(key)) {}

    const hmac_key& key() const noexcept { return key_; }
    COAUTH_DECL std::shared_ptr<const detail::assertion_source> source(const std::string& client_id) const;

private:
    hmac_key key_;
};

/** A client secret that is a signed statement of the developer's, as Apple wants it.

    Made anew for every request, and good for five minutes; Apple allows up to six months.
*/
class signed_client_secret {
public:
    static constexpr std::string_view method_name = "client_secret_post";
    static constexpr bool conforming = true;

    /**
        @param key an ES256 key for Apple, its identifier the one that the server gave it
        @param team_id who signs: the developer's account
        @param audience the server; `https://appleid.apple.com`
        @throws coauth::exception errc::invalid_configuration if one of them, or the key's identifier, is empty
    */
    COAUTH_DECL signed_client_secret(signing_key key, std::string team_id, std::string audience);

    COAUTH_DECL std::shared_ptr<const detail::assertion_source> source(const std::string& client_id) const;

private:
    signing_key key_;
    std::string team_id_;
    std::string audience_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/client_assertion.ipp>
#endif

#endif
