#include "allocation_faults.hpp"

#include <cstdlib>
#include <limits>
#include <new>

namespace coauth_test {
namespace {

constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
std::size_t made = 0;
std::size_t refuse_at = never;
bool refuse_more = false;
bool was_refused = false;

bool may_allocate() noexcept
{
    if (made < refuse_at) {
        ++made;
        return true;
    }
    was_refused = true;
    if (!refuse_more)
        refuse_at = never;
    return false;
}

} // namespace

void allocation_faults::refuse_after(std::size_t allocations) noexcept
{
    was_refused = false;
    refuse_more = false;
    refuse_at = made + allocations;
}

void allocation_faults::refuse_from(std::size_t allocations) noexcept
{
    refuse_after(allocations);
    refuse_more = true;
}

void allocation_faults::allow_all() noexcept { refuse_at = never; }

bool allocation_faults::refused() noexcept { return was_refused; }

std::size_t allocation_faults::count() noexcept { return made; }

} // namespace coauth_test

extern "C" {

void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size); // by the linker's --wrap

void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size)
{
    // Coroutine frames and handlers with results in them. Smaller blocks are entries of Asio's queues, and its strand
    // ends the program if it cannot have one: they are always there.
    constexpr std::size_t smallest_refused = 256;
    return size < smallest_refused || coauth_test::may_allocate() ? __real_aligned_alloc(alignment, size)
                                                                  : nullptr;
}
}

void* operator new(std::size_t size)
{
    // Asio's strand, up to the newest version so far, destroys an object that it has not initialized if the control
    // block of a shared pointer cannot be had: blocks of that size are always there.
    constexpr std::size_t control_block =
        2 * sizeof(void*) + 2 * sizeof(int); // table, object and two counters
    void* const out =
        size == control_block || coauth_test::may_allocate() ? std::malloc(size == 0 ? 1 : size) : nullptr;
    if (!out)
        throw std::bad_alloc();
    return out;
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    const std::size_t to = static_cast<std::size_t>(alignment);
    const std::size_t rounded = (size + to - 1) / to * to;
    void* const out =
        coauth_test::may_allocate() ? __real_aligned_alloc(to, rounded == 0 ? to : rounded) : nullptr;
    if (!out)
        throw std::bad_alloc();
    return out;
}

void operator delete(void* data) noexcept { std::free(data); }

void operator delete(void* data, std::size_t) noexcept { std::free(data); }

void operator delete(void* data, std::align_val_t) noexcept { std::free(data); }

void operator delete(void* data, std::size_t, std::align_val_t) noexcept { std::free(data); }
