// token_hot: ask a managed grant for a token that is still valid. The floor is reading the clock that tells whether it is.
// token_hot_allocations: of managed_grant::current() and an awaited managed_grant::token() together, once warm.
// Besides: the awaited form, and current() in two threads at once, of one grant.
#include "support/grants.hpp"

#include <coauth/detail/coarse_clock.hpp>

#include <ctime>
#include <memory>

namespace {

using namespace bench;

struct one_grant {
    one_grant()
    {
        fixture.run(fixture.manage(1));
        fixture.run(fixture.find(0, grant));
    }
    scheduler_fixture fixture;
    coauth::managed_grant grant;
};

void look(benchmark::State& state)
{
    static std::unique_ptr<one_grant> shared;
    if (state.thread_index() == 0)
        shared = std::make_unique<one_grant>();
    coauth::managed_grant mine;
    bool ready = false;
    // The loop begins with a barrier: from there on the grant is there for all threads.
    for (auto _ : state) {
        if (!ready) [[unlikely]] {
            mine = shared->grant;
            ready = true;
        }
        const coauth::token_set* tokens = mine.current();
        benchmark::DoNotOptimize(tokens);
    }
    mine = coauth::managed_grant();
    if (state.thread_index() == 0)
        shared.reset();
}

void read_clock(benchmark::State& state)
{
    for (auto _ : state) {
        std::timespec now;
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        benchmark::DoNotOptimize(now);
    }
}

boost::asio::awaitable<void> ask(benchmark::State& state, coauth::managed_grant& grant)
{
    for (auto _ : state) {
        auto tokens = co_await grant.token();
        benchmark::DoNotOptimize(tokens->get());
    }
}

void awaitable(benchmark::State& state)
{
    one_grant one;
    one.fixture.run(ask(state, one.grant));
}

boost::asio::awaitable<void> count(double& per_call, coauth::managed_grant& grant)
{
    constexpr int warm_up = 100;
    constexpr int calls = 100'000;
    std::uint64_t before = 0;
    for (int i = -warm_up; i < calls; ++i) {
        if (i == 0)
            before = allocations();
        require(grant.current() != nullptr, "current");
        auto tokens = co_await grant.token();
        require(tokens.has_value(), "token");
    }
    per_call = static_cast<double>(allocations() - before) / calls;
}

void count_allocations(benchmark::State& state)
{
    for (auto _ : state) {
        one_grant one;
        double per_call = 0;
        one.fixture.run(count(per_call, one.grant));
        set_value(state, per_call);
    }
}

void no_allocations(benchmark::State& state)
{
    for (auto _ : state) {
        const std::uint64_t before = allocations();
        benchmark::DoNotOptimize(coauth::detail::coarse_clock::since_epoch());
        set_value(state, static_cast<double>(allocations() - before));
    }
}

BENCHMARK(look)->Name("token_hot/coauth");
BENCHMARK(read_clock)->Name("token_hot/floor");
BENCHMARK(awaitable)->Name("token_hot/awaited");
BENCHMARK(look)->Name("token_hot/with two threads")->Threads(2);
BENCHMARK(count_allocations)->Name("token_hot_allocations/coauth")->Iterations(1);
BENCHMARK(no_allocations)->Name("token_hot_allocations/floor")->Iterations(1);

} // namespace
