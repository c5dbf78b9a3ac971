// The sign-in that the in-process measures are about: a client whose provider is written down.
#ifndef COAUTH_BENCH_SIGN_IN_HPP
#define COAUTH_BENCH_SIGN_IN_HPP

#include <coauth.hpp>
#include <coauth/policy/transport.hpp>

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace bench {

inline constexpr std::string_view issuer = "https://accounts.provider.example";
inline constexpr std::string_view client_id = "1234987819200.apps.provider.example";
inline constexpr std::string_view redirect_uri = "https://shop.example/callback";
inline constexpr std::string_view scope = "openid email profile";
inline constexpr std::string_view prompt = "select_account";

/// Of begin_authorization() and accept_callback(), which send nothing.
class no_transport {
public:
    boost::asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request)
    {
        co_return coauth::errc::connection_failed;
    }
};

inline coauth::client make_client(const coauth::limits& bounds = {})
{
    const auto url = [](std::string_view path) {
        return coauth::endpoint_url::parse(std::string(issuer).append(path)).value();
    };
    coauth::server_metadata server(url("/authorize"), url("/token"));
    server.set_issuer(coauth::issuer::parse(issuer).value())
        .set_jwks_uri(url("/jwks"))
        .set_sends_issuer_in_response(true);
    return coauth::client(std::move(server),
                          coauth::client_registration(std::string(client_id), coauth::public_client(),
                                                      coauth::redirect_uri::parse(redirect_uri).value()),
                          no_transport(), bounds);
}

} // namespace bench

#endif
