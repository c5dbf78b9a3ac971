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

namespace coauth::detail {

/** Pending sign-ins by browser binding.

    Records lie in blocks that never move, linked three ways by index: the chain of their bucket, newest
    first, which holds all of one browser's; the order of arrival; the free list. Growing doubles the
    buckets only. The caller hashes the binding, with a key that no attacker knows.
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

    struct node {
        pending_login login;
        time_point expires{};
        index in_bucket = none; // the next older of the bucket, or the next free one
        index older = none;
        index newer = none;
        std::uint32_t hash = 0;
    };

    node& at(index i) noexcept { return blocks_[i / block_size][i % block_size]; }
    index& bucket_of(std::uint32_t hash) noexcept { return buckets_[hash & (buckets_.size() - 1)]; }
    COAUTH_DECL index allocate();
    COAUTH_DECL void release(index i) noexcept;
    COAUTH_DECL void grow_buckets();
    COAUTH_DECL void make_room(std::uint32_t hash, const random_value& browser_binding, time_point now);

    std::vector<std::unique_ptr<node[]>> blocks_;
    std::vector<index> buckets_;
    index free_ = none;
    index oldest_ = none;
    index newest_ = none;
    index made_ = 0; // nodes of the blocks that were in use at least once
    index size_ = 0;
    index capacity_;
    std::size_t per_browser_;
};

} // namespace coauth::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/pending_table.ipp>
#endif

#endif
