// Floor 3. One shard of a refresh scheduler: no lock, no clock.
#ifndef COAUTH_DETAIL_GRANT_TABLE_HPP
#define COAUTH_DETAIL_GRANT_TABLE_HPP

#include <coauth/detail/grant_entry.hpp>
#include <coauth/detail/timer_wheel.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/** Grants by key, and by when they are due.

    A grant costs 104 bytes and what its key is longer than a std::string holds within itself; here 28 to 34 bytes
    and 4 to 8 of the hash table.

    @par Thread safety Unsafe.
*/
class grant_table {
public:
    /// @param start no grant is due earlier
    explicit grant_table(steady_time start) noexcept : start_(start) {}

    /// Null if there is none.
    COAUTH_DECL grant_pointer find(std::uint32_t hash, std::string_view key) const;
    /// Precondition: there is none of this key.
    COAUTH_DECL void insert(std::uint32_t hash, const grant_pointer& grant);
    COAUTH_DECL void erase(grant_entry& grant) noexcept;

    /// Replaces what was said before. `never`: not at all. @return whether next_due() has to be asked again
    bool schedule(const grant_entry& grant, steady_time when) noexcept { return schedule(grant.place, when); }
    /// @copydoc schedule() @param place grant_entry::place
    bool schedule(std::uint32_t place, steady_time when) noexcept
    {
        wheel_.cancel(place);
        if (when == never)
            return false;
        const timer_wheel::tick due = tick_of(when, true);
        wheel_.insert(place, due);
        if (due >= next_)
            return false;
        next_ = due;
        return true;
    }
    /// The grants that are due, one after the other; null if there are no more.
    COAUTH_DECL grant_pointer pop_due(steady_time now);
    /// When the grant became due that pop_due() gives next; `never` if it gives none.
    COAUTH_DECL steady_time first_due(steady_time now);
    /// When pop_due() has to be asked again, at the latest.
    COAUTH_DECL steady_time next_due() noexcept;

    std::size_t size() const noexcept { return size_; }

private:
    using index = std::uint32_t;
    static constexpr index none = UINT32_MAX;
    static constexpr index block_size = 1024;
    static constexpr int tick_bits = 26; // 67 ms: 2^32 of them are nine years

    struct slot {
        grant_pointer grant;
        index in_bucket = none; // the next of the bucket, or the next free one
        std::uint32_t hash = 0;
    };

    slot& at(index i) noexcept { return blocks_[i / block_size][i % block_size]; }
    const slot& at(index i) const noexcept { return blocks_[i / block_size][i % block_size]; }
    index& bucket_of(std::uint32_t hash) noexcept { return buckets_[hash & (buckets_.size() - 1)]; }
    timer_wheel::tick tick_of(steady_time when, bool round_up) const noexcept
    {
        constexpr steady_time::rep last = UINT32_MAX;
        const steady_time::rep passed = when > start_ ? (when - start_).count() : 0;
        const bool rest = round_up && passed % (steady_time::rep(1) << tick_bits) != 0;
        return static_cast<timer_wheel::tick>(std::min((passed >> tick_bits) + rest, last));
    }
    steady_time time_of(timer_wheel::tick when) const noexcept;
    COAUTH_DECL void grow_buckets();

    std::vector<std::unique_ptr<slot[]>> blocks_;
    std::vector<index> buckets_;
    timer_wheel wheel_;
    timer_wheel::tick next_ = UINT32_MAX; // said by next_due(), or due earlier
    steady_time start_;                   // of the wheel's time
    index free_ = none;
    index made_ = 0; // slots of the blocks that were in use at least once
    std::size_t size_ = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/grant_table.ipp>
#endif

#endif
