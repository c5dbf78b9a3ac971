// Schedulers of several processes on one token store that fails when a test says so.
#ifndef COAUTH_TEST_FLOW_CLUSTER_HPP
#define COAUTH_TEST_FLOW_CLUSTER_HPP

#include "refreshing.hpp"

#include <array>
#include <functional>
#include <map>
#include <stdexcept>

namespace coauth_test {

/// A token store between which and its user a test stands.
class meddled_store {
public:
    enum class fault { none, before, after, raise };
    /// What becomes of the next operations of this name.
    std::map<std::string, std::deque<fault>> faults;
    /// Where operations of this name wait, before they are done.
    std::map<std::string, std::shared_ptr<gate>> gates;
    /// Where they wait with the outcome.
    std::map<std::string, std::shared_ptr<gate>> gates_after;
    std::vector<std::string> operations;
    /// Called for each operation; by default there are the faults above.
    std::function<fault(const std::string&)> choose;

    asio::awaitable<coauth::result<std::uint64_t>> put(std::string key, shared_tokens tokens)
    {
        return meddle("put", store_->put(std::move(key), std::move(tokens)));
    }
    asio::awaitable<coauth::result<coauth::grant_record>> load(std::string key, std::uint64_t known)
    {
        return meddle("load", store_->load(std::move(key), known));
    }
    asio::awaitable<coauth::result<coauth::lease>> acquire(std::string key, const coauth::random_value& owner,
                                                           std::chrono::milliseconds duration,
                                                           std::uint64_t known, unsigned tries)
    {
        return meddle("acquire", store_->acquire(std::move(key), owner, duration, known, tries));
    }
    asio::awaitable<coauth::result<void>> renew(std::string key, const coauth::random_value& owner,
                                                std::chrono::milliseconds duration)
    {
        return meddle("renew", store_->renew(std::move(key), owner, duration));
    }
    asio::awaitable<coauth::result<void>> begin_refresh(std::string key, const coauth::random_value& owner,
                                                        std::uint64_t generation)
    {
        return meddle("begin", store_->begin_refresh(std::move(key), owner, generation));
    }
    asio::awaitable<coauth::result<std::uint64_t>> complete_refresh(std::string key,
                                                                    const coauth::random_value& owner,
                                                                    std::uint64_t generation,
                                                                    shared_tokens tokens)
    {
        return meddle("complete",
                      store_->complete_refresh(std::move(key), owner, generation, std::move(tokens)));
    }
    asio::awaitable<coauth::result<void>> release(std::string key, const coauth::random_value& owner)
    {
        return meddle("release", store_->release(std::move(key), owner));
    }
    asio::awaitable<coauth::result<void>> erase(std::string key)
    {
        return meddle("erase", store_->erase(std::move(key)));
    }

    std::ptrdiff_t count(const std::string& name) const
    {
        return std::count(operations.begin(), operations.end(), name);
    }

private:
    template <class T>
    asio::awaitable<coauth::result<T>> meddle(std::string name, asio::awaitable<coauth::result<T>> operation)
    {
        operations.push_back(name);
        fault what = choose ? choose(name) : fault::none;
        if (auto& planned = faults[name]; !choose && !planned.empty()) {
            what = planned.front();
            planned.pop_front();
        }
        if (const auto held = gates[name])
            co_await held->pass();
        if (what == fault::raise)
            throw std::runtime_error("a store that throws");
        if (what == fault::before)
            co_return coauth::errc::token_store_failed;
        coauth::result<T> outcome = co_await std::move(operation);
        if (const auto held = gates_after[name])
            co_await held->pass();
        if (what == fault::after)
            co_return coauth::errc::token_store_failed;
        co_return std::move(outcome);
    }

    std::shared_ptr<manual_token_store> store_ = std::make_shared<manual_token_store>();
};
static_assert(coauth::token_store<meddled_store>);
using fault = meddled_store::fault;

/// A server, a store, and processes.
struct cluster {
    class process {
    public:
        process(cluster& of, std::uint64_t seed)
            : world(std::make_unique<manual_world>()),
              scheduler(std::make_shared<manual_scheduler>(
                  world->executor(), std::make_shared<client_source>(of.test.client, of.limits), of.store,
                  seed))
        {
            scheduler->on_event([this](const coauth::refresh_event& event) { events.push_back(event); });
        }
        ~process()
        {
            if (scheduler)
                scheduler->close();
            if (world)
                world->run_ready();
            scheduler.reset();
        }
        process(const process&) = delete;

        /// As by kill -9.
        void crash()
        {
            world.reset();
            scheduler.reset();
        }
        template <class T>
        pending<T> start(asio::awaitable<T> operation)
        {
            pending<T> out(world->context(), std::move(operation));
            world->run_ready();
            return out;
        }
        template <class T>
        T now(asio::awaitable<T> operation)
        {
            return start(std::move(operation)).outcome();
        }
        pending<coauth::result<shared_tokens>> want(grant_wish wish = grant_wish::usable)
        {
            return start(scheduler->obtain(grant_key, wish));
        }
        std::size_t count(event_kind what) const
        {
            return static_cast<std::size_t>(std::count_if(
                events.begin(), events.end(), [what](const auto& event) { return event.what() == what; }));
        }

        std::unique_ptr<manual_world> world;
        std::vector<coauth::refresh_event> events;
        std::shared_ptr<manual_scheduler> scheduler;
    };

    explicit cluster(const coauth::limits& bounds = {}) : limits(bounds), test(server_on_paper(), bounds)
    {
        for (auto& each : processes)
            each = std::make_unique<process>(*this, ++seed);
        first().now(first().scheduler->manage(grant_key, fresh_tokens())).value();
        second().now(second().scheduler->find(grant_key)).value();
    }
    ~cluster()
    {
        store->gates.clear();
        store->gates_after.clear();
        store->choose = nullptr;
        store->faults.clear();
        for (auto& each : processes)
            each.reset();
    }

    process& first() { return *processes[0]; }
    process& second() { return *processes[1]; }

    void pass(std::chrono::nanoseconds time)
    {
        // A little for each in turn: they share the clock.
        const auto end = manual_steady_clock::now() + time;
        while (manual_steady_clock::now() < end) {
            const auto step = std::min<std::chrono::nanoseconds>(end - manual_steady_clock::now(),
                                                                 std::chrono::milliseconds(20));
            manual_steady_clock::advance(step);
            manual_wall_clock::advance(step);
            run_ready();
        }
    }
    void run_ready()
    {
        for (int round = 0; round < 3; ++round)
            for (auto& each : processes)
                if (each->world)
                    each->world->pass(std::chrono::seconds(0));
    }
    scripted_exchange& expect_refresh(const std::string& number)
    {
        return test.server.expect("POST", token_endpoint).answer(200, refreshed_body(number));
    }
    std::size_t requests() const { return test.server.requests().size(); }

    coauth::limits limits;
    flow test;
    std::shared_ptr<meddled_store> store = std::make_shared<meddled_store>();
    std::uint64_t seed = 0;
    std::array<std::unique_ptr<process>, 2> processes;
};

/// To jump over the time in which tokens are of use.
inline void expire(std::chrono::nanoseconds time = std::chrono::hours(2))
{
    manual_steady_clock::advance(time);
    manual_wall_clock::advance(time);
}

} // namespace coauth_test

#endif
