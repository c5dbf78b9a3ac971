// The public classes, on real clocks and timers.
#include "flow_fixture.hpp"

#include <coauth/policy/memory_token_store.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/use_future.hpp>

#include <new>
#include <set>
#include <stdexcept>
#include <thread>

using namespace coauth_test;
using coauth::errc;
using coauth::managed_grant;
using coauth::refresh_event;
using namespace std::chrono_literals;

namespace {

const std::string key = "https://as.example person-1";

coauth::token_set tokens_for(std::chrono::milliseconds life)
{
    coauth::token_set out = tokens_on_paper("profile");
    out.set_received_at(manual_wall_clock::now());
    out.set_expires_at(manual_wall_clock::now() + life);
    return out;
}

std::string_view access_token(const coauth::result<coauth::shared_tokens>& outcome)
{
    return outcome.value()->access_token().expose();
}

/// A scheduler, and what it says.
struct scheduling {
    explicit scheduling(bool stored, const coauth::limits& bounds = {})
        : test(server_on_paper(), bounds),
          scheduler(context.get_executor(), test.client,
                    stored ? coauth::any_token_store(std::make_shared<coauth::memory_token_store>())
                           : coauth::any_token_store())
    {
        scheduler.on_event([this](const refresh_event& event) { events.push_back(event); });
    }

    flow test;
    asio::io_context context{1};
    std::vector<refresh_event> events;
    coauth::refresh_scheduler scheduler;
};

} // namespace

BOOST_AUTO_TEST_SUITE(refresh_handles)

asio::awaitable<bool> use_handles(flow& test, coauth::refresh_scheduler& scheduler)
{
    auto grant = co_await scheduler.manage(key, tokens_for(1h));
    BOOST_TEST_REQUIRE(grant.has_value());
    BOOST_TEST(grant->key() == key);
    BOOST_TEST(scheduler.size() == 1u);
    const coauth::token_set* now = grant->current();
    BOOST_TEST_REQUIRE((now != nullptr));
    BOOST_TEST(now->access_token().expose() == canary_access_token);
    const auto hot = co_await grant->token();
    BOOST_TEST((hot.value().get() == now));

    auto found = co_await scheduler.find(key);
    managed_grant other = std::move(found).value();
    test.server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    const auto fresh = co_await grant->refresh_now();
    BOOST_TEST(access_token(fresh) == canary_new_access_token);
    // All handles see them.
    BOOST_TEST((other.current() == fresh.value().get()));
    BOOST_TEST((grant->current() == fresh.value().get()));
    const auto again = co_await scheduler.refresh_now(key);
    BOOST_TEST((again.value() == fresh.value())); // a moment ago
    const auto by_key = co_await scheduler.token(key);
    BOOST_TEST((by_key.value() == fresh.value()));
    const auto rejected = co_await other.replace_rejected(tokens_on_paper());
    BOOST_TEST((rejected.value() == fresh.value()));
    const auto rejected_again = co_await other.replace_rejected(**fresh);
    check_refused(rejected_again, errc::refreshed_too_recently);

    test.server.expect("GET", resource_url).answer(200, "[]");
    const auto response = co_await other.fetch_resource({.url = resource_url});
    BOOST_TEST(response.value().body() == "[]");
    BOOST_TEST(test.server.requests().back().field("Authorization") == "Bearer " + canary_new_access_token);

    const auto forgotten = co_await scheduler.forget(key);
    BOOST_TEST(forgotten.has_value());
    BOOST_TEST((other.current() == nullptr));
    BOOST_TEST((grant->current() == nullptr));
    const auto gone = co_await grant->token();
    check_refused(gone, errc::grant_unknown);
    const auto nowhere = co_await scheduler.token(key);
    check_refused(nowhere, errc::grant_unknown);
    co_return true;
}

