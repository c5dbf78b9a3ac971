// The provider that is used when no other is named: coauth's authorization server for tests, in this process.
#ifndef LOGIN_SERVER_EMBEDDED_PROVIDER_HPP
#define LOGIN_SERVER_EMBEDDED_PROVIDER_HPP

#include "log.hpp"
#include "options.hpp"
#include "site.hpp"

#include <coauth/testing/authorization_server.hpp>

#include <boost/asio/io_context.hpp>

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
    void start(options& into, const site& here, const std::string& listen_origin);

    /** Tell the application when somebody signs out at the provider, by HTTP as other providers do.

        The context has to live longer than this.
    */
    void deliver_logouts(boost::asio::io_context& context, coauth::any_transport transport, event_log log);

    /// Whom to sign in as.
    static std::string hint();

    coauth::testing::authorization_server& server() noexcept { return server_; }

private:
    coauth::testing::authorization_server server_;
};

} // namespace login_server

#endif
