#ifndef COAUTH_IMPL_DETAIL_BASIC_REFRESH_SCHEDULER_IPP
#define COAUTH_IMPL_DETAIL_BASIC_REFRESH_SCHEDULER_IPP

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/clamped_limits.hpp>
#include <coauth/refresh_event.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::detail {

/// The difference of two wall clock times, of which either may be anything.
inline steady_time time_between(std::chrono::system_clock::time_point from,
                                std::chrono::system_clock::time_point to) noexcept
{
    using std::chrono::milliseconds;
    constexpr milliseconds century = std::chrono::hours(24 * 36525);
    const auto in_milliseconds = [](std::chrono::system_clock::time_point time) {
        return std::chrono::duration_cast<milliseconds>(time.time_since_epoch());
    };
    return std::clamp(in_milliseconds(to) - in_milliseconds(from), -century, century);
}

template <class Clock, class Timer>
basic_refresh_scheduler<Clock, Timer>::basic_refresh_scheduler(const boost::asio::any_io_executor& executor,
                                                               std::shared_ptr<refresh_source> source,
                                                               any_token_store store, std::uint64_t seed)
    : executor_(executor),
      source_(std::move(source)),
      store_(std::move(store)),
      bounds_(clamped(source_->bounds())),
      hash_(jitter(seed).next()),
      jitter_(seed),
      pace_(bounds_, jitter_.next())
{
    for (auto& each : shards_)
        each = std::make_unique<shard>(now());
}

template <class Clock, class Timer>
std::uint64_t basic_refresh_scheduler<Clock, Timer>::random()
{
    const std::lock_guard lock(mutex_);
    return jitter_.next();
}

template <class Clock, class Timer>
grant_snapshot basic_refresh_scheduler<Clock, Timer>::look(const grant_entry& grant) const
{
    const std::lock_guard lock(shard_of(grant).mutex);
    return {grant.tokens, grant.usable_until, grant.version.load(std::memory_order_relaxed)};
}

/// When tokens came that another process got, by its wall clock; not earlier than it matters.
template <class Clock, class Timer>
steady_time basic_refresh_scheduler<Clock, Timer>::time_of_refresh(const token_set& tokens,
                                                                   steady_time time) const
{
    const auto age = time_between(tokens.received_at(), source_->now());
    return time - std::clamp<steady_time>(age, steady_time(0), bounds_.refresh_interval);
}

/** On the steady clock, from which nothing takes it away again.

    @param received when they came here: what the wall clock says does not matter then, but only how long they live
*/
template <class Clock, class Timer>
steady_time basic_refresh_scheduler<Clock, Timer>::usable_until(const token_set& tokens,
                                                                std::optional<steady_time> received) const
{
    if (tokens.access_token().empty())
        return steady_time::min();
    if (!tokens.expires_at())
        return never;
    const steady_time life = time_between(tokens.received_at(), *tokens.expires_at());
    const steady_time left =
        received ? life : std::min(life, time_between(source_->now(), *tokens.expires_at()));
    const steady_time margin = std::clamp<steady_time>(life / 10, steady_time(0), bounds_.early_expiry);
    return received.value_or(now()) + left - margin;
}

/// What may be spent is not sent again while the access token is of use: only who has none is helped by it.
template <class Clock, class Timer>
steady_time basic_refresh_scheduler<Clock, Timer>::next_try(const grant_trouble& trouble,
                                                            const grant_entry& grant) const noexcept
{
    return trouble.in_doubt ? std::max(trouble.next_try, grant.usable_until) : trouble.next_try;
}

