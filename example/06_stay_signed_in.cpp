// Tokens that are always fresh: a scheduler refreshes them in the background, once, whoever asks for them.
#include "main.hpp"

#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string_view>

using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using coauth::testing::endpoint;

namespace {

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

/// Here you would write them to your database: nobody sees the new tokens before this has completed.
asio::awaitable<coauth::result<void>> keep(std::string key, coauth::shared_tokens tokens)
{
    std::cout << "keeping the next refresh token of " << key << ", of "
              << tokens->refresh_token().expose().size() << " characters\n";
    co_return coauth::result<void>();
}

std::string_view name_of(coauth::refresh_event::kind what)
{
    switch (what) {
    case coauth::refresh_event::kind::refreshed:
        return "refreshed";
    case coauth::refresh_event::kind::adopted:
        return "refreshed by another process";
    case coauth::refresh_event::kind::retrying:
        return "a refresh failed and is tried again";
    case coauth::refresh_event::kind::falling_behind:
        return "more is due than the server answers";
    case coauth::refresh_event::kind::reauthorization_required:
        break;
    }
    return "has to sign in again";
}

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server&)
{
    // Access tokens of this provider are good for three seconds. Refresh tokens work once.
    coauth::testing::authorization_server provider(
        coauth::testing::authorization_server_configuration().set_access_token_lifetime(3s));
    add_users_and_clients(provider);
    coauth::limits bounds;
    bounds.refresh_interval = 1s; // the least time between two refreshes
    coauth::client client(coauth::issuer::parse(provider.issuer()).value(), registration(),
                          provider.in_process_transport(), bounds);
    client.allow_resource_origin(coauth::endpoint_url::parse(provider.url(endpoint::api)).value());

    // Once, when your server starts.
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    coauth::refresh_scheduler scheduler(executor, client);
    scheduler.on_persist(keep);
    bool signed_out_by_provider = false;
    scheduler.on_event([&signed_out_by_provider](const coauth::refresh_event& event) {
        std::cout << event.key() << ": " << name_of(event.what());
        if (event.reason().code())
            std::cout << ", because of " << event.reason();
        std::cout << '\n';
        if (event.what() == coauth::refresh_event::kind::reauthorization_required)
            signed_out_by_provider = true;
    });
    asio::co_spawn(executor, scheduler.run(), asio::detached); // as long as there is the scheduler

    // When somebody signs in. The key is yours to choose; the handle goes into their session.
    auto request = co_await client.begin_authorization({.scope = "openid profile api"});
    const auto browser = provider.sign_in(request.value().url(), "ada", "correct horse");
    auto code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    auto tokens = co_await client.exchange(std::move(code).value());
    auto managed = co_await scheduler.manage("ada", std::move(tokens).value());
    coauth::managed_grant grant = managed.value();

    // Each request of the person asks for a token. The call completes at once while a token is valid, and else waits for
    // a refresh.
    const std::string api = provider.url(endpoint::api);
    for (int i = 0; i < 4; ++i) {
        std::cout << (grant.current() != nullptr ? "there are tokens: " : "there will be tokens: ");
        auto answer = co_await grant.fetch_resource({.url = api});
        std::cout << "the API answers " << answer.value().body() << '\n';
        expect(answer->status() == 200, "the API takes them");
        co_await pause(1s);
    }
    expect(provider.count(endpoint::token) >= 2, "a refresh came of itself");

    // The provider ends the grant: the next refresh finds out. It is said once, and nobody tries again.
    provider.revoke_everything();
    while (!signed_out_by_provider)
        co_await pause(50ms);
    auto refused = co_await grant.refresh_now();
    expect(!refused && refused.error() == coauth::condition::reauthorization_required, "the grant has ended");

    // When somebody signs out. What a refresh brings that is under way is revoked.
    auto forgotten = co_await scheduler.forget("ada");
    expect(forgotten.has_value() && scheduler.size() == 0, "nothing is kept");

    // Before your server ends: what refreshes bring that were sent is kept, or else it would be lost. But not for ever.
    co_await (scheduler.stop() || pause(5s));
}
