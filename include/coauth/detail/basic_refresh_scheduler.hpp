// Floor 4. All that a refresh scheduler does, on any clock and timer.
#ifndef COAUTH_DETAIL_BASIC_REFRESH_SCHEDULER_HPP
#define COAUTH_DETAIL_BASIC_REFRESH_SCHEDULER_HPP

#include <coauth/detail/grant_table.hpp>
#include <coauth/detail/jitter.hpp>
#include <coauth/detail/refresh_machine.hpp>
#include <coauth/detail/refresh_pace.hpp>
#include <coauth/detail/scheduler_interface.hpp>
#include <coauth/detail/string_hash.hpp>
#include <coauth/detail/waiting.hpp>
#include <coauth/refresh_event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/** A refresh scheduler. Make it with std::make_shared.

    Grants lie in shards, each with a table, a timer wheel and a mutex that is never held while anything is waited
    for or called that is not of this class. Each refresh is a `flight`: a coroutine on a strand of its own, which does
    what a refresh_machine says.

    In files that are compiled with COAUTH_SEPARATE_COMPILATION, and instantiate this with a clock and timer of their
    own, coauth/impl/detail/basic_refresh_scheduler.ipp has to be included.

    @tparam Clock `Clock::now()` is steady, counts nanoseconds, and is safe to call from all threads
    @tparam Timer is made of an executor; `expires_at(Clock::time_point)`, `cancel()`, and `async_wait(handler)` for a
    copyable handler that is called once with an error code, from its executor, or destroyed. All that is waited for
    goes through it.
