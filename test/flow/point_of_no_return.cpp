// A token request can be cancelled until it is sent; after that its outcome is never lost.
#include "abandoned_log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <variant>

using namespace coauth_test;
using coauth::errc;

BOOST_AUTO_TEST_SUITE(point_of_no_return)

BOOST_AUTO_TEST_CASE(cancelled_before_the_request_is_sent)
{
    for_each_cancellation(
        grant_operations(), [](const client_operation& operation, asio::cancellation_type type) {
            flow test;
            abandoned_log abandoned(test);
            const auto hold = std::make_shared<gate>();
            operation.expect(test).before_commit(happening::hold(hold)).answer(200, operation.good_answer());
            stepped_operation<coauth::result<void>> running(with_total_cancellation(operation.start(test)));
            running.run_ready();
            BOOST_TEST(test.server.running() == 1u);
            running.cancel(type);
            const auto outcome = running.finish();
            check_refused(outcome, aborted);
            BOOST_TEST(!outcome.error().grant_spent());
            BOOST_TEST(test.server.requests().size() == 1u);
            BOOST_TEST(test.server.sent().empty());
            BOOST_TEST(test.server.running() == 0u);
            BOOST_TEST(abandoned.outcomes.empty());
        });
}

BOOST_AUTO_TEST_CASE(cancelled_after_the_request_was_sent)
{
    for_each_cancellation(
        grant_operations(), [](const client_operation& operation, asio::cancellation_type type) {
            flow test;
            abandoned_log abandoned(test);
            const auto hold = std::make_shared<gate>();
            operation.expect(test).after_commit(happening::hold(hold)).answer(200, operation.good_answer());
            stepped_operation<coauth::result<void>> running(with_total_cancellation(operation.start(test)));
            running.run_ready();
            BOOST_TEST(test.server.sent().size() == 1u);
            running.cancel(type);
            running.run_ready();
            // The caller has its answer while the server still thinks.
            BOOST_TEST(running.completions() == 1);
            BOOST_TEST(test.server.running() == 1u);
            BOOST_TEST(abandoned.outcomes.empty());
            hold->open();
            const auto outcome = running.finish();
            check_refused(outcome, aborted);
            BOOST_TEST(outcome.error().grant_spent());
            BOOST_TEST((outcome.error() == coauth::condition::reauthorization_required));
            BOOST_TEST(test.server.sent().size() == 1u);
            BOOST_TEST_REQUIRE(abandoned.outcomes.size() == 1u);
            BOOST_TEST(abandoned.application_data.at(0) == canary_application_data);
            BOOST_TEST_REQUIRE(abandoned.outcomes[0].has_value());
            BOOST_TEST(!abandoned.outcomes[0]->access_token().empty());
            BOOST_TEST(!abandoned.outcomes[0]->refresh_token().empty());
        });
}

