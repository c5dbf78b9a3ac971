// A program of somebody else: it signs a person in over a transport of its own, and keeps them signed in.
#include <coauth.hpp>
#include <coauth/client_implementation.hpp> // for header-only use, with a transport of its own
#include <coauth/policy/transport.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;

// In the other file, so that two files see the library, and make schedulers.
coauth::server_metadata example_server();
coauth::refresh_scheduler scheduler_of(const asio::any_io_executor& executor, const coauth::client& client);

namespace {

struct scripted_transport {
    asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request request)
    {
        if (!request.commit())
            co_return coauth::error(asio::error::operation_aborted);
        coauth::http_response response(200);
        response.add_field("Content-Type", "application/json");
        response.set_body(coauth::secret(R"({"access_token":"opaque","token_type":"Bearer","expires_in":60,)"
                                         R"("refresh_token":"next"})"));
        co_return response;
    }
};

asio::awaitable<void> sign_in(coauth::client& client)
{
    auto request = co_await client.begin_authorization({.scope = "profile"});
    const auto url = boost::urls::parse_uri(request.value().url()).value();
    const auto state = url.params().find("state");
    const std::string query = "code=example&state=" + std::string((*state).value);

    coauth::callback_parameters answer;
    answer.parameters = query;
    answer.browser_binding = request.value().browser_binding();
    auto code = co_await client.accept_callback(answer);
    auto tokens = co_await client.exchange(std::move(code.value()));
    std::cout << "signed in: tokens of type " << tokens.value().token_type() << '\n';

    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    coauth::refresh_scheduler schedulers[] = {coauth::refresh_scheduler(executor, client),
                                              scheduler_of(executor, client)};
    for (coauth::refresh_scheduler& scheduler : schedulers) {
        auto managed = co_await scheduler.manage("somebody", *tokens);
        auto fresh = co_await managed.value().refresh_now();
        std::cout << "stays signed in: " << fresh.value()->refresh_token().expose() << '\n';
        co_await scheduler.stop();
    }
}

} // namespace

int main()
{
    coauth::client client(
        example_server(),
        coauth::client_registration("example", coauth::public_client(),
                                    coauth::redirect_uri::parse("https://client.example/callback").value()),
        scripted_transport());
    asio::io_context context;
    std::exception_ptr failure;
    asio::co_spawn(context, sign_in(client), [&](std::exception_ptr thrown) { failure = thrown; });
    context.run();
    if (failure)
        std::rethrow_exception(failure);
}
