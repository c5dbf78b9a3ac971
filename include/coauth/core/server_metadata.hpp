// Floor 1.
#ifndef COAUTH_CORE_SERVER_METADATA_HPP
#define COAUTH_CORE_SERVER_METADATA_HPP

#include <coauth/core/url.hpp>
#include <coauth/jose/algorithm.hpp>

#include <boost/variant2/variant.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/** What is known of an authorization server: its issuer identifier, its endpoints, what it supports.

    Either discovered (discover_server_metadata()) or written down by the caller. Only the two
    endpoints of the constructor are required.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
    @par Specification RFC 8414 2, OpenID Connect Discovery 1.0 3
*/
class server_metadata {
public:
    server_metadata() = default;
    server_metadata(endpoint_url authorization_endpoint, endpoint_url token_endpoint)
        : authorization_endpoint_(std::move(authorization_endpoint)),
          token_endpoint_(std::move(token_endpoint))
    {
    }

    const endpoint_url& authorization_endpoint() const noexcept { return authorization_endpoint_; }
    const endpoint_url& token_endpoint() const noexcept { return token_endpoint_; }

    /// Empty for a server that has none, as many plain OAuth 2.0 servers.
    const coauth::issuer& issuer() const noexcept { return issuer_; }
    server_metadata& set_issuer(coauth::issuer value)
    {
        issuer_ = std::move(value);
        return *this;
    }

    /// Empty if there is none; so are the other endpoints.
    const endpoint_url& userinfo_endpoint() const noexcept { return userinfo_endpoint_; }
    server_metadata& set_userinfo_endpoint(endpoint_url value)
    {
        userinfo_endpoint_ = std::move(value);
        return *this;
    }
    const endpoint_url& revocation_endpoint() const noexcept { return revocation_endpoint_; }
    server_metadata& set_revocation_endpoint(endpoint_url value)
    {
        revocation_endpoint_ = std::move(value);
        return *this;
    }

    /// Where the server publishes the keys of its ID tokens.
    const endpoint_url& jwks_uri() const noexcept { return jwks_uri_; }
    server_metadata& set_jwks_uri(endpoint_url value)
    {
        jwks_uri_ = std::move(value);
        return *this;
    }
    /// Where a browser goes to sign out (OpenID Connect RP-Initiated Logout 2.1).
    const endpoint_url& end_session_endpoint() const noexcept { return end_session_endpoint_; }
    server_metadata& set_end_session_endpoint(endpoint_url value)
    {
        end_session_endpoint_ = std::move(value);
        return *this;
    }

    /// No value: nothing was said about the algorithms of ID tokens.
    std::optional<signing_algorithms> id_token_algorithms() const noexcept { return id_token_algorithms_; }
    server_metadata& set_id_token_algorithms(signing_algorithms value) noexcept
    {
        id_token_algorithms_ = value;
        return *this;
    }

    /// Whether every authorization response has `iss` (RFC 9207 3).
    bool sends_issuer_in_response() const noexcept { return sends_issuer_in_response_; }
    server_metadata& set_sends_issuer_in_response(bool value) noexcept
    {
        sends_issuer_in_response_ = value;
        return *this;
    }

    /** Whether a client authentication method may be used.

        True for all where nothing was said about them; discovery sets client_secret_basic then, which
        is the default of RFC 8414 2. True for `none` always, as servers that take public clients often
        do not list it.
    */
    bool supports_token_endpoint_authentication(std::string_view method) const noexcept
    {
        if (!token_endpoint_authentication_ || method == "none")
            return true;
        for (const std::string& supported : *token_endpoint_authentication_)
            if (supported == method)
                return true;
        return false;
    }
    server_metadata& set_token_endpoint_authentication_methods(std::vector<std::string> methods)
    {
        token_endpoint_authentication_ = std::move(methods);
        return *this;
    }

private:
    coauth::issuer issuer_;
    endpoint_url authorization_endpoint_;
    endpoint_url token_endpoint_;
    endpoint_url userinfo_endpoint_;
    endpoint_url revocation_endpoint_;
    endpoint_url jwks_uri_;
    endpoint_url end_session_endpoint_;
    std::optional<signing_algorithms> id_token_algorithms_;
    std::optional<std::vector<std::string>> token_endpoint_authentication_;
    bool sends_issuer_in_response_ = false;
};

/// A server by its metadata, or by the issuer identifier to discover them with.
using server_or_issuer = boost::variant2::variant<server_metadata, issuer>;

} // namespace coauth::inline COAUTH_MODE

#endif
