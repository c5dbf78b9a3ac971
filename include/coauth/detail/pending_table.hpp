// Floor 3. One shard of memory_state_store: no lock, no clock, time is an argument.
#ifndef COAUTH_DETAIL_PENDING_TABLE_HPP
#define COAUTH_DETAIL_PENDING_TABLE_HPP

#include <coauth/core/result.hpp>
#include <coauth/policy/pending_login.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/** Pending sign-ins by browser binding.

    Records lie in blocks that never move. They are found by an open-addressed table of hashes, so that a look-up
    touches a record only if it is the one, and leave by a ring of arrivals, in which those that were taken stay
    behind until they come up or it is full. The caller hashes the binding, with a key that no attacker knows.
*/
class pending_table {
public:
    using time_point = std::chrono::nanoseconds; // since the epoch of the caller's monotonic clock

    pending_table(std::size_t capacity, std::size_t per_browser)
        : capacity_(capacity < none ? static_cast<index>(capacity) : none - 1), per_browser_(per_browser)
    {
    }

    COAUTH_DECL void put(std::uint32_t hash, pending_login&& login, time_point now, time_point expires);
    COAUTH_DECL result<pending_login> take(std::uint32_t hash, const random_value& browser_binding,
                                           const random_value& state, time_point now);
    std::size_t size() const noexcept { return size_; }

private:
    using index = std::uint32_t;
    static constexpr index none = UINT32_MAX;
    static constexpr index block_size = 256;
    static constexpr time_point unused = time_point::min();

    struct alignas(64) record { // three cache lines
        pending_login login;
        time_point expires = unused;
        std::uint32_t hash = 0; // of an unused one: the next unused one
        std::uint32_t arrival = 0;
    };
    struct slot {
        std::uint32_t hash = 0;
        index of = none;
    };
    struct arrived {
        index of;
        std::uint32_t arrival;
    };
    using place = std::size_t;

    record& at(index i) noexcept { return blocks_[i / block_size][i % block_size]; }
    place next(place p) const noexcept { return (p + 1) & (slots_.size() - 1); }
    place first(std::uint32_t hash) const noexcept { return hash & (slots_.size() - 1); }
    COAUTH_DECL bool is_of(place p, std::uint32_t hash, const random_value& browser_binding) noexcept;
    COAUTH_DECL void make_room(time_point now) noexcept;
    COAUTH_DECL void reserve_one();
    COAUTH_DECL void grow_slots();
    COAUTH_DECL void tidy_arrivals();
    COAUTH_DECL void make_room_of_browser(std::uint32_t hash, const random_value& browser_binding) noexcept;
    COAUTH_DECL result<pending_login> take_out(place p);
    COAUTH_DECL void release(place p) noexcept;

    std::vector<std::unique_ptr<record[]>> blocks_;
    std::vector<slot> slots_;
    std::vector<arrived> arrivals_; // a ring
    std::size_t arrivals_begin_ = 0;
    std::size_t arrivals_size_ = 0;
    std::uint32_t next_arrival_ = 0;
    time_point oldest_expires_ = unused; // not before then, as far as is known
    index unused_ = none;
    index made_ = 0; // records of the blocks that were in use at least once
    index size_ = 0;
    index capacity_;
    std::size_t per_browser_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/pending_table.ipp>
#endif

#endif
