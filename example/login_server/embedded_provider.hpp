// The provider that is used when no other is named: coauth's authorization server for tests, in this process.
#ifndef LOGIN_SERVER_EMBEDDED_PROVIDER_HPP
#define LOGIN_SERVER_EMBEDDED_PROVIDER_HPP

#include "options.hpp"

#include <coauth/testing/authorization_server.hpp>

#include <string>
#include <string_view>

namespace login_server {

/** Listens on a loopback port of its own, without TLS: browsers would not trust a certificate made up here.

    Whoever can reach the port can sign in. For development.
*/
class embedded_provider {
public:
    static constexpr std::string_view user_name = "alice";
    static constexpr std::string_view password = "wonderland";

    embedded_provider();

    /** Begin to listen, and fill in what the command line would say of a provider.
        @throws std::runtime_error if it cannot
    */
    void start(options& into, const std::string& redirect_uri);

    /// Whom to sign in as.
    static std::string hint();

    coauth::testing::authorization_server& server() noexcept { return server_; }

private:
    coauth::testing::authorization_server server_;
};

} // namespace login_server

#endif
