// Floor 4. For basic_refresh_scheduler.ipp: one refresh under way.
#ifndef COAUTH_IMPL_DETAIL_REFRESH_FLIGHT_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_FLIGHT_IPP

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/refresh_event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <limits>

namespace coauth::inline COAUTH_MODE::detail {

/// A strand, if possible of the executor itself: what any_io_executor holds beyond three pointers it allocates again
/// and again, also in functions of Asio that may not throw.
inline boost::asio::any_io_executor strand_of(const boost::asio::any_io_executor& executor)
{
    if (const auto* context = executor.target<boost::asio::io_context::executor_type>())
        return boost::asio::make_strand(*context);
    if (const auto* pool = executor.target<boost::asio::thread_pool::executor_type>())
        return boost::asio::make_strand(*pool);
    return boost::asio::make_strand(executor);
}

/** One refresh of one grant: does what its machine says, and tells the grant and those who wait what came of it.

    Coroutines own it, and with them a context that is destroyed; the grant and the scheduler only know it.
*/
template <class Clock, class Timer>
class basic_refresh_scheduler<Clock, Timer>::flight : public std::enable_shared_from_this<flight> {
public:
    flight(self_pointer owner, grant_pointer grant, const refresh_plan& plan, std::uint64_t seed)
        : owner_(std::move(owner)),
          grant_(std::move(grant)),
          tokens_(grant_->tokens),
          plan_(plan),
          jitter_(seed),
          machine_(plan, jitter_.next()),
          executor_(strand_of(owner_->executor_)),
          timer_(executor_),
          renewal_timer_(executor_),
          trouble_(std::make_unique<grant_trouble>())
    {
    }
    flight(const flight&) = delete;

    /// Those who wait are told also if its coroutine was destroyed: with its context, or by Asio, which does that if
    /// there is no memory for the next step.
    ~flight()
    {
        try {
            if (!settled_) {
                refresh_outcome broken;
                broken.what = refresh_outcome::kind::failed;
                const bool sent = machine_.sent() && trace_; // or it may be, by whom goes on without this
                broken.undecided = sent && (plan_.repetitions == 0 || machine_.answered());
                broken.in_doubt = sent && !broken.undecided;
                broken.reason = error(sent ? errc::outcome_unknown : errc::connection_lost)
                                    .set_grant_spent(broken.undecided);
                settle(broken);
            }
        } catch (...) {
        }
        let_others_refresh();
        note_unkept(false);
        if (has_turn_)
            owner_->give_turn_back();
        if (place_)
            owner_->remove(*place_);
    }

    basic_refresh_scheduler& owner() const noexcept { return *owner_; }

    /// With the scheduler's mutex held.
    void enter(std::list<std::weak_ptr<flight>>& flights)
    {
        place_ = flights.insert(flights.end(), this->weak_from_this());
    }
    void set_has_turn() noexcept { has_turn_ = true; }
    /// Nothing is sent for a while.
    void refuse() noexcept
    {
        refused_ = true;
        wake();
    }

    static void start(const std::shared_ptr<flight>& self)
    {
        boost::asio::co_spawn(self->executor_, fly(self), boost::asio::detached);
    }

    // With the shard's mutex held.
    void add(token_waiter waiter)
    {
        if (waiters_.size() == waiters_.capacity()) // else those who gave up would pile up
            std::erase_if(waiters_, [](const token_waiter& each) { return each->completed(); });
        waiters_.push_back(std::move(waiter));
    }
    std::vector<token_waiter> take_waiters() noexcept { return std::exchange(waiters_, {}); }
    /// The grant has nothing to do with this any more: a sign-in replaced it, or it was forgotten. @return this, to be woken
    std::shared_ptr<flight> abandon(bool forgotten) noexcept
    {
        forgotten_ = forgotten;
        abandoned_ = true;
        return this->weak_from_this().lock();
    }

    /// Without.
    void wake() noexcept
    {
        try {
            boost::asio::post(executor_, [self = this->shared_from_this()] { self->timer_.cancel(); });
        } catch (...) { // no memory: it looks by itself from time to time
        }
    }
    std::vector<token_waiter> stop()
    {
        stopped_ = true;
        std::vector<token_waiter> waiters;
        {
            const std::lock_guard lock(owner_->shard_of(*grant_).mutex);
            waiters = take_waiters();
        }
        wake();
        return waiters;
    }

private:
    static boost::asio::awaitable<void> fly(std::shared_ptr<flight> self);
    static boost::asio::awaitable<refresh_step> perform(std::shared_ptr<flight> self, refresh_step step);
    static boost::asio::awaitable<void> keep_lease(std::shared_ptr<flight> self);
    static boost::asio::awaitable<void> revoke(std::shared_ptr<flight> self);
    static boost::asio::awaitable<refresh_step> take_turn(std::shared_ptr<flight> self);
    static boost::asio::awaitable<refresh_step> send(std::shared_ptr<flight> self);
    static boost::asio::awaitable<void> let_renewal_end(std::shared_ptr<flight> self);

