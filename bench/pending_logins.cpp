// pending_put_take_1m: with a million pending sign-ins, take any one and put a new one.
// pending_bytes_per_entry: what each of a million needs, without application data.
// With COAUTH_BENCH_SCALE in the environment: the same from 1 to 1 000 000, and with two threads.
#include "floor/pending_slab.hpp"
#include "support/measure.hpp"
#include "support/sign_in.hpp"

#include <coauth/policy/memory_state_store.hpp>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace {

using namespace bench;

constexpr int million = 1'000'000;

/// What a browser brings back.
struct callback {
    unsigned char state[32];
    unsigned char binding[32];
};

class random_values {
public:
    explicit random_values(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t number() { return engine_(); }
    floor::sign_in_values sign_in()
    {
        floor::sign_in_values out;
        std::uint64_t words[sizeof out / sizeof(std::uint64_t)];
        for (std::uint64_t& word : words)
            word = engine_();
        std::memcpy(&out, words, sizeof out);
        return out;
    }

private:
    // As good as any to tell values apart, and the cheapest.
    class generator {
    public:
        explicit generator(std::uint64_t seed) : state_(seed) {}
        std::uint64_t operator()()
        {
            state_ += 0x9e3779b97f4a7c15;
            std::uint64_t z = state_;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }

    private:
        std::uint64_t state_;
    };
    generator engine_;
};

callback callback_of(const floor::sign_in_values& values)
{
    callback out;
    std::memcpy(out.state, values.state, sizeof out.state);
    std::memcpy(out.binding, values.binding, sizeof out.binding);
    return out;
}

class coauth_store {
public:
    explicit coauth_store(std::size_t capacity) : store_(bounds(capacity)) {}

    void put(const floor::sign_in_values& values)
    {
        const auto random = [](const unsigned char(&bytes)[32]) {
            return coauth::random_value(std::span<const unsigned char, 32>(bytes));
        };
        coauth::pending_login login(random(values.state), random(values.binding), random(values.nonce),
                                    random(values.verifier), 1, coauth::response_mode::query, scope, {});
        if (!store_.put(std::move(login), lifetime_))
            require(false, "put");
    }
    void take(const callback& one)
    {
        auto taken = store_.take(coauth::random_value(one.binding), coauth::random_value(one.state));
        if (!taken)
            require(false, "take");
        benchmark::DoNotOptimize(taken->nonce().view().data());
    }

private:
    static coauth::limits bounds(std::size_t capacity)
    {
        coauth::limits out;
        // Shards fill up unevenly, and none shall be full.
        out.pending_logins = capacity + capacity / 4 + 512;
        return out;
    }

    coauth::memory_state_store store_;
    std::chrono::seconds lifetime_ = std::chrono::hours(24);
};

class floor_store {
public:
    explicit floor_store(std::size_t capacity) : store_(capacity, 7, std::chrono::hours(24)) {}

    void put(const floor::sign_in_values& values) { store_.put(values, scope); }
    void take(const callback& one)
    {
        floor::sign_in_values taken;
        std::string_view granted;
        if (!store_.take(one.binding, one.state, taken, granted))
            require(false, "floor of take");
        benchmark::DoNotOptimize(taken);
    }

private:
    floor::pending_slab store_;
};

/// One that is full, and what the browsers would bring back; for each thread its own part of it.
template <class Store>
struct filled {
    filled(std::size_t size, std::size_t threads) : store(size), callbacks(threads)
    {
        random_values random(42);
        for (std::size_t i = 0; i < size; ++i) {
            const floor::sign_in_values values = random.sign_in();
            store.put(values);
            callbacks[i % threads].push_back(callback_of(values));
        }
    }
    Store store;
    std::vector<std::vector<callback>> callbacks;
};

template <class Store>
void put_take(benchmark::State& state)
{
    static std::unique_ptr<filled<Store>> shared;
    if (state.thread_index() == 0)
        shared = std::make_unique<filled<Store>>(state.range(0), state.threads());
    // The loop's beginning is a barrier for all threads.
    random_values random(static_cast<std::uint64_t>(state.thread_index()) + 1);
    const std::uint64_t before = allocations();
    for (auto _ : state) {
        std::vector<callback>& mine = shared->callbacks[static_cast<std::size_t>(state.thread_index())];
        callback& one = mine[random.number() % mine.size()];
        const floor::sign_in_values values = random.sign_in();
        shared->store.take(one);
        shared->store.put(values);
        one = callback_of(values);
    }
    set_allocations(state, before);
    if (state.thread_index() == 0)
        shared.reset();
}

template <class Store>
void bytes_per_entry(benchmark::State& state)
{
    count_bytes(true);
    for (auto _ : state) {
        random_values random(42);
        const std::int64_t before = live_bytes();
        Store store(million);
        for (int i = 0; i < million; ++i)
            store.put(random.sign_in());
        set_value(state, static_cast<double>(live_bytes() - before) / million);
    }
    count_bytes(false);
}

void register_all()
{
    if (std::getenv("COAUTH_BENCH_SCALE") == nullptr) {
        benchmark::RegisterBenchmark("pending_put_take_1m/coauth", put_take<coauth_store>)
            ->Arg(million)
            ->Iterations(million);
        benchmark::RegisterBenchmark("pending_put_take_1m/floor", put_take<floor_store>)
            ->Arg(million)
            ->Iterations(million);
        benchmark::RegisterBenchmark("pending_bytes_per_entry/coauth", bytes_per_entry<coauth_store>)
            ->Iterations(1);
        benchmark::RegisterBenchmark("pending_bytes_per_entry/floor", bytes_per_entry<floor_store>)
            ->Iterations(1);
        return;
    }
    for (int size = 1; size <= million; size *= 10) {
        benchmark::RegisterBenchmark("pending/coauth", put_take<coauth_store>)->Arg(size);
        benchmark::RegisterBenchmark("pending/floor", put_take<floor_store>)->Arg(size);
        if (size > 1) {
            benchmark::RegisterBenchmark("pending/coauth", put_take<coauth_store>)->Arg(size)->Threads(2);
            benchmark::RegisterBenchmark("pending/floor", put_take<floor_store>)->Arg(size)->Threads(2);
        }
    }
}

const bool registered = (register_all(), true);

} // namespace
