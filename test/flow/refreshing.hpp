// A refresh scheduler on a manual clock, for a client on a scripted transport.
#ifndef COAUTH_TEST_FLOW_REFRESHING_HPP
#define COAUTH_TEST_FLOW_REFRESHING_HPP

#include "flow_fixture.hpp"
#include "manual_timer.hpp"

#include <coauth/client_implementation.hpp>
#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/policy/memory_token_store.hpp>
#include <coauth/refresh_event.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Compiled once, in refreshing.cpp.
extern template class coauth::detail::basic_refresh_scheduler<coauth_test::manual_steady_clock,
                                                              coauth_test::manual_timer>;

namespace coauth_test {

using manual_scheduler = coauth::detail::basic_refresh_scheduler<manual_steady_clock, manual_timer>;
using manual_token_store = coauth::basic_memory_token_store<manual_steady_clock>;
using coauth::shared_tokens;
using coauth::detail::grant_pointer;
using coauth::detail::grant_wish;

/// What the public class makes of a client.
class client_source final : public coauth::detail::refresh_source {
public:
    explicit client_source(const manual_client& client, const coauth::limits& bounds)
        : client_(coauth::detail::client_access::core(client)), bounds_(bounds)
    {
    }
    const coauth::limits& bounds() const noexcept override { return bounds_; }
    std::chrono::system_clock::time_point now() const override { return manual_wall_clock::now(); }
    coauth::result<void> fill_random(std::span<unsigned char> out) override
    {
        return deterministic_random::fill(out);
    }
    asio::awaitable<coauth::result<coauth::token_set>>
    refresh(const coauth::token_set& current, std::shared_ptr<coauth::detail::refresh_trace> trace) override
    {
        return client_->refresh(current, {}, {}, std::move(trace));
    }
    asio::awaitable<coauth::result<void>> revoke(const coauth::token_set& tokens) override
    {
        return client_->revoke(tokens);
    }
    asio::awaitable<coauth::result<coauth::resource_response>>
    fetch_resource(const coauth::token_set& tokens, const coauth::resource_parameters& parameters) override
    {
        return client_->fetch_resource(tokens, parameters);
    }

private:
    std::shared_ptr<coauth::detail::client_interface> client_;
    coauth::limits bounds_;
};

inline const std::string grant_key = "session-1";

/// Of a server that does not bear the second use of a refresh token.
inline coauth::limits sent_once()
{
    coauth::limits out;
    out.refresh_retries_of_unknown_outcome = 0;
    return out;
}

/// Tokens that were received now, and live for an hour.
inline coauth::token_set fresh_tokens(std::chrono::seconds life = std::chrono::hours(1),
                                      const std::string& number = "0")
{
    coauth::token_set out(coauth::secret("access-" + number), "Bearer",
                          coauth::scope::parse("profile").value());
    out.set_refresh_token(coauth::secret("refresh-" + number));
    out.set_received_at(manual_wall_clock::now());
    out.set_expires_at(manual_wall_clock::now() + life);
    return out;
}

inline std::string refreshed_body(const std::string& number, long expires_in = 3600)
{
    return R"({"access_token":"access-)" + number + R"(","token_type":"Bearer","expires_in":)" +
           std::to_string(expires_in) + R"(,"refresh_token":"refresh-)" + number + R"("})";
}

inline std::string access_token_of(const coauth::result<shared_tokens>& outcome)
{
    return outcome ? std::string((*outcome)->access_token().expose()) : outcome.error().qualified_name();
}

/// One operation that goes on while a test does other things.
template <class T>
class pending {
public:
    pending(asio::io_context& context, asio::awaitable<T> operation) : state_(std::make_shared<state>())
    {
        asio::co_spawn(context, std::move(operation),
                       asio::bind_cancellation_slot(state_->signal.slot(), completion(state_)));
    }
    bool done() const noexcept { return state_->completions > 0; }
    int completions() const noexcept { return state_->completions; }
    void cancel() { state_->signal.emit(asio::cancellation_type::terminal); }
    const T& outcome() const
    {
        BOOST_TEST_REQUIRE(state_->completions == 1);
        if (state_->failure)
            std::rethrow_exception(state_->failure);
        return *state_->value;
    }

private:
    struct state {
        asio::cancellation_signal signal;
        std::exception_ptr failure;
        std::optional<T> value;
        int completions = 0;
    };
    class completion {
    public:
        explicit completion(std::shared_ptr<state> of) : of_(std::move(of)) {}
        void operator()(std::exception_ptr failure, T value) const
        {
            ++of_->completions;
            of_->failure = failure;
            of_->value.emplace(std::move(value));
        }

