// Floor 3. How one refresh of one grant goes: decides, and does nothing.
#ifndef COAUTH_DETAIL_REFRESH_MACHINE_HPP
#define COAUTH_DETAIL_REFRESH_MACHINE_HPP

#include <coauth/detail/grant_entry.hpp>
#include <coauth/detail/jitter.hpp>
#include <coauth/detail/refresh_outcome.hpp>
#include <coauth/policy/token_store.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace coauth::inline COAUTH_MODE::detail {

/// What a refresh does next; the outcome goes to the machine's function of that name.
enum class refresh_step {
    take_turn, ///< Wait until limits::parallel_refreshes allows it.
    load,
    acquire,
    begin,
    send,     ///< The refresh token to the server. From here on nothing stops it.
    persist,  ///< By the application's hook.
    complete, ///< Store the new tokens.
    end,      ///< Store that there are none any more.
    revoke,   ///< The new tokens, which nobody will see.
    release,
    sleep, ///< Until wake_at(), or shorter.
    done,
};

/// Under which circumstances a refresh begins.
struct refresh_plan {
    bool stored = false;    ///< there is a token store
    bool hooked = false;    ///< there is a hook to persist with
    bool only_look = false; ///< the refresh token cannot be used: see whether the store has newer tokens
    std::chrono::milliseconds lease{};
    /// How often it is sent again at once if the outcome is unknown; 0: never, and not later.
    unsigned repetitions = 0;
    bool of_use = false;   ///< the access token is: what may be spent is not sent again yet
    bool in_doubt = false; ///< the refresh token was sent before, and the outcome is not known
    std::uint64_t generation = 0;
    error reason; ///< of only_look
};

/** One refresh of one grant, step by step.

    Pure: no clock, no executor, no store; time is an argument, and every step's outcome. What can go wrong is all
    here: leases, tokens that others got first, servers and stores that fail or do not answer, abandoned refreshes.

    While a lease is held it has to be renewed at renew_at(), beside the steps, but not during release, complete and
    end: a renewal that arrives after those would keep others waiting.
*/
class refresh_machine {
public:
    COAUTH_DECL refresh_machine(const refresh_plan& plan, std::uint64_t seed);

    COAUTH_DECL refresh_step start(steady_time now);
    COAUTH_DECL refresh_step turn_taken(steady_time now);
    /// In place of turn_taken(): nothing is to be sent now. Others may have got tokens all the same.
    COAUTH_DECL refresh_step turn_refused(error reason, steady_time now);
    COAUTH_DECL refresh_step loaded(const result<grant_record>& outcome, steady_time now);
    COAUTH_DECL refresh_step acquired(const result<lease>& outcome, steady_time now);
    COAUTH_DECL refresh_step begun(const result<void>& outcome, steady_time now);
    COAUTH_DECL refresh_step answered(result<token_set> outcome, steady_time now);
    /** In place of answered(): the server took the refresh token, and what it answered is of no use.
        @param tokens those from before, with the refresh token that goes on
        @param of_somebody_else the grant ends for it
    */
    COAUTH_DECL refresh_step answered_amiss(error reason, token_set tokens, bool of_somebody_else);
    COAUTH_DECL refresh_step persisted(const result<void>& outcome, steady_time now);
    COAUTH_DECL refresh_step completed(const result<std::uint64_t>& outcome, steady_time now);
    COAUTH_DECL refresh_step ended(const result<std::uint64_t>& outcome, steady_time now);
    COAUTH_DECL refresh_step revoked(steady_time now);
    COAUTH_DECL refresh_step released(const result<void>& outcome, steady_time now);
    COAUTH_DECL refresh_step woken(steady_time now);
    COAUTH_DECL void renewed(const result<void>& outcome, steady_time now);

    /** The grant was replaced by a sign-in, or forgotten: what comes of this is of no interest. A step that is under way
        goes on; of a wait the end is woken().

        @param forgotten new tokens are revoked. Not after a sign-in: some servers end that with them.
    */
    void abandon(bool forgotten) noexcept
    {
        abandoned_ = true;
        forgotten_ = forgotten_ || forgotten;
    }
    /// The scheduler is gone: as if replaced, unless the refresh token was sent; that is not sent again.
    void stop() noexcept
    {
        stopped_ = true;
        abandoned_ = abandoned_ || !sent_;
    }