template <class Clock, class Timer>
steady_time basic_refresh_scheduler<Clock, Timer>::due_time(const grant_entry& grant, steady_time time)
{
    if (grant.ended)
        return never;
    if (const grant_trouble* trouble = grant.trouble.get()) {
        if (!trouble->undecided)
            return next_try(*trouble, grant);
        if (trouble->reported)
            return never;
        if (time >= grant.usable_until)
            return store_ ? trouble->next_try : time;
        // When it is of no use any more, that has to be told.
        return store_ ? std::min(trouble->next_try, grant.usable_until) : grant.usable_until;
    }
    if (grant.tokens->refresh_token().empty() || grant.usable_until == never)
        return never;
    const steady_time life = grant.tokens->expires_at()
                                 ? time_between(grant.tokens->received_at(), *grant.tokens->expires_at())
                                 : steady_time(0);
    const steady_time lead = std::clamp<steady_time>(life / 5, steady_time(0), bounds_.refresh_lead);
    std::uint64_t chance = 0;
    {
        const std::lock_guard lock(mutex_);
        chance = jitter_.next();
    }
    const steady_time due = std::max(grant.usable_until, time) - lead - jitter(chance).up_to(lead / 2);
    return grant.by_refresh ? std::max(due, grant.refreshed_at + bounds_.refresh_interval) : due;
}

/// What can be said at once; no value: a refresh has to be waited for.
template <class Clock, class Timer>
std::optional<result<shared_tokens>>
basic_refresh_scheduler<Clock, Timer>::answer(const grant_entry& grant, grant_wish wish,
                                              const shared_tokens& rejected) const
{
    using answer = std::optional<result<shared_tokens>>;
    if (closed_)
        return answer(aborted());
    if (grant.ended)
        return answer(grant.trouble ? grant.trouble->last : error(errc::grant_unknown));
    const steady_time time = now();
    const bool usable = time < grant.usable_until;
    if (usable &&
        (wish == grant_wish::usable ||
         (wish == grant_wish::other && !grant.tokens->access_token().equals(rejected->access_token()))))
        return answer(grant.tokens);
    if (grant.flight)
        return {};
    const auto wait_until = [time](error reason, steady_time when) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(when - time);
        return answer(reason.set_retry_after(left));
    };
    if (const grant_trouble* trouble = grant.trouble.get()) {
        if (trouble->lost && trouble->reported && !store_)
            return answer(trouble->last);
        if (time < trouble->next_try)
            return trouble->undecided ? answer(trouble->last) : wait_until(trouble->last, trouble->next_try);
        // With a store, somebody may have got tokens.
        if (usable && trouble->in_doubt && wish == grant_wish::newer && !store_)
            return wait_until(trouble->last, grant.usable_until);
    }
    if (grant.releasing && grant.trouble)
        return wait_until(grant.trouble->last, time + std::chrono::seconds(1));
    // Not one right after the other, whatever the server issues and the resource says.
    const steady_time next = grant.refreshed_at + bounds_.refresh_interval;
    if (grant.by_refresh && time < next)
        return wish == grant_wish::newer && usable ? answer(grant.tokens)
                                                   : wait_until(errc::refreshed_too_recently, next);
    return {};
}

/// @param rejected whether the resource rejected the access token
template <class Clock, class Timer>
refresh_plan basic_refresh_scheduler<Clock, Timer>::plan_for(const grant_entry& grant, bool rejected) const
{
    refresh_plan out;
    out.stored = static_cast<bool>(store_);
    out.hooked = hooked_;
    out.lease = bounds_.refresh_lease;
    out.repetitions = bounds_.refresh_retries_of_unknown_outcome;
    out.of_use = !rejected && now() < grant.usable_until;
    out.generation = grant.generation;
    if (grant.trouble) {
        out.in_doubt = grant.trouble->in_doubt;
        out.only_look = grant.trouble->lost;
        out.reason = grant.trouble->last;
    }
    if (!out.only_look && grant.tokens->refresh_token().empty()) {
        out.only_look = true;
        out.reason = errc::refresh_token_missing;
    }
    return out;
}

/// @param tokens takes what was there before, to be destroyed without a lock held
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::replace(grant_entry& grant, shared_tokens& tokens,
                                                    std::uint64_t generation,
                                                    std::optional<steady_time> received)
{
    grant.usable_until = usable_until(*tokens, received);
    grant.tokens.swap(tokens);
    grant.generation = generation;
    grant.trouble.reset();
    grant.version.fetch_add(1, std::memory_order_release);
}

