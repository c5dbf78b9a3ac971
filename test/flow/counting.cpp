// How much the operations do: requests, and what a caller may rely on about suspension.
#include "operations.hpp"

using namespace coauth_test;

BOOST_AUTO_TEST_SUITE(counting)

BOOST_AUTO_TEST_CASE(number_of_requests)
{
    std::size_t most = 0;
    for (const client_operation& operation : operations()) {
        flow test;
        for (std::size_t i = 0; i < operation.requests(); ++i)
            operation.expect(test).answer(200, operation.good_answer());
        BOOST_TEST(run(operation.start(test)).has_value());
        BOOST_TEST(test.server.requests().size() == operation.requests());
        most = std::max(most, operation.requests());
    }
    BOOST_TEST(most <= 4u);
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_it_is_awaited)
{
    for (const client_operation& operation : operations()) {
        flow test;
        {
            const auto never_awaited = operation.start(test);
            BOOST_TEST(test.server.requests().empty());
        }
        for (std::size_t i = 0; i < operation.requests(); ++i)
            operation.expect(test).answer(200, operation.good_answer());
        BOOST_TEST(run(operation.start(test)).has_value());
    }
}

BOOST_AUTO_TEST_CASE(no_request_is_repeated_whatever_the_answer)
{
    for (const client_operation& operation : operations()) {
        for (const unsigned status : {200u, 401u, 408u, 425u, 429u, 500u, 502u, 503u, 504u}) {
            flow test;
            for (std::size_t i = 0; i < operation.requests(); ++i)
                operation.expect(test).answer(status, "");
            run(operation.start(test));
            BOOST_TEST(test.server.requests().size() == operation.requests());
        }
    }
}

BOOST_AUTO_TEST_CASE(only_get_requests_may_be_repeated)
{
    const coauth::endpoint_url url = endpoint(token_endpoint);
    BOOST_TEST(!coauth::http_request("POST", url).repeatable());
    BOOST_TEST(coauth::http_request("GET", url).repeatable());
}

BOOST_AUTO_TEST_CASE(operations_on_memory_do_not_suspend)
{
    flow test;
    bool done = false;
    const auto body = [&]() -> asio::awaitable<int> {
        const auto request = co_await test.client.begin_authorization({.scope = "openid"});
        const std::string query = callback_query(*request);
        const auto code = co_await test.client.accept_callback(
            {.parameters = query, .browser_binding = request->browser_binding()});
        done = code.has_value();
        co_return 1;
    };
    stepped_operation<int> running(body());
    // One handler: the coroutine runs through.
    BOOST_TEST(running.run_steps(1) == 1u);
    BOOST_TEST(done);
    BOOST_TEST(running.finish() == 1);
}

BOOST_AUTO_TEST_CASE(limits_reach_the_transport)
{
    coauth::limits bounds;
    bounds.exchange_deadline = std::chrono::milliseconds(1234);
    bounds.resource_deadline = std::chrono::milliseconds(2345);
    bounds.discovery_deadline = std::chrono::milliseconds(3456);
    bounds.response_header_bytes = 4567;
    bounds.response_body_bytes = 5678;
    bounds.resource_body_bytes = 6789;
    bounds.discovery_body_bytes = 7890;
    for (const client_operation& operation : operations()) {
        flow test(server_on_paper(), bounds);
        for (std::size_t i = 0; i < operation.requests(); ++i)
            operation.expect(test).answer(200, operation.good_answer());
        BOOST_TEST(run(operation.start(test)).has_value());
        const bool resource = operation.name() == "fetch_resource";
        const bool discovery = operation.name() == "discover";
        for (const recorded_request& request : test.server.sent()) {
            BOOST_TEST((request.deadline() == (resource    ? bounds.resource_deadline
                                               : discovery ? bounds.discovery_deadline
                                                           : bounds.exchange_deadline)));
            BOOST_TEST(request.response_header_bytes() == bounds.response_header_bytes);
            BOOST_TEST(request.response_body_bytes() == (resource    ? bounds.resource_body_bytes
                                                         : discovery ? bounds.discovery_body_bytes
                                                                     : bounds.response_body_bytes));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
