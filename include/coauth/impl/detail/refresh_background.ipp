// Floor 4. For basic_refresh_scheduler.ipp: who may refresh when.
#ifndef COAUTH_IMPL_DETAIL_REFRESH_BACKGROUND_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_BACKGROUND_IPP

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/impl/detail/refresh_flight.ipp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// What runs as long as somebody is in run(). A coroutine owns it, and so its context; the scheduler only knows it.
template <class Clock, class Timer>
struct basic_refresh_scheduler<Clock, Timer>::background {
    explicit background(const boost::asio::any_io_executor& on) : executor(strand_of(on)), timer(executor) {}
    boost::asio::any_io_executor executor;
    Timer timer;
    std::vector<std::shared_ptr<waiting<void>>> runners; // guarded by the scheduler's mutex
};

/** With mutex_ held: until when nothing is sent; a time that has passed if that is not so.

    Tokens that are kept nowhere could be lost: there are to be no more of them. But if it is one grant's alone that cannot be
    kept, that must not be for ever.
*/
template <class Clock, class Timer>
steady_time basic_refresh_scheduler<Clock, Timer>::pause_end() const
{
    return std::max(unkept_ != 0 ? unkept_until_ : steady_time::min(), pace_.pause_end());
}

/// With mutex_ held: whether one more refresh may be under way. After a pause because of tokens that are kept nowhere, one.
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::may_begin() const
{
    const bool tries = unkept_ != 0 && unkept_until_ != steady_time::min();
    return !pauses() && pace_.may_begin(now()) && (!tries || pace_.under_way() == 0);
}

/// Whether what is under way finds out if tokens can be kept again: it has its turn until it knows.
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::tries_to_keep() const
{
    const std::lock_guard lock(mutex_);
    return unkept_ != 0 && unkept_until_ != steady_time::min();
}

/// No value: there is no pause, any more.
template <class Clock, class Timer>
std::optional<error> basic_refresh_scheduler<Clock, Timer>::pause_reason() const
{
    const std::lock_guard lock(mutex_);
    if (pace_.pauses(now()))
        return pace_.reason(now());
    if (!pauses())
        return {};
    return error(errc::token_store_failed).set_retry_after(std::chrono::seconds(1));
}

/// @param again is set to when to look again if there is none; give_turn_back() and the end of a pause may do so sooner
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::try_turn(steady_time& again)
{
    const std::lock_guard lock(mutex_);
    again = pauses() ? pause_end() : now() + std::chrono::minutes(1); // should there be no memory to wake it
    if (!may_begin() || !queue_.empty()) {
        backlog_ = true;
        return false;
    }
    pace_.begun();
    return true;
}

/// @return false: nothing is sent for a while. Else it has its turn already, or gets it when it comes to it.
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::queue_for_turn(const std::shared_ptr<flight>& who)
{
    const std::lock_guard lock(mutex_);
    if (pauses())
        return false;
    if (may_begin()) {
        pace_.begun();
        who->set_has_turn();
    } else {
        queue_.push_back(who);
    }
    return true;
}

template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::give_turn_back() noexcept
{
    {
        const std::lock_guard lock(mutex_);
        pace_.ended();
    }
    hand_out_turns();
}

/// To those who wait for one, and then to what is due: wherever there may be more of them than before.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::hand_out_turns() noexcept
{
    bool due_ones_wait = false;
    for (;;) {
        std::shared_ptr<flight> next;
        {
            const std::lock_guard lock(mutex_);
            const bool free = may_begin();
            while (free && !next && !queue_.empty()) {
                next = queue_.front().lock();
                queue_.pop_front();
            }
            if (next) {
                pace_.begun();
                next->set_has_turn();
            }
            due_ones_wait = free && !next && std::exchange(backlog_, false);
        }
        if (!next)
            break;
        next->wake();
    }
    if (due_ones_wait)
        poke();
}

/// Those who wait for a turn need not wait for the end of a pause.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::refuse_turns() noexcept
{
    for (;;) {
        std::shared_ptr<flight> next;
        {
            const std::lock_guard lock(mutex_);
            while (!next && pauses() && !queue_.empty()) {
                next = queue_.front().lock();
                queue_.pop_front();
            }
        }
        if (!next)
            break;
        next->refuse();
    }
}

/// The server took a refresh token.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::note_answer() noexcept
{
    const std::lock_guard lock(mutex_);
    pace_.answered();
}

/// Of a refresh: it may say something of the server.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::note_failure(const error& reason) noexcept
{
    bool begins = false;
    {
        const std::lock_guard lock(mutex_);
        if (tells_of_trouble(reason))
            begins = pace_.failed(reason, now());
        else if (reason.http_status() != 0)
            pace_.answered();
    }
    if (!begins)
        return;
    refuse_turns();
    hand_out_turns(); // should the pause be over
    poke();           // to wait for its end
}

/// @param more a refresh has tokens that are kept nowhere, or else has them no longer
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::note_unkept(bool more) noexcept
{
    {
        const std::lock_guard lock(mutex_);
        unkept_ = more ? unkept_ + 1 : unkept_ - 1;
        if (more)
            unkept_until_ = now() + bounds_.refresh_longest_backoff;
    }
    refuse_turns();
    hand_out_turns();
    poke();
}

/// Store and hook took the tokens of some grant: they work.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::note_kept() noexcept
{
    bool goes_on = false;
    {
        const std::lock_guard lock(mutex_);
        goes_on = std::exchange(unkept_until_, steady_time::min()) != steady_time::min();
    }
    if (!goes_on)
        return;
    hand_out_turns();
    poke();
}

