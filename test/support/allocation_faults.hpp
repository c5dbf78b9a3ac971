// Counts allocations, and refuses the one that a test chooses.
#ifndef COAUTH_TEST_ALLOCATION_FAULTS_HPP
#define COAUTH_TEST_ALLOCATION_FAULTS_HPP

#include <cstddef>

namespace coauth_test {

/** Control over operator new and aligned_alloc (with which Asio makes coroutine frames and handlers).

    For programs that link coauth_allocation_faults. Not for several threads.
*/
class allocation_faults {
public:
    /// Let so many allocations pass and refuse the next one.
    static void refuse_after(std::size_t allocations) noexcept;
    /// Refuse all that follow, too, until allow_all().
    static void refuse_from(std::size_t allocations) noexcept;
    static void allow_all() noexcept;
    /// Whether one was refused since the last call of refuse_after() or refuse_from().
    static bool refused() noexcept;
    /// How many were made so far.
    static std::size_t count() noexcept;
};

} // namespace coauth_test

#endif
