// Floor 3. How one refresh of one grant goes: decides, and does nothing.
#ifndef COAUTH_DETAIL_REFRESH_MACHINE_HPP
#define COAUTH_DETAIL_REFRESH_MACHINE_HPP

#include <coauth/detail/grant_entry.hpp>
#include <coauth/detail/jitter.hpp>
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
    unsigned tries = 0;            ///< how often a refresh token may be sent again
    unsigned unknown_outcomes = 0; ///< how often this one was sent, without an answer
    std::uint64_t generation = 0;
    error reason; ///< of only_look
};

/// Whether the server's word for an error ends the grant: only a new sign-in helps.
COAUTH_DECL bool ends_grant(const error& reason) noexcept;

/// What came of a refresh.
struct refresh_outcome {
    enum class kind {
        refreshed,
        kept, ///< the refresh token was replaced, and beside it nothing that came is of use; a reason is there
        adopted,
        failed,
        ended,
        abandoned
    };
    kind what = kind::abandoned;
    shared_tokens tokens; ///< if refreshed, kept or adopted
    std::uint64_t generation = 0;
    error reason;                ///< if kept, failed or ended
    bool undecided = false;      ///< the refresh token may be spent, and is not to be sent again
    bool answer_missing = false; ///< it was sent from here, and no answer came
};

/** How often in a row a refresh may fail like this before the refresh token is not sent any more.

    Few times for an error that time does not mend and that may mean the grant; without end for one that says nothing of the
    grant, or that holds for all grants of the client, as invalid_client: somebody mends that.
*/
COAUTH_DECL unsigned most_in_a_row(const refresh_outcome& failure) noexcept;

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

    /// The grant was forgotten or replaced: what comes of this is of no interest, and new tokens are revoked. A step
    /// that is under way goes on; of a wait the end is woken().
    void abandon() noexcept { abandoned_ = true; }
    /// The scheduler is gone: as abandon(), unless the refresh token was sent.
    void stop() noexcept { abandoned_ = abandoned_ || !sent_; }

    steady_time wake_at() const noexcept { return wake_at_; }
    /// `never` while there is no lease to renew.
    steady_time renew_at() const noexcept { return owns_lease_ ? renew_at_ : never; }
    /// Whether it is one of limits::parallel_refreshes.
    bool holds_turn() const noexcept { return holds_turn_; }
    bool sent() const noexcept { return sent_; }

    std::uint64_t generation() const noexcept { return plan_.generation; }
    /// The tokens that the server sent; without content in the step `end`.
    shared_tokens fresh() const noexcept { return fresh_; }
    /// Whether the outcome is known. What is left to do then need not be waited for.
    bool decided() const noexcept { return decided_; }
    const refresh_outcome& outcome() const noexcept { return outcome_; }

private:
    enum class looking { beforehand, after_refusal, after_silence, after_loss };

    COAUTH_DECL refresh_step give_up() noexcept;
    COAUTH_DECL refresh_step finish() noexcept;
    COAUTH_DECL refresh_step fail(error reason, bool undecided = false);
    COAUTH_DECL refresh_step fail_unknown();
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
    bool abandoned_ = false;
    bool holds_turn_ = false;
    bool owns_lease_ = false;
    bool begun_ = false; // maybe: the store may count it
    bool sent_ = false;
    bool answered_ = false; // with tokens
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
