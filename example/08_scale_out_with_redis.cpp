// Many processes, one site: pending sign-ins and tokens in Redis. Needs Boost 1.84, and a Redis at $REDIS_URL.
#include "main.hpp"

#include <coauth/redis_store.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <cstdlib>

using coauth::testing::endpoint;

namespace {

struct redis_policy : coauth::oauth21 {
    using state_store = coauth::redis_state_store;
};

/// One process of the site. All have the same keys and the same Redis; here all of them are in one program.
class process {
public:
    process(const asio::any_io_executor& executor, const coauth::testing::authorization_server& provider,
            const coauth::seal_key_ring& keys, const coauth::redis_settings& where)
        : redis_(coauth::redis_connection::create(executor, where).value()),
          client_(coauth::issuer::parse(provider.issuer()).value(), registration(),
                  provider.in_process_transport(), std::make_shared<coauth::redis_state_store>(redis_, keys)),
          scheduler_(executor, client_,
                     std::make_shared<coauth::redis_token_store>(redis_, keys, provider.issuer()))
    {
    }

    coauth::basic_client<redis_policy>& client() noexcept { return client_; }
    coauth::refresh_scheduler& scheduler() noexcept { return scheduler_; }

private:
    coauth::redis_connection redis_;
    coauth::basic_client<redis_policy> client_;
    coauth::refresh_scheduler scheduler_;
};

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    using namespace asio::experimental::awaitable_operators;

    const char* const url = std::getenv("REDIS_URL");
    const auto where = coauth::redis_settings::parse(url ? url : "redis://127.0.0.1:6379").value();
    // Your processes load them from a file: coauth::seal_key_ring::load(path).
    const auto keys = coauth::seal_key_ring::generate().value();
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    process here(executor, provider, keys, where);
    process there(executor, provider, keys, where);

    // A sign-in begins at one of them and comes back to the other. It works once, at whichever.
    auto request = co_await here.client().begin_authorization({.scope = "openid profile"});
    const auto browser = provider.sign_in(request.value().url(), "ada", "correct horse");
    auto code = co_await there.client().accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    auto tokens = co_await there.client().exchange(std::move(code).value());
    std::cout << "Begun here, completed there: " << tokens.value().id_token().subject() << " is signed in\n";
    auto again = co_await here.client().accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    expect(!again, "a callback works once");

    // Each of them finds the grant by its key, which is what the person's session has.
    auto managed = co_await there.scheduler().manage("session 1", std::move(tokens).value());
    expect(managed.has_value(), "the tokens are in Redis");
    auto found = co_await here.scheduler().find("session 1");
    expect(found.has_value(), "and are found there");

    // Both want to refresh at the same time. The provider sees one request, and both have what it brought.
    coauth::managed_grant of_here = found.value();
    coauth::managed_grant of_there = managed.value();
    auto both = co_await (of_here.refresh_now() && of_there.refresh_now());
    const coauth::result<coauth::shared_tokens>& left = std::get<0>(both);
    const coauth::result<coauth::shared_tokens>& right = std::get<1>(both);
    expect(left.value()->access_token().equals(right.value()->access_token()), "they have the same tokens");
    std::cout << "Refreshed by both: the provider saw " << provider.count(endpoint::token) - 1
              << " request\n";
    expect(provider.count(endpoint::token) == 2, "the exchange and one refresh");

    // Signed out here: no process finds the grant any more.
    auto forgotten = co_await here.scheduler().forget("session 1");
    expect(forgotten.has_value(), "the grant is forgotten");
    process elsewhere(executor, provider, keys, where);
    auto gone = co_await elsewhere.scheduler().find("session 1");
    expect(!gone, "it is in nobody's hands");
    std::cout << "Signed out here; elsewhere: " << gone.error() << '\n';
}
