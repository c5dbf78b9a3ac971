// Floor 3.
#ifndef COAUTH_POLICY_MEMORY_STATE_STORE_HPP
#define COAUTH_POLICY_MEMORY_STATE_STORE_HPP

#include <coauth/core/limits.hpp>
#include <coauth/detail/keyed_hash.hpp>
#include <coauth/policy/random_source.hpp>
#include <coauth/policy/state_store.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// What of memory_state_store does not depend on the clock.
class sharded_pending_table {
public:
    COAUTH_DECL explicit sharded_pending_table(const limits& bounds);
    sharded_pending_table(const sharded_pending_table&) = delete;
    COAUTH_DECL ~sharded_pending_table();

    COAUTH_DECL result<void> put(pending_login&& login, std::chrono::nanoseconds now,
                                 std::chrono::nanoseconds expires);
    COAUTH_DECL result<pending_login> take(const random_value& browser_binding, const random_value& state,
                                           std::chrono::nanoseconds now);
    COAUTH_DECL std::size_t size() const;

private:
    struct shard;

    shard& shard_of(std::uint32_t hash) const noexcept;

    keyed_hash hash_; // a browser chooses the binding that it sends, and shall not choose its place
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace detail

/** The default state store: pending sign-ins in memory, bounded in number, in time and per browser.

    Holds limits::pending_logins sign-ins (rounded up to a multiple of the number of its shards, 16 at most), of
    one browser limits::pending_logins_per_browser; the oldest gives way. Memory is used as sign-ins arrive,
    about 220 bytes each and texts of more than 32 characters, and kept for the next ones; the content is
    wiped when a sign-in ends.

    @tparam Clock a monotonic clock
    @par Thread safety Distinct and shared objects: safe. Callers of different browsers seldom wait for each other.
    @par Specification RFC 9700 4.7, RFC 6749 10.12
*/
template <class Clock>
class basic_memory_state_store {
public:
    /**
        @throws coauth::exception errc::random_source_failed: no key for the hash could be made
    */
    explicit basic_memory_state_store(const limits& bounds = {}) : table_(bounds) {}

    result<void> put(pending_login&& login, std::chrono::seconds lifetime)
    {
        constexpr std::chrono::seconds year = std::chrono::hours(24 * 365); // nanoseconds overflow after 292
        const auto now = since_epoch();
        return table_.put(std::move(login), now,
                          now + (lifetime < -year  ? -year
                                 : lifetime > year ? year
                                                   : lifetime));
    }

    result<pending_login> take(const random_value& browser_binding, const random_value& state)
    {
        return table_.take(browser_binding, state, since_epoch());
    }

    /// How many sign-ins it holds, expired ones that nobody asked for included.
    std::size_t size() const { return table_.size(); }

private:
    static std::chrono::nanoseconds since_epoch()
    {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch());
    }

    detail::sharded_pending_table table_;
};

using memory_state_store = basic_memory_state_store<std::chrono::steady_clock>;

static_assert(synchronous_state_store<memory_state_store>);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/memory_state_store.ipp>
#endif

#endif
