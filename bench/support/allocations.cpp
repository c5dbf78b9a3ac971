#include "allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t count = 0;
std::atomic<std::int64_t> bytes{0};
std::atomic<bool> counting_bytes{false};

std::int64_t size_of(void* block) noexcept
{
    // glibc keeps one word in front of each block.
    return static_cast<std::int64_t>(malloc_usable_size(block) + sizeof(std::size_t));
}

void* counted(void* block)
{
    if (block == nullptr)
        throw std::bad_alloc();
    ++count;
    if (counting_bytes.load(std::memory_order_relaxed))
        bytes.fetch_add(size_of(block), std::memory_order_relaxed);
    return block;
}

void release(void* block) noexcept
{
    if (block != nullptr && counting_bytes.load(std::memory_order_relaxed))
        bytes.fetch_sub(size_of(block), std::memory_order_relaxed);
    std::free(block);
}

} // namespace

namespace bench {

std::uint64_t allocations() noexcept { return count; }
std::int64_t live_bytes() noexcept { return bytes.load(std::memory_order_relaxed); }
void count_bytes(bool value) noexcept { counting_bytes.store(value, std::memory_order_relaxed); }

} // namespace bench

void* operator new(std::size_t size) { return counted(std::malloc(size != 0 ? size : 1)); }
void* operator new[](std::size_t size) { return counted(std::malloc(size != 0 ? size : 1)); }
void* operator new(std::size_t size, std::align_val_t alignment)
{
    const auto unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
