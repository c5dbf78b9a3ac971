// Floor 3.
#ifndef COAUTH_POLICY_MEMORY_TOKEN_STORE_HPP
#define COAUTH_POLICY_MEMORY_TOKEN_STORE_HPP

#include <coauth/core/limits.hpp>
#include <coauth/detail/kept_grant.hpp>
#include <coauth/policy/token_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// What of memory_token_store does not depend on the clock.
class sharded_token_table {
public:
    /// Asked under the lock: a time from before could be earlier than a lease that was granted since.
    using clock = kept_grant::time_point (*)();

    explicit sharded_token_table(std::size_t capacity) : capacity_(capacity) {}

    COAUTH_DECL result<std::uint64_t> put(std::string key, shared_tokens tokens);
    COAUTH_DECL result<grant_record> load(std::string_view key, std::uint64_t known);
    COAUTH_DECL result<lease> acquire(std::string_view key, const random_value& owner,
                                      std::chrono::milliseconds duration, std::uint64_t known, unsigned tries,
                                      clock now);
    COAUTH_DECL result<void> renew(std::string_view key, const random_value& owner,
                                   std::chrono::milliseconds duration, clock now);
    COAUTH_DECL result<void> begin_refresh(std::string_view key, const random_value& owner,
                                           std::uint64_t generation, clock now);
    COAUTH_DECL result<std::uint64_t> complete_refresh(std::string_view key, const random_value& owner,
                                                       std::uint64_t generation, shared_tokens tokens);
    COAUTH_DECL result<void> release(std::string_view key, const random_value& owner);
    COAUTH_DECL result<void> erase(std::string_view key);
    std::size_t size() const noexcept { return size_; }

private:
    struct alignas(64) shard {
        mutable std::mutex mutex;
        // Ordered: there is no hash whose collisions somebody could arrange by choosing keys.
        std::map<std::string, kept_grant, std::less<>> grants;
    };

    template <class T, class Use>
    result<T> with_grant(std::string_view key, Use use);
    COAUTH_DECL shard& shard_of(std::string_view key) noexcept;

    std::array<shard, 16> shards_;
    std::size_t capacity_;
    std::atomic<std::size_t> size_{0};
    // One for all grants: what is put again after it was erased is newer than it ever was.
    std::atomic<std::uint64_t> generations_{0};
};

} // namespace detail

/** Keeps the tokens of grants in this process: for tests, and for schedulers that share grants.

    They are gone when the process ends, and nothing is sealed. Holds limits::managed_grants of them at most; none
    ever gives way to another, put() fails with errc::too_many_grants instead. Keys of no or more than 512 bytes, and
    no tokens, are refused with errc::invalid_parameter.

    No operation suspends. An awaitable keeps what it needs of the store.

    @tparam Clock a monotonic clock
    @par Thread safety Distinct and shared objects: safe. Callers of different grants seldom wait for each other.
*/
template <class Clock>
class basic_memory_token_store {
public:
    explicit basic_memory_token_store(const limits& bounds = {})
        : table_(std::make_shared<detail::sharded_token_table>(bounds.managed_grants))
    {
    }

    boost::asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens)
    {
        return run_put(table_, std::move(key), std::move(tokens));
    }
    boost::asio::awaitable<result<grant_record>> load(std::string key, std::uint64_t known)
    {
        return run_load(table_, std::move(key), known);
    }
    boost::asio::awaitable<result<lease>> acquire(std::string key, const random_value& owner,
                                                  std::chrono::milliseconds duration, std::uint64_t known,
                                                  unsigned tries)
    {
        return run_acquire(table_, std::move(key), owner, duration, known, tries);
    }
    boost::asio::awaitable<result<void>> renew(std::string key, const random_value& owner,
                                               std::chrono::milliseconds duration)
    {
        return run_renew(table_, std::move(key), owner, duration);
    }
    boost::asio::awaitable<result<void>> begin_refresh(std::string key, const random_value& owner,
                                                       std::uint64_t generation)
    {
        return run_begin_refresh(table_, std::move(key), owner, generation);
    }
    boost::asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key, const random_value& owner,
                                                                   std::uint64_t generation,
                                                                   shared_tokens tokens)
    {
        return run_complete_refresh(table_, std::move(key), owner, generation, std::move(tokens));
    }
    boost::asio::awaitable<result<void>> release(std::string key, const random_value& owner)
    {
        return run_release(table_, std::move(key), owner);
    }
    boost::asio::awaitable<result<void>> erase(std::string key) { return run_erase(table_, std::move(key)); }

    /// How many grants it holds.
    std::size_t size() const noexcept { return table_->size(); }

private:
    using table = std::shared_ptr<detail::sharded_token_table>;

    static std::chrono::nanoseconds now()
    {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch());
    }

    // Coroutines, so that an operation that nobody waits for does nothing.
    static boost::asio::awaitable<result<std::uint64_t>> run_put(table self, std::string key,
                                                                 shared_tokens tokens)
    {
        co_return self->put(std::move(key), std::move(tokens));
    }
    static boost::asio::awaitable<result<grant_record>> run_load(table self, std::string key,
                                                                 std::uint64_t known)
    {
        co_return self->load(key, known);
    }
    static boost::asio::awaitable<result<lease>> run_acquire(table self, std::string key, random_value owner,
                                                             std::chrono::milliseconds duration,
                                                             std::uint64_t known, unsigned tries)
    {
        co_return self->acquire(key, owner, duration, known, tries, &now);
    }
    static boost::asio::awaitable<result<void>> run_renew(table self, std::string key, random_value owner,
                                                          std::chrono::milliseconds duration)
    {
        co_return self->renew(key, owner, duration, &now);
    }
    static boost::asio::awaitable<result<void>>
    run_begin_refresh(table self, std::string key, random_value owner, std::uint64_t generation)
    {
        co_return self->begin_refresh(key, owner, generation, &now);
    }
    static boost::asio::awaitable<result<std::uint64_t>> run_complete_refresh(table self, std::string key,
                                                                              random_value owner,
                                                                              std::uint64_t generation,
                                                                              shared_tokens tokens)
    {
        co_return self->complete_refresh(key, owner, generation, std::move(tokens));
    }
    static boost::asio::awaitable<result<void>> run_release(table self, std::string key, random_value owner)
    {
        co_return self->release(key, owner);
    }
    static boost::asio::awaitable<result<void>> run_erase(table self, std::string key)
    {
        co_return self->erase(key);
    }

    table table_;
};

using memory_token_store = basic_memory_token_store<std::chrono::steady_clock>;

static_assert(token_store<memory_token_store>);

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/memory_token_store.ipp>
#endif

#endif