    private:
        std::shared_ptr<state> of_;
    };
    std::shared_ptr<state> state_;
};

using void_result = coauth::result<void>;

/// For operations that have none.
inline asio::awaitable<void_result> as_result(asio::awaitable<void> operation)
{
    co_await std::move(operation);
    co_return void_result();
}

/// Everything that a test of one scheduler, or several on one store, needs.
template <class Flow = flow>
struct basic_refreshing {
    explicit basic_refreshing(const coauth::limits& bounds = {}, bool stored = false)
        : limits(bounds), test(server_on_paper(), bounds)
    {
        if (stored)
            store = std::make_shared<manual_token_store>(bounds);
        scheduler = make_scheduler(1);
    }
    ~basic_refreshing()
    {
        scheduler->close();
        world.run_ready();
    }
    basic_refreshing(const basic_refreshing&) = delete;

    std::shared_ptr<manual_scheduler> make_scheduler(std::uint64_t seed)
    {
        coauth::any_token_store kept_in;
        if (store)
            kept_in = coauth::any_token_store(store);
        auto out = std::make_shared<manual_scheduler>(
            world.executor(), std::make_shared<client_source>(test.client, limits), kept_in, seed);
        out->on_event([this](const coauth::refresh_event& event) { events.push_back(event); });
        return out;
    }

    template <class T>
    pending<T> start(asio::awaitable<T> operation)
    {
        pending<T> out(world.context(), std::move(operation));
        world.run_ready();
        return out;
    }
    template <class T>
    T now(asio::awaitable<T> operation)
    {
        return start(std::move(operation)).outcome();
    }

    grant_pointer manage(coauth::token_set tokens = fresh_tokens(), const std::string& key = grant_key)
    {
        return now(scheduler->manage(key, std::move(tokens))).value();
    }
    pending<coauth::result<shared_tokens>> want(const grant_pointer& grant,
                                                grant_wish wish = grant_wish::usable)
    {
        return start(scheduler->obtain(grant, wish, nullptr));
    }
    scripted_exchange& expect_refresh(const std::string& number, long expires_in = 3600)
    {
        return test.server.expect("POST", token_endpoint).answer(200, refreshed_body(number, expires_in));
    }
    std::size_t requests() const { return test.server.requests().size(); }
    std::size_t count(coauth::refresh_event::kind what) const
    {
        return static_cast<std::size_t>(std::count_if(
            events.begin(), events.end(), [what](const auto& event) { return event.what() == what; }));
    }

    coauth::limits limits;
    Flow test;
    std::shared_ptr<manual_token_store> store;
    std::vector<coauth::refresh_event> events;
    manual_world world;
    std::shared_ptr<manual_scheduler> scheduler;
};

using refreshing = basic_refreshing<>;
using event_kind = coauth::refresh_event::kind;

/// Wants new tokens for a day, once a minute.
inline void want_for_a_day(refreshing& test, const grant_pointer& grant)
{
    for (int i = 0; i < 24 * 60; ++i) {
        test.want(grant, grant_wish::newer);
        test.world.pass(std::chrono::minutes(1));
    }
}

} // namespace coauth_test

#endif