    /// Ends the renewal of the lease with the coroutine of the steps, whatever ended that.
    class finishing {
    public:
        explicit finishing(flight& of) noexcept : of_(&of) {}
        finishing(const finishing&) = delete;
        ~finishing()
        {
            of_->finished_ = true;
            try {
                of_->renewal_timer_.cancel();
            } catch (...) { // it ends when the lease would be renewed
            }
        }

    private:
        flight* of_;
    };

    refresh_step failed(refresh_step step);
    error without_answer(error reason) const;
    bool settle(const refresh_outcome& outcome);
    void let_others_refresh() noexcept;
    void put_off(const refresh_outcome& outcome, steady_time next_try) noexcept;
    void note_unkept(bool unkept) noexcept
    {
        if (std::exchange(unkept_, unkept) != unkept)
            owner_->note_unkept(unkept);
    }
    std::optional<refresh_event::kind> note_failure(const refresh_outcome& outcome, steady_time time);
    void note_tokens(const refresh_outcome& outcome, shared_tokens& old, steady_time time);
    bool brings_refresh_token_alone(const refresh_outcome& outcome) const;
    bool brings_nothing(const refresh_outcome& outcome, steady_time time) const;
    void note_refresh_token(const refresh_outcome& outcome, shared_tokens& old, steady_time time);
    result<shared_tokens> go_on(std::vector<token_waiter>& waiters, std::shared_ptr<flight>& next,
                                steady_time time);
    result<void> make_name();
    token_store_interface& store() const noexcept { return *owner_->store_.operator->(); }
    void hear() noexcept
    {
        if (abandoned_)
            machine_.abandon(forgotten_);
        if (stopped_ || owner_->closed_)
            machine_.stop();
    }

