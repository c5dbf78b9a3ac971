// Every operation of the client that sends requests, in one shape, for tests that are about all of them.
#ifndef COAUTH_TEST_FLOW_OPERATIONS_HPP
#define COAUTH_TEST_FLOW_OPERATIONS_HPP

#include "flow_fixture.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <string>
#include <vector>

namespace coauth_test {

/// Leaves only success or failure of an operation.
template <class T>
asio::awaitable<coauth::result<void>> without_value(asio::awaitable<coauth::result<T>> operation)
{
    coauth::result<T> outcome = co_await std::move(operation);
    if (!outcome)
        co_return outcome.error();
    co_return coauth::result<void>();
}

/// Lets partial and total cancellation reach an operation, which Asio keeps from coroutines by default.
template <class T>
asio::awaitable<T> with_total_cancellation(asio::awaitable<T> operation)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    T outcome = co_await std::move(operation);
    co_return std::move(outcome);
}

/// For each of the operations and each type of cancellation.
template <class Operation, class Function>
void for_each_cancellation(const std::vector<Operation>& operations, Function function)
{
    using type = asio::cancellation_type;
    for (const Operation& operation : operations)
        for (const type cancellation : {type::terminal, type::partial, type::total})
            BOOST_TEST_CONTEXT(operation.name() << ", cancellation type " << static_cast<int>(cancellation))
    function(operation, cancellation);
}

class client_operation {
public:
    using start_function = std::function<asio::awaitable<coauth::result<void>>(flow&)>;

    client_operation(std::string name, std::string method, std::string url, std::string good_answer,
                     std::size_t requests, bool spends_a_grant, start_function start)
        : name_(std::move(name)),
          method_(std::move(method)),
          url_(std::move(url)),
          good_answer_(std::move(good_answer)),
          requests_(requests),
          spends_a_grant_(spends_a_grant),
          start_(std::move(start))
    {
    }

    const std::string& name() const noexcept { return name_; }
    const std::string& method() const noexcept { return method_; }
    const std::string& url() const noexcept { return url_; }
    /// Of what a good answer's body is.
    const std::string& good_answer() const noexcept { return good_answer_; }
    /// How many requests it sends.
    std::size_t requests() const noexcept { return requests_; }
    bool spends_a_grant() const noexcept { return spends_a_grant_; }

    /// Expect one request of this operation.
    scripted_exchange& expect(flow& in) const { return in.server.expect(method_, url_); }
    asio::awaitable<coauth::result<void>> start(flow& in) const
    {
        prepare(in);
        return start_prepared(in);
    }

    /// The two halves of start(): what comes before the operation, and the operation itself.
    void prepare(flow& in) const
    {
        if (name_ == "exchange")
            in.code.emplace(in.signed_in());
    }
    asio::awaitable<coauth::result<void>> start_prepared(flow& in) const { return start_(in); }

private:
    std::string name_;
    std::string method_;
    std::string url_;
    std::string good_answer_;
    std::size_t requests_;
    bool spends_a_grant_;
    start_function start_;
};

inline const std::vector<client_operation>& operations()
{
    using coauth::result;
    static const std::vector<client_operation> all{
        {"exchange", "POST", token_endpoint, token_response_body(), 1, true,
         [](flow& in) { return without_value(in.client.exchange(std::move(in.code.value()))); }},
        {"refresh", "POST", token_endpoint, refresh_response_body(), 1, true,
         [](flow& in) {
             return without_value(
                 in.client.refresh(tokens_on_paper(), {.application_data = canary_application_data}));
         }},
        {"fetch_userinfo", "GET", userinfo_endpoint, userinfo_body(), 1, false,
         [](flow& in) { return without_value(in.client.fetch_userinfo(tokens_on_paper())); }},
        {"fetch_resource", "GET", resource_url, "[]", 1, false,
         [](flow& in) {
             return without_value(in.client.fetch_resource(tokens_on_paper(), {.url = resource_url}));
         }},
        {"revoke", "POST", revocation_endpoint, "", 2, false,
         [](flow& in) { return in.client.revoke(tokens_on_paper()); }},
        {"discover", "GET", server_issuer + "/.well-known/openid-configuration",
         R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
         R"("token_endpoint":"https://as.example/token"})",
         1, false,
         [](flow& in) {
             return without_value(coauth::discover_server_metadata(
                 in.server, coauth::issuer::parse(server_issuer).value(), in.client_limits));
         }},
    };
    return all;
}

/// Those of which a request may be sent only once: exchange and refresh.
inline std::vector<client_operation> grant_operations()
{
    std::vector<client_operation> out = operations();
    std::erase_if(out, [](const client_operation& one) { return !one.spends_a_grant(); });
    return out;
}

} // namespace coauth_test

#endif
