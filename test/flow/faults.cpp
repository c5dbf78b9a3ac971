// Every step of every operation fails in turn: typed errors, no request more than promised, nothing left behind.
#include "operations.hpp"

using namespace coauth_test;
using coauth::errc;

namespace {

constexpr errc before_any_byte[]{errc::name_resolution_failed, errc::connection_failed,
                                 errc::tls_handshake_failed, errc::certificate_rejected, errc::proxy_refused};
constexpr errc after_the_request[]{errc::malformed_http,     errc::header_too_large, errc::body_too_large,
                                   errc::unsupported_coding, errc::timed_out,        errc::connection_lost};

/// Runs an operation each of whose requests meets this.
template <class Function>
coauth::result<void> run_with(flow& test, const client_operation& operation, Function prepare)
{
    for (std::size_t i = 0; i < operation.requests(); ++i)
        prepare(operation.expect(test));
    auto outcome = run(operation.start(test));
    BOOST_TEST(test.server.requests().size() == operation.requests());
    BOOST_TEST(test.server.running() == 0u);
    return outcome;
}

coauth::limits with_short_deadlines()
{
    coauth::limits out;
    out.exchange_deadline = out.discovery_deadline = out.resource_deadline = std::chrono::milliseconds(5);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(fails_before_the_request_is_sent)
{
    for (const client_operation& operation : operations()) {
        for (const errc code : before_any_byte) {
            BOOST_TEST_CONTEXT(operation.name() << ' ' << name(code))
            {
                flow test;
                const auto outcome = run_with(test, operation, [code](scripted_exchange& exchange) {
                    exchange.before_commit(happening::fail(code));
                });
                check_refused(outcome, code);
                BOOST_TEST(!outcome.error().grant_spent());
                BOOST_TEST(test.server.sent().empty());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(fails_after_the_request_was_sent)
{
    for (const client_operation& operation : operations()) {
        for (const errc code : after_the_request) {
            BOOST_TEST_CONTEXT(operation.name() << ' ' << name(code))
            {
                flow test;
                const auto outcome = run_with(test, operation, [code](scripted_exchange& exchange) {
                    exchange.after_commit(happening::fail(code));
                });
                const bool unknown = operation.spends_a_grant() && code == errc::connection_lost;
                check_refused(outcome, unknown ? errc::outcome_unknown : code);
                BOOST_TEST(outcome.error().grant_spent() == operation.spends_a_grant());
                BOOST_TEST(test.server.sent().size() == operation.requests());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(hangs_until_the_deadline)
{
    for (const client_operation& operation : operations()) {
        for (const bool sent : {false, true}) {
            BOOST_TEST_CONTEXT(operation.name() << " sent " << sent)
            {
                flow test(server_on_paper(), with_short_deadlines());
                const auto outcome = run_with(test, operation, [sent](scripted_exchange& exchange) {
                    if (sent)
                        exchange.after_commit(happening::hang());
                    else
                        exchange.before_commit(happening::hang());
                });
                check_refused(outcome, errc::timed_out);
                BOOST_TEST(outcome.error().grant_spent() == (sent && operation.spends_a_grant()));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(slow_but_in_time)
{
    for (const client_operation& operation : operations()) {
        flow test;
        const auto outcome = run_with(test, operation, [&operation](scripted_exchange& exchange) {
            exchange.before_commit(happening::delay(std::chrono::milliseconds(2)))
                .after_commit(happening::delay(std::chrono::milliseconds(2)))
                .answer(200, operation.good_answer());
        });
        BOOST_TEST(outcome.has_value());
    }
}

BOOST_AUTO_TEST_CASE(answers_cut_short_by_one_byte_and_more)
{
    for (const client_operation& operation : operations()) {
        if (operation.name() == "fetch_resource" || operation.name() == "revoke")
            continue; // whose bodies are not the client's business
        for (std::size_t size = 0; size < operation.good_answer().size(); ++size) {
            flow test;
            const auto outcome = run_with(test, operation, [&](scripted_exchange& exchange) {
                exchange.answer(200, std::string_view(operation.good_answer()).substr(0, size));
            });
            check_refused(outcome, errc::malformed_json);
            BOOST_TEST(outcome.error().grant_spent() == operation.spends_a_grant());
        }
    }
}

BOOST_AUTO_TEST_CASE(every_status_that_is_no_success)
{
    for (const client_operation& operation : operations()) {
        if (operation.name() == "fetch_resource")
            continue;                                         // hands over whatever came
        const bool is_of_tokens = operation.spends_a_grant(); // every 2xx is a success there
        for (const unsigned status : {201u, 204u, 206u, 301u, 302u, 307u, 308u, 400u, 401u, 403u, 405u, 408u,
                                      429u, 500u, 502u, 503u, 504u, 599u}) {
            BOOST_TEST_CONTEXT(operation.name() << ' ' << status)
            {
                if (is_of_tokens && status < 300)
                    continue;
                flow test;
                const auto outcome = run_with(test, operation, [&](scripted_exchange& exchange) {
                    exchange.answer(status, operation.good_answer());
                });
                const errc expected = status >= 300 && status < 400    ? errc::redirect_refused
                                      : status == 429 || status >= 500 ? errc::server_unavailable
                                                                       : errc::unexpected_status;
                check_refused(outcome, expected);
                BOOST_TEST(outcome.error().http_status() == status);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(cancelled_at_every_step)
{
    using type = asio::cancellation_type;
    for (const client_operation& operation : operations()) {
        if (operation.spends_a_grant())
            continue; // see point_of_no_return.cpp
        for (const type cancellation : {type::terminal, type::partial, type::total}) {
            BOOST_TEST_CONTEXT(operation.name() << ", cancellation type " << static_cast<int>(cancellation))
            {
                int cancelled = 0;
                bool ended = false;
                for (std::size_t k = 0; !ended; ++k) {
                    flow test;
                    test.server.always(operation.method(), operation.url(), [&](const recorded_request&) {
                        scripted_exchange out(operation.method(), operation.url());
                        out.answer(200, operation.good_answer());
                        return out;
                    });
                    stepped_operation<coauth::result<void>> running(
                        with_total_cancellation(operation.start(test)));
                    ended = running.run_steps(k) < k;
                    running.cancel(cancellation);
                    running.run_ready();
                    BOOST_TEST(running.completions() == 1);
                    BOOST_TEST(test.server.running() == 0u);
                    BOOST_TEST(test.server.requests().size() <= operation.requests());
                    try {
                        const auto outcome = running.outcome();
                        if (outcome)
                            continue;
                        check_refused(outcome, boost::system::error_code(asio::error::operation_aborted));
                        BOOST_TEST(!outcome.error().grant_spent());
                        ++cancelled;
                    } catch (const boost::system::system_error& failure) {
                        // Asio, in the coroutine around the operation, if it was cancelled before it began.
                        BOOST_TEST((failure.code() == asio::error::operation_aborted));
                        BOOST_TEST(test.server.requests().empty());
                    }
                }
                BOOST_TEST(cancelled > 0);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_sign_in_is_used_up_by_its_first_callback_whatever_becomes_of_it)
{
    for (const errc code : {errc::connection_failed, errc::connection_lost, errc::timed_out}) {
        flow test;
        const auto request = test.begin();
        auto accepted = test.accept(callback_query(request), request.browser_binding());
        test.server.expect("POST", token_endpoint).after_commit(happening::fail(code));
        BOOST_TEST(run(test.client.exchange(std::move(accepted.value()))).has_error());
        check_refused(test.accept(callback_query(request), request.browser_binding()),
                      errc::unknown_transaction);
        BOOST_TEST(test.store->size() == 0u);
        BOOST_TEST(test.server.requests().size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(revocation_goes_on_after_the_first_token)
{
    flow test;
    test.server.expect("POST", revocation_endpoint).answer(503, "");
    test.server.expect("POST", revocation_endpoint).answer(200, "");
    check_refused(run(test.client.revoke(tokens_on_paper())), errc::server_unavailable);
    BOOST_TEST(only_value(test.server.sent().at(1).form(), "token") == canary_access_token);

    flow other;
    other.server.expect("POST", revocation_endpoint).before_commit(happening::fail(errc::connection_failed));
    other.server.expect("POST", revocation_endpoint).answer(400, R"({"error":"unsupported_token_type"})");
    check_refused(run(other.client.revoke(tokens_on_paper())), coauth::server_errc::unsupported_token_type);

    flow nothing;
    BOOST_TEST(run(nothing.client.revoke(coauth::token_set())).has_value());
    BOOST_TEST(nothing.server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()
