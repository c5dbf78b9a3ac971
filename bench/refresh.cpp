/* refresh_insert_cancel_1m: say when each of a million grants is due, then take each out again; nanoseconds for both.
   The grant is known by its place, as an entry of the floor is by its number: a scheduler has just read the grant,
   to find out when it is due, or is given its place by the wheel.
   refresh_bytes_per_grant: what a scheduler needs for each of a million grants beyond its tokens and its key.
   Besides: the same with grants that nobody has read, which costs a cache miss each time; the wheel alone; manage()
   and forget(), with all that they do.

   With COAUTH_BENCH_SCALE in the environment: the same from 1 to 1 000 000, and the processor's time for an hour of
   refreshes, whose answers come from memory at once. */
#include "floor/timer_wheel.hpp"
#include "support/grants.hpp"

#include "../test/support/manual_timer.hpp"

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/detail/grant_table.hpp>
#include <coauth/impl/detail/basic_refresh_scheduler.ipp>

#include <boost/asio/detached.hpp>

#include <bit>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace bench;
using namespace std::chrono_literals;
using coauth::detail::grant_pointer;
using coauth::detail::steady_time;

constexpr int million = 1'000'000;

/// When grants are due, in ticks of 100 ms: within an hour from now.
std::vector<std::uint32_t> due_ticks(std::size_t count)
{
    std::mt19937 random(42);
    std::uniform_int_distribution<std::uint32_t> within_an_hour(1, 36'000);
    std::vector<std::uint32_t> out(count);
    for (std::uint32_t& tick : out)
        tick = within_an_hour(random);
    return out;
}

/// @param with_grants each is read for its place
void schedule_grants(benchmark::State& state, bool with_grants)
{
    const auto count = static_cast<std::size_t>(state.range(0));
    coauth::detail::grant_table table(steady_time::zero());
    std::vector<grant_pointer> grants;
    std::vector<std::uint32_t> places;
    std::mt19937 random(1);
    for (std::size_t i = 0; i < count; ++i) {
        grants.emplace_back(new coauth::detail::grant_entry(grant_key(static_cast<int>(i))));
        table.insert(static_cast<std::uint32_t>(random()), grants.back());
        places.push_back(grants.back()->place);
    }
    const std::vector<std::uint32_t> ticks = due_ticks(count);
    const auto schedule_all = [&](auto place_of) {
        for (std::size_t i = 0; i < count; ++i)
            table.schedule(place_of(i), ticks[i] * 100ms);
        for (std::size_t i = 0; i < count; ++i)
            table.schedule(place_of(i), coauth::detail::never);
    };
    while (state.KeepRunningBatch(state.range(0))) {
        if (with_grants)
            schedule_all([&](std::size_t i) { return grants[i]->place; });
        else
            schedule_all([&](std::size_t i) { return places[i]; });
    }
}

void schedule(benchmark::State& state) { schedule_grants(state, false); }
void schedule_unread(benchmark::State& state) { schedule_grants(state, true); }

void schedule_in_wheel(benchmark::State& state)
{
    const auto count = static_cast<std::uint32_t>(state.range(0));
    coauth::detail::timer_wheel wheel;
    wheel.reserve(count);
    const std::vector<std::uint32_t> ticks = due_ticks(count);
    while (state.KeepRunningBatch(state.range(0))) {
        for (std::uint32_t i = 0; i < count; ++i)
            wheel.insert(i, ticks[i]);
        for (std::uint32_t i = 0; i < count; ++i)
            wheel.cancel(i);
    }
}

void schedule_by_hand(benchmark::State& state)
{
    const auto count = static_cast<std::uint32_t>(state.range(0));
    floor::timer_wheel wheel(count);
    const std::vector<std::uint32_t> ticks = due_ticks(count);
    while (state.KeepRunningBatch(state.range(0))) {
        for (std::uint32_t i = 0; i < count; ++i)
            wheel.insert(i, ticks[i]);
        for (std::uint32_t i = 0; i < count; ++i)
            wheel.cancel(i);
    }
}

boost::asio::awaitable<void> manage_and_forget(benchmark::State& state, scheduler_fixture& fixture)
{
    int next = million;
    for (auto _ : state) {
        const std::string key = grant_key(next++);
        coauth::token_set tokens = make_tokens(std::chrono::system_clock::now());
        auto managed = co_await fixture.scheduler.manage(key, std::move(tokens));
        require(managed.has_value(), "manage");
        auto forgotten = co_await fixture.scheduler.forget(key);
        require(forgotten.has_value(), "forget");
    }
}

void manage(benchmark::State& state)
{
    scheduler_fixture fixture;
    fixture.run(fixture.manage(static_cast<int>(state.range(0))));
    fixture.run(manage_and_forget(state, fixture));
}

/// A grant's tokens and key alone.
double bytes_of_tokens_and_key()
{
    const std::int64_t before = live_bytes();
    std::vector<std::pair<std::string, coauth::token_set>> kept;
    kept.reserve(million);
    for (int i = 0; i < million; ++i)
        kept.emplace_back(grant_key(i), make_tokens(std::chrono::system_clock::now()));
    return static_cast<double>(live_bytes() - before) / million;
}

void bytes_per_grant(benchmark::State& state)
{
    count_bytes(true);
    for (auto _ : state) {
        const double tokens = bytes_of_tokens_and_key();
        const std::int64_t before = live_bytes();
        scheduler_fixture fixture;
        fixture.run(fixture.manage(million));
        set_value(state, static_cast<double>(live_bytes() - before) / million - tokens);
    }
    count_bytes(false);
}

/// A wheel, and an open-addressed table that finds a place by its key.
void bytes_by_hand(benchmark::State& state)
{
    count_bytes(true);
    for (auto _ : state) {
        const std::int64_t before = live_bytes();
        const floor::timer_wheel wheel(million);
        const std::vector<std::uint64_t> slots(std::bit_ceil(std::size_t(million + million / 2)));
        set_value(state, static_cast<double>(live_bytes() - before) / million);
    }
    count_bytes(false);
}

/// The server: new tokens at once, for an hour.
class answers_at_once final : public coauth::detail::refresh_source {
public:
    const coauth::limits& bounds() const noexcept override { return bounds_; }
    std::chrono::system_clock::time_point now() const override
    {
        return coauth_test::manual_wall_clock::now();
    }
    coauth::result<void> fill_random(std::span<unsigned char> out) override
    {
        return coauth::openssl_random_source::fill(out);
    }
    boost::asio::awaitable<coauth::result<coauth::token_set>>
    refresh(const coauth::token_set&, std::shared_ptr<coauth::detail::refresh_trace>) override
    {
        ++refreshes;
        co_return make_tokens(now());
    }
    boost::asio::awaitable<coauth::result<void>> revoke(const coauth::token_set&) override
    {
        co_return coauth::result<void>();
    }
    boost::asio::awaitable<coauth::result<coauth::resource_response>>
    fetch_resource(const coauth::token_set&, const coauth::resource_parameters&) override
    {
        co_return coauth::errc::connection_failed;
    }

    std::int64_t refreshes = 0;

private:
    coauth::limits bounds_;
};

using manual_scheduler =
    coauth::detail::basic_refresh_scheduler<coauth_test::manual_steady_clock, coauth_test::manual_timer>;

boost::asio::awaitable<void> manage_all(manual_scheduler& scheduler, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i) {
        auto managed = co_await scheduler.manage(grant_key(static_cast<int>(i)),
                                                 make_tokens(coauth_test::manual_wall_clock::now()));
        require(managed.has_value(), "manage");
    }
}

