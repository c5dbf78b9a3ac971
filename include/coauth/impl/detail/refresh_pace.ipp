#ifndef COAUTH_IMPL_DETAIL_REFRESH_PACE_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_PACE_IPP

#include <coauth/detail/refresh_outcome.hpp>
#include <coauth/detail/refresh_pace.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL bool tells_of_trouble(const error& reason) noexcept
{
    return reason == condition::retryable || (reason.grant_spent() && !ends_grant(reason));
}

COAUTH_DECL refresh_pace::refresh_pace(const limits& bounds, std::uint64_t seed)
    : most_(std::max<std::size_t>(bounds.parallel_refreshes, 1)),
      allowed_(most_),
      shortest_(bounds.refresh_backoff),
      jitter_(seed)
{
}

COAUTH_DECL void refresh_pace::answered() noexcept
{
    failures_ = 0;
    pauses_ = 0;
    if (allowed_ < most_)
        ++allowed_;
}

COAUTH_DECL bool refresh_pace::failed(const error& reason, steady_time now)
{
    constexpr unsigned most_in_a_row = 3;
    // One request in that time is no burden, and an outage is noticed to be over.
    constexpr std::chrono::seconds longest{30};
    const bool paused = pauses(now);
    allowed_ = std::max<std::size_t>(allowed_ / 2, 1);
    ++failures_;
    last_ = of_doubt(error(reason.code()).set_http_status(reason.http_status())); // no text: no memory
    steady_time end = pause_end_;
    if (const auto wanted = reason.retry_after())
        end = std::max<steady_time>(end, now + *wanted);
    // Those that were under way when a pause began say nothing new.
    if (failures_ >= most_in_a_row && !paused)
        end = std::max<steady_time>(end, now + jitter_.shortened(doubled(shortest_, pauses_++, longest)));
    pause_end_ = end;
    if (pauses(now))
        allowed_ = 1;
    return pauses(now) && !paused;
}

COAUTH_DECL error refresh_pace::reason(steady_time now) const
{
    error out = last_;
    return out.set_retry_after(std::chrono::ceil<std::chrono::seconds>(pause_end_ - now));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