*/
template <class Clock, class Timer>
class basic_refresh_scheduler final
    : public scheduler_interface,
      public std::enable_shared_from_this<basic_refresh_scheduler<Clock, Timer>> {
public:
    /// @param seed for jitter and the hash of keys: the same one gives the same times
    basic_refresh_scheduler(const boost::asio::any_io_executor& executor,
                            std::shared_ptr<refresh_source> source, any_token_store store,
                            std::uint64_t seed);

    boost::asio::awaitable<result<grant_pointer>> manage(std::string key, token_set tokens) override;
    boost::asio::awaitable<result<grant_pointer>> find(std::string key) override;
    boost::asio::awaitable<result<void>> forget(std::string key) override;
    boost::asio::awaitable<result<shared_tokens>> obtain(grant_pointer grant, grant_wish wish,
                                                         shared_tokens rejected) override;
    boost::asio::awaitable<result<shared_tokens>> obtain(std::string key, grant_wish wish) override;
    boost::asio::awaitable<result<resource_response>>
    fetch_resource(grant_pointer grant, kept_resource_parameters parameters) override;
    boost::asio::awaitable<void> run() override;
    void on_event(event_handler handler) override { hooks_->event = std::move(handler); }
    void on_persist(persist_hook hook) override
    {
        hooked_ = static_cast<bool>(hook);
        hooks_->persist = std::move(hook);
    }
    grant_snapshot look(const grant_entry& grant) const override;
    std::size_t size() const noexcept override { return size_.load(std::memory_order_relaxed); }
    void close() noexcept override;
    void let_go() noexcept override;
    boost::asio::awaitable<void> stop() override;

private:
    class flight;
    struct background;
    class lookup;
    using self_pointer = std::shared_ptr<basic_refresh_scheduler>;
    using token_waiter = std::shared_ptr<waiting<shared_tokens>>;

    struct alignas(64) shard {
        explicit shard(steady_time start) : grants(start) {}
        mutable std::mutex mutex;
        grant_table grants;
        lookup* lookups = nullptr; // in the store, under way
    };
    static constexpr std::size_t shards = 8;

    static steady_time now() noexcept
    {
        return std::chrono::duration_cast<steady_time>(Clock::now().time_since_epoch());
    }
    shard& shard_of(std::uint32_t hash) const noexcept { return *shards_[hash >> 29]; }
    shard& shard_of(const grant_entry& grant) const noexcept { return *shards_[grant.shard]; }
    std::uint64_t random();
    /// What the application wants to be called for.
    struct hook_set {
        event_handler event;
        persist_hook persist;
    };
    /// Null after let_go().
    std::shared_ptr<const hook_set> hooks() const
    {
        const std::lock_guard lock(mutex_);
        return hooks_;
    }

    // With the shard's mutex held.
    std::optional<result<shared_tokens>> answer(const grant_entry& grant, grant_wish wish,
                                                const shared_tokens& rejected) const;
    refresh_plan plan_for(const grant_entry& grant, bool rejected) const;
    steady_time next_try(const grant_trouble& trouble, const grant_entry& grant) const noexcept;
    steady_time usable_until(const token_set& tokens, std::optional<steady_time> received) const;
    steady_time time_of_refresh(const token_set& tokens, steady_time time) const;
    steady_time due_time(const grant_entry& grant, steady_time time);
    bool schedule(grant_entry& grant, steady_time time)
    {
        return shard_of(grant).grants.schedule(grant, due_time(grant, time));
    }
    void replace(grant_entry& grant, shared_tokens& tokens, std::uint64_t generation,
                 std::optional<steady_time> received);
    void end(grant_entry& grant, shared_tokens& old, std::unique_ptr<grant_trouble>& reason) noexcept;
    grant_pointer add(shard& to, std::uint32_t hash, std::string key);
    std::vector<token_waiter> detach(grant_entry& grant, std::shared_ptr<flight>& from,
                                     bool forgotten) noexcept;

    // Without.
    void enlist(const grant_pointer& grant, grant_wish wish, const shared_tokens& rejected,
                token_waiter waiter);
    result<grant_pointer> keep(std::string key, shared_tokens tokens, std::uint64_t generation,
                               const lookup* during, bool found);
    grant_pointer find_here(const std::string& key) const;
    void drop(const std::string& key);
    static void launch(std::shared_ptr<flight> mine);
    void tell(refresh_event::kind what, const std::string& key, const error& reason,
              std::optional<std::chrono::milliseconds> next_try) const noexcept;

    bool try_turn(steady_time& again);
    bool queue_for_turn(const std::shared_ptr<flight>& who);
    void give_turn_back() noexcept;
    void hand_out_turns() noexcept;
    bool tries_to_keep() const;
    void refuse_turns() noexcept;
    void note_answer() noexcept;
    void note_failure(const error& reason) noexcept;
    void note_unkept(bool more) noexcept;
    void note_kept() noexcept;
    steady_time pause_end() const;
    bool may_begin() const;
    bool pauses() const { return now() < pause_end(); }
    std::optional<error> pause_reason() const;
    void poke() noexcept;
    shard* longest_due(steady_time& when) const;
    steady_time launch_due();

    static boost::asio::awaitable<result<grant_pointer>> put(self_pointer self, std::string key,
                                                             shared_tokens tokens);
    static boost::asio::awaitable<result<grant_pointer>> load(self_pointer self, std::string key);
    static boost::asio::awaitable<result<void>> erase(self_pointer self, std::string key);
    static boost::asio::awaitable<result<shared_tokens>> find_and_obtain(self_pointer self, std::string key,
                                                                         grant_wish wish);
    static boost::asio::awaitable<result<resource_response>>
    call_resource(self_pointer self, grant_pointer grant, kept_resource_parameters parameters);
    static boost::asio::awaitable<void> wait_in_background(self_pointer self, enlistment<void> enlist);
    static boost::asio::awaitable<void> wait_for_flights(enlistment<void> enlist);
    void remove(std::list<std::weak_ptr<flight>>::iterator place) noexcept;
    static boost::asio::awaitable<void> tick(self_pointer self, std::shared_ptr<background> with);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<refresh_source> source_;
    any_token_store store_;
    limits bounds_;
    bool hooked_ = false; // whether there is a hook to persist with
    string_hash hash_;
    std::array<std::unique_ptr<shard>, shards> shards_;
    std::atomic<std::size_t> size_{0};
    std::atomic<bool> closed_{false};

    mutable std::mutex mutex_; // everything below; taken after a shard's, never before
    std::shared_ptr<hook_set> hooks_ = std::make_shared<hook_set>();
    jitter jitter_;
    std::list<std::weak_ptr<flight>> flights_;
    std::vector<std::shared_ptr<waiting<void>>> stopping_; // who waits until there is none
    std::deque<std::weak_ptr<flight>> queue_;              // for a turn
    refresh_pace pace_;
    std::size_t unkept_ = 0; // refreshes whose tokens are kept nowhere yet
    // Nothing is sent while there are some, and at most until then.
    steady_time unkept_until_ = steady_time::min();
    std::weak_ptr<background> background_;
    bool backlog_ = false; // grants that are due wait for a turn
    bool behind_ = false;  // and some had to wait for too long
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/basic_refresh_scheduler.ipp>
#endif

#endif
