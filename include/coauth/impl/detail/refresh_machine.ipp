#ifndef COAUTH_IMPL_DETAIL_REFRESH_MACHINE_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_MACHINE_IPP

#include <coauth/detail/refresh_machine.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// How often a step of the store is repeated that could also be left.
inline constexpr unsigned store_attempts = 4;

/// However often a refresh token was sent.
inline constexpr unsigned most_tries =
    std::numeric_limits<std::int32_t>::max(); // which every store can count to

COAUTH_DECL refresh_machine::refresh_machine(const refresh_plan& plan, std::uint64_t seed)
    : plan_(plan),
      jitter_(seed),
      fresh_(std::make_shared<token_set>()),
      repetitions_(plan.in_doubt ? 0 : plan.repetitions)
{
}

COAUTH_DECL refresh_step refresh_machine::start(steady_time)
{
    if (!plan_.only_look)
        return refresh_step::take_turn;
    return plan_.stored ? look(looking::beforehand) : fail(plan_.reason, true);
}

/// Whether it is the first time or a repetition: the store counts it once, and says whether the lease is still held.
COAUTH_DECL refresh_step refresh_machine::begin_or_send() noexcept
{
    if (plan_.stored)
        return refresh_step::begin;
    sent_ = true;
    return refresh_step::send;
}

COAUTH_DECL refresh_step refresh_machine::turn_taken(steady_time now)
{
    holds_turn_ = true;
    if (unknown_)
        return abandoned_ || stopped_ ? unknown(now) : begin_or_send();
    if (abandoned_)
        return give_up();
    return plan_.stored ? refresh_step::acquire : begin_or_send();
}

COAUTH_DECL refresh_step refresh_machine::turn_refused(error reason, steady_time now)
{
    if (unknown_)
        return unknown(now);
    if (abandoned_)
        return give_up();
    outcome_.pauses = true;
    plan_.reason = std::move(reason);
    return plan_.stored ? look(looking::beforehand) : fail(plan_.reason);
}

COAUTH_DECL void refresh_machine::note_lease(const lease& outcome, steady_time now) noexcept
{
    if (outcome.state() != lease_state::granted)
        return;
    owns_lease_ = true;
    renew_at_ = now + plan_.lease / 3;
}

COAUTH_DECL refresh_step refresh_machine::acquired(const result<lease>& outcome, steady_time now)
{
    if (reclaims_)
        return reclaimed(outcome, now);
    if (!outcome) {
        if (abandoned_)
            return give_up();
        if (outcome.error() == errc::grant_unknown)
            return end_with(outcome.error());
        return attempts_ + 1 < store_attempts ? again(refresh_step::take_turn, now) : fail(outcome.error());
    }
    attempts_ = 0;
    note_lease(*outcome, now);
    if (abandoned_)
        return give_up();
    if (outcome->record().generation() != plan_.generation)
        return adopt(outcome->record());
    switch (outcome->state()) {
    case lease_state::granted:
        begun_ = true;
        return refresh_step::begin;
    case lease_state::undecided:
        // Somebody sent it, and may be no more: that is one outcome that is not known.
        outcome_.reason = error(errc::outcome_unknown).set_grant_spent(true);
        if (plan_.repetitions == 0 || plan_.of_use || std::exchange(tries_, most_tries) != 0)
            return fail_unknown();
        repetitions_ = std::min(repetitions_, plan_.repetitions - 1);
        return refresh_step::acquire;
    case lease_state::held:
        break;
    }
    holds_turn_ = false;
    return wait_for(*outcome, refresh_step::take_turn, now);
}