BOOST_AUTO_TEST_CASE(partial_and_total_cancellation_do_not_reach_a_coroutine_that_does_not_ask_for_them)
{
    for (const auto type : {asio::cancellation_type::partial, asio::cancellation_type::total}) {
        for (const client_operation& operation : grant_operations()) {
            flow test;
            operation.expect(test).answer(200, operation.good_answer());
            stepped_operation<coauth::result<void>> running(operation.start(test));
            running.run_steps(2);
            running.cancel(type);
            BOOST_TEST(running.finish().has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(the_outcome_after_a_cancellation_may_be_an_error)
{
    for (const client_operation& operation : grant_operations()) {
        flow test;
        abandoned_log abandoned(test);
        const auto hold = std::make_shared<gate>();
        operation.expect(test)
            .after_commit(happening::hold(hold))
            .answer(400, R"({"error":"invalid_grant"})");
        stepped_operation<coauth::result<void>> running(operation.start(test));
        running.run_ready();
        running.cancel(asio::cancellation_type::terminal);
        running.run_ready();
        hold->open();
        check_refused(running.finish(), aborted);
        BOOST_TEST_REQUIRE(abandoned.outcomes.size() == 1u);
        check_refused(abandoned.outcomes[0], coauth::server_errc::invalid_grant);
        BOOST_TEST(abandoned.outcomes[0].error().grant_spent());
    }
}

BOOST_AUTO_TEST_CASE(without_a_handler_the_outcome_is_dropped)
{
    for (const client_operation& operation : grant_operations()) {
        flow test;
        const auto hold = std::make_shared<gate>();
        operation.expect(test).after_commit(happening::hold(hold)).answer(200, operation.good_answer());
        stepped_operation<coauth::result<void>> running(operation.start(test));
        running.run_ready();
        running.cancel(asio::cancellation_type::terminal);
        running.run_ready();
        hold->open();
        check_refused(running.finish(), aborted);
        BOOST_TEST(test.server.running() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(cancelled_at_every_step_the_outcome_is_known_to_exactly_one)
{
    for_each_cancellation(grant_operations(), [](const client_operation& operation,
                                                 asio::cancellation_type type) {
        int taken_back = 0;
        int released = 0;
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k) {
            flow test;
            abandoned_log abandoned(test);
            test.server.always("POST", token_endpoint, [&operation](const recorded_request&) {
                scripted_exchange out("POST", token_endpoint);
                out.answer(200, operation.good_answer());
                return out;
            });
            stepped_operation<coauth::result<void>> running(with_total_cancellation(operation.start(test)));
            ended = running.run_steps(k) < k;
            running.cancel(type);
            coauth::result<void> outcome;
            bool thrown = false;
            try {
                outcome = running.finish();
            } catch (const boost::system::system_error& failure) {
                // Asio, in the coroutine around the operation, if it was cancelled before it began.
                BOOST_TEST((failure.code() == aborted));
                BOOST_TEST(test.server.requests().empty());
                thrown = true;
            }
            BOOST_TEST(test.server.running() == 0u);
            BOOST_TEST(running.completions() == 1);
            if (thrown)
                continue;
            if (outcome) {
                BOOST_TEST(test.server.sent().size() == 1u);
                BOOST_TEST(abandoned.outcomes.empty());
                continue;
            }
            check_refused(outcome, aborted);
            const std::size_t sent = outcome.error().grant_spent() ? 1 : 0;
            ++(sent ? released : taken_back);
            BOOST_TEST(test.server.sent().size() == sent);
            BOOST_TEST(abandoned.outcomes.size() == sent);
        }
        BOOST_TEST(taken_back > 0);
        BOOST_TEST(released > 0);
    });
}

BOOST_AUTO_TEST_CASE(beside_something_that_ends_first_the_outcome_is_not_lost)
{
    using namespace asio::experimental::awaitable_operators;
    // The other side of || ends after k steps, for all k. What || drops, the handler has to get.
    int won = 0;
    int lost = 0;
    bool ended = false;
    for (std::size_t k = 0; !ended; ++k) {
        flow test;
        abandoned_log abandoned(test);
        test.server.always("POST", token_endpoint, [](const recorded_request&) {
            scripted_exchange out("POST", token_endpoint);
            out.answer(200, refresh_response_body());
            return out;
        });
        gate other;
        bool has_tokens = false;
        const auto body = [&]() -> asio::awaitable<int> {
            auto first = co_await (test.client.refresh(tokens_on_paper()) || other.pass());
            if (first.index() == 0)
                has_tokens = std::get<0>(first).has_value();
            co_return 1;
        };
        stepped_operation<int> running(body());
        ended = running.run_steps(k) < k || running.completions() == 1;
        other.open();
        BOOST_TEST(running.finish() == 1);
        BOOST_TEST(test.server.running() == 0u);
        const bool told = abandoned.outcomes.size() == 1 && abandoned.outcomes[0].has_value();
        BOOST_TEST(static_cast<int>(has_tokens) + static_cast<int>(told) ==
                   static_cast<int>(test.server.sent().size()));
        won += has_tokens;
        lost += told;
    }
    BOOST_TEST(won > 0);
    BOOST_TEST(lost > 0);
}

BOOST_AUTO_TEST_CASE(a_second_cancellation_changes_nothing)
{
    for (const client_operation& operation : grant_operations()) {
        flow test;
        abandoned_log abandoned(test);
        const auto hold = std::make_shared<gate>();
        operation.expect(test).after_commit(happening::hold(hold)).answer(200, operation.good_answer());
        stepped_operation<coauth::result<void>> running(operation.start(test));
        running.run_ready();
        for (int i = 0; i < 3; ++i)
            running.cancel(asio::cancellation_type::terminal);
        running.run_ready();
        running.cancel(asio::cancellation_type::terminal);
        running.run_ready();
        hold->open();
        check_refused(running.finish(), aborted);
        BOOST_TEST(abandoned.outcomes.size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(what_the_transport_throws_reaches_the_caller)
{
    struct transport_bug {};
    for (const client_operation& operation : grant_operations()) {
        for (const bool sent : {false, true}) {
            flow test;
            const auto bug = happening::raise(std::make_exception_ptr(transport_bug()));
            scripted_exchange& exchange = operation.expect(test);
            if (sent)
                exchange.after_commit(bug);
            else
                exchange.before_commit(bug);
            BOOST_CHECK_THROW(run(operation.start(test)), transport_bug);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_the_transport_throws_after_a_cancellation_harms_nobody)
{
    struct transport_bug {};
    for (const client_operation& operation : grant_operations()) {
        flow test;
        abandoned_log abandoned(test);
        stepped_operation<coauth::result<void>> running(operation.start(test));
        operation.expect(test).after_commit(happening::call([&running] {
            running.cancel(asio::cancellation_type::terminal);
            throw transport_bug();
        }));
        check_refused(running.finish(), aborted);
        BOOST_TEST(abandoned.outcomes.empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
