// Memory runs out at every allocation of every operation in turn. Either the operation goes on, or it says so:
// by std::bad_alloc, from the call, from the awaited operation, or, where Asio itself has no memory left for a
// coroutine to go on with, from io_context::run().
#include "allocation_faults.hpp"
#include "operations.hpp"
#include "signing_server.hpp"

#include <boost/asio/strand.hpp>

#include <new>

using namespace coauth_test;
using coauth::errc;
using coauth::result;

namespace {

/// What one try came to.
struct attempt {
    bool refused = false;    ///< Some allocation was.
    bool call_threw = false; ///< The operation could not even be made.
    bool run_threw = false;  ///< Asio lost a coroutine.
    bool ended = false;      ///< Nothing was left to do.
    int completions = 0;
    std::exception_ptr failure;
    std::optional<result<void>> outcome;
};

class completion {
public:
    explicit completion(attempt& to) : to_(&to) {}
    void operator()(std::exception_ptr failure, const result<void>& outcome) const
    {
        ++to_->completions;
        to_->failure = failure;
        if (!failure)
            to_->outcome.emplace(outcome);
    }

private:
    attempt* to_;
};

/// Makes an operation and runs it, while the k-th allocation is refused.
template <class Start>
attempt attempt_with_refusal(std::size_t k, Start start)
{
    attempt out;
    asio::io_context context(1);
    // Asio's strand destroys an object that it has not initialized if it cannot have the mutex that it shares with
    // others. They are all there after some thousand strands.
    for (int i = 0; i < 4000; ++i)
        asio::make_strand(context);
    allocation_faults::refuse_after(k);
    try {
        asio::co_spawn(context, start(), completion(out));
    } catch (const std::bad_alloc&) {
        out.call_threw = true;
    }
    for (bool again = true; again;) {
        try {
            context.poll(); // nothing here waits for time to pass
            again = false;
        } catch (const std::bad_alloc&) {
            out.run_threw = true;
        }
    }
    allocation_faults::allow_all();
    out.refused = allocation_faults::refused();
    out.ended = context.stopped();
    return out;
}

/// What holds for every attempt, however it ended.
void check_attempt(const attempt& made)
{
    BOOST_TEST(made.ended);
    BOOST_TEST(made.completions <= 1);
    if (made.completions == 0)
        BOOST_TEST((made.call_threw || made.run_threw)); // never in silence
    if (made.failure) {
        BOOST_CHECK_THROW(std::rethrow_exception(made.failure), std::bad_alloc);
        BOOST_TEST(made.refused);
    }
}

/// The server answers everything, as often as it is asked.
void answer_always(flow& test, const client_operation& operation)
{
    test.server.always(operation.method(), operation.url(), [&operation](const recorded_request&) {
        scripted_exchange out(operation.method(), operation.url());
        out.answer(200, operation.good_answer());
        return out;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(DO5_refused_at_every_allocation_of_every_operation)
{
    for (const client_operation& operation : operations()) {
        BOOST_TEST_CONTEXT(operation.name())
        {
            std::size_t failed = 0;
            std::size_t lost_after_sending = 0;
            std::size_t k = 0;
            for (bool refused = true; refused; ++k) {
                BOOST_TEST_CONTEXT("allocation " << k)
                {
                    flow test;
                    answer_always(test, operation);
                    operation.prepare(test);
                    const attempt made =
                        attempt_with_refusal(k, [&] { return operation.start_prepared(test); });
                    refused = made.refused;
                    check_attempt(made);
                    BOOST_TEST(test.server.running() == 0u);
                    BOOST_TEST(test.server.requests().size() <= operation.requests());
                    const bool succeeded = made.outcome && made.outcome->has_value();
                    failed += !succeeded;
                    if (!refused)
                        BOOST_TEST(succeeded);
                    if (made.completions == 0 && !test.server.sent().empty())
                        ++lost_after_sending;
                    // The client is as good as before.
                    operation.prepare(test);
                    BOOST_TEST(run(operation.start_prepared(test)).has_value());
                }
            }
            BOOST_TEST(failed > 0u);
            BOOST_TEST_MESSAGE(operation.name()
                               << ": " << k - 1 << " allocations, " << failed << " refusals seen, "
                               << lost_after_sending << " lost after sending");
            // A spent grant whose caller never hears of it would be a lost sign-in.
            if (operation.spends_a_grant())
                BOOST_TEST(lost_after_sending == 0u);
        }
    }
}

BOOST_AUTO_TEST_CASE(DO5_refused_while_keys_are_fetched_and_an_id_token_is_verified)
{
    for (const bool keys_are_known : {false, true}) {
        std::size_t lost_after_sending = 0;
        bool refused = true;
        for (std::size_t k = 0; refused; ++k) {
            BOOST_TEST_CONTEXT("allocation " << k)
            {
                openid_flow<> test;
                if (keys_are_known)
                    test.sign_in();
                std::string tokens;
                const std::string keys = key_set_of({0});
                test.server.always("POST", token_endpoint, [&tokens](const recorded_request& request) {
                    scripted_exchange out(request.method(), request.url());
                    out.answer(200, tokens);
                    return out;
                });
                test.server.always("GET", jwks_uri, [&keys](const recorded_request& request) {
                    scripted_exchange out(request.method(), request.url());
                    out.answer(200, keys);
                    return out;
                });
                auto code = test.come_back();
                tokens = token_response_with(test.good_token());
                const std::size_t before = test.server.sent().size();
                const attempt made = attempt_with_refusal(
                    k, [&] { return without_value(test.client.exchange(std::move(code))); });
                refused = made.refused;
                check_attempt(made);
                BOOST_TEST(test.server.running() == 0u);
                if (!refused)
                    BOOST_TEST((made.outcome && made.outcome->has_value()));
                if (made.completions == 0 && test.server.sent().size() > before)
                    ++lost_after_sending;
                // Nobody waits for ever for a fetch that was lost.
                code = test.come_back();
                tokens = token_response_with(test.good_token());
                BOOST_TEST(test.exchange(std::move(code)).value().has_id_token());
            }
        }
        BOOST_TEST(lost_after_sending == 0u);
    }
}

BOOST_AUTO_TEST_CASE(DO5_refused_while_a_server_is_discovered)
{
    const std::string metadata =
        R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
        R"("token_endpoint":"https://as.example/token","jwks_uri":"https://as.example/jwks"})";
    bool refused = true;
    for (std::size_t k = 0; refused; ++k) {
        BOOST_TEST_CONTEXT("allocation " << k)
        {
            flow test;
            manual_client client(coauth::issuer::parse(server_issuer).value(), registration_on_paper(),
                                 test.server, test.store);
            test.server.always("GET", server_issuer + "/.well-known/openid-configuration",
                               [&metadata](const recorded_request& request) {
                                   scripted_exchange out(request.method(), request.url());
                                   out.answer(200, metadata);
                                   return out;
                               });
            const attempt made = attempt_with_refusal(
                k, [&] { return without_value(client.begin_authorization({.scope = "openid"})); });
            refused = made.refused;
            check_attempt(made);
            BOOST_TEST(test.server.running() == 0u);
            if (!refused)
                BOOST_TEST((made.outcome && made.outcome->has_value()));
            BOOST_TEST(run(client.begin_authorization({.scope = "openid"})).has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(DO5_refused_when_a_sign_in_begins)
{
    for (bool refused = true, first = true; refused; first = false) {
        static std::size_t k = 0;
        k = first ? 0 : k + 1;
        flow test;
        const attempt made = attempt_with_refusal(
            k, [&] { return without_value(test.client.begin_authorization({.scope = "openid"})); });
        refused = made.refused;
        check_attempt(made);
        BOOST_TEST(test.store->size() <= 1u);
        const auto request = test.begin();
        BOOST_TEST(test.accept(callback_query(request), request.browser_binding()).has_value());
    }
}

BOOST_AUTO_TEST_CASE(DO5_refused_when_a_callback_is_checked)
{
    bool refused = true;
    for (std::size_t k = 0; refused; ++k) {
        flow test;
        const auto request = test.begin();
        const std::string query = callback_query(request);
        const coauth::callback_parameters callback{.parameters = query,
                                                   .browser_binding = request.browser_binding()};
        const attempt made =
            attempt_with_refusal(k, [&] { return without_value(test.client.accept_callback(callback)); });
        refused = made.refused;
        check_attempt(made);
        // Used up at most once: the same callback goes through now only if it did not before.
        const auto again = run(test.client.accept_callback(callback));
        if (made.outcome && made.outcome->has_value())
            check_refused(again, errc::unknown_transaction);
        else if (again.has_error())
            check_refused(again, errc::unknown_transaction);
        BOOST_TEST(test.store->size() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_code_is_not_lost_if_its_exchange_cannot_begin)
{
    bool refused = true;
    for (std::size_t k = 0; refused; ++k) {
        flow test;
        test.server.expect("POST", token_endpoint).answer(200, token_response_body());
        auto code = test.signed_in();
        bool threw = false;
        std::optional<asio::awaitable<result<coauth::token_set>>> exchange;
        allocation_faults::refuse_after(k);
        try {
            exchange.emplace(test.client.exchange(std::move(code)));
        } catch (const std::bad_alloc&) {
            threw = true;
        }
        allocation_faults::allow_all();
        refused = allocation_faults::refused();
        BOOST_TEST(threw == refused);
        if (threw) {
            BOOST_TEST(code.application_data() == canary_application_data);
            exchange.emplace(test.client.exchange(std::move(code)));
        }
        BOOST_TEST(run(std::move(*exchange)).has_value());
        check_refused(run(test.client.exchange(std::move(code))), errc::code_missing);
    }
}

BOOST_AUTO_TEST_CASE(DO5_refused_after_a_cancellation)
{
    for (const client_operation& operation : grant_operations()) {
        bool refused = true;
        for (std::size_t k = 0; refused; ++k) {
            flow test;
            answer_always(test, operation);
            int abandoned = 0;
            test.client.on_abandoned([&abandoned](coauth::abandoned_tokens) { ++abandoned; });
            operation.prepare(test);
            stepped_operation<result<void>> running(operation.start_prepared(test));
            while (test.server.sent().empty())
                BOOST_TEST_REQUIRE(running.step());
            allocation_faults::refuse_after(k);
            bool threw = false;
            try {
                running.cancel(asio::cancellation_type::terminal);
                running.run_ready();
            } catch (const std::bad_alloc&) {
                threw = true;
            }
            allocation_faults::allow_all();
            refused = allocation_faults::refused();
            while (running.step()) {
            }
            BOOST_TEST(test.server.running() == 0u);
            BOOST_TEST(abandoned <= 1);
            BOOST_TEST((running.completions() == 1 || threw));
        }
    }
}

BOOST_AUTO_TEST_CASE(number_of_allocations)
{
    flow test;
    std::size_t begin_most = 0;
    std::size_t accept_most = 0;
    for (int i = 0; i < 20; ++i) {
        asio::io_context context(1);
        std::size_t began = 0;
        std::size_t accepted = 0;
        const auto body = [&]() -> asio::awaitable<int> {
            const coauth::authorization_parameters parameters{.scope = "openid profile email"};
            std::size_t before = allocation_faults::count();
            const auto request = co_await test.client.begin_authorization(parameters);
            began = allocation_faults::count() - before;
            const std::string query = callback_query(*request);
            const coauth::callback_parameters callback{.parameters = query,
                                                       .browser_binding = request->browser_binding()};
            before = allocation_faults::count();
            const auto code = co_await test.client.accept_callback(callback);
            accepted = allocation_faults::count() - before;
            co_return code.has_value();
        };
        BOOST_TEST(run(body()) == 1);
        if (i < 5)
            continue; // the store grows, Asio's caches fill
        begin_most = std::max(begin_most, began);
        accept_most = std::max(accept_most, accepted);
    }
    BOOST_TEST_MESSAGE("begin_authorization: " << begin_most
                                               << " allocations, accept_callback: " << accept_most);
    BOOST_TEST(begin_most <= 16u);
    BOOST_TEST(accept_most <= 16u);
}

BOOST_AUTO_TEST_SUITE_END()
