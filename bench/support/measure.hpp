// What the in-process measures share.
#ifndef COAUTH_BENCH_MEASURE_HPP
#define COAUTH_BENCH_MEASURE_HPP

#include "allocations.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>

namespace bench {

/// A measure of something that does not work says nothing.
inline void require(bool success, const char* what)
{
    if (success)
        return;
    std::cerr << "a measure failed: " << what << '\n';
    std::abort();
}

/// Run a coroutine to its end in a context of its own.
inline void run(boost::asio::awaitable<void> coroutine)
{
    boost::asio::io_context context(1);
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::move(coroutine),
                          [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
    context.run();
    if (failure)
        std::rethrow_exception(failure);
}

/// A figure that is no time.
inline void set_value(benchmark::State& state, double value) { state.counters["value"] = value; }

/// Beside the figure: what an operation allocates. To be called after the loop.
inline void set_allocations(benchmark::State& state, std::uint64_t before)
{
    state.counters["allocations"] =
        static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
}

} // namespace bench

#endif
