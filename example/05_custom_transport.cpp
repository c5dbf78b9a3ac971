// A transport of one's own: this one counts and times what another one carries.
#include "main.hpp"

#include <iomanip>

namespace {

/** Anything with this send() is a transport. One that opens connections itself has to keep to what the concept
    coauth::transport demands: no redirects, verified certificates, deadline and limits of the request, commit().
    Passing the request on to a transport that does all that is enough.
*/
class measuring_transport {
public:
    explicit measuring_transport(coauth::any_transport next) : next_(std::move(next)) {}

    asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request request)
    {
        // The path says which endpoint it is. Queries, header fields and bodies hold secrets: not for logs.
        const std::string target(request.url().target());
        const std::string line =
            request.method() + ' ' + request.url().host() + target.substr(0, target.find('?'));
        const auto began = std::chrono::steady_clock::now();
        coauth::result<coauth::http_response> response = co_await next_.send(std::move(request));
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
        ++count_;
        std::cout << std::left << std::setw(74) << line << ' '
                  << (response ? std::to_string(response->status()) : response.error().qualified_name())
                  << "  " << std::fixed << std::setprecision(1) << took.count() << " ms\n";
        co_return response;
    }

    int count() const noexcept { return count_; }

private:
    coauth::any_transport next_;
    int count_ = 0; // one thread runs this example
};

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    const auto measuring = std::make_shared<measuring_transport>(provider.in_process_transport());
    coauth::client client(coauth::issuer::parse(provider.issuer()).value(), registration(), measuring);

    auto request = co_await client.begin_authorization({.scope = "openid profile"});
    const auto browser = provider.sign_in(request.value().url(), "ada", "correct horse");
    auto code = co_await client.accept_callback(
        {.parameters = browser.parameters(), .browser_binding = request->browser_binding()});
    auto tokens = co_await client.exchange(std::move(code).value());
    auto person = co_await client.fetch_userinfo(tokens.value());
    auto fresh = co_await client.refresh(*tokens);
    auto revoked = co_await client.revoke(fresh.value());
    expect(person.has_value() && revoked.has_value(), "the flow succeeds");
    expect(measuring->count() == 7,
           "discovery, exchange, keys, userinfo, refresh, and the revocation of two tokens");
}
