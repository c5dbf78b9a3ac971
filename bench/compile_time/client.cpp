// A file of a web application: its sign-in and callback handlers.
#include <coauth.hpp>

namespace asio = boost::asio;

asio::awaitable<coauth::result<coauth::authorization_request>> login(coauth::client& client);
asio::awaitable<coauth::result<coauth::token_set>> callback(coauth::client& client, std::string_view query,
                                                            std::string_view cookie);

asio::awaitable<coauth::result<coauth::authorization_request>> login(coauth::client& client)
{
    co_return co_await client.begin_authorization({.scope = "openid email", .prompt = "consent"});
}

asio::awaitable<coauth::result<coauth::token_set>> callback(coauth::client& client, std::string_view query,
                                                            std::string_view cookie)
{
    auto code = co_await client.accept_callback({.parameters = query, .browser_binding = cookie});
    if (!code)
        co_return code.error();
    co_return co_await client.exchange(std::move(*code));
}
