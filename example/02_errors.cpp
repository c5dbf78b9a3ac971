// What can go wrong is a value: a code to compare with, and what a person needs to act on it.
#include "main.hpp"

namespace {

/// For a log. An error never holds a token, a code or a secret; the description comes from the provider.
void report(std::string_view during, const coauth::error& reason)
{
    std::cout << during << ": " << reason << '\n';
    // What to do about it, whatever it is exactly:
    if (reason == coauth::condition::retryable)
        std::cout << "  -> try again"
                  << (reason.retry_after() ? ", but wait as long as the provider says" : "") << '\n';
    else if (reason == coauth::condition::reauthorization_required)
        std::cout << "  -> the person has to sign in again\n";
    else if (reason == coauth::condition::misconfigured)
        std::cout << "  -> somebody has to change the configuration\n";
}

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    using coauth::testing::endpoint;
    using coauth::testing::server_answer;
    using coauth::testing::server_request;

    coauth::client client(coauth::issuer::parse(provider.issuer()).value(), registration(),
                          provider.in_process_transport());

    // The provider is down: worth another try.
    provider.on_request(endpoint::metadata, [](const server_request&) {
        return std::optional(server_answer(503).add_field("Retry-After", "30"));
    });
    auto request = co_await client.begin_authorization({.scope = "openid profile"});
    expect(!request && request.error() == coauth::errc::server_unavailable, "the provider is down");
    report("discovery", request.error());
    provider.clear_hooks();

    // The person says no.
    request = co_await client.begin_authorization({.scope = "openid profile"});
    auto browser = provider.deny(request.value().url(), "ada", "correct horse");
    auto code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    expect(!code && code.error() == coauth::server_errc::access_denied, "the person said no");
    report("callback", code.error());

    // Somebody else's callback: its state was made for another browser.
    request = co_await client.begin_authorization({.scope = "openid profile"});
    browser = provider.sign_in(request->url(), "ada", "correct horse");
    auto other = co_await client.begin_authorization({.scope = "openid profile"});
    code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = other.value().browser_binding()});
    expect(!code && code.error() == coauth::errc::state_mismatch, "a callback of another browser");
    report("callback", code.error());

    // The callback is good, and the provider does not take the code: here, because it forgot all about it.
    code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    provider.revoke_everything();
    auto tokens = co_await client.exchange(std::move(code).value());
    expect(!tokens && tokens.error() == coauth::server_errc::invalid_grant, "the code was revoked");
    report("exchange", tokens.error());

    // Who prefers exceptions asks for value().
    try {
        tokens.value();
    } catch (const coauth::exception& failure) {
        std::cout << "thrown: " << failure.what() << '\n';
        co_return;
    }
    expect(false, "value() throws");
}
