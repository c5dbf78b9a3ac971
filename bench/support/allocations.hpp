// What a benchmark allocates by operator new, which allocations.cpp replaces.
#ifndef COAUTH_BENCH_ALLOCATIONS_HPP
#define COAUTH_BENCH_ALLOCATIONS_HPP

#include <cstddef>
#include <cstdint>

namespace bench {

/// Allocations of this thread so far.
std::uint64_t allocations() noexcept;

/** Bytes that are allocated now, rounded up as malloc does and with its header, of all threads.

    Only what is allocated and freed while counting_bytes is true counts.
*/
std::int64_t live_bytes() noexcept;
void count_bytes(bool value) noexcept;

} // namespace bench

#endif
