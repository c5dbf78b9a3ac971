// Signs a person in: the whole authorization code flow.
#include "main.hpp"

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    // Once, when your server starts. On the network, the transport is coauth::https_transport::create().value().
    // The provider is discovered by its issuer when it is needed first.
    coauth::client client(coauth::issuer::parse(provider.issuer()).value(), registration(),
                          provider.in_process_transport());

    // GET /login: redirect the browser to url(), and set the cookie __Host-coauth to browser_binding().
    auto request = co_await client.begin_authorization({.scope = "openid profile"});
    std::cout << "The browser goes to " << request.value().url().substr(0, request->url().find('?')) << '\n';

    // The person signs in and agrees; the provider sends the browser back.
    const auto browser = provider.sign_in(request->url(), "ada", "correct horse");

    // GET /callback: the query that arrived, and what the cookie holds.
    auto code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    auto tokens = co_await client.exchange(std::move(code).value());
    // The ID token was verified, or there would be no tokens. Issuer and subject are who the person is.
    const coauth::verified_id_token& person = tokens.value().id_token();
    std::cout << person.subject() << " of " << person.issuer() << " is signed in\n";
    auto details = co_await client.fetch_userinfo(*tokens);
    std::cout << "and goes by the name of " << details.value().claim("name") << '\n';
}
