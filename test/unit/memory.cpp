#include "memory.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace coauth::test {
namespace {

thread_local freed_memory_watch* current_watch = nullptr;
thread_local std::size_t allocation_count = 0;
thread_local std::size_t allocations_left = SIZE_MAX;

void* allocate(std::size_t size_bytes, std::size_t alignment)
{
    ++allocation_count;
    if (allocations_left != SIZE_MAX && allocations_left-- == 0) {
        allocations_left = 0;
        throw std::bad_alloc();
    }
    // Not a byte more than was asked for, so that AddressSanitizer sees who goes beyond.
    void* const block =
        alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
            ? std::malloc(std::max<std::size_t>(size_bytes, 1))
            : std::aligned_alloc(alignment, (size_bytes + alignment - 1) / alignment * alignment);
    if (!block)
        throw std::bad_alloc();
    return block;
}

void release(void* block) noexcept
{
    if (block && current_watch)
        current_watch->inspect(block, malloc_usable_size(block));
    std::free(block);
}

} // namespace

freed_memory_watch::freed_memory_watch(std::string_view needle) noexcept : needle_(needle)
{
    current_watch = this;
}

freed_memory_watch::~freed_memory_watch() { current_watch = nullptr; }

void freed_memory_watch::inspect(const void* block, std::size_t size_bytes) noexcept
{
    ++blocks_;
    if (std::string_view(static_cast<const char*>(block), size_bytes).find(needle_) != std::string_view::npos)
        ++leaks_;
}

std::size_t allocations() noexcept { return allocation_count; }

allocation_limit::allocation_limit(std::size_t most) noexcept { allocations_left = most; }

allocation_limit::~allocation_limit() { allocations_left = SIZE_MAX; }

} // namespace coauth::test

void* operator new(std::size_t size_bytes)
{
    return coauth::test::allocate(size_bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size_bytes, std::align_val_t alignment)
{
    return coauth::test::allocate(size_bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { coauth::test::release(block); }
void operator delete(void* block, std::size_t) noexcept { coauth::test::release(block); }
void operator delete(void* block, std::align_val_t) noexcept { coauth::test::release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { coauth::test::release(block); }
