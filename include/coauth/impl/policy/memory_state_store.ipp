#ifndef COAUTH_IMPL_POLICY_MEMORY_STATE_STORE_IPP
#define COAUTH_IMPL_POLICY_MEMORY_STATE_STORE_IPP

#include <coauth/detail/pending_table.hpp>
#include <coauth/policy/memory_state_store.hpp>

#include <algorithm>
#include <bit>
#include <mutex>

namespace coauth::inline COAUTH_MODE::detail {

struct alignas(64) sharded_pending_table::shard {
    shard(std::size_t capacity, std::size_t per_browser) : table(capacity, per_browser) {}
    mutable std::mutex mutex;
    pending_table table;
};

COAUTH_DECL sharded_pending_table::sharded_pending_table(const limits& bounds)
{
    keyed_hash::key_type key;
    openssl_random_source::fill({reinterpret_cast<unsigned char*>(key.data()), sizeof key}).value();
    hash_ = keyed_hash(key);
    // A small table is not split: its shards would fill up unevenly.
    const std::size_t count = std::clamp<std::size_t>(std::bit_floor(bounds.pending_logins / 512), 1, 16);
    for (std::size_t i = 0; i < count; ++i)
        shards_.push_back(std::make_unique<shard>(bounds.pending_logins / count +
                                                      (bounds.pending_logins % count != 0 ? 1 : 0),
                                                  bounds.pending_logins_per_browser));
}

COAUTH_DECL sharded_pending_table::~sharded_pending_table() = default;

inline sharded_pending_table::shard& sharded_pending_table::shard_of(std::uint32_t hash) const noexcept
{
    // The table takes the lower bits of the hash.
    return *shards_[hash >> 28 & (shards_.size() - 1)];
}

COAUTH_DECL result<void> sharded_pending_table::put(pending_login&& login, std::chrono::nanoseconds now,
                                                    std::chrono::nanoseconds expires)
{
    const std::uint32_t hash = hash_(login.browser_binding());
    shard& place = shard_of(hash);
    const std::lock_guard lock(place.mutex);
    place.table.put(hash, std::move(login), now, expires);
    return {};
}

COAUTH_DECL result<pending_login> sharded_pending_table::take(const random_value& browser_binding,
                                                              const random_value& state,
                                                              std::chrono::nanoseconds now)
{
    const std::uint32_t hash = hash_(browser_binding);
    shard& place = shard_of(hash);
    const std::lock_guard lock(place.mutex);
    return place.table.take(hash, browser_binding, state, now);
}

COAUTH_DECL std::size_t sharded_pending_table::size() const
{
    std::size_t sum = 0;
    for (const auto& part : shards_) {
        const std::lock_guard lock(part->mutex);
        sum += part->table.size();
    }
    return sum;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
