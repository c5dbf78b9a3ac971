// Keeps pending sign-ins somewhere else: in a store that all servers of a site share, for example.
#include "main.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>
#include <mutex>

namespace {

/** A store behind a network, as far as the client can see: both operations complete later.

    What counts is that take() gives out each sign-in once, whatever happens at the same time. With a database
    that is one atomic command (GETDEL, DELETE ... RETURNING), never a read and then a delete.
*/
class shared_store {
public:
    asio::awaitable<coauth::result<void>> put(coauth::pending_login login, std::chrono::seconds lifetime)
    {
        co_await asio::post(asio::use_awaitable); // here you would wait for the network
        const std::lock_guard lock(mutex_);
        // Anyone can begin sign-ins: a store has to have a limit.
        if (logins_.size() >= 10'000)
            logins_.erase(logins_.begin());
        const auto key = key_of(login.browser_binding(), login.state());
        logins_.insert_or_assign(key, entry{std::move(login), std::chrono::steady_clock::now() + lifetime});
        co_return coauth::result<void>();
    }

    asio::awaitable<coauth::result<coauth::pending_login>> take(const coauth::random_value& browser_binding,
                                                                const coauth::random_value& state)
    {
        const auto key = key_of(browser_binding, state);
        co_await asio::post(asio::use_awaitable);
        const std::lock_guard lock(mutex_);
        auto node = logins_.extract(key);
        if (node.empty())
            co_return coauth::error(coauth::errc::unknown_transaction);
        if (node.mapped().expires < std::chrono::steady_clock::now())
            co_return coauth::error(coauth::errc::expired_transaction);
        co_return std::move(node.mapped().login);
    }

private:
    struct entry {
        coauth::pending_login login;
        std::chrono::steady_clock::time_point expires;
    };

    static std::string key_of(const coauth::random_value& browser_binding, const coauth::random_value& state)
    {
        return browser_binding.to_string() + state.to_string();
    }

    std::mutex mutex_;
    std::map<std::string, entry> logins_;
};

/// The default policy with one part exchanged.
struct shared_store_policy : coauth::oauth21 {
    using state_store = shared_store;
};

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    const coauth::any_transport transport = provider.in_process_transport();
    const auto issuer = coauth::issuer::parse(provider.issuer()).value();

    // Two servers of one site, say. The sign-in begins at one of them and comes back to the other.
    const auto store = std::make_shared<shared_store>();
    coauth::basic_client<shared_store_policy> here(issuer, registration(), transport, store);
    coauth::basic_client<shared_store_policy> there(issuer, registration(), transport, store);

    auto request =
        co_await here.begin_authorization({.scope = "openid profile", .application_data = "/inbox"});
    const auto browser = provider.sign_in(request.value().url(), "ada", "correct horse");
    auto code = co_await there.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    std::cout << "Begun here, completed there, on the way to " << code.value().application_data() << '\n';

    auto tokens = co_await there.exchange(std::move(code).value());
    expect(tokens.has_value(), "the code is exchanged");

    auto again = co_await here.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    expect(!again && again.error() == coauth::errc::unknown_transaction,
           "a callback works once, at either of them");
    std::cout << "The same callback again: " << again.error() << '\n';
}
