#ifndef COAUTH_IMPL_DETAIL_GRANT_TABLE_IPP
#define COAUTH_IMPL_DETAIL_GRANT_TABLE_IPP

#include <coauth/detail/grant_table.hpp>

#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL grant_pointer grant_table::find(std::uint32_t hash, std::string_view key) const
{
    if (buckets_.empty())
        return {};
    for (index i = buckets_[hash & (buckets_.size() - 1)]; i != none; i = at(i).in_bucket)
        if (at(i).hash == hash && at(i).grant->key == key)
            return at(i).grant;
    return {};
}

COAUTH_DECL void grant_table::insert(std::uint32_t hash, const grant_pointer& grant)
{
    if (size_ >= buckets_.size())
        grow_buckets();
    index place = free_;
    if (place == none) {
        if (made_ == blocks_.size() * block_size)
            blocks_.push_back(std::make_unique<slot[]>(block_size));
        wheel_.reserve(made_);
        place = made_++;
    } else {
        free_ = at(place).in_bucket;
    }
    slot& added = at(place);
    added.grant = grant;
    added.hash = hash;
    added.in_bucket = std::exchange(bucket_of(hash), place);
    grant->place = place;
    ++size_;
}

COAUTH_DECL void grant_table::erase(grant_entry& grant) noexcept
{
    wheel_.cancel(grant.place);
    slot& removed = at(grant.place);
    index* link = &bucket_of(removed.hash);
    while (*link != grant.place)
        link = &at(*link).in_bucket;
    *link = removed.in_bucket;
    removed.in_bucket = std::exchange(free_, grant.place);
    --size_;
    removed.grant = {}; // the last, as it may be the last owner
}

inline steady_time grant_table::time_of(timer_wheel::tick when) const noexcept
{
    return start_ + steady_time(static_cast<steady_time::rep>(when) << tick_bits);
}

COAUTH_DECL steady_time grant_table::first_due(steady_time now)
{
    if (wheel_.size() == 0)
        return never;
    wheel_.advance(tick_of(now, false));
    const auto first = wheel_.first_due();
    return first ? time_of(*first) : never;
}

COAUTH_DECL grant_pointer grant_table::pop_due(steady_time now)
{
    if (first_due(now) == never)
        return {};
    const index place = wheel_.pop_due();
    return place == none ? grant_pointer() : at(place).grant;
}

COAUTH_DECL steady_time grant_table::next_due() noexcept
{
    const auto next = wheel_.next();
    next_ = next.value_or(UINT32_MAX);
    return next ? time_of(*next) : never;
}

COAUTH_DECL void grant_table::grow_buckets()
{
    std::vector<index> larger(buckets_.empty() ? 16 : buckets_.size() * 2, none);
    buckets_.swap(larger);
    for (const index first : larger)
        for (index i = first; i != none;)
            i = std::exchange(at(i).in_bucket, std::exchange(bucket_of(at(i).hash), i));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
