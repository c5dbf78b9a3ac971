#ifndef COAUTH_IMPL_DETAIL_PENDING_TABLE_IPP
#define COAUTH_IMPL_DETAIL_PENDING_TABLE_IPP

#include <coauth/detail/pending_table.hpp>

#include <utility>

namespace coauth::detail {

COAUTH_DECL void pending_table::put(std::uint32_t hash, pending_login&& login, time_point now,
                                    time_point expires)
{
    if (capacity_ == 0 || per_browser_ == 0)
        return;
    make_room(hash, login.browser_binding(), now);
    if (size_ >= buckets_.size())
        grow_buckets();
    const index i = allocate();
    node& added = at(i);
    added.login = std::move(login);
    added.expires = expires;
    added.hash = hash;
    index& bucket = bucket_of(hash);
    added.in_bucket = std::exchange(bucket, i);
    added.newer = none;
    added.older = std::exchange(newest_, i);
    (added.older == none ? oldest_ : at(added.older).newer) = i;
    ++size_;
}

COAUTH_DECL result<pending_login> pending_table::take(std::uint32_t hash, const random_value& browser_binding,
                                                      const random_value& state, time_point now)
{
    if (size_ == 0)
        return errc::unknown_transaction;
    bool browser_known = false;
    for (index i = bucket_of(hash); i != none; i = at(i).in_bucket) {
        node& candidate = at(i);
        if (candidate.hash != hash || !candidate.login.browser_binding().equals(browser_binding))
            continue;
        if (candidate.login.state().equals(state)) {
            const bool expired = now >= candidate.expires;
            pending_login found = std::move(candidate.login);
            release(i);
            if (expired)
                return errc::expired_transaction;
            return found;
        }
        browser_known = browser_known || now < candidate.expires;
    }
    return browser_known ? errc::state_mismatch : errc::unknown_transaction;
}

COAUTH_DECL void pending_table::make_room(std::uint32_t hash, const random_value& browser_binding,
                                          time_point now)
{
    // What expired is kept for a while, so that a late callback can be told what happened.
    constexpr std::chrono::minutes grace{5};
    while (oldest_ != none && (size_ >= capacity_ || now - grace >= at(oldest_).expires))
        release(oldest_);
    if (size_ == 0)
        return;
    std::size_t of_browser = 0;
    index last = none;
    for (index i = bucket_of(hash); i != none; i = at(i).in_bucket) {
        if (at(i).hash == hash && at(i).login.browser_binding().equals(browser_binding)) {
            ++of_browser;
            last = i;
        }
    }
    if (of_browser >= per_browser_)
        release(last);
}

COAUTH_DECL pending_table::index pending_table::allocate()
{
    if (free_ != none)
        return std::exchange(free_, at(free_).in_bucket);
    if (made_ == blocks_.size() * block_size)
        blocks_.push_back(std::make_unique<node[]>(block_size));
    return made_++;
}

COAUTH_DECL void pending_table::release(index i) noexcept
{
    node& removed = at(i);
    index* link = &bucket_of(removed.hash);
    while (*link != i)
        link = &at(*link).in_bucket;
    *link = removed.in_bucket;
    (removed.older == none ? oldest_ : at(removed.older).newer) = removed.newer;
    (removed.newer == none ? newest_ : at(removed.newer).older) = removed.older;
    removed.login = pending_login(); // wiped here, not when the place is used again
    removed.in_bucket = std::exchange(free_, i);
    --size_;
}

COAUTH_DECL void pending_table::grow_buckets()
{
    std::vector<index> larger(buckets_.empty() ? 16 : buckets_.size() * 2, none);
    buckets_.swap(larger);
    for (index i = oldest_; i != none; i = at(i).newer) // oldest first keeps the newest in front
        at(i).in_bucket = std::exchange(bucket_of(at(i).hash), i);
}

} // namespace coauth::detail

#endif
