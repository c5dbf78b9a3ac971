// The one file of an application that has everything: the transport, a client, a refresh scheduler, and a provider of its
// own for development.
#include <coauth.hpp>
#include <coauth/https_transport.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>
#include <coauth/testing/authorization_server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace asio = boost::asio;

asio::awaitable<void> sign_in(const coauth::testing::authorization_server& server);

asio::awaitable<void> sign_in(const coauth::testing::authorization_server& server)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    coauth::https_transport_settings settings;
    settings.add_authorities(server.ca_pem());
    coauth::client client(
        coauth::issuer::parse(server.issuer()).value(),
        coauth::client_registration("server", coauth::public_client(),
                                    coauth::redirect_uri::parse("http://127.0.0.1/callback").value()),
        coauth::https_transport::create(settings).value());
    coauth::refresh_scheduler scheduler(executor, client);
    asio::co_spawn(executor, scheduler.run(), asio::detached);

    auto request = co_await client.begin_authorization({.scope = "openid profile"});
    const coauth::testing::browser_result arrived =
        server.sign_in(request.value().url(), "ada", "correct horse");
    const std::string query = arrived.parameters();
    auto code =
        co_await client.accept_callback({.parameters = query, .browser_binding = request->browser_binding()});
    auto tokens = co_await client.exchange(std::move(code.value()));
    auto person = co_await client.fetch_userinfo(tokens.value());
    auto grant = co_await scheduler.manage("ada", std::move(tokens.value()));
    auto answer = co_await grant.value().fetch_resource({.url = "https://api.example.com/orders"});
    auto revoked = co_await client.revoke(*grant->current());
    co_await scheduler.stop();
}

int main()
{
    coauth::testing::authorization_server server;
    server.listen();
    asio::io_context context;
    asio::co_spawn(context, sign_in(server), asio::detached);
    context.run();
}
