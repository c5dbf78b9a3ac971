#ifndef COAUTH_IMPL_DETAIL_KEPT_GRANT_IPP
#define COAUTH_IMPL_DETAIL_KEPT_GRANT_IPP

#include <coauth/detail/kept_grant.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL std::chrono::nanoseconds kept_grant::remaining(time_point now) const noexcept
{
    if (!refreshes_.owner)
        return {};
    const auto left = refreshes_.lease_end - now;
    // More than it was granted for: the clock began anew, and whoever had the lease is gone.
    return left > left.zero() && left <= refreshes_.lease_duration ? left : left.zero();
}

COAUTH_DECL void kept_grant::grant_lease(const random_value& owner, std::chrono::milliseconds duration,
                                         time_point now)
{
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24); // no refresh takes that long
    refreshes_.owner = owner;
    refreshes_.lease_duration = std::clamp(duration, duration.zero(), longest);
    refreshes_.lease_end = now + refreshes_.lease_duration;
}

COAUTH_DECL lease kept_grant::acquire(const random_value& owner, std::chrono::milliseconds duration,
                                      std::uint64_t known, unsigned tries, time_point now)
{
    if (!owned_by(owner)) {
        const auto left = remaining(now);
        if (left > left.zero())
            return lease(lease_state::held, record(known),
                         std::chrono::ceil<std::chrono::milliseconds>(left));
        if (refreshes_.sent > tries)
            return lease(lease_state::undecided, record(known));
    }
    grant_lease(owner, duration, now);
    return lease(lease_state::granted, record(known));
}

COAUTH_DECL result<void> kept_grant::renew(const random_value& owner, std::chrono::milliseconds duration,
                                           time_point now)
{
    if (!owned_by(owner))
        return errc::lease_lost;
    grant_lease(owner, duration, now);
    return {};
}

COAUTH_DECL result<void> kept_grant::begin_refresh(const random_value& owner, std::uint64_t generation,
                                                   time_point now)
{
    if (!owned_by(owner) || remaining(now) == time_point::zero() || generation != generation_)
        return errc::lease_lost;
    if (!refreshes_.sender || !refreshes_.sender->equals(owner)) {
        refreshes_.sender = owner;
        ++refreshes_.sent;
    }
    return {};
}

COAUTH_DECL result<std::uint64_t> kept_grant::complete_refresh(const random_value& owner,
                                                               std::uint64_t generation, shared_tokens tokens,
                                                               std::uint64_t next)
{
    // Said again, as the first answer got lost.
    if (refreshes_.refreshed_by && refreshes_.refreshed_by->equals(owner) &&
        refreshes_.refreshed_from == generation)
        return generation_;
    if (generation != generation_ || !refreshes_.sender || !refreshes_.sender->equals(owner))
        return errc::lease_lost;
    tokens_ = std::move(tokens);
    generation_ = next;
    refreshes_ = refresh_record();
    refreshes_.refreshed_by = owner;
    refreshes_.refreshed_from = generation;
    return generation_;
}

COAUTH_DECL void kept_grant::release(const random_value& owner)
{
    if (!owned_by(owner))
        return;
    refreshes_.owner.reset();
    if (refreshes_.sender && refreshes_.sender->equals(owner)) {
        refreshes_.sender.reset();
        --refreshes_.sent;
    }
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