template <class Clock, class Timer>
grant_pointer basic_refresh_scheduler<Clock, Timer>::add(shard& to, std::uint32_t hash, std::string key)
{
    if (size_.fetch_add(1) >= bounds_.managed_grants) {
        --size_;
        return {};
    }
    try {
        const grant_pointer grant(new grant_entry(std::move(key)));
        grant->shard = static_cast<std::uint8_t>(hash >> 29);
        to.grants.insert(hash, grant);
        return grant;
    } catch (...) {
        --size_;
        throw;
    }
}

/// Take a refresh that is under way, and those who wait for it, from a grant.
template <class Clock, class Timer>
std::vector<typename basic_refresh_scheduler<Clock, Timer>::token_waiter>
basic_refresh_scheduler<Clock, Timer>::detach(grant_entry& grant, std::shared_ptr<flight>& from,
                                              bool forgotten) noexcept
{
    std::vector<token_waiter> waiters;
    if (const auto under_way = static_cast<flight*>(std::exchange(grant.flight, nullptr))) {
        from = under_way->abandon(forgotten);
        waiters = under_way->take_waiters();
    }
    return waiters;
}

template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::tell(
    refresh_event::kind what, const std::string& key, const error& reason,
    std::optional<std::chrono::milliseconds> next_try) const noexcept
{
    try {
        if (const auto to_call = hooks(); to_call && to_call->event)
            to_call->event(refresh_event(what, key, reason, next_try));
    } catch (...) { // no memory to tell
    }
}

/** Notices that a grant was forgotten or ended while a coroutine asks the store for it: what the store says may be from
    before. Other grants do not matter, however often they are forgotten.
*/
template <class Clock, class Timer>
class basic_refresh_scheduler<Clock, Timer>::lookup {
public:
    lookup(basic_refresh_scheduler& of, const std::string& key)
        : hash_(of.hash_(key)), in_(of.shard_of(hash_))
    {
        const std::lock_guard lock(in_.mutex);
        next_ = std::exchange(in_.lookups, this);
        if (next_)
            next_->previous_ = this;
    }
    lookup(const lookup&) = delete;
    ~lookup()
    {
        const std::lock_guard lock(in_.mutex);
        (previous_ ? previous_->next_ : in_.lookups) = next_;
        if (next_)
            next_->previous_ = previous_;
    }

    // With the shard's mutex held.
    bool is_outdated() const noexcept { return outdated_; }
    static void outdate(shard& in, std::uint32_t hash) noexcept
    {
        for (lookup* each = in.lookups; each; each = each->next_)
            each->outdated_ = each->outdated_ || each->hash_ == hash;
    }

private:
    const std::uint32_t hash_;
    shard& in_;
    lookup* previous_ = nullptr;
    lookup* next_ = nullptr;
    bool outdated_ = false;
};

/// Manage tokens that are in the store by now.
/// @param during the lookup that began before the store was asked; null: there is no store
/// @param found whether they were found there, and not put there
/// @return errc::lease_lost: the grant was forgotten meanwhile, look into the store
template <class Clock, class Timer>
result<grant_pointer> basic_refresh_scheduler<Clock, Timer>::keep(std::string key, shared_tokens tokens,
                                                                  std::uint64_t generation,
                                                                  const lookup* during, bool found)
{
    const std::uint32_t hash = hash_(key);
    shard& in = shard_of(hash);
    const shared_tokens new_ones = tokens;
    grant_pointer grant;
    std::shared_ptr<flight> abandoned;
    std::vector<token_waiter> waiters;
    bool earliest = false;
    {
        const std::lock_guard lock(in.mutex);
        if (during && during->is_outdated())
            return errc::lease_lost;
        grant = in.grants.find(hash, key);
        const bool known = static_cast<bool>(grant);
        if (known && found && grant->flight)
            return grant; // which will find out
        if (known && store_ && grant->generation >= generation)
            return grant;
        if (!known)
            grant = add(in, hash, std::move(key));
        if (!grant)
            return errc::too_many_grants;
        waiters = detach(*grant, abandoned, false);
        replace(*grant, tokens, store_ ? generation : grant->generation + 1, {});
        // Those that others got for a grant that was here already may be from a refresh, too.
        grant->by_refresh = known && found;
        if (grant->by_refresh)
            grant->refreshed_at = std::max(grant->refreshed_at, time_of_refresh(*new_ones, now()));
        earliest = schedule(*grant, now());
    }
    if (abandoned)
        abandoned->wake();
    complete_all(waiters, new_ones);
    if (earliest)
        poke();
    return grant;
}

