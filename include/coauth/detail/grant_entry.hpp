// Floor 3. One grant of a refresh scheduler, and a handle to it.
#ifndef COAUTH_DETAIL_GRANT_ENTRY_HPP
#define COAUTH_DETAIL_GRANT_ENTRY_HPP

#include <coauth/policy/token_store.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// Since the epoch of a scheduler's steady clock.
using steady_time = std::chrono::nanoseconds;
inline constexpr steady_time never = steady_time::max();

/// What a store is given for a grant that the server ended: so others learn of it.
inline bool has_ended(const token_set& tokens) noexcept
{
    return tokens.access_token().empty() && tokens.refresh_token().empty();
}

/// What stands in the way of the next refresh. Few grants have it.
struct grant_trouble {
    error last;
    steady_time next_try{};
    unsigned failures = 0;
    unsigned refusals = 0;      ///< failures in a row that are bounded by most_in_a_row() ...
    unsigned most_refusals = 0; ///< ... by this number
    bool in_doubt = false;      ///< the refresh token may be spent, by whomever, and is sent again
    bool undecided = false;     ///< likewise, and is not sent again
    bool lost = false;          ///< it was spent from here, or there is none: no use in trying
    bool reported = false;      ///< that a person has to sign in again
};

/** A grant. Small, as there may be millions.

    Everything but `key` and `version` is guarded by the mutex of the scheduler's shard.
*/
class grant_entry {
public:
    explicit grant_entry(std::string name) : key(std::move(name)) {}
    grant_entry(const grant_entry&) = delete;
    grant_entry& operator=(const grant_entry&) = delete;

    const std::string key;
    /// Counts the times that the tokens were replaced, or ended.
    std::atomic<std::uint32_t> version{1};
    std::uint32_t place = 0; ///< in its shard; nowhere once it ended
    std::uint8_t shard = 0;  ///< never changes
    bool ended = false;
    bool by_refresh = false;      ///< the tokens are from a refresh, not from a sign-in
    bool releasing = false;       ///< the store may still say that the refresh token was sent, and it was not
    shared_tokens tokens;         ///< null once it ended
    std::uint64_t generation = 0; ///< as the store counts; without one, as the scheduler does
    steady_time usable_until{};
    steady_time refreshed_at = steady_time::min();
    void* flight = nullptr; ///< the refresh that is under way
    std::unique_ptr<grant_trouble> trouble;

private:
    friend class grant_pointer;
    std::atomic<std::uint32_t> owners_{0};
};

/// Shares a grant, without the control block of a shared_ptr.
class grant_pointer {
public:
    grant_pointer() = default;
    explicit grant_pointer(grant_entry* entry) noexcept : entry_(entry) { add(); }
    grant_pointer(const grant_pointer& other) noexcept : entry_(other.entry_) { add(); }
    grant_pointer(grant_pointer&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
    grant_pointer& operator=(grant_pointer other) noexcept
    {
        std::swap(entry_, other.entry_);
        return *this;
    }
    ~grant_pointer()
    {
        if (entry_ && entry_->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete entry_;
    }

    explicit operator bool() const noexcept { return entry_ != nullptr; }
    grant_entry* operator->() const noexcept { return entry_; }
    grant_entry& operator*() const noexcept { return *entry_; }
    grant_entry* get() const noexcept { return entry_; }

private:
    void add() noexcept
    {
        if (entry_)
            entry_->owners_.fetch_add(1, std::memory_order_relaxed);
    }

    grant_entry* entry_ = nullptr;
};

/// A grant's tokens as they are at some moment.
struct grant_snapshot {
    shared_tokens tokens;
    steady_time usable_until{};
    std::uint32_t version = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
