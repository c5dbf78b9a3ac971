// oidc-provider, a certified OpenID Connect provider on Node.js, as a server to sign in at.
#ifndef COAUTH_TEST_INTEROP_PROVIDER_HPP
#define COAUTH_TEST_INTEROP_PROVIDER_HPP

#include "child_process.hpp"

#include <coauth/testing/certificate_authority.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

namespace coauth_test {

/// A client as the provider knows it.
class provider_client {
public:
    provider_client(std::string id, std::string secret, std::string method)
        : client_id(std::move(id)), client_secret(std::move(secret)), authentication_method(std::move(method))
    {
    }

    std::string client_id;
    std::string client_secret; ///< empty for a public client
    std::string authentication_method;

    friend std::ostream& operator<<(std::ostream& stream, const provider_client& value)
    {
        return stream << value.client_id;
    }
};

/// The clients of every provider. Their redirect URIs are web_redirect_uri and, on any port, native_redirect_uri.
namespace clients {
inline const provider_client basic("basic", "basic-secret-0123456789", "client_secret_basic");
inline const provider_client post("post", "post-secret-0123456789", "client_secret_post");
inline const provider_client without_secret("public", "", "none");
/// Every kind of character that a secret may have (RFC 6749 Appendix A.2: no other than printable ASCII).
inline const provider_client odd("odd:id +%&=", "p@ss:w/r d+&=%25~!*()'\"<>\\", "client_secret_basic");
} // namespace clients

inline constexpr std::string_view web_redirect_uri = "https://client.example/callback";
inline constexpr std::string_view native_redirect_uri = "http://127.0.0.1/callback";

/// What the provider saw.
class provider_report {
public:
    explicit provider_report(const boost::json::object& from);

    /// By method and path: `POST /token`.
    std::uint64_t requests(const std::string& to) const;
    /// Refusals of the token endpoint, by their `error`.
    std::uint64_t token_errors(const std::string& error) const;

    std::uint64_t connections = 0;
    /// How many of them resumed a TLS session.
    std::uint64_t resumed = 0;

private:
    std::map<std::string, std::uint64_t> requests_;
    std::map<std::string, std::uint64_t> token_errors_;
};

class provider_settings {
public:
    std::uint16_t port = 0;
    /// How long it keeps a connection without a request.
    std::chrono::milliseconds keep_alive{5'000};
};

class provider {
public:
    /** Starts it, with a certificate of authority().

        If oidc-provider is not installed, the whole test program ends here as one that was left out.
    */
    explicit provider(const provider_settings& settings = {});

    const std::string& issuer() const noexcept { return issuer_; }
    provider_report report();

    /// The one that tests share which do not need one of their own.
    static provider& shared();
    static const coauth::testing::certificate_authority& authority();

private:
    child_process process_;
    std::string issuer_;
};

} // namespace coauth_test

#endif
