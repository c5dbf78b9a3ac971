// oidc-provider, a certified OpenID Connect provider on Node.js, as a server to sign in at.
#ifndef COAUTH_TEST_INTEROP_PROVIDER_HPP
#define COAUTH_TEST_INTEROP_PROVIDER_HPP

#include "child_process.hpp"

#include <coauth/testing/certificate_authority.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth_test {

/// A client as the provider knows it.
class provider_client {
public:
    provider_client(std::string id, std::string secret, std::string method)
        : client_id(std::move(id)), client_secret(std::move(secret)), authentication_method(std::move(method))
    {
    }

    /// Another member of the registration, as Dynamic Client Registration names it; in place of the usual one.
    template <class Value>
    provider_client& set(std::string_view name, const Value& value)
    {
        metadata[name] = boost::json::value(value);
        return *this;
    }

    std::string client_id;
    std::string client_secret; ///< empty for a client without
    std::string authentication_method;
    boost::json::object metadata;

    friend std::ostream& operator<<(std::ostream& stream, const provider_client& value)
    {
        return stream << value.client_id;
    }
};

/// Clients of every provider. Their redirect URIs are web_redirect_uri and, on any port, native_redirect_uri.
namespace clients {
inline const provider_client basic("basic", "basic-secret-0123456789", "client_secret_basic");
inline const provider_client post("post", "post-secret-0123456789", "client_secret_post");
inline const provider_client without_secret("public", "", "none");
/// A web application: the provider asks people no question if prompt=none forbids it.
inline const provider_client web =
    provider_client("web", "web-secret-0123456789", "client_secret_basic").set("application_type", "web");
/// Every kind of character that a secret may have (RFC 6749 Appendix A.2: no other than printable ASCII).
inline const provider_client odd("odd:id +%&=", "p@ss:w/r d+&=%25~!*()'\"<>\\", "client_secret_basic");
} // namespace clients

inline constexpr std::string_view web_redirect_uri = "https://client.example/callback";
inline constexpr std::string_view native_redirect_uri = "http://127.0.0.1/callback";
/// Where the provider sends browsers after a logout; of all clients.
inline constexpr std::string_view post_logout_redirect_uri = "https://client.example/signed-out";
/// Of login_server, on any port.
inline constexpr std::string_view native_post_logout_redirect_uri = "http://127.0.0.1/signed-out";

/// What the provider saw.
class provider_report {
public:
    explicit provider_report(const boost::json::object& from);

    /// By method and path: `POST /token`.
    std::uint64_t requests(const std::string& to) const;
    /// Refusals of the token endpoint, by their `error`.
    std::uint64_t token_errors(const std::string& error) const;
    /// Logout tokens that clients were sent: how many of them were `accepted` or `refused`.
    std::uint64_t logout_tokens(const std::string& how) const;

    std::uint64_t connections = 0;
    /// How many of them resumed a TLS session.
    std::uint64_t resumed = 0;

private:
    std::map<std::string, std::uint64_t> requests_;
    std::map<std::string, std::uint64_t> token_errors_;
    std::map<std::string, std::uint64_t> logout_tokens_;
};

class provider_settings {
public:
    std::uint16_t port = 0;
    /// How long it keeps a connection without a request.
    std::chrono::milliseconds keep_alive{5'000};
    /// Beside those of every provider.
    std::vector<provider_client> clients;
};

class provider {
public:
    /** Starts it, with a certificate of authority().

        If oidc-provider is not installed, the whole test program ends here as one that was left out.
    */
    explicit provider(const provider_settings& settings = {});

    const std::string& issuer() const noexcept { return issuer_; }
    provider_report report();
    /// From now on it has other keys, and publishes none of those before.
    void rotate_keys();

    /// The one that tests share which do not need one of their own.
    static provider& shared();
    static const coauth::testing::certificate_authority& authority();

private:
    child_process process_;
    std::string issuer_;
};

} // namespace coauth_test

#endif
