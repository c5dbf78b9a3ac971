// Floor 3. How many refreshes a server bears: decides, and does nothing.
#ifndef COAUTH_DETAIL_REFRESH_PACE_HPP
#define COAUTH_DETAIL_REFRESH_PACE_HPP

#include <coauth/core/error.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/detail/grant_entry.hpp>
#include <coauth/detail/jitter.hpp>

#include <cstddef>
#include <cstdint>

namespace coauth::inline COAUTH_MODE::detail {

/** What the answers to some grants mean for all grants of the same server.

    A server that asks for a pause, or fails several times in a row, has one: nothing is sent to it. Then one refresh finds out
    whether it is well, and each answer lets one more be under way, up to limits::parallel_refreshes. Pure: time is an argument.
*/
class refresh_pace {
public:
    COAUTH_DECL refresh_pace(const limits& bounds, std::uint64_t seed);

    bool may_begin(steady_time now) const noexcept { return !pauses(now) && under_way_ < allowed_; }
    void begun() noexcept { ++under_way_; }
    void ended() noexcept { --under_way_; }
    std::size_t under_way() const noexcept { return under_way_; }

    /// It said something, whatever that was.
    COAUTH_DECL void answered() noexcept;
    /// It did not, or it is too busy. @return whether a pause begins with that
    COAUTH_DECL bool failed(const error& reason, steady_time now);

    bool pauses(steady_time now) const noexcept { return now < pause_end_; }
    steady_time pause_end() const noexcept { return pause_end_; }
    /// What those are told who cannot wait for its end: it is retryable.
    COAUTH_DECL error reason(steady_time now) const;

private:
    std::size_t most_;
    std::size_t allowed_;
    std::size_t under_way_ = 0;
    unsigned failures_ = 0; // in a row
    unsigned pauses_ = 0;   // likewise
    std::chrono::milliseconds shortest_;
    steady_time pause_end_ = steady_time::min();
    jitter jitter_;
    error last_;
};

/// Whether a failed request says that the server, or the way to it, is not well.
COAUTH_DECL bool tells_of_trouble(const error& reason) noexcept;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/refresh_pace.ipp>
#endif

#endif