/// Let the background look again what is due.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::poke() noexcept
{
    try {
        std::shared_ptr<background> with;
        {
            const std::lock_guard lock(mutex_);
            with = background_.lock();
        }
        if (with)
            boost::asio::post(with->executor, [with] { with->timer.cancel(); });
    } catch (...) { // no memory: it looks by itself from time to time
    }
}

/// Returns the shard whose first due grant has waited longest, or null. @param when is set to since when, or to when to look
/// again, at the latest, if there is none
template <class Clock, class Timer>
typename basic_refresh_scheduler<Clock, Timer>::shard*
basic_refresh_scheduler<Clock, Timer>::longest_due(steady_time& when) const
{
    shard* longest = nullptr;
    steady_time since = never;
    const steady_time time = now();
    steady_time next = time + std::chrono::hours(1);
    for (const auto& each : shards_) {
        const std::lock_guard lock(each->mutex);
        const steady_time due = each->grants.first_due(time);
        if (due < since) {
            since = due;
            longest = each.get();
        }
        next = std::min(next, each->grants.next_due());
    }
    when = longest ? since : next;
    return longest;
}

/// Begins as many refreshes as may be, those that are due for the longest time first: when more grants are due than the
/// server is asked for, each of them has its turn. @return when to do that again
template <class Clock, class Timer>
steady_time basic_refresh_scheduler<Clock, Timer>::launch_due()
{
    steady_time when = never;
    while (shard* const from = longest_due(when)) {
        steady_time again = never;
        if (!try_turn(again))
            return again;
        std::shared_ptr<flight> mine;
        std::string late; // whose tokens expired while it waited
        bool failed = false;
        try {
            const std::lock_guard lock(from->mutex);
            const grant_pointer grant = from->grants.pop_due(now());
            if (grant && !grant->flight) {
                // Should there be no memory, or should the store have to hear first that the last one was not sent.
                from->grants.schedule(*grant, now() + std::chrono::seconds(1));
                if (!grant->trouble && when < grant->usable_until && grant->usable_until <= now())
                    late = grant->key;
                if (!grant->releasing) {
                    mine = std::make_shared<flight>(this->shared_from_this(), grant, plan_for(*grant, false),
                                                    random());
                    grant->flight = mine.get();
                    mine->set_has_turn();
                    from->grants.schedule(*grant, never);
                }
            }
        } catch (...) {
            failed = true;
        }
        if (mine)
            launch(std::move(mine));
        else
            give_turn_back();
        if (!late.empty() && !std::exchange(behind_, true))
            tell(refresh_event::kind::falling_behind, late, {}, {});
        if (failed)
            return now() + std::chrono::seconds(1);
    }
    behind_ = false;
    return when;
}

template <class Clock, class Timer>
boost::asio::awaitable<void> basic_refresh_scheduler<Clock, Timer>::tick(self_pointer self,
                                                                         std::shared_ptr<background> with)
{
    for (;;) {
        {
            const std::lock_guard lock(self->mutex_);
            std::erase_if(with->runners, [](const auto& each) { return each->completed(); });
            if (with->runners.empty() || self->closed_) {
                self->background_.reset();
                break;
            }
        }
        steady_time next = now() + std::chrono::seconds(1);
        try {
            next = self->launch_due();
        } catch (...) {
        }
        auto waiting_for_it = sleep_until<Clock, Timer>(with->timer, with->executor, next);
        co_await std::move(waiting_for_it);
    }
    complete_all(with->runners, {});
}

template <class Clock, class Timer>
boost::asio::awaitable<void> basic_refresh_scheduler<Clock, Timer>::run()
{
    auto self = this->shared_from_this();
    enlistment<void> enlist = [self](std::shared_ptr<waiting<void>> waiter) {
        std::shared_ptr<background> begun;
        {
            const std::lock_guard lock(self->mutex_);
            auto with = self->background_.lock();
            if (!with) {
                begun = with = std::make_shared<background>(self->executor_);
                self->background_ = with;
            }
            with->runners.push_back(std::move(waiter));
        }
        if (begun)
            boost::asio::co_spawn(begun->executor, tick(self, begun), boost::asio::detached);
    };
    return wait_in_background(std::move(self), std::move(enlist));
}

template <class Clock, class Timer>
boost::asio::awaitable<void>
basic_refresh_scheduler<Clock, Timer>::wait_in_background(self_pointer self, enlistment<void> enlist)
{
    auto waiting_for_it = wait<void>(std::move(enlist));
    result<void> end = co_await std::move(waiting_for_it);
    (void)end;
    self->poke(); // to find out that nobody is there
}

/// Of flights_; the last one ends stop().
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::remove(std::list<std::weak_ptr<flight>>::iterator place) noexcept
{
    std::vector<std::shared_ptr<waiting<void>>> stopping;
    {
        const std::lock_guard lock(mutex_);
        flights_.erase(place);
        if (flights_.empty())
            stopping.swap(stopping_);
    }
    complete_all(stopping, {});
}

template <class Clock, class Timer>
boost::asio::awaitable<void> basic_refresh_scheduler<Clock, Timer>::stop()
{
    close();
    return wait_for_flights([self = this->shared_from_this()](std::shared_ptr<waiting<void>> waiter) {
        {
            const std::lock_guard lock(self->mutex_);
            if (!self->flights_.empty()) {
                std::erase_if(self->stopping_, [](const auto& each) { return each->completed(); });
                self->stopping_.push_back(std::move(waiter));
                return;
            }
        }
        waiter->complete({});
    });
}

template <class Clock, class Timer>
boost::asio::awaitable<void> basic_refresh_scheduler<Clock, Timer>::wait_for_flights(enlistment<void> enlist)
{
    auto waiting_for_it = wait<void>(std::move(enlist));
    result<void> end = co_await std::move(waiting_for_it);
    (void)end;
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
