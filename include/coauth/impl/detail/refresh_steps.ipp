// Floor 4. For basic_refresh_scheduler.ipp: the steps of a refresh.
#ifndef COAUTH_IMPL_DETAIL_REFRESH_STEPS_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_STEPS_IPP

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/impl/detail/refresh_flight.ipp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <array>
#include <new>
#include <optional>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

template <class Clock, class Timer>
boost::asio::awaitable<void> basic_refresh_scheduler<Clock, Timer>::flight::fly(std::shared_ptr<flight> self)
{
    const finishing at_the_end(*self);
    self->hear();
    refresh_step step = self->machine_.start(now());
    for (;;) {
        if (self->machine_.decided() && !self->settled_ && !self->settle(self->machine_.outcome())) {
            auto revocation = revoke(self); // it was forgotten in this moment
            co_await std::move(revocation);
        }
        self->note_unkept(self->machine_.unkept());
        const bool keeps = self->machine_.keeps() && self->owner_->tries_to_keep();
        if (self->has_turn_ && !self->machine_.holds_turn() && !keeps && step != refresh_step::take_turn) {
            self->has_turn_ = false;
            self->owner_->give_turn_back();
        }
        if (!self->machine_.releases())
            self->let_others_refresh();
        if (step == refresh_step::done)
            break;
        bool failure = false;
        try {
            if (self->machine_.renew_at() != never && !self->keeps_lease_) {
                boost::asio::co_spawn(self->executor_, keep_lease(self), boost::asio::detached);
                self->keeps_lease_ = true;
            }
            auto doing = perform(self, step);
            step = co_await std::move(doing);
            self->exceptions_ = 0;
        } catch (...) {
            // A store or a hook may throw for ever, as the machine sleeps after each time. That many in a row mean that there
            // is no memory even to sleep.
            if (++self->exceptions_ > 100)
                throw;
            failure = true;
        }
        if (failure)
            step = self->failed(step);
    }
}

template <class Clock, class Timer>
boost::asio::awaitable<refresh_step>
basic_refresh_scheduler<Clock, Timer>::flight::perform(std::shared_ptr<flight> self, refresh_step step)
{
    refresh_machine& machine = self->machine_;
    const std::string& key = self->grant_->key;
    switch (step) {
    case refresh_step::take_turn: {
        auto taking = take_turn(self);
        step = co_await std::move(taking);
        co_return step;
    }
    case refresh_step::load: {
        auto loading = self->store().load(key, machine.generation());
        result<grant_record> outcome = co_await std::move(loading);
        self->hear();
        co_return machine.loaded(outcome, now());
    }
    case refresh_step::acquire: {
        const steady_time before = now();
        if (const result<void> made = self->make_name(); !made)
            co_return machine.acquired(made.error(), before);
        auto acquiring =
            self->store().acquire(key, self->name_, self->plan_.lease, machine.generation(), machine.tries());
        result<lease> outcome = co_await std::move(acquiring);
        self->hear();
        co_return machine.acquired(outcome, now());
    }
    case refresh_step::begin: {
        auto beginning = self->store().begin_refresh(key, self->name_, machine.generation());
        result<void> outcome = co_await std::move(beginning);
        self->hear();
        co_return machine.begun(outcome, now());
    }
    case refresh_step::send: {
        auto sending = send(self);
        step = co_await std::move(sending);
        co_return step;
    }
    case refresh_step::persist: {
        const auto to_call = self->owner_->hooks();
        if (!to_call || !to_call->persist) // the scheduler was destroyed
            co_return machine.persisted(result<void>(), now());
        auto persisting = to_call->persist(key, machine.fresh());
        result<void> outcome = co_await std::move(persisting);
        self->hear();
        co_return machine.persisted(outcome, now());
    }
    case refresh_step::complete:
    case refresh_step::end: {
        auto waiting_for_it = let_renewal_end(self);
        co_await std::move(waiting_for_it);
        auto completing =
            self->store().complete_refresh(key, self->name_, machine.generation(), machine.fresh());
        result<std::uint64_t> outcome = co_await std::move(completing);
        self->ends_lease_ = false;
        self->hear();
        co_return step == refresh_step::end ? machine.ended(outcome, now())
                                            : machine.completed(outcome, now());
    }
    case refresh_step::revoke: {
        auto revocation = revoke(self);
        co_await std::move(revocation);
        self->hear();
        co_return machine.revoked(now());
    }
    case refresh_step::release: {
        auto waiting_for_it = let_renewal_end(self);
        co_await std::move(waiting_for_it);
        auto releasing = self->store().release(key, self->name_);
        result<void> outcome = co_await std::move(releasing);
        self->ends_lease_ = false;
        self->hear();
        co_return machine.released(outcome, now());
    }
    case refresh_step::sleep: {
        auto sleeping = sleep_until<Clock, Timer>(self->timer_, self->executor_, machine.wake_at());
        co_await std::move(sleeping);
        self->hear();
        co_return machine.woken(now());
    }
    case refresh_step::done:
        break;
    }
    co_return refresh_step::done;
}

/// What a refresh that threw comes to. @param reason if the request did not leave
template <class Clock, class Timer>
error basic_refresh_scheduler<Clock, Timer>::flight::without_answer(error reason) const
{
    if (trace_ && trace_->committed)
        reason = error(errc::outcome_unknown).set_grant_spent(true);
    return reason;
}