void hour_of_refreshes(benchmark::State& state)
{
    coauth_test::manual_world world;
    const auto source = std::make_shared<answers_at_once>();
    const auto scheduler =
        std::make_shared<manual_scheduler>(world.executor(), source, coauth::any_token_store(), 42);
    boost::asio::co_spawn(world.context(), manage_all(*scheduler, state.range(0)), boost::asio::detached);
    world.run_ready();
    boost::asio::co_spawn(world.context(), scheduler->run(), boost::asio::detached);
    world.pass(1h); // from here on as many are due in each minute
    source->refreshes = 0;
    for (auto _ : state)
        world.pass(1h);
    const double hours = static_cast<double>(state.iterations());
    require(source->refreshes >= state.range(0) * state.iterations(), "each grant was refreshed");
    state.counters["refreshes"] = static_cast<double>(source->refreshes) / hours;
    scheduler->close();
}

void register_all()
{
    const auto add = [](const char* name, void (*function)(benchmark::State&)) {
        return benchmark::RegisterBenchmark(name, function);
    };
    if (std::getenv("COAUTH_BENCH_SCALE") == nullptr) {
        add("refresh_insert_cancel_1m/coauth", schedule)->Arg(million);
        add("refresh_insert_cancel_1m/floor", schedule_by_hand)->Arg(million);
        add("refresh_insert_cancel_1m/with grants unread", schedule_unread)->Arg(million);
        add("refresh_insert_cancel_1m/its wheel alone", schedule_in_wheel)->Arg(million);
        add("refresh_insert_cancel_1m/manage() and forget()", manage)->Arg(million)->Iterations(100'000);
        add("refresh_bytes_per_grant/coauth", bytes_per_grant)->Iterations(1);
        add("refresh_bytes_per_grant/floor", bytes_by_hand)->Iterations(1);
        return;
    }
    for (int size = 1; size <= million; size *= 10) {
        add("refresh/coauth", schedule)->Arg(size);
        add("refresh/floor", schedule_by_hand)->Arg(size);
        add("refresh_hour/coauth", hour_of_refreshes)
            ->Arg(size)
            ->Iterations(1)
            ->Unit(benchmark::kMillisecond);
    }
}

const bool registered = (register_all(), true);

} // namespace
