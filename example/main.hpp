// What the examples share: a provider in this process to sign in at, and main().
#ifndef COAUTH_EXAMPLE_MAIN_HPP
#define COAUTH_EXAMPLE_MAIN_HPP

#include <coauth.hpp>
#include <coauth/testing/authorization_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace asio = boost::asio;

/// Each example is this one function.
asio::awaitable<void> example(coauth::testing::authorization_server& provider);

/// The examples say what they expect, so that running them is a test.
inline void expect(bool met, std::string_view what)
{
    if (!met)
        throw std::logic_error("not as expected: " + std::string(what));
}

/// This application, as the provider knows it.
inline auto registration()
{
    return coauth::client_registration(
        "example-app", coauth::client_secret_basic(coauth::secret("a secret that is not one")),
        coauth::redirect_uri::parse("https://app.example/callback").value());
}

/// Who can sign in, and at which application.
inline void add_users_and_clients(coauth::testing::authorization_server& provider)
{
    provider.add_user(coauth::testing::user("ada", "correct horse").set_claim("name", "Ada"));
    provider.add_client(coauth::testing::registered_client("example-app", "a secret that is not one")
                            .add_redirect_uri("https://app.example/callback"));
}

int main()
{
    // In your program there is a provider on the network, and coauth::https_transport to reach it.
    coauth::testing::authorization_server provider;
    add_users_and_clients(provider);
    asio::io_context context;
    int exit_code = 0;
    asio::co_spawn(context, example(provider), [&exit_code](std::exception_ptr failure) {
        try {
            if (failure)
                std::rethrow_exception(failure);
        } catch (const std::exception& reason) {
            std::cerr << reason.what() << '\n';
            exit_code = 1;
        }
    });
    context.run();
    return exit_code;
}

#endif