template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::drop(const std::string& key)
{
    const std::uint32_t hash = hash_(key);
    shard& in = shard_of(hash);
    auto reason = std::make_unique<grant_trouble>();
    reason->last = errc::grant_unknown;
    shared_tokens old;
    std::shared_ptr<flight> abandoned;
    std::vector<token_waiter> waiters;
    {
        const std::lock_guard lock(in.mutex);
        const grant_pointer grant = in.grants.find(hash, key);
        if (!grant) {
            lookup::outdate(in, hash);
            return;
        }
        waiters = detach(*grant, abandoned, true);
        end(*grant, old, reason);
    }
    if (abandoned)
        abandoned->wake();
    complete_all(waiters, error(errc::grant_unknown));
}

/// For good: handles that are still there are told the reason.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::end(grant_entry& grant, shared_tokens& old,
                                                std::unique_ptr<grant_trouble>& reason) noexcept
{
    grant.ended = true;
    grant.tokens.swap(old);
    grant.trouble.swap(reason);
    grant.usable_until = steady_time::min();
    grant.version.fetch_add(1, std::memory_order_release);
    shard& in = shard_of(grant);
    lookup::outdate(in, hash_(grant.key));
    in.grants.erase(grant);
    --size_;
}

template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::enlist(const grant_pointer& grant, grant_wish wish,
                                                   const shared_tokens& rejected, token_waiter waiter)
{
    std::shared_ptr<flight> mine;
    std::optional<result<shared_tokens>> known;
    {
        const std::lock_guard lock(shard_of(*grant).mutex);
        known = answer(*grant, wish, rejected);
        if (!known && !grant->flight) {
            mine = std::make_shared<flight>(this->shared_from_this(), grant,
                                            plan_for(*grant, wish == grant_wish::other), random());
            grant->flight = mine.get();
        }
        if (!known)
            static_cast<flight*>(grant->flight)->add(waiter);
    }
    if (known)
        waiter->complete(std::move(*known));
    else if (mine)
        launch(std::move(mine));
}

template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::launch(std::shared_ptr<flight> mine)
{
    basic_refresh_scheduler& self = mine->owner();
    bool late = false;
    {
        const std::lock_guard lock(self.mutex_);
        mine->enter(self.flights_);
        late = self.closed_;
    }
    if (late) // nobody waits for it: it may not send anything
        complete_all(mine->stop(), aborted());
    flight::start(mine);
}

/// The destructor of the public class: there may be handles still.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::close() noexcept
{
    try {
        std::vector<std::shared_ptr<flight>> flights;
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            flights.reserve(flights_.size());
            for (const auto& each : flights_)
                if (auto flying = each.lock())
                    flights.push_back(std::move(flying));
        }
        for (const auto& each : flights)
            complete_all(each->stop(), aborted());
    } catch (...) { // no memory: they go on, and end in their time
    }
    poke();
}

/// Closes, and destroys what the application gave: it may own sessions, which own handles, which own this.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::let_go() noexcept
{
    close();
    std::shared_ptr<hook_set> last; // destroyed without the lock
    const std::lock_guard lock(mutex_);
    last.swap(hooks_);
}

} // namespace coauth::inline COAUTH_MODE::detail

#include <coauth/impl/detail/refresh_background.ipp>
#include <coauth/impl/detail/refresh_flight.ipp>
#include <coauth/impl/detail/refresh_operations.ipp>
#include <coauth/impl/detail/refresh_steps.ipp>

#endif