    steady_time wake_at() const noexcept { return wake_at_; }
    /// `never` while there is no lease to renew.
    steady_time renew_at() const noexcept { return owns_lease_ ? renew_at_ : never; }
    /// Whether it is one of limits::parallel_refreshes.
    bool holds_turn() const noexcept { return holds_turn_; }
    bool sent() const noexcept { return sent_; }
    /// Whether what is sent was sent before, by this refresh.
    bool repeats() const noexcept { return unknown_; }
    /// Whether the server took the refresh token.
    bool answered() const noexcept { return answered_; }

    std::uint64_t generation() const noexcept { return plan_.generation; }
    /// For acquire: how often the refresh token may have been sent without an answer.
    unsigned tries() const noexcept { return tries_; }
    /// The tokens that the server sent; without content in the step `end`.
    shared_tokens fresh() const noexcept { return fresh_; }
    /// Whether the outcome is known. What is left to do then need not be waited for.
    bool decided() const noexcept { return decided_; }
    const refresh_outcome& outcome() const noexcept { return outcome_; }
    /// Whether there are tokens that are to be kept, and were not refused yet.
    bool keeps() const noexcept { return answered_ && !decided_ && attempts_ == 0; }
    /// Whether there are tokens that store or hook did not take, and that are kept nowhere else.
    bool unkept() const noexcept { return answered_ && !decided_ && attempts_ > 0; }
    /// Whether the store has still to hear that what it counted was not sent.
    bool releases() const noexcept { return decided_ && owns_lease_ && begun_; }

private:
    enum class looking { beforehand, after_refusal, after_silence, after_loss };

    COAUTH_DECL refresh_step begin_or_send() noexcept;
    COAUTH_DECL refresh_step give_up() noexcept;
    COAUTH_DECL refresh_step finish() noexcept;
    COAUTH_DECL refresh_step fail(error reason, bool undecided = false);
    COAUTH_DECL refresh_step fail_unknown();
    COAUTH_DECL refresh_step unknown(steady_time now);
    COAUTH_DECL refresh_step discard() noexcept;
    COAUTH_DECL void note_lease(const lease& outcome, steady_time now) noexcept;
    COAUTH_DECL refresh_step wait_for(const lease& of_another, refresh_step then, steady_time now);
    COAUTH_DECL refresh_step reclaimed(const result<lease>& outcome, steady_time now);
    COAUTH_DECL refresh_step lost() noexcept;
    COAUTH_DECL refresh_step end_with(error reason);
    COAUTH_DECL refresh_step adopt(const grant_record& record);
    COAUTH_DECL refresh_step again(refresh_step step, steady_time now) noexcept;
    COAUTH_DECL refresh_step look(looking why) noexcept;
    COAUTH_DECL refresh_step store_fresh();

    refresh_plan plan_;
    jitter jitter_;
    std::shared_ptr<token_set> fresh_; // made beforehand: there has to be a place for what the server sends
    refresh_outcome outcome_;
    steady_time wake_at_{};
    steady_time renew_at_ = never;
    refresh_step after_sleep_ = refresh_step::done;
    refresh_step after_revocation_ = refresh_step::done;
    looking looking_ = looking::beforehand;
    unsigned attempts_ = 0; // of the step that is being repeated
    unsigned polls_ = 0;
    unsigned restarts_ = 0;
    unsigned repetitions_ = 0; // that are left
    unsigned tries_ = 0;
    bool abandoned_ = false;
    bool forgotten_ = false;
    bool stopped_ = false;
    bool holds_turn_ = false;
    bool owns_lease_ = false;
    bool begun_ = false; // maybe: the store may count it
    bool sent_ = false;
    bool unknown_ = false;  // what came of an earlier try of this refresh
    bool answered_ = false; // with tokens
    bool reclaims_ = false; // the right to store them
    bool amiss_ = false;    // only their refresh token is of use
    bool disowned_ = false; // not even that
    bool starts_over_ = false;
    bool ending_ = false;
    bool decided_ = false;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/refresh_machine.ipp>
#endif

#endif