/// Not much longer than the lease of somebody else lasts, in case that its owner is no more.
COAUTH_DECL refresh_step refresh_machine::wait_for(const lease& of_another, refresh_step then,
                                                   steady_time now)
{
    constexpr std::chrono::milliseconds first{50};
    constexpr std::chrono::milliseconds longest{1'000};
    const auto delay = jitter_.shortened(doubled(first, polls_++, longest));
    wake_at_ = now + std::min<steady_time>(delay, std::max(of_another.remaining(), first));
    after_sleep_ = then;
    return refresh_step::sleep;
}

/** Of acquire, when there are tokens already that the store did not take.

    Somebody took this one for gone, and sent the refresh token, too. Unless that brought tokens, these are the only ones.
*/
COAUTH_DECL refresh_step refresh_machine::reclaimed(const result<lease>& outcome, steady_time now)
{
    if (abandoned_)
        return discard();
    if (!outcome)
        return outcome.error() == errc::grant_unknown ? lost() : again(refresh_step::acquire, now);
    attempts_ = 0;
    note_lease(*outcome, now);
    if (outcome->record().generation() != plan_.generation)
        return adopt(outcome->record());
    switch (outcome->state()) {
    case lease_state::granted:
        return refresh_step::begin;
    case lease_state::held:
        return wait_for(*outcome, refresh_step::acquire, now);
    case lease_state::undecided:
        break;
    }
    return fail(errc::lease_lost);
}

/// There is no such grant any more: somebody forgot it.
COAUTH_DECL refresh_step refresh_machine::lost() noexcept
{
    owns_lease_ = false;
    begun_ = false;
    attempts_ = 0;
    outcome_.reason = errc::grant_unknown;
    after_revocation_ = refresh_step::end;
    return refresh_step::revoke;
}

COAUTH_DECL refresh_step refresh_machine::begun(const result<void>& outcome, steady_time now)
{
    if (reclaims_) {
        if (abandoned_)
            return discard();
        if (!outcome && outcome.error() == errc::grant_unknown)
            return lost();
        if (!outcome)
            return again(outcome.error() == errc::lease_lost ? refresh_step::acquire : refresh_step::begin,
                         now);
        begun_ = true;
        attempts_ = 0;
        return refresh_step::complete;
    }
    if (abandoned_)
        return give_up();
    if (unknown_ && stopped_)
        return unknown(now);
    if (outcome) {
        attempts_ = 0;
        sent_ = true;
        return refresh_step::send;
    }
    if (outcome.error() == errc::grant_unknown)
        return end_with(outcome.error());
    if (unknown_ && outcome.error() == errc::lease_lost)
        return unknown(now); // somebody took it for gone, or the grant was replaced
    if (outcome.error() == errc::lease_lost) {
        // It ended before this was done, as after a long pause. An earlier try may have been counted all the same:
        // release() takes that back.
        if (++restarts_ > 8)
            return fail(outcome.error());
        starts_over_ = true;
        return refresh_step::release;
    }
    if (attempts_ + 1 < store_attempts)
        return again(refresh_step::begin, now);
    return unknown_ ? unknown(now) : fail(outcome.error());
}

COAUTH_DECL refresh_step refresh_machine::answered(result<token_set> outcome, steady_time now)
{
    holds_turn_ = false;
    if (outcome) {
        answered_ = true;
        unknown_ = false;
        *fresh_ = std::move(*outcome);
        return store_fresh();
    }
    error reason = outcome.error();
    if (ends_grant(reason)) {
        begun_ = false; // the server has decided
        unknown_ = false;
        outcome_.reason = std::move(reason.set_grant_spent(true));
        if (abandoned_)
            return give_up();
        // Somebody may have signed in anew, or got newer tokens.
        return plan_.stored ? look(looking::after_refusal) : end_with(outcome_.reason);
    }
    if (reason.grant_spent() || unknown_) {
        unknown_ = true;
        outcome_.reason = std::move(reason);
        const bool refused = !outcome_.reason.grant_spent(); // this time: the first one may be under way yet
        if (refused || repetitions_ == 0 || abandoned_ || stopped_)
            return unknown(now);
        --repetitions_;
        attempts_ = 0;
        constexpr std::chrono::milliseconds longest{2'000};
        wake_at_ = now + jitter_.shortened(longest);
        after_sleep_ = refresh_step::take_turn;
        return refresh_step::sleep;
    }
    sent_ = false;
    return abandoned_ ? give_up() : fail(std::move(reason));
}

/// The mark in the store stays, for all others to know.
COAUTH_DECL refresh_step refresh_machine::unknown(steady_time)
{
    owns_lease_ = false;
    if (abandoned_)
        return give_up();
    // Somebody may have signed in anew meanwhile.
    return plan_.stored ? look(looking::after_silence) : fail_unknown();
}

COAUTH_DECL refresh_step refresh_machine::answered_amiss(error reason, token_set tokens,
                                                         bool of_somebody_else)
{
    holds_turn_ = false;
    answered_ = true;
    unknown_ = false;
    *fresh_ = std::move(tokens);
    outcome_.reason = std::move(reason.set_grant_spent(of_somebody_else));
    if (!of_somebody_else) {
        amiss_ = true;
        return store_fresh();
    }
    disowned_ = true;
    after_revocation_ = refresh_step::end;
    return refresh_step::revoke;
}

/// First to where they are safe: nobody may use an access token whose refresh token could be lost.
COAUTH_DECL refresh_step refresh_machine::store_fresh()
{
    attempts_ = 0;
    if (abandoned_)
        return discard();
    return plan_.hooked ? refresh_step::persist : persisted(result<void>(), steady_time());
}

COAUTH_DECL refresh_step refresh_machine::persisted(const result<void>& outcome, steady_time now)
{
    if (abandoned_)
        return discard();
    if (!outcome)
        return again(refresh_step::persist, now);
    attempts_ = 0;
    return plan_.stored ? refresh_step::complete : completed(plan_.generation + 1, now);
}

COAUTH_DECL refresh_step refresh_machine::completed(const result<std::uint64_t>& outcome, steady_time now)
{
    if (outcome) {
        owns_lease_ = false;
        begun_ = false;
        if (abandoned_)
            return discard();
        outcome_.what = amiss_ ? refresh_outcome::kind::kept : refresh_outcome::kind::refreshed;
        outcome_.tokens = fresh_;
        outcome_.generation = *outcome;
        return finish();
    }
    if (outcome.error() == errc::lease_lost) {
        owns_lease_ = false;
        begun_ = false;
        // Replaced by a sign-in, or by the refresh of somebody who took this one for gone: some servers end with these tokens
        // those of the same person or family, too.
        return abandoned_ ? discard() : look(looking::after_loss);
    }
    if (outcome.error() == errc::grant_unknown)
        return lost();
    return abandoned_ ? discard() : again(refresh_step::complete, now);
}

/// Tokens that nobody will see.
COAUTH_DECL refresh_step refresh_machine::discard() noexcept
{
    attempts_ = 0;
    return forgotten_ ? refresh_step::revoke : give_up();
}

COAUTH_DECL refresh_step refresh_machine::revoked(steady_time)
{
    if (abandoned_ || after_revocation_ == refresh_step::done)
        return give_up();
    if (!disowned_ || !plan_.stored)
        return end_with(outcome_.reason);
    *fresh_ = token_set();
    attempts_ = 0;
    return refresh_step::end;
}

COAUTH_DECL refresh_step refresh_machine::loaded(const result<grant_record>& outcome, steady_time now)
{
    if (abandoned_)
        return looking_ == looking::after_loss ? discard() : give_up();
    if (!outcome) {
        if (outcome.error() == errc::grant_unknown && looking_ == looking::after_loss)
            return lost();
        if (outcome.error() == errc::grant_unknown)
            return end_with(looking_ == looking::after_refusal ? outcome_.reason : outcome.error());
        if (attempts_ + 1 < store_attempts)
            return again(refresh_step::load, now);
        if (looking_ == looking::after_silence)
            return fail_unknown();
        if (looking_ == looking::after_loss)
            return again(refresh_step::load, now);
        outcome_.pauses = false; // it is the store that has to be waited for
        return looking_ == looking::after_refusal ? fail(outcome_.reason, true)
                                                  : fail(outcome.error(), plan_.only_look);
    }
    attempts_ = 0;
    if (outcome->generation() != plan_.generation)
        return adopt(*outcome);
    switch (looking_) {
    case looking::beforehand:
        return fail(plan_.reason, !outcome_.pauses);
    case looking::after_loss:
        reclaims_ = true;
        tries_ = most_tries;
        return refresh_step::acquire;
    case looking::after_silence:
        return fail_unknown();
    case looking::after_refusal:
        break;
    }
    // Fenced by the generation, where erasing the grant might erase a sign-in of this moment.
    if (std::exchange(ending_, true))
        return fail(outcome_.reason, true);
    return refresh_step::end;
}

COAUTH_DECL refresh_step refresh_machine::ended(const result<std::uint64_t>& outcome, steady_time now)
{
    if (abandoned_)
        return give_up();
    if (outcome || outcome.error() == errc::grant_unknown) {
        owns_lease_ = false;
        return end_with(outcome_.reason);
    }
    if (outcome.error() == errc::lease_lost)
        return look(looking::after_refusal);
    return attempts_ + 1 < store_attempts ? again(refresh_step::end, now) : fail(outcome_.reason, true);
}

COAUTH_DECL refresh_step refresh_machine::released(const result<void>& outcome, steady_time now)
{
    // A mark that stays would say to all that the refresh token may be spent: until the store has heard it.
    const bool heard =
        outcome || outcome.error() == errc::grant_unknown || outcome.error() == errc::lease_lost;
    if (!heard && attempts_ + 1 >= store_attempts && std::exchange(starts_over_, false))
        fail(outcome.error()); // so that nobody waits for it any longer
    if (!heard && (begun_ || attempts_ + 1 < store_attempts))
        return again(refresh_step::release, now);
    attempts_ = 0;
    owns_lease_ = false;
    begun_ = false;
    if (std::exchange(starts_over_, false))
        return abandoned_ ? give_up() : refresh_step::acquire;
    return refresh_step::done;
}

COAUTH_DECL refresh_step refresh_machine::woken(steady_time now)
{
    if (abandoned_ && after_sleep_ != refresh_step::release)
        return answered_ ? discard() : give_up();
    const bool repeats = after_sleep_ == refresh_step::take_turn || after_sleep_ == refresh_step::begin;
    if (stopped_ && unknown_ && repeats)
        return unknown(now);
    return now < wake_at_ ? refresh_step::sleep : after_sleep_;
}

COAUTH_DECL void refresh_machine::renewed(const result<void>& outcome, steady_time now)
{
    if (outcome)
        renew_at_ = now + plan_.lease / 3;
    else if (outcome.error() == errc::token_store_failed)
        renew_at_ = now + plan_.lease / 6;
    else
        renew_at_ = never; // whoever took it is found out at the next step
}

/// Nobody wants to know.
COAUTH_DECL refresh_step refresh_machine::give_up() noexcept
{
    outcome_.what = refresh_outcome::kind::abandoned;
    return finish();
}

/// What is held goes back.
COAUTH_DECL refresh_step refresh_machine::finish() noexcept
{
    decided_ = true;
    holds_turn_ = false;
    attempts_ = 0;
    if (owns_lease_ && (!sent_ || (reclaims_ && !begun_)))
        return refresh_step::release;
    owns_lease_ = false;
    return refresh_step::done;
}

COAUTH_DECL refresh_step refresh_machine::fail(error reason, bool undecided)
{
    outcome_.what = refresh_outcome::kind::failed;
    outcome_.reason = std::move(reason);
    outcome_.undecided = undecided;
    return finish();
}

/// What came of sending the refresh token is not known: only the server's word ends the grant.
COAUTH_DECL refresh_step refresh_machine::fail_unknown()
{
    error reason = outcome_.reason;
    if (plan_.repetitions == 0)
        return fail(reason.set_grant_spent(true), true);
    outcome_.in_doubt = true;
    return fail(of_doubt(std::move(reason)));
}

COAUTH_DECL refresh_step refresh_machine::end_with(error reason)
{
    owns_lease_ = false;
    outcome_.what = refresh_outcome::kind::ended;
    outcome_.reason = std::move(reason);
    return finish();
}

COAUTH_DECL refresh_step refresh_machine::adopt(const grant_record& record)
{
    // A store that lost what it had: whose tokens are the latest cannot be told any more.
    if (record.generation() < plan_.generation || !record.tokens())
        return end_with(errc::grant_unknown);
    if (has_ended(*record.tokens()))
        return end_with(error(server_errc::invalid_grant).set_grant_spent(true));
    outcome_.what = refresh_outcome::kind::adopted;
    outcome_.tokens = record.tokens();
    outcome_.generation = record.generation();
    return finish();
}

COAUTH_DECL refresh_step refresh_machine::again(refresh_step step, steady_time now) noexcept
{
    constexpr std::chrono::milliseconds first{100};
    constexpr std::chrono::milliseconds longest{5'000};
    wake_at_ = now + jitter_.shortened(doubled(first, attempts_++, longest));
    after_sleep_ = step;
    if (step == refresh_step::take_turn)
        holds_turn_ = false;
    return refresh_step::sleep;
}

COAUTH_DECL refresh_step refresh_machine::look(looking why) noexcept
{
    looking_ = why;
    attempts_ = 0;
    return refresh_step::load;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
