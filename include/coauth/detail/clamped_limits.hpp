// Floor 1.
#ifndef COAUTH_DETAIL_CLAMPED_LIMITS_HPP
#define COAUTH_DETAIL_CLAMPED_LIMITS_HPP

#include <coauth/core/limits.hpp>

#include <algorithm>
#include <chrono>

namespace coauth::inline COAUTH_MODE::detail {

/// Cuts every duration to a range in which two of them can be added to any time of a clock that counts nanoseconds. A
/// century means for ever; a duration below zero is zero.
constexpr limits clamped(limits bounds) noexcept
{
    constexpr std::chrono::hours century{24 * 36'525};
    for (auto limits::* member :
         {&limits::exchange_deadline, &limits::discovery_deadline, &limits::resource_deadline,
          &limits::refresh_backoff, &limits::refresh_longest_backoff, &limits::refresh_lease})
        bounds.*member = std::clamp<std::chrono::milliseconds>(bounds.*member, century.zero(), century);
    for (auto limits::* member :
         {&limits::pending_login_lifetime, &limits::metadata_age, &limits::metadata_retry_interval,
          &limits::key_set_age, &limits::key_set_shortest_age, &limits::key_set_longest_age,
          &limits::key_set_stale_if_error, &limits::key_set_forced_interval, &limits::clock_tolerance,
          &limits::id_token_age, &limits::logout_token_age, &limits::early_expiry, &limits::refresh_lead,
          &limits::refresh_interval})
        bounds.*member = std::clamp<std::chrono::seconds>(bounds.*member, century.zero(), century);
    return bounds;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
