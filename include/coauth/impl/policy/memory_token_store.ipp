#ifndef COAUTH_IMPL_POLICY_MEMORY_TOKEN_STORE_IPP
#define COAUTH_IMPL_POLICY_MEMORY_TOKEN_STORE_IPP

#include <coauth/policy/memory_token_store.hpp>

#include <functional>

namespace coauth::inline COAUTH_MODE::detail {

template <class T, class Use>
result<T> sharded_token_table::with_grant(std::string_view key, Use use)
{
    shard& place = shard_of(key);
    const std::lock_guard lock(place.mutex);
    const auto found = place.grants.find(key);
    if (found == place.grants.end())
        return errc::grant_unknown;
    return use(found->second);
}

COAUTH_DECL sharded_token_table::shard& sharded_token_table::shard_of(std::string_view key) noexcept
{
    return shards_[std::hash<std::string_view>()(key) % shards_.size()];
}

COAUTH_DECL result<std::uint64_t> sharded_token_table::put(std::string key, shared_tokens tokens)
{
    if (!is_grant_key(key.size()) || !tokens)
        return errc::invalid_parameter;
    shard& place = shard_of(key);
    const std::lock_guard lock(place.mutex);
    // Within the lock: of two at once, the tokens that stay have the greater generation.
    const std::uint64_t generation = ++generations_;
    if (const auto found = place.grants.find(key); found != place.grants.end()) {
        found->second = kept_grant(generation, std::move(tokens));
        return generation;
    }
    if (size_ >= capacity_) // a few too many, if several threads come at once
        return errc::too_many_grants;
    // Made in its place: of a move, g++ 16 at -O2 says -Wmaybe-uninitialized.
    place.grants.try_emplace(std::move(key), generation, std::move(tokens));
    ++size_;
    return generation;
}

COAUTH_DECL result<grant_record> sharded_token_table::load(std::string_view key, std::uint64_t known)
{
    return with_grant<grant_record>(key, [&](kept_grant& grant) { return grant.record(known); });
}

COAUTH_DECL result<lease> sharded_token_table::acquire(std::string_view key, const random_value& owner,
                                                       std::chrono::milliseconds duration,
                                                       std::uint64_t known, unsigned tries, clock now)
{
    return with_grant<lease>(
        key, [&](kept_grant& grant) { return grant.acquire(owner, duration, known, tries, now()); });
}

COAUTH_DECL result<void> sharded_token_table::renew(std::string_view key, const random_value& owner,
                                                    std::chrono::milliseconds duration, clock now)
{
    return with_grant<void>(key, [&](kept_grant& grant) { return grant.renew(owner, duration, now()); });
}

COAUTH_DECL result<void> sharded_token_table::begin_refresh(std::string_view key, const random_value& owner,
                                                            std::uint64_t generation, clock now)
{
    return with_grant<void>(key,
                            [&](kept_grant& grant) { return grant.begin_refresh(owner, generation, now()); });
}

COAUTH_DECL result<std::uint64_t> sharded_token_table::complete_refresh(std::string_view key,
                                                                        const random_value& owner,
                                                                        std::uint64_t generation,
                                                                        shared_tokens tokens)
{
    if (!tokens)
        return errc::invalid_parameter;
    return with_grant<std::uint64_t>(key, [&](kept_grant& grant) {
        return grant.complete_refresh(owner, generation, std::move(tokens), ++generations_);
    });
}

COAUTH_DECL result<void> sharded_token_table::release(std::string_view key, const random_value& owner)
{
    return with_grant<void>(key, [&](kept_grant& grant) {
        grant.release(owner);
        return result<void>();
    });
}

COAUTH_DECL result<void> sharded_token_table::erase(std::string_view key)
{
    shard& place = shard_of(key);
    const std::lock_guard lock(place.mutex);
    if (const auto found = place.grants.find(key); found != place.grants.end()) {
        place.grants.erase(found);
        --size_;
    }
    return {};
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
