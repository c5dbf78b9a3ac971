// Every request has one deadline for all of it, and every operation can be cancelled. Tokens are not lost over it.
#include "main.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace std::chrono_literals;
using coauth::testing::endpoint;

namespace {

/// From the button to a code, which the next steps use up.
asio::awaitable<coauth::authorization_code> new_code(coauth::client& client,
                                                     coauth::testing::authorization_server& provider)
{
    auto request = co_await client.begin_authorization(
        {.scope = "openid profile", .application_data = "the session of this person"});
    const auto browser = provider.sign_in(request.value().url(), "ada", "correct horse");
    auto code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    co_return std::move(code).value();
}

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    // Deadlines are totals: connecting, TLS, sending and receiving. One that is not met ends the exchange.
    coauth::limits bounds;
    bounds.exchange_deadline = 1s;
    coauth::client client(coauth::issuer::parse(provider.issuer()).value(), registration(),
                          provider.in_process_transport(), bounds);

    // Tokens whose caller went away after the request was sent come here: keep them, or revoke them.
    bool rescued = false;
    client.on_abandoned([&rescued](coauth::abandoned_tokens left) {
        rescued = left.outcome().has_value();
        std::cout << "tokens for " << left.application_data() << " arrived after their caller had gone\n";
    });

    provider.on_answer(endpoint::token,
                       [](const auto&, coauth::testing::server_answer& answer) { answer.set_delay(5s); });
    auto code = co_await new_code(client, provider);
    auto tokens = co_await client.exchange(std::move(code));
    expect(!tokens && tokens.error() == coauth::errc::timed_out, "the provider is too slow");
    std::cout << "exchange: " << tokens.error() << '\n';
    // The request was sent, so the code may be spent: only a new sign-in helps.
    expect(tokens.error().grant_spent(), "nobody knows whether the provider took the code");

    // Cancellation, here by a signal; a timer and operator|| do as well.
    provider.on_answer(endpoint::token,
                       [](const auto&, coauth::testing::server_answer& answer) { answer.set_delay(300ms); });
    auto another = co_await new_code(client, provider);
    asio::cancellation_signal give_up;
    coauth::result<coauth::token_set> outcome;
    bool ended = false;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, client.exchange(std::move(another)),
                   asio::bind_cancellation_slot(
                       give_up.slot(), [&](std::exception_ptr, coauth::result<coauth::token_set> got) {
                           outcome = std::move(got);
                           ended = true;
                       }));
    while (provider.count(endpoint::token) < 2)
        co_await pause(1ms);
    give_up.emit(asio::cancellation_type::terminal);
    while (!ended)
        co_await pause(1ms);
    expect(outcome.error() == asio::error::operation_aborted, "the caller need not wait");
    std::cout << "cancelled: " << outcome.error() << '\n';
    while (!rescued)
        co_await pause(1ms);
    std::cout << "nothing was lost\n";
}
