// Floor 3. One grant of a token store: no lock, no clock, time is an argument.
#ifndef COAUTH_DETAIL_KEPT_GRANT_HPP
#define COAUTH_DETAIL_KEPT_GRANT_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/policy/token_store.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// What a store knows of the refreshes of a grant; see token_store.
struct refresh_record {
    /// The last one that was granted a lease; none: it was released, or its refresh is complete.
    std::optional<random_value> owner;
    std::chrono::nanoseconds lease_end{};
    /// For which the lease was granted: a clock that began anew does not make it longer.
    std::chrono::nanoseconds lease_duration{};
    /// The last one that began a refresh of this generation.
    std::optional<random_value> sender;
    /// How often the refresh token of this generation was sent.
    std::uint32_t sent = 0;
    /// Whose refresh made this generation, and of which; none: it was put.
    std::optional<random_value> refreshed_by;
    std::uint64_t refreshed_from = 0;
};

/** The rules of token_store for one grant.

    Time is that of a monotonic clock which all callers share.
*/
class kept_grant {
public:
    using time_point = std::chrono::nanoseconds;

    kept_grant(std::uint64_t generation, shared_tokens tokens)
        : generation_(generation), tokens_(std::move(tokens))
    {
    }
    /// As it was written down.
    kept_grant(std::uint64_t generation, shared_tokens tokens, refresh_record refreshes)
        : generation_(generation), tokens_(std::move(tokens)), refreshes_(std::move(refreshes))
    {
    }

    std::uint64_t generation() const noexcept { return generation_; }
    const shared_tokens& tokens() const noexcept { return tokens_; }
    const refresh_record& refreshes() const noexcept { return refreshes_; }

    grant_record record(std::uint64_t known) const
    {
        return grant_record(generation_, known == generation_ ? nullptr : tokens_);
    }
    COAUTH_DECL lease acquire(const random_value& owner, std::chrono::milliseconds duration,
                              std::uint64_t known, unsigned tries, time_point now);
    COAUTH_DECL result<void> renew(const random_value& owner, std::chrono::milliseconds duration,
                                   time_point now);
    COAUTH_DECL result<void> begin_refresh(const random_value& owner, std::uint64_t generation,
                                           time_point now);
    /// @param next the generation of these tokens, should they be accepted
    COAUTH_DECL result<std::uint64_t> complete_refresh(const random_value& owner, std::uint64_t generation,
                                                       shared_tokens tokens, std::uint64_t next);
    COAUTH_DECL void release(const random_value& owner);

private:
    bool owned_by(const random_value& owner) const noexcept
    {
        return refreshes_.owner && refreshes_.owner->equals(owner);
    }
    COAUTH_DECL std::chrono::nanoseconds remaining(time_point now) const noexcept;
    COAUTH_DECL void grant_lease(const random_value& owner, std::chrono::milliseconds duration,
                                 time_point now);

    std::uint64_t generation_;
    shared_tokens tokens_;
    refresh_record refreshes_;
};

/// A key that a grant may have.
constexpr bool is_grant_key(std::size_t size_bytes) noexcept { return size_bytes >= 1 && size_bytes <= 512; }

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/kept_grant.ipp>
#endif

#endif
