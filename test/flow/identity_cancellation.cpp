// An ID token whose keys have to be fetched first: the tokens are there, but it is not known yet whose they are.
#include "abandoned_log.hpp"
#include "crowd.hpp"
#include "signing_server.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <variant>

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

namespace {

using outcome = coauth::result<coauth::token_set>;

/// An operation that needs one token request, and then one for keys.
class identified_operation {
public:
    explicit identified_operation(std::string name) : name_(std::move(name)) {}

    const std::string& name() const noexcept { return name_; }
    /// What comes before, and what the token endpoint will answer.
    void prepare(openid_flow<>& in) const
    {
        if (name_ == "exchange") {
            in.code = in.come_back({.scope = "openid", .application_data = canary_application_data});
            answer_ = token_response_with(in.good_token());
        } else {
            tokens_of_a_person();
            answer_ = refresh_response_with(signed_id_token(good_claims("")));
        }
        in.server.always("POST", token_endpoint, [body = answer_](const recorded_request&) {
            scripted_exchange out("POST", token_endpoint);
            out.answer(200, body);
            return out;
        });
    }
    asio::awaitable<outcome> start(openid_flow<>& in) const
    {
        if (name_ == "exchange")
            return in.client.exchange(std::move(in.code.value()));
        return in.client.refresh(tokens_of_a_person(), {.application_data = canary_application_data});
    }

private:
    std::string name_;
    mutable std::string answer_;
};

std::vector<identified_operation> identified_operations()
{
    return {identified_operation("exchange"), identified_operation("refresh")};
}

template <class Function>
void for_each_operation(Function function)
{
    for (const identified_operation& operation : identified_operations())
        BOOST_TEST_CONTEXT(operation.name()) { function(operation); }
}

void always_keys(scripted_transport& server)
{
    server.always("GET", jwks_uri, [](const recorded_request&) {
        scripted_exchange out("GET", jwks_uri);
        out.answer(200, key_set_of({0}));
        return out;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(identity_cancellation)

BOOST_AUTO_TEST_CASE(cancelled_while_the_keys_are_fetched)
{
    for (const bool fetch_is_sent : {false, true}) {
        for_each_cancellation(identified_operations(), [=](const identified_operation& operation,
                                                           asio::cancellation_type type) {
            openid_flow<> test;
            abandoned_log abandoned(test);
            operation.prepare(test);
            const auto hold = std::make_shared<gate>();
            scripted_exchange& fetch = test.expect_keys({0});
            if (fetch_is_sent)
                fetch.after_commit(happening::hold(hold));
            else
                fetch.before_commit(happening::hold(hold));
            stepped_operation<outcome> running(with_total_cancellation(operation.start(test)));
            running.run_ready();
            BOOST_TEST(test.server.requests().size() == 2u);
            BOOST_TEST(running.completions() == 0);
            running.cancel(type);
            running.run_ready();
            // At once, whatever becomes of the keys.
            BOOST_TEST(running.completions() == 1);
            BOOST_TEST(test.server.running() == 1u);
            BOOST_TEST(abandoned.outcomes.empty());
            hold->open();
            const auto refused = running.finish();
            check_refused(refused, aborted);
            BOOST_TEST(refused.error().grant_spent());
            BOOST_TEST((refused.error() == coauth::condition::reauthorization_required));
            BOOST_TEST_REQUIRE(abandoned.outcomes.size() == 1u);
            BOOST_TEST(abandoned.application_data[0] == canary_application_data);
            BOOST_TEST_REQUIRE(abandoned.outcomes[0].has_value());
            BOOST_TEST(abandoned.outcomes[0]->id_token().subject() == "person-1");
            BOOST_TEST(!abandoned.outcomes[0]->refresh_token().empty());
            BOOST_TEST(test.server.requests().size() == 2u);
        });
    }
}

BOOST_AUTO_TEST_CASE(the_abandoned_outcome_may_be_an_error)
{
    for_each_operation([](const identified_operation& operation) {
        openid_flow<> test;
        abandoned_log abandoned(test);
        operation.prepare(test);
        const auto hold = std::make_shared<gate>();
        test.expect_keys({1}).after_commit(happening::hold(hold)); // another key
        stepped_operation<outcome> running(operation.start(test));
        running.run_ready();
        for (int i = 0; i < 3; ++i) {
            running.cancel(asio::cancellation_type::terminal);
            running.run_ready();
        }
        hold->open();
        check_refused(running.finish(), aborted);
        // Tokens of somebody who is not known to be anybody are nobody's.
        BOOST_TEST_REQUIRE(abandoned.outcomes.size() == 1u);
        check_refused(abandoned.outcomes[0], errc::signing_key_unknown);
        BOOST_TEST(abandoned.outcomes[0].error().grant_spent());
    });
}

BOOST_AUTO_TEST_CASE(without_a_handler_the_tokens_are_dropped)
{
    for_each_operation([](const identified_operation& operation) {
        openid_flow<> test;
        operation.prepare(test);
        const auto hold = std::make_shared<gate>();
        test.expect_keys({0}).after_commit(happening::hold(hold));
        stepped_operation<outcome> running(operation.start(test));
        running.run_ready();
        running.cancel(asio::cancellation_type::terminal);
        running.run_ready();
        hold->open();
        check_refused(running.finish(), aborted);
        BOOST_TEST(test.server.running() == 0u);
        // The keys came all the same.
        BOOST_TEST(test.key_fetches() == 1u);
        test.sign_in({});
    });
}

BOOST_AUTO_TEST_CASE(cancelled_at_every_step_the_outcome_is_known_to_exactly_one)
{
    for_each_cancellation(
        identified_operations(), [](const identified_operation& operation, asio::cancellation_type type) {
            int taken_back = 0;
            int released_early = 0;
            int released_late = 0;
            bool ended = false;
            for (std::size_t k = 0; !ended; ++k) {
                openid_flow<> test;
                abandoned_log abandoned(test);
                operation.prepare(test);
                always_keys(test.server);
                stepped_operation<outcome> running(with_total_cancellation(operation.start(test)));
                ended = running.run_steps(k) < k;
                const std::size_t fetches = test.key_fetches();
                running.cancel(type);
                outcome end;
                try {
                    end = running.finish();
                } catch (const boost::system::system_error& failure) {
                    // Asio, in the coroutine around the operation, if it was cancelled before it began.
                    BOOST_TEST((failure.code() == aborted));
                    BOOST_TEST(test.server.requests().empty());
                    continue;
                }
                BOOST_TEST(test.server.running() == 0u);
                if (end) {
                    BOOST_TEST(end->id_token().subject() == "person-1");
                    BOOST_TEST(abandoned.outcomes.empty());
                    continue;
                }
                check_refused(end, aborted);
                const std::size_t sent = end.error().grant_spent() ? 1 : 0;
                BOOST_TEST(count_requests(test.server, "POST", token_endpoint) == sent);
                BOOST_TEST(test.key_fetches() == sent);
                BOOST_TEST_REQUIRE(abandoned.outcomes.size() == sent);
                if (sent == 1)
                    BOOST_TEST(abandoned.outcomes[0].value().id_token().subject() == "person-1");
                ++(sent == 0 ? taken_back : fetches == 0 ? released_early : released_late);
            }
            BOOST_TEST(taken_back > 0);
            BOOST_TEST(released_early > 0);
            BOOST_TEST(released_late > 0);
        });
}

BOOST_AUTO_TEST_CASE(beside_something_that_ends_first_the_outcome_is_not_lost)
{
    using namespace asio::experimental::awaitable_operators;
    for_each_operation([](const identified_operation& operation) {
        int won = 0;
        int lost = 0;
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k) {
            openid_flow<> test;
            abandoned_log abandoned(test);
            operation.prepare(test);
            always_keys(test.server);
            gate other;
            bool has_tokens = false;
            const auto body = [&]() -> asio::awaitable<int> {
                auto first = co_await (operation.start(test) || other.pass());
                if (first.index() == 0)
                    has_tokens = std::get<0>(first).value().has_id_token();
                co_return 1;
            };
            stepped_operation<int> running(body());
            ended = running.run_steps(k) < k || running.completions() == 1;
            other.open();
            BOOST_TEST(running.finish() == 1);
            BOOST_TEST(test.server.running() == 0u);
            const bool told = abandoned.outcomes.size() == 1 && abandoned.outcomes[0].value().has_id_token();
            BOOST_TEST(static_cast<std::size_t>(has_tokens) + static_cast<std::size_t>(told) ==
                       count_requests(test.server, "POST", token_endpoint));
            won += has_tokens;
            lost += told;
        }
        BOOST_TEST(won > 0);
        BOOST_TEST(lost > 0);
    });
}

BOOST_AUTO_TEST_CASE(client_destroyed_at_every_step)
{
    for_each_operation([](const identified_operation& operation) {
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k) {
            openid_flow<> test;
            operation.prepare(test);
            always_keys(test.server);
            stepped_operation<outcome> running(operation.start(test));
            ended = running.run_steps(k) < k;
            test.client = manual_client(server_on_paper(), registration_on_paper(), scripted_transport());
            BOOST_TEST(running.finish().value().id_token().subject() == "person-1");
        }
    });
}

BOOST_AUTO_TEST_CASE(context_destroyed_at_every_step)
{
    for_each_operation([](const identified_operation& operation) {
        for (const bool cancelled : {false, true}) {
            bool ended = false;
            for (std::size_t k = 0; !ended; ++k) {
                openid_flow<> test;
                operation.prepare(test);
                always_keys(test.server);
                {
                    stepped_operation<outcome> running(operation.start(test));
                    ended = running.run_steps(k) < k;
                    if (cancelled)
                        running.cancel(asio::cancellation_type::terminal);
                }
                BOOST_TEST(test.server.running() == 0u);
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(DS28_the_context_of_whoever_fetches_goes_while_others_wait)
{
    openid_flow<> test;
    identified_operation exchange("exchange");
    identified_operation refresh("refresh");
    exchange.prepare(test);
    test.expect_keys({0}).after_commit(happening::hang());
    stepped_operation<outcome> waiting(
        [&test] { return test.client.refresh(tokens_of_a_person(), {.application_data = "other"}); });
    {
        stepped_operation<outcome> first(exchange.start(test));
        first.run_ready();
        BOOST_TEST(test.key_fetches() == 1u);
        refresh.prepare(test);
        waiting.run_ready();
        BOOST_TEST(count_requests(test.server, "POST", token_endpoint) == 2u);
        BOOST_TEST(test.key_fetches() == 1u);
    }
    const auto refused = waiting.finish();
    check_refused(refused, errc::connection_lost);
    BOOST_TEST(refused.error().grant_spent());
    // The next one can fetch them.
    test.sign_in({0});
}

BOOST_AUTO_TEST_CASE(signed_userinfo_cancelled_at_every_step)
{
    using type = asio::cancellation_type;
    const std::string answer = signed_id_token({{"sub", "person-1"}});
    for (const type cancellation : {type::terminal, type::partial, type::total}) {
        int cancelled = 0;
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k) {
            openid_flow<> test;
            always_keys(test.server);
            test.server.always("GET", userinfo_endpoint, [&answer](const recorded_request& request) {
                scripted_exchange out(request.method(), request.url());
                out.answer(200, answer, "application/jwt");
                return out;
            });
            stepped_operation<coauth::result<coauth::userinfo>> running(
                with_total_cancellation(test.client.fetch_userinfo(tokens_of_a_person())));
            ended = running.run_steps(k) < k;
            running.cancel(cancellation);
            try {
                const auto end = running.finish();
                if (end) {
                    BOOST_TEST(end->subject() == "person-1");
                } else {
                    check_refused(end, aborted);
                    ++cancelled;
                }
            } catch (const boost::system::system_error& failure) {
                BOOST_TEST((failure.code() == aborted));
                BOOST_TEST(test.server.requests().empty());
            }
            BOOST_TEST(running.completions() == 1);
            BOOST_TEST(test.server.running() == 0u);
        }
        BOOST_TEST(cancelled > 3);
    }
}

BOOST_AUTO_TEST_CASE(a_key_fetch_that_hangs_ends_with_its_deadline_also_for_the_abandoned)
{
    for_each_operation([](const identified_operation& operation) {
        bool cancelled = false;
        // On a busy machine the deadline may pass before the cancellation comes: then a longer one is tried.
        for (const std::chrono::milliseconds deadline : {20ms, 1'000ms, 20'000ms}) {
            coauth::limits bounds;
            bounds.discovery_deadline = deadline;
            openid_flow<> test(server_on_paper(), bounds);
            abandoned_log abandoned(test);
            operation.prepare(test);
            test.expect_keys({0}).after_commit(happening::hang());
            stepped_operation<outcome> running(operation.start(test));
            running.run_ready();
            cancelled = running.completions() == 0;
            running.cancel(asio::cancellation_type::terminal);
            check_refused(running.finish(), cancelled ? aborted : boost::system::error_code(errc::timed_out));
            BOOST_TEST(abandoned.outcomes.size() == (cancelled ? 1u : 0u));
            for (const auto& each : abandoned.outcomes)
                check_refused(each, errc::timed_out);
            if (cancelled)
                break;
        }
        BOOST_TEST(cancelled);
    });
}

BOOST_AUTO_TEST_SUITE_END()