    self_pointer owner_;
    grant_pointer grant_;
    shared_tokens tokens_;
    refresh_plan plan_;
    jitter jitter_;
    refresh_machine machine_;
    random_value name_; // as the owner of the lease
    boost::asio::any_io_executor executor_;
    Timer timer_;
    Timer renewal_timer_;
    std::unique_ptr<grant_trouble> trouble_; // made beforehand
    std::optional<typename std::list<std::weak_ptr<flight>>::iterator> place_;
    std::vector<token_waiter> waiters_; // guarded by the shard's mutex
    std::atomic<bool> abandoned_{false};
    std::atomic<bool> forgotten_{false}; // set before
    std::atomic<bool> stopped_{false};
    std::atomic<bool> has_turn_{false};
    std::atomic<bool> refused_{false}; // the turn
    bool queued_ = false;
    bool named_ = false;
    bool settled_ = false;
    bool releases_ = false;
    bool unkept_ = false;
    bool finished_ = false;
    bool keeps_lease_ = false;
    bool renewing_ = false;
    bool ends_lease_ = false; // a step that a renewal must not overtake
    unsigned exceptions_ = 0;
    std::shared_ptr<refresh_trace> trace_; // once there is a request
    steady_time received_{};               // the answer; it may take a while to store it
};

template <class Clock, class Timer>
result<void> basic_refresh_scheduler<Clock, Timer>::flight::make_name()
{
    if (named_)
        return {};
    std::array<unsigned char, random_value::size_bytes> bytes;
    const result<void> filled = owner_->source_->fill_random(bytes);
    if (filled) {
        name_ = random_value(bytes);
        named_ = true;
    }
    return filled;
}

/** Tell the grant, and all who wait, what came of it.
    @return false if the tokens belong to nobody any more, and are to be revoked
*/
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::flight::settle(const refresh_outcome& outcome)
{
    using kind = refresh_outcome::kind;
    error reason = outcome.reason;
    settled_ = true;
    const steady_time time = now();
    std::vector<token_waiter> waiters;
    result<shared_tokens> answer = aborted();
    shared_tokens old;
    std::optional<refresh_event::kind> event;
    steady_time next_try = never;
    bool earliest = false;
    bool current = false;
    std::shared_ptr<flight> next;
    {
        const std::lock_guard lock(owner_->shard_of(*grant_).mutex);
        waiters = take_waiters();
        current = grant_->flight == this;
        if (current) {
            grant_->flight = nullptr;
            grant_->releasing = releases_ = machine_.releases();
            try {
                const bool reported = grant_->trouble && grant_->trouble->reported;
                switch (outcome.what) {
                case kind::refreshed:
                case kind::adopted:
                    if (outcome.what == kind::adopted && brings_refresh_token_alone(outcome))
                        note_refresh_token(outcome, old, time);
                    else
                        note_tokens(outcome, old, time);
                    answer = grant_->tokens;
                    event = outcome.what == kind::refreshed ? refresh_event::kind::refreshed
                                                            : refresh_event::kind::adopted;
                    if (outcome.what == kind::adopted && !waiters.empty() && brings_nothing(outcome, time))
                        answer = go_on(waiters, next, time);
                    break;
                case kind::kept: {
                    auto before = std::move(grant_->trouble); // the next one follows it
                    const steady_time until = grant_->usable_until;
                    note_tokens(outcome, old, time);
                    grant_->trouble = std::move(before);
                    grant_->usable_until = until;
                    event = note_failure(outcome, time);
                    answer = reason = grant_->trouble->last;
                    next_try = grant_->trouble->next_try;
                    break;
                }
                case kind::failed:
                    event = note_failure(outcome, time);
                    if (grant_->trouble->undecided)
                        reason = grant_->trouble->last;
                    answer = reason;
                    next_try = owner_->next_try(*grant_->trouble, *grant_);
                    break;
                case kind::ended:
                    answer = outcome.reason;
                    if (!reported)
                        event = refresh_event::kind::reauthorization_required;
                    trouble_->last = outcome.reason;
                    owner_->end(*grant_, old, trouble_);
                    break;
                case kind::abandoned:
                    break;
                }
            } catch (const std::bad_alloc&) { // for the words of an error
                reason = error(outcome.reason.code()).set_grant_spent(outcome.reason.grant_spent());
                answer = reason;
                next_try = time + std::chrono::seconds(1);
                put_off(outcome, next_try);
            }
            earliest = !grant_->ended && owner_->schedule(*grant_, time);
        }
    }
    complete_all(waiters, answer);
    if (next)
        owner_->launch(std::move(next));
    if (earliest)
        owner_->poke();
    if (event) {
        std::optional<std::chrono::milliseconds> wait;
        if (*event == refresh_event::kind::retrying)
            wait = std::chrono::ceil<std::chrono::milliseconds>(next_try - time);
        owner_->tell(*event, grant_->key, reason, wait);
    }
    const bool brought = outcome.what == kind::refreshed || outcome.what == kind::kept;
    if (brought)
        owner_->note_kept();
    return current || !brought || !forgotten_;
}

/// There was no memory to note what came of it.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::flight::put_off(const refresh_outcome& outcome,
                                                            steady_time next_try) noexcept
{
    if (!grant_->trouble)
        grant_->trouble.swap(trouble_);
    if (!grant_->trouble)
        return;
    if (!grant_->trouble->last.code())
        grant_->trouble->last = errc::connection_lost;
    grant_->trouble->next_try = next_try;
    grant_->trouble->in_doubt = grant_->trouble->in_doubt || outcome.in_doubt;
    if (outcome.undecided)
        grant_->trouble->undecided = grant_->trouble->lost = true;
}

/// The store has heard that nothing was sent, or nobody tells it any more.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::flight::let_others_refresh() noexcept
{
    if (!std::exchange(releases_, false))
        return;
    const std::lock_guard lock(owner_->shard_of(*grant_).mutex);
    grant_->releasing = false;
}

/// What becomes of an error that was one too many.
inline error refused(const error& reason)
{
    error out(errc::refresh_refused);
    return out.set_server_error(reason.server_error())
        .set_description(reason.description())
        .set_http_status(reason.http_status())
        .set_grant_spent(true);
}

/// Whether somebody else's refresh was one of which only the refresh token was kept.
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::flight::brings_refresh_token_alone(
    const refresh_outcome& outcome) const
{
    return outcome.tokens->received_at() == tokens_->received_at() &&
           outcome.tokens->access_token().equals(tokens_->access_token());
}

/// Then nothing else has changed: neither how long the access token lasts and when it was refreshed, nor that the server
/// gives nothing better.
template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::flight::note_refresh_token(const refresh_outcome& outcome,
                                                                       shared_tokens& old, steady_time time)
{
    auto before = std::move(grant_->trouble);
    const steady_time until = grant_->usable_until;
    const steady_time since = grant_->refreshed_at; // by this process's clock; the token says it by another's
    note_tokens(outcome, old, time);
    grant_->usable_until = std::min(until, grant_->usable_until);
    grant_->refreshed_at = since;
    if (!before)
        return;
    before->in_doubt = false;
    if (before->last != errc::refresh_refused)
        before->undecided = before->lost = before->reported = false;
    grant_->trouble = std::move(before);
}

