#include "plan.hpp"

namespace coauth_test::simulation {

plan::plan(random& chance)
{
    processes = static_cast<unsigned>(chance.between(1, 4));
    grants = static_cast<unsigned>(chance.chance(300) ? chance.between(4, 6) : chance.between(1, 3));
    with_store = processes > 1 || chance.chance(500);
    with_hook = !with_store || chance.chance(300);
    in_background = chance.chance(700);
    rotates = chance.chance(800)   ? rotation::strict
              : chance.chance(500) ? rotation::tolerant
                                   : rotation::none;
    length = chance.between(duration(30s), duration(5min));
    pause = chance.between(duration(1s), duration(10s));
    if (!chance.chance(50))
        token_life = std::chrono::seconds(chance.chance(50) ? 0 : chance.between(15, 200));

    bounds.exchange_deadline = chance.between(2'000ms, 20'000ms);
    bounds.early_expiry = chance.between(1s, 20s);
    bounds.refresh_lead = chance.between(1s, 60s);
    bounds.refresh_interval = chance.between(1s, 5s);
    bounds.parallel_refreshes = chance.between(1, 4);
    bounds.refresh_backoff = chance.between(200ms, 1'000ms);
    bounds.refresh_longest_backoff = chance.between(2'000ms, 30'000ms);
    bounds.refresh_lease = chance.between(1'000ms, 15'000ms);
    bounds.refresh_retries_of_unknown_outcome =
        chance.chance(200) ? 0 : static_cast<unsigned>(chance.between(1, 2));

    // Each kind of fault is absent from many runs, so that others are not drowned by it.
    const auto some = [&chance](unsigned presence, unsigned most) {
        return chance.chance(presence) ? static_cast<unsigned>(chance.between(1, most)) : 0;
    };
    faults.not_connected = some(300, 300);
    faults.lost_request = some(200, 100);
    faults.lost_answer = some(200, 100);
    faults.garbled_answer = some(100, 50);
    faults.unusable_answer = some(200, 200);
    faults.refused = some(300, 300);
    faults.outage = some(200, 50);
    faults.odd_refusal = some(100, 50);
    faults.slow_answer = some(300, 300);
    faults.ended_grant = some(200, 100);
    faults.rejected_access = some(300, 100);
    faults.failed_revocation = some(200, 500);
    if (with_store) {
        faults.store_fails_before = some(300, 200);
        faults.store_fails_after = some(300, 200);
        faults.store_fails_late = some(200, 100);
        faults.store_slow = some(300, 300);
        faults.store_restarts = some(200, 50);
    }
    faults.crash = some(300, 20);
    faults.stop = some(200, 10);
    // Without a store what a crash catches is lost by nature, and nobody can know.
    if (!with_store)
        faults.crash = faults.stop = 0;
    faults.suspension = some(300, 20);
    faults.wall_clock_jump = some(200, 20);
    faults.hook_fails = with_hook ? some(400, 400) : 0;
    faults.cancelled = some(600, 500);
    faults.forget = some(300, 60);
    faults.sign_in = some(400, 60);
    clocks_agree = faults.suspension == 0 && faults.wall_clock_jump == 0;
}

plan plan::plain()
{
    plan out;
    out.processes = 2;
    out.with_hook = true;
    out.token_life = 20s;
    out.length = 60s;
    out.pause = 4s;
    out.bounds.exchange_deadline = 5'000ms;
    out.bounds.early_expiry = 2s;
    out.bounds.refresh_lead = 2s;
    out.bounds.refresh_lease = 3'000ms;
    return out;
}

} // namespace coauth_test::simulation
