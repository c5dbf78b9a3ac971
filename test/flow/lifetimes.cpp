// Clients, transports and contexts that go away while an operation runs. The address sanitizer sees what is left.
#include "operations.hpp"

#include <stdexcept>

using namespace coauth_test;
using coauth::errc;

namespace {

/// Has its answer at once.
class immediate_transport {
public:
    asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request)
    {
        co_return errc::connection_failed;
    }
};

asio::awaitable<int> refresh_often(coauth::client client, int times)
{
    int failed = 0;
    const coauth::token_set tokens = tokens_on_paper();
    for (int i = 0; i < times; ++i) {
        const coauth::result<coauth::token_set> outcome = co_await client.refresh(tokens);
        failed += outcome.has_error() && outcome.error() == errc::connection_failed ? 1 : 0;
    }
    co_return failed;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lifetimes)

BOOST_AUTO_TEST_CASE(client_destroyed_at_every_step)
{
    for (const client_operation& operation : operations()) {
        BOOST_TEST_CONTEXT(operation.name())
        {
            bool ended = false;
            for (std::size_t k = 0; !ended; ++k) {
                auto test = std::make_unique<flow>();
                scripted_transport server = test->server;
                for (std::size_t i = 0; i < operation.requests(); ++i)
                    operation.expect(*test).answer(200, operation.good_answer());
                stepped_operation<coauth::result<void>> running(operation.start(*test));
                ended = running.run_steps(k) < k;
                {
                    // Only the check of the script waits until the operation has ended.
                    auto client = std::make_unique<manual_client>(test->client);
                    test->client =
                        manual_client(server_on_paper(), registration_on_paper(), scripted_transport());
                    client.reset();
                }
                BOOST_TEST(running.finish().has_value());
                BOOST_TEST(server.sent().size() == operation.requests());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(operation_never_awaited)
{
    for (const client_operation& operation : operations()) {
        flow test;
        {
            const auto unused = operation.start(test);
        }
        BOOST_TEST(test.server.requests().empty());
    }
}

BOOST_AUTO_TEST_CASE(context_destroyed_at_every_step)
{
    for (const client_operation& operation : operations()) {
        BOOST_TEST_CONTEXT(operation.name())
        {
            bool ended = false;
            for (std::size_t k = 0; !ended; ++k) {
                flow test;
                int abandoned = 0;
                test.client.on_abandoned([&abandoned](coauth::abandoned_tokens) { ++abandoned; });
                test.server.always("POST", token_endpoint, [&operation](const recorded_request&) {
                    scripted_exchange out("POST", token_endpoint);
                    out.answer(200, operation.good_answer());
                    return out;
                });
                for (const auto& [method, url] :
                     {std::pair("GET", userinfo_endpoint),
                      {"GET", resource_url},
                      {"POST", revocation_endpoint},
                      {"GET", server_issuer + "/.well-known/openid-configuration"}})
                    test.server.always(method, url, [&operation](const recorded_request& request) {
                        scripted_exchange out(request.method(), request.url());
                        out.answer(200, operation.good_answer());
                        return out;
                    });
                {
                    stepped_operation<coauth::result<void>> running(operation.start(test));
                    ended = running.run_steps(k) < k;
                }
                BOOST_TEST(test.server.running() == 0u);
                BOOST_TEST(abandoned == 0);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(context_destroyed_after_a_cancellation)
{
    for (const client_operation& operation : grant_operations()) {
        flow test;
        operation.expect(test).after_commit(happening::hang());
        {
            stepped_operation<coauth::result<void>> running(operation.start(test));
            running.run_ready();
            running.cancel(asio::cancellation_type::terminal);
            running.run_ready();
            BOOST_TEST(running.completions() == 1);
            BOOST_TEST(test.server.running() == 1u);
        }
        BOOST_TEST(test.server.running() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(what_a_caller_throws_leaves_run_and_nothing_else)
{
    for (const client_operation& operation : operations()) {
        flow test;
        for (std::size_t i = 0; i < operation.requests(); ++i)
            operation.expect(test).answer(200, operation.good_answer());
        int abandoned = 0;
        test.client.on_abandoned([&abandoned](coauth::abandoned_tokens) { ++abandoned; });
        int told = 0;
        asio::io_context context(1);
        asio::co_spawn(context, operation.start(test),
                       [&told](std::exception_ptr, coauth::result<void> outcome) {
                           BOOST_TEST(outcome.has_value());
                           ++told;
                           throw std::domain_error("from the caller");
                       });
        BOOST_CHECK_THROW(context.run(), std::domain_error);
        context.restart();
        BOOST_CHECK_NO_THROW(context.run());
        BOOST_TEST(told == 1);
        BOOST_TEST(abandoned == 0);
        BOOST_TEST(test.server.running() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(operations_that_end_at_once_do_not_nest)
{
    // Each inside of the one before, these would need more stack than there is.
    coauth::client client(server_on_paper(), registration_on_paper(), immediate_transport());
    BOOST_TEST(run(refresh_often(client, 50'000)) == 50'000);
}

BOOST_AUTO_TEST_SUITE_END()