/// What a step comes to that threw: no memory, or a store or hook of somebody else's.
template <class Clock, class Timer>
refresh_step basic_refresh_scheduler<Clock, Timer>::flight::failed(refresh_step step)
{
    ends_lease_ = false;
    hear();
    switch (step) {
    case refresh_step::load:
        return machine_.loaded(errc::token_store_failed, now());
    case refresh_step::acquire:
        return machine_.acquired(errc::token_store_failed, now());
    case refresh_step::begin:
        return machine_.begun(errc::token_store_failed, now());
    case refresh_step::send:
        return machine_.answered(without_answer(make_error_code(boost::system::errc::not_enough_memory)),
                                 now());
    case refresh_step::persist:
        return machine_.persisted(errc::token_store_failed, now());
    case refresh_step::complete:
        return machine_.completed(errc::token_store_failed, now());
    case refresh_step::end:
        return machine_.ended(errc::token_store_failed, now());
    case refresh_step::revoke:
        return machine_.revoked(now());
    case refresh_step::release:
        return machine_.released(errc::token_store_failed, now());
    case refresh_step::take_turn:
    case refresh_step::sleep:
    case refresh_step::done:
        break;
    }
    return step;
}

template <class Clock, class Timer>
boost::asio::awaitable<refresh_step>
basic_refresh_scheduler<Clock, Timer>::flight::take_turn(std::shared_ptr<flight> self)
{
    std::optional<error> reason; // why there is none
    while (!self->has_turn_ && !self->abandoned_ && !self->stopped_ && !reason) {
        if (!self->queued_) {
            if (!self->owner_->queue_for_turn(self))
                self->refused_ = true; // which somebody else may do, too, once it is in the queue
            self->queued_ = true;
        } else if (self->refused_.exchange(false)) {
            reason = self->owner_->pause_reason();
            self->queued_ = false; // should the pause be over
        } else {
            auto waiting_for_it =
                sleep_until<Clock, Timer>(self->timer_, self->executor_, now() + std::chrono::minutes(1));
            co_await std::move(waiting_for_it);
        }
    }
    self->queued_ = false;
    self->hear();
    co_return reason ? self->machine_.turn_refused(std::move(*reason), now())
                     : self->machine_.turn_taken(now());
}

template <class Clock, class Timer>
boost::asio::awaitable<refresh_step>
basic_refresh_scheduler<Clock, Timer>::flight::send(std::shared_ptr<flight> self)
{
    std::optional<result<token_set>> outcome;
    const bool repeats = self->machine_.repeats();
    bool is_amiss = false;
    bool of_somebody_else = false;
    token_set next;
    try {
        self->trace_ = std::make_shared<refresh_trace>();
        next = *self->tokens_; // there has to be a place for what the server sends
        auto refreshing = self->owner_->source_->refresh(*self->tokens_, self->trace_);
        result<token_set> received = co_await std::move(refreshing);
        refresh_trace& seen = *self->trace_;
        is_amiss = !received && !seen.next_refresh_token.empty();
        of_somebody_else = is_amiss && !seen.access_token_of_somebody_else.empty();
        if (of_somebody_else)
            next = token_set(std::move(seen.access_token_of_somebody_else), std::string(), scope());
        if (is_amiss)
            next.set_refresh_token(std::move(seen.next_refresh_token));
        outcome.emplace(std::move(received));
    } catch (const std::bad_alloc&) {
        outcome.emplace(self->without_answer(make_error_code(boost::system::errc::not_enough_memory)));
    } catch (...) {
        outcome.emplace(self->without_answer(errc::connection_failed));
    }
    self->received_ = now();
    self->hear();
    if (*outcome || is_amiss)
        self->owner_->note_answer();
    else if (!repeats || outcome->error().retry_after() ||
             !tells_of_trouble(outcome->error())) // it would count twice
        self->owner_->note_failure(outcome->error());
    if (is_amiss)
        co_return self->machine_.answered_amiss(std::move(*outcome).error(), std::move(next),
                                                of_somebody_else);
    co_return self->machine_.answered(std::move(*outcome), now());
}

/// Of tokens that nobody saw. If that fails, they expire unused.
template <class Clock, class Timer>
boost::asio::awaitable<void>
basic_refresh_scheduler<Clock, Timer>::flight::revoke(std::shared_ptr<flight> self)
{
    try {
        auto revocation = self->owner_->source_->revoke(*self->machine_.fresh());
        result<void> outcome = co_await std::move(revocation);
        (void)outcome;
    } catch (...) {
    }
}

template <class Clock, class Timer>
boost::asio::awaitable<void>
basic_refresh_scheduler<Clock, Timer>::flight::let_renewal_end(std::shared_ptr<flight> self)
{
    self->ends_lease_ = true;
    while (self->renewing_) {
        auto waiting_for_it =
            sleep_until<Clock, Timer>(self->timer_, self->executor_, now() + std::chrono::minutes(1));
        co_await std::move(waiting_for_it);
    }
}

/// Beside the steps, as long as there is a lease.
template <class Clock, class Timer>
boost::asio::awaitable<void>
basic_refresh_scheduler<Clock, Timer>::flight::keep_lease(std::shared_ptr<flight> self)
{
    while (!self->finished_ && self->machine_.renew_at() != never) {
        const steady_time at = self->machine_.renew_at();
        if (self->ends_lease_ || now() < at) {
            const steady_time until = self->ends_lease_ ? now() + self->plan_.lease / 6 : at;
            auto waiting_for_it = sleep_until<Clock, Timer>(self->renewal_timer_, self->executor_, until);
            co_await std::move(waiting_for_it);
            continue;
        }
        self->renewing_ = true;
        std::optional<result<void>> outcome;
        try {
            auto renewal = self->store().renew(self->grant_->key, self->name_, self->plan_.lease);
            result<void> heard = co_await std::move(renewal);
            outcome.emplace(std::move(heard));
        } catch (...) {
            outcome.emplace(errc::token_store_failed);
        }
        self->renewing_ = false;
        self->machine_.renewed(*outcome, now());
        if (self->ends_lease_)
            self->timer_.cancel();
    }
    self->keeps_lease_ = false;
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
