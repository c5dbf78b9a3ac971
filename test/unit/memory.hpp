// Operator new and delete of the whole executable: looks into memory when it is freed, refuses it when it is asked for.
#ifndef COAUTH_TEST_UNIT_MEMORY_HPP
#define COAUTH_TEST_UNIT_MEMORY_HPP

#include <cstddef>
#include <string_view>

namespace coauth::test {

/** While it lives, every block that this thread frees is searched for a text.

    The replaced operator delete is that of the whole executable, so it sees blocks of the library, of
    the standard library's containers and of Boost alike.
*/
class freed_memory_watch {
public:
    explicit freed_memory_watch(std::string_view needle) noexcept;
    ~freed_memory_watch();
    freed_memory_watch(const freed_memory_watch&) = delete;
    freed_memory_watch& operator=(const freed_memory_watch&) = delete;

    /// Blocks that were freed so far.
    std::size_t blocks() const noexcept { return blocks_; }
    /// Those of them that still held the text.
    std::size_t leaks() const noexcept { return leaks_; }

    void inspect(const void* block, std::size_t size_bytes) noexcept;

private:
    std::string_view needle_;
    std::size_t blocks_ = 0;
    std::size_t leaks_ = 0;
};

/// How often this thread asked operator new for memory.
std::size_t allocations() noexcept;

/// While it lives, this thread gets memory that many times, and then never again.
class allocation_limit {
public:
    explicit allocation_limit(std::size_t most) noexcept;
    ~allocation_limit();
    allocation_limit(const allocation_limit&) = delete;
    allocation_limit& operator=(const allocation_limit&) = delete;
};

} // namespace coauth::test

#endif
