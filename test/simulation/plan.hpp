// What a seed makes of a run: who takes part, and what goes wrong how often.
#ifndef COAUTH_TEST_SIMULATION_PLAN_HPP
#define COAUTH_TEST_SIMULATION_PLAN_HPP

#include "world.hpp"

#include <coauth/core/limits.hpp>

#include <iosfwd>
#include <optional>

namespace coauth_test::simulation {

enum class rotation {
    strict,   ///< Each refresh brings a new refresh token; the second use of one ends the grant.
    tolerant, ///< As strict, but a refresh token may be used again as long as its successor was not.
    none,     ///< The refresh token stays.
};

/// How often, of 1000.
struct fault_rates {
    // The provider's
    unsigned not_connected = 0;  ///< nothing was sent
    unsigned lost_request = 0;   ///< sent, never arrived
    unsigned lost_answer = 0;    ///< the refresh token is spent all the same
    unsigned garbled_answer = 0; ///< likewise
    unsigned unusable_answer =
        0;                ///< processed, and nothing of the answer is of use but the new refresh token
    unsigned refused = 0; ///< 429, or 503 with a Retry-After
    unsigned outage =
        0; ///< of a thousand refreshes, a gateway answers 502 to it and to all in the next minutes
    unsigned odd_refusal = 0;     ///< such as invalid_client
    unsigned slow_answer = 0;     ///< longer than a lease
    unsigned ended_grant = 0;     ///< of a thousand refreshes, the person ends the grant before it
    unsigned rejected_access = 0; ///< 401 before the access token expires
    unsigned failed_revocation = 0;
    // The store's
    unsigned store_fails_before = 0;
    unsigned store_fails_after = 0; ///< It was done.
    unsigned store_fails_late = 0;  ///< It will have been done.
    unsigned store_slow = 0;
    unsigned store_restarts = 0; ///< of a thousand things that a user does
    // The processes'; of a thousand events
    unsigned crash = 0;
    unsigned stop = 0; ///< The scheduler is destroyed, or stopped, and the process goes on until it is done.
    unsigned suspension = 0;
    unsigned wall_clock_jump = 0;
    unsigned hook_fails = 0;
    // The users'; of a thousand things that they do
    unsigned cancelled = 0;
    unsigned forget = 0;
    unsigned sign_in = 0;
};

struct plan {
    /// Nothing goes wrong of itself.
    plan() = default;
    explicit plan(random& chance);
    /// Two processes keep one grant alive for a while.
    static plan plain();

    unsigned processes = 1;
    unsigned grants = 1;
    bool with_store = true;
    bool with_hook = false;
    bool in_background = true; ///< run()
    rotation rotates = rotation::strict;
    std::optional<std::chrono::seconds> token_life{};
    /// Whether others can take a process for gone that is not.
    bool may_seem_gone() const noexcept
    {
        return faults.suspension != 0 || faults.store_slow != 0 || faults.store_restarts != 0 ||
               faults.store_fails_before + faults.store_fails_after + faults.store_fails_late != 0;
    }

    bool clocks_agree = true; ///< else what a process takes for valid may not be
    duration length{};        ///< how long there are faults
    duration pause{};         ///< between two things that users of a process do, in the mean
    coauth::limits bounds{};
    fault_rates faults{};
};

} // namespace coauth_test::simulation

#endif