BOOST_AUTO_TEST_CASE(what_handles_give)
{
    for (const bool stored : {false, true}) {
        scheduling all(stored);
        bool done = false;
        asio::co_spawn(all.context, use_handles(all.test, all.scheduler),
                       [&done](std::exception_ptr failure, bool good) {
                           if (failure)
                               std::rethrow_exception(failure);
                           done = good;
                       });
        all.context.run_for(2min);
        BOOST_TEST(done);
        BOOST_TEST(all.events.size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(RF17_run_refreshes_before_tokens_expire)
{
    flow test;
    asio::io_context context(1);
    coauth::refresh_scheduler scheduler(context.get_executor(), test.client);
    std::set<std::string> persisted;
    scheduler.on_persist(
        [&persisted](std::string of, coauth::shared_tokens tokens) -> asio::awaitable<coauth::result<void>> {
            persisted.insert(of + std::string(tokens->refresh_token().expose()));
            co_return coauth::result<void>();
        });
    test.server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    auto grant = run(scheduler.manage(key, tokens_for(1s))).value();
    asio::cancellation_signal cancel;
    bool ended = false;
    asio::co_spawn(
        context, scheduler.run(),
        asio::bind_cancellation_slot(cancel.slot(), [&ended](std::exception_ptr) { ended = true; }));
    const auto is_refreshed = [&grant] {
        const coauth::token_set* const now = grant.current();
        return now != nullptr && now->access_token().expose() == canary_new_access_token;
    };
    const auto begin = std::chrono::steady_clock::now();
    while (!is_refreshed() && std::chrono::steady_clock::now() - begin < 2min)
        context.run_one_for(100ms);
    BOOST_TEST(!ended);
    BOOST_TEST_REQUIRE((grant.current() != nullptr));
    BOOST_TEST(grant.current()->access_token().expose() == canary_new_access_token);
    BOOST_TEST(persisted.count(key + canary_new_refresh_token) == 1u);
    cancel.emit(asio::cancellation_type::terminal);
    context.run_for(2min);
    BOOST_TEST(ended);
    BOOST_TEST(context.stopped());
}

BOOST_AUTO_TEST_CASE(RF10_handles_may_outlive_the_scheduler)
{
    flow test;
    managed_grant grant;
    {
        asio::io_context context(1);
        coauth::refresh_scheduler first(context.get_executor(), test.client);
        coauth::refresh_scheduler scheduler = std::move(first);
        stepped_operation<coauth::result<managed_grant>> managing(scheduler.manage(key, tokens_for(-1s)));
        grant = managing.finish().value();
        BOOST_TEST((grant.current() == nullptr));
    }
    const auto late = run(grant.token());
    check_refused(late, boost::system::error_code(asio::error::operation_aborted));
    BOOST_TEST((grant.current() == nullptr));
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(without_a_random_source_there_is_no_scheduler)
{
    struct broken_policy : manual_policy {
        struct random_source {
            static coauth::result<void> fill(std::span<unsigned char>) { return errc::random_source_failed; }
        };
    };
    scripted_transport server;
    coauth::basic_client<broken_policy> client(server_on_paper(), registration_on_paper(), server,
                                               std::make_shared<manual_state_store>());
    asio::io_context context(1);
    BOOST_CHECK_THROW(coauth::refresh_scheduler(context.get_executor(), client), coauth::exception);
}

/// A transport that throws says by http_request::commit() whether the refresh token may be spent.
BOOST_AUTO_TEST_CASE(RF6_an_exception_before_the_request_left_spends_nothing)
{
    const auto no_memory = happening::raise(std::make_exception_ptr(std::bad_alloc()));
    const auto a_bug = happening::raise(std::make_exception_ptr(std::runtime_error("a bug")));
    coauth::limits bounds;
    bounds.refresh_retries_of_unknown_outcome = 0;
    bounds.refresh_backoff = 10ms;
    bounds.refresh_longest_backoff = 10ms;
    for (const bool stored : {false, true}) {
        for (const happening& what : {no_memory, a_bug}) {
            for (const bool sent : {false, true}) {
                scheduling all(stored, bounds);
                auto grant = run(all.scheduler.manage(key, tokens_for(-1s))).value();
                const auto token = [&] {
                    auto outcome = asio::co_spawn(all.context, grant.token(), asio::use_future);
                    all.context.restart();
                    all.context.run_for(2min);
                    return outcome.get();
                };
                scripted_exchange& exchange = all.test.server.expect("POST", token_endpoint);
                if (sent)
                    exchange.after_commit(what);
                else
                    exchange.before_commit(what);
                const auto failed = token();
                BOOST_TEST_REQUIRE(failed.has_error());
                BOOST_TEST(failed.error().grant_spent() == sent);
                BOOST_TEST_REQUIRE(all.events.size() == 1u);
                std::this_thread::sleep_for(20ms);
                if (sent) {
                    check_refused(failed, errc::outcome_unknown);
                    BOOST_TEST((all.events[0].what() == refresh_event::kind::reauthorization_required));
                    check_refused(token(), errc::outcome_unknown);
                } else {
                    BOOST_TEST((failed.error() != coauth::condition::reauthorization_required));
                    BOOST_TEST((all.events[0].what() == refresh_event::kind::retrying));
                    all.test.server.expect("POST", token_endpoint).answer(200, refresh_response_body());
                    BOOST_TEST(access_token(token()) == canary_new_access_token);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