/// Whether those who wait can do nothing with what somebody else got.
template <class Clock, class Timer>
bool basic_refresh_scheduler<Clock, Timer>::flight::brings_nothing(const refresh_outcome& outcome,
                                                                   steady_time time) const
{
    return time >= grant_->usable_until || brings_refresh_token_alone(outcome);
}

/** What somebody else got is of no use: those who wait do so for another refresh.
    @return what to tell those who are still among the waiters
*/
template <class Clock, class Timer>
result<shared_tokens> basic_refresh_scheduler<Clock, Timer>::flight::go_on(std::vector<token_waiter>& waiters,
                                                                           std::shared_ptr<flight>& next,
                                                                           steady_time time)
{
    const steady_time earliest = grant_->refreshed_at + owner_->bounds_.refresh_interval;
    if (time < earliest)
        return error(errc::refreshed_too_recently)
            .set_retry_after(std::chrono::ceil<std::chrono::seconds>(earliest - time));
    try {
        next = std::make_shared<flight>(owner_, grant_, owner_->plan_for(*grant_, false), jitter_.next());
        grant_->flight = next.get();
        next->waiters_.swap(waiters);
    } catch (const std::bad_alloc&) { // as a refresh that was destroyed before it was sent
        return errc::connection_lost;
    }
    return aborted();
}

template <class Clock, class Timer>
void basic_refresh_scheduler<Clock, Timer>::flight::note_tokens(const refresh_outcome& outcome,
                                                                shared_tokens& old, steady_time time)
{
    const bool here = outcome.what != refresh_outcome::kind::adopted;
    grant_->refreshed_at = here ? time : owner_->time_of_refresh(*outcome.tokens, time);
    grant_->by_refresh = true;
    old = outcome.tokens;
    if (outcome.generation > grant_->generation)
        owner_->replace(*grant_, old, outcome.generation,
                        outcome.what == refresh_outcome::kind::refreshed ? std::optional(received_)
                                                                         : std::nullopt);
}

template <class Clock, class Timer>
std::optional<refresh_event::kind>
basic_refresh_scheduler<Clock, Timer>::flight::note_failure(const refresh_outcome& outcome, steady_time time)
{
    const limits& bounds = owner_->bounds_;
    const bool store_failed = outcome.reason == errc::token_store_failed;
    grant_trouble& now_so = *trouble_;
    if (const grant_trouble* before = grant_->trouble.get())
        now_so = *before;
    if (outcome.pauses) { // which says nothing of this grant
        if (!now_so.undecided)
            now_so.last = outcome.reason;
        now_so.next_try = time + outcome.reason.retry_after().value_or(std::chrono::seconds(1));
        grant_->trouble.swap(trouble_);
        return grant_->trouble->undecided ? std::optional<refresh_event::kind>()
                                          : refresh_event::kind::retrying;
    }
    if (!plan_.only_look || !store_failed)
        now_so.last = outcome.reason;
    ++now_so.failures;
    now_so.in_doubt = outcome.what != refresh_outcome::kind::kept && (now_so.in_doubt || outcome.in_doubt);
    const unsigned most = most_in_a_row(outcome);
    if (most == std::numeric_limits<unsigned>::max() || most != now_so.most_refusals)
        now_so.refusals = 0;
    now_so.most_refusals = most;
    const bool is_refused = ++now_so.refusals >= most;
    if (is_refused)
        now_so.last = refused(outcome.reason);
    now_so.undecided = outcome.undecided || is_refused;
    now_so.lost = is_refused || (outcome.undecided && (machine_.sent() || plan_.only_look));
    steady_time delay = jitter_.shortened(
        doubled(bounds.refresh_backoff, now_so.failures - 1, bounds.refresh_longest_backoff));
    if (const auto wanted = outcome.reason.retry_after())
        delay = std::max<steady_time>(delay, *wanted);
    now_so.next_try = time + delay;
    grant_->trouble.swap(trouble_);
    if (!now_so.undecided)
        return refresh_event::kind::retrying;
    if (time >= grant_->usable_until && !now_so.reported && !store_failed) {
        now_so.reported = true;
        return refresh_event::kind::reauthorization_required;
    }
    if (owner_->store_ && !now_so.reported)
        return refresh_event::kind::retrying;
    return {};
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
