#include <coauth/detail/refresh_machine.hpp>

#include <boost/test/unit_test.hpp>

#include <random>

namespace {

using namespace coauth;
using namespace coauth::detail;
using namespace std::chrono_literals;
using step = refresh_step;
using kind = refresh_outcome::kind;

shared_tokens tokens(const std::string& number)
{
    token_set out(secret("access-" + number), "Bearer", scope());
    out.set_refresh_token(secret("refresh-" + number));
    return std::make_shared<const token_set>(std::move(out));
}

refresh_plan stored_plan()
{
    refresh_plan out;
    out.stored = true;
    out.lease = 15s;
    out.generation = 5;
    return out;
}

result<lease> lease_of(lease_state state, std::uint64_t generation = 5,
                       std::chrono::milliseconds remaining = 15s)
{
    return lease(state, grant_record(generation, generation == 5 ? nullptr : tokens("newer")), remaining);
}

const error unspent(errc::connection_failed);
const error silent = error(errc::outcome_unknown).set_grant_spent(true);

refresh_plan repeating_plan(unsigned repetitions)
{
    refresh_plan out = stored_plan();
    out.repetitions = repetitions;
    return out;
}

/// As far as the request.
refresh_machine at_send(const refresh_plan& plan = stored_plan())
{
    refresh_machine out(plan, 1);
    BOOST_TEST_REQUIRE((out.start(0s) == step::take_turn));
    if (plan.stored) {
        BOOST_TEST_REQUIRE((out.turn_taken(0s) == step::acquire));
        BOOST_TEST_REQUIRE((out.acquired(lease_of(lease_state::granted), 0s) == step::begin));
        BOOST_TEST_REQUIRE((out.begun({}, 0s) == step::send));
    } else {
        BOOST_TEST_REQUIRE((out.turn_taken(0s) == step::send));
    }
    BOOST_TEST_REQUIRE(out.holds_turn());
    return out;
}

/// Nobody has to sign in for it.
void check_in_doubt(const refresh_machine& machine)
{
    BOOST_TEST(machine.decided());
    BOOST_TEST((machine.outcome().what == kind::failed));
    BOOST_TEST(machine.outcome().in_doubt);
    BOOST_TEST(!machine.outcome().undecided);
    BOOST_TEST((machine.outcome().reason == condition::retryable));
    BOOST_TEST((machine.renew_at() == never));
}

/// How often it is sent again, if there is never an answer.
unsigned repetitions_of(refresh_machine& machine)
{
    unsigned out = 0;
    steady_time now{};
    for (;; ++out) {
        BOOST_TEST_REQUIRE(machine.holds_turn());
        if (machine.answered(silent, now) != step::sleep)
            break;
        BOOST_TEST(!machine.holds_turn()); // others may go first
        BOOST_TEST((machine.renew_at() != never));
        BOOST_TEST((machine.wake_at() >= now + 1s && machine.wake_at() <= now + 2s));
        now = machine.wake_at();
        BOOST_TEST_REQUIRE((machine.woken(now) == step::take_turn));
        BOOST_TEST_REQUIRE((machine.turn_taken(now) == step::begin));
        BOOST_TEST_REQUIRE((machine.begun({}, now) == step::send));
    }
    BOOST_TEST((machine.loaded(grant_record(5, nullptr), now) == step::done));
    return out;
}

refresh_machine waits_to_repeat()
{
    refresh_machine out = at_send(repeating_plan(1));
    BOOST_TEST_REQUIRE((out.answered(silent, 1s) == step::sleep));
    BOOST_TEST_REQUIRE((out.woken(3s) == step::take_turn));
    return out;
}

refresh_machine at_repetition()
{
    refresh_machine out = waits_to_repeat();
    BOOST_TEST_REQUIRE((out.turn_taken(3s) == step::begin));
    BOOST_TEST_REQUIRE((out.begun({}, 3s) == step::send));
    return out;
}

BOOST_AUTO_TEST_SUITE(refresh_machine_)

BOOST_AUTO_TEST_CASE(without_a_store)
{
    refresh_machine machine = at_send({});
    BOOST_TEST((machine.renew_at() == never));
    BOOST_TEST((machine.answered(*tokens("1"), 1s) == step::done));
    BOOST_TEST(!machine.holds_turn());
    BOOST_TEST((machine.outcome().what == kind::refreshed));
    BOOST_TEST(machine.outcome().tokens->access_token().expose() == "access-1");
    BOOST_TEST(machine.outcome().generation == 1u);
}

BOOST_AUTO_TEST_CASE(RF2_hook_and_store_come_before_the_end)
{
    refresh_plan plan = stored_plan();
    plan.hooked = true;
    refresh_machine machine = at_send(plan);
    BOOST_TEST((machine.answered(*tokens("1"), 1s) == step::persist));
    BOOST_TEST((machine.persisted(errc::connection_lost, 1s) == step::sleep));
    BOOST_TEST((machine.wake_at() > 1s));
    BOOST_TEST((machine.woken(1s) == step::sleep)); // too early
    BOOST_TEST((machine.woken(machine.wake_at()) == step::persist));
    BOOST_TEST((machine.persisted({}, 3s) == step::complete));
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST((machine.completed(errc::token_store_failed, 4s) == step::sleep));
        BOOST_TEST((machine.wake_at() <= 9s));
        BOOST_TEST(!machine.decided());
        BOOST_TEST((machine.woken(9s) == step::complete));
    }
    BOOST_TEST((machine.completed(6, 10s) == step::done));
    BOOST_TEST(machine.outcome().generation == 6u);
    BOOST_TEST((machine.renew_at() == never));
}

BOOST_AUTO_TEST_CASE(a_lease_is_renewed_at_a_third_of_its_time)
{
    refresh_machine machine = at_send();
    BOOST_TEST((machine.renew_at() == 5s));
    machine.renewed({}, 6s);
    BOOST_TEST((machine.renew_at() == 11s));
    machine.renewed(errc::token_store_failed, 11s);
    BOOST_TEST((machine.renew_at() == 13500ms));
    machine.renewed(errc::lease_lost, 12s);
    BOOST_TEST((machine.renew_at() == never));
}

BOOST_AUTO_TEST_CASE(RF1_who_holds_the_lease_is_waited_for)
{
    refresh_machine machine(stored_plan(), 1);
    machine.start(0s);
    steady_time now{};
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST((machine.turn_taken(now) == step::acquire));
        BOOST_TEST((machine.acquired(lease_of(lease_state::held), now) == step::sleep));
        BOOST_TEST(!machine.holds_turn()); // others may go first
        BOOST_TEST((machine.wake_at() > now && machine.wake_at() <= now + 1s));
        now = machine.wake_at();
        BOOST_TEST((machine.woken(now) == step::take_turn));
    }
    machine.turn_taken(now);
    BOOST_TEST((machine.acquired(lease_of(lease_state::held, 6), now) == step::done));
    BOOST_TEST((machine.outcome().what == kind::adopted));
    BOOST_TEST(machine.outcome().tokens->access_token().expose() == "access-newer");
}

BOOST_AUTO_TEST_CASE(not_much_longer_than_the_lease_lasts)
{
    refresh_machine machine(stored_plan(), 1);
    machine.start(0s);
    for (int i = 0; i < 10; ++i) {
        machine.turn_taken(0s);
        machine.acquired(lease_of(lease_state::held, 5, 10ms), 0s);
        BOOST_TEST((machine.wake_at() <= 50ms));
        machine.woken(machine.wake_at());
    }
}

BOOST_AUTO_TEST_CASE(newer_tokens_end_the_lease_that_was_not_needed)
{
    refresh_machine machine(stored_plan(), 1);
    machine.start(0s);
    machine.turn_taken(0s);
    BOOST_TEST((machine.acquired(lease_of(lease_state::granted, 6), 0s) == step::release));
    BOOST_TEST(machine.decided());
    BOOST_TEST((machine.outcome().what == kind::adopted));
    BOOST_TEST((machine.released({}, 0s) == step::done));
}

BOOST_AUTO_TEST_CASE(a_store_that_knows_less_or_that_the_grant_has_ended)
{
    for (const bool ended : {false, true}) {
        refresh_machine machine(stored_plan(), 1);
        machine.start(0s);
        machine.turn_taken(0s);
        const lease answer(lease_state::held, ended ? grant_record(6, std::make_shared<const token_set>())
                                                    : grant_record(4, tokens("older")));
        BOOST_TEST((machine.acquired(answer, 0s) == step::done));
        BOOST_TEST((machine.outcome().what == kind::ended));
        BOOST_TEST((ended ? machine.outcome().reason == server_errc::invalid_grant
                          : machine.outcome().reason == errc::grant_unknown));
    }
}

BOOST_AUTO_TEST_CASE(RF6_undecided_is_not_sent_where_the_server_does_not_bear_it)
{
    refresh_machine machine(stored_plan(), 1);
    machine.start(0s);
    machine.turn_taken(0s);
    BOOST_TEST(machine.tries() == 0u);
    BOOST_TEST((machine.acquired(lease_of(lease_state::undecided), 0s) == step::done));
    BOOST_TEST((machine.outcome().what == kind::failed));
    BOOST_TEST(machine.outcome().undecided);
    BOOST_TEST(!machine.outcome().in_doubt);
    BOOST_TEST(machine.outcome().reason.grant_spent());
}

BOOST_AUTO_TEST_CASE(RF6_undecided_is_sent_once_when_the_access_token_is_of_no_use)
{
    refresh_plan plan = repeating_plan(1);
    plan.of_use = true;
    refresh_machine waits(plan, 1);
    waits.start(0s);
    waits.turn_taken(0s);
    BOOST_TEST((waits.acquired(lease_of(lease_state::undecided), 0s) == step::done));
    check_in_doubt(waits);

    // How many times more than the one that is known.
    for (const unsigned repetitions : {1u, 2u, 3u}) {
        refresh_machine machine(repeating_plan(repetitions), 1);
        machine.start(0s);
        machine.turn_taken(0s);
        BOOST_TEST((machine.acquired(lease_of(lease_state::undecided), 0s) == step::acquire));
        BOOST_TEST(machine.tries() > 1'000'000u);
        BOOST_TEST((machine.acquired(lease_of(lease_state::granted), 0s) == step::begin));
        BOOST_TEST((machine.begun({}, 0s) == step::send));
        BOOST_TEST(repetitions_of(machine) == repetitions - 1);
        check_in_doubt(machine);
    }
    // A store that says so all the same.
    refresh_machine odd(repeating_plan(1), 1);
    odd.start(0s);
    odd.turn_taken(0s);
    odd.acquired(lease_of(lease_state::undecided), 0s);
    BOOST_TEST((odd.acquired(lease_of(lease_state::undecided), 0s) == step::done));
    check_in_doubt(odd);
}

BOOST_AUTO_TEST_CASE(RF6_an_answer_that_is_missing_keeps_the_mark)
{
    refresh_machine machine = at_send();
    BOOST_TEST((machine.answered(silent, 1s) == step::load)); // somebody may have signed in
    BOOST_TEST((machine.loaded(grant_record(5, nullptr), 1s) == step::done));
    BOOST_TEST(machine.outcome().undecided);
    BOOST_TEST((machine.outcome().reason == condition::reauthorization_required));
    BOOST_TEST((machine.renew_at() == never));

    refresh_machine replaced = at_send();
    replaced.answered(silent, 1s);
    BOOST_TEST((replaced.loaded(grant_record(6, tokens("newer")), 1s) == step::done));
    BOOST_TEST((replaced.outcome().what == kind::adopted));
}

BOOST_AUTO_TEST_CASE(RF6_it_is_sent_again_under_the_same_lease)
{
    for (const unsigned repetitions : {1u, 3u}) {
        refresh_machine machine = at_send(repeating_plan(repetitions));
        BOOST_TEST(repetitions_of(machine) == repetitions);
        check_in_doubt(machine);
    }
    // One whose outcome was not known before is not.
    refresh_plan plan = repeating_plan(1);
    plan.in_doubt = true;
    refresh_machine doubtful = at_send(plan);
    BOOST_TEST(repetitions_of(doubtful) == 0u);
    // Without a store.
    plan = repeating_plan(1);
    plan.stored = false;
    refresh_machine alone = at_send(plan);
    BOOST_TEST((alone.answered(silent, 1s) == step::sleep));
    alone.woken(3s);
    BOOST_TEST((alone.turn_taken(3s) == step::send));
    BOOST_TEST((alone.answered(*tokens("1"), 3s) == step::done));
    BOOST_TEST((alone.outcome().what == kind::refreshed));
}

BOOST_AUTO_TEST_CASE(RF6_what_a_repetition_says)
{
    // Tokens, or the end: the server's word.
    refresh_machine better = at_repetition();
    BOOST_TEST((better.answered(*tokens("1"), 4s) == step::complete));
    refresh_machine worse = at_repetition();
    BOOST_TEST((worse.answered(error(server_errc::invalid_grant), 4s) == step::load));
    BOOST_TEST((worse.loaded(grant_record(5, nullptr), 4s) == step::end));
    // A refusal says nothing of the first one: the mark is not taken back.
    error busy(errc::server_unavailable);
    busy.set_retry_after(60s);
    refresh_machine refused = at_repetition();
    BOOST_TEST((refused.answered(busy, 4s) == step::load));
    BOOST_TEST((refused.loaded(grant_record(5, nullptr), 4s) == step::done));
    check_in_doubt(refused);
    BOOST_TEST((refused.outcome().reason == errc::server_unavailable));
    BOOST_TEST((refused.outcome().reason.retry_after() == 60s));
}

BOOST_AUTO_TEST_CASE(RF6_it_is_not_sent_again_once_the_lease_is_lost_or_somebody_stops)
{
    refresh_machine lost = waits_to_repeat();
    BOOST_TEST((lost.turn_taken(3s) == step::begin));
    BOOST_TEST((lost.begun(errc::lease_lost, 3s) == step::load));
    BOOST_TEST((lost.loaded(grant_record(6, tokens("newer")), 3s) == step::done));
    BOOST_TEST((lost.outcome().what == kind::adopted));

    refresh_machine stopped = waits_to_repeat();
    stopped.stop();
    BOOST_TEST((stopped.turn_taken(3s) == step::load));
    refresh_machine stopped_later = waits_to_repeat();
    stopped_later.turn_taken(3s);
    stopped_later.stop();
    BOOST_TEST((stopped_later.begun({}, 3s) == step::load));
    refresh_machine stopped_asleep = at_send(repeating_plan(1));
    stopped_asleep.answered(silent, 1s);
    stopped_asleep.stop();
    BOOST_TEST((stopped_asleep.woken(1s) == step::load));
    BOOST_TEST((stopped_asleep.loaded(grant_record(5, nullptr), 1s) == step::done));
    check_in_doubt(stopped_asleep);

    refresh_machine forgotten = waits_to_repeat();
    forgotten.abandon(true);
    BOOST_TEST((forgotten.turn_taken(3s) == step::done)); // not released: the mark is of the first time

    refresh_machine down = waits_to_repeat();
    BOOST_TEST((down.turn_taken(3s) == step::begin));
    step next = down.begun(errc::token_store_failed, 3s);
    for (int i = 0; i < 10 && next == step::sleep; ++i) {
        BOOST_TEST((down.woken(down.wake_at()) == step::begin));
        next = down.begun(errc::token_store_failed, 3s);
    }
    BOOST_TEST((next == step::load));
}

BOOST_AUTO_TEST_CASE(RF7_what_was_not_spent_is_released)
{
    refresh_machine machine = at_send();
    BOOST_TEST((machine.answered(unspent, 1s) == step::release));
    BOOST_TEST(machine.decided()); // nobody has to wait for that
    for (int i = 0; i < 50; ++i) {
        BOOST_TEST((machine.released(errc::token_store_failed, 1s) == step::sleep));
        BOOST_TEST((machine.woken(machine.wake_at()) == step::release));
    }
    BOOST_TEST((machine.released({}, 1s) == step::done));
    BOOST_TEST(!machine.outcome().undecided);
}

BOOST_AUTO_TEST_CASE(a_lease_that_ended_before_it_was_used_is_acquired_again)
{
    refresh_machine machine(stored_plan(), 1);
    machine.start(0s);
    machine.turn_taken(0s);
    int rounds = 0;
    while (machine.acquired(lease_of(lease_state::granted), 0s) == step::begin) {
        // The mark of an earlier try has to go first.
        BOOST_TEST((machine.begun(errc::lease_lost, 0s) == step::release));
        if (machine.released({}, 0s) != step::acquire)
            break;
        BOOST_TEST_REQUIRE(++rounds < 100);
    }
    BOOST_TEST(rounds == 8);
    BOOST_TEST((machine.outcome().reason == errc::lease_lost));
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_is_asked_some_times_and_nothing_is_sent)
{
    refresh_machine machine(stored_plan(), 1);
    machine.start(0s);
    int times = 1;
    step next = machine.turn_taken(0s);
    for (next = machine.acquired(errc::token_store_failed, 0s); next == step::sleep; ++times) {
        BOOST_TEST((machine.woken(machine.wake_at()) == step::take_turn));
        machine.turn_taken(0s);
        next = machine.acquired(errc::token_store_failed, 0s);
    }
    BOOST_TEST((next == step::done));
    BOOST_TEST(times == 4);
    BOOST_TEST((machine.outcome().reason == errc::token_store_failed));
    BOOST_TEST(!machine.sent());

    refresh_machine other(stored_plan(), 1);
    other.start(0s);
    other.turn_taken(0s);
    other.acquired(lease_of(lease_state::granted), 0s);
    times = 1;
    for (next = other.begun(errc::token_store_failed, 0s); next == step::sleep; ++times) {
        BOOST_TEST((other.woken(other.wake_at()) == step::begin));
        next = other.begun(errc::token_store_failed, 0s);
    }
    BOOST_TEST(times == 4);
    BOOST_TEST((next == step::release)); // it may have been counted
    BOOST_TEST(other.decided());
}

BOOST_AUTO_TEST_CASE(RF5_invalid_grant)
{
    const error refusal(server_errc::invalid_grant);
    refresh_machine alone = at_send({});
    BOOST_TEST((alone.answered(refusal, 1s) == step::done));
    BOOST_TEST((alone.outcome().what == kind::ended));
    BOOST_TEST(alone.outcome().reason.grant_spent());

    refresh_machine stored = at_send();
    BOOST_TEST((stored.answered(refusal, 1s) == step::load));
    BOOST_TEST((stored.loaded(grant_record(5, nullptr), 1s) == step::end));
    BOOST_TEST(has_ended(*stored.fresh()));
    BOOST_TEST((stored.ended(6, 1s) == step::done));
    BOOST_TEST((stored.outcome().what == kind::ended));

    refresh_machine replaced = at_send();
    replaced.answered(refusal, 1s);
    BOOST_TEST((replaced.loaded(grant_record(6, tokens("newer")), 1s) == step::done));
    BOOST_TEST((replaced.outcome().what == kind::adopted));

    // Replaced between looking and ending.
    refresh_machine late = at_send();
    late.answered(refusal, 1s);
    late.loaded(grant_record(5, nullptr), 1s);
    BOOST_TEST((late.ended(errc::lease_lost, 1s) == step::load));
    BOOST_TEST((late.loaded(grant_record(6, tokens("newer")), 1s) == step::done));
    BOOST_TEST((late.outcome().what == kind::adopted));
}

BOOST_AUTO_TEST_CASE(RF19_tokens_of_a_grant_that_was_forgotten_are_revoked_and_not_of_one_that_was_replaced)
{
    refresh_machine machine = at_send();
    machine.answered(*tokens("1"), 1s);
    BOOST_TEST((machine.completed(errc::lease_lost, 1s) == step::load));
    BOOST_TEST((machine.loaded(grant_record(6, tokens("newer")), 1s) == step::done));
    BOOST_TEST((machine.outcome().what == kind::adopted));

    refresh_machine erased = at_send();
    erased.answered(*tokens("1"), 1s);
    BOOST_TEST((erased.completed(errc::grant_unknown, 1s) == step::revoke));
    BOOST_TEST((erased.revoked(1s) == step::done));
    BOOST_TEST((erased.outcome().what == kind::ended));

    // Forgotten while it is found out what the store has.
    refresh_machine erased_later = at_send();
    erased_later.answered(*tokens("1"), 1s);
    erased_later.completed(errc::lease_lost, 1s);
    BOOST_TEST((erased_later.loaded(errc::grant_unknown, 1s) == step::revoke));

    refresh_machine forgotten_later = at_send();
    forgotten_later.answered(*tokens("1"), 1s);
    forgotten_later.completed(errc::lease_lost, 1s);
    forgotten_later.abandon(true);
    BOOST_TEST((forgotten_later.loaded(grant_record(5, nullptr), 1s) == step::revoke));

    for (const bool forgotten : {false, true}) {
        refresh_machine abandoned = at_send();
        abandoned.abandon(forgotten);
        BOOST_TEST((abandoned.answered(*tokens("1"), 1s) == (forgotten ? step::revoke : step::done)));
        BOOST_TEST((abandoned.outcome().what == kind::abandoned));
    }
}

/// One that has tokens, and that somebody took for gone.
refresh_machine at_reclaim()
{
    refresh_machine out = at_send();
    BOOST_TEST_REQUIRE((out.answered(*tokens("1"), 1s) == step::complete));
    BOOST_TEST_REQUIRE((out.completed(errc::lease_lost, 1s) == step::load));
    BOOST_TEST_REQUIRE((out.loaded(grant_record(5, nullptr), 1s) == step::acquire));
    BOOST_TEST_REQUIRE(out.tries() > 1'000'000u);
    return out;
}

BOOST_AUTO_TEST_CASE(RF28_tokens_that_nobody_else_got_are_stored_by_whom_was_taken_for_gone)
{
    refresh_machine machine = at_reclaim();
    steady_time now = 1s;
    for (int i = 0; i < 20; ++i) { // for the other one to say what it got
        BOOST_TEST((machine.acquired(lease_of(lease_state::held), now) == step::sleep));
        now = machine.wake_at();
        BOOST_TEST((machine.woken(now) == step::acquire));
    }
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST((machine.acquired(errc::token_store_failed, now) == step::sleep));
        now = machine.wake_at();
        BOOST_TEST((machine.woken(now) == step::acquire));
    }
    machine.stop(); // what was sent is stored
    BOOST_TEST((machine.acquired(lease_of(lease_state::granted), now) == step::begin));
    BOOST_TEST((machine.renew_at() != never));
    BOOST_TEST((machine.begun(errc::token_store_failed, now) == step::sleep));
    BOOST_TEST((machine.woken(machine.wake_at()) == step::begin));
    BOOST_TEST((machine.begun(errc::lease_lost, now) == step::sleep));
    BOOST_TEST((machine.woken(machine.wake_at()) == step::acquire));
    BOOST_TEST((machine.acquired(lease_of(lease_state::granted), now) == step::begin));
    BOOST_TEST((machine.begun({}, now) == step::complete));
    BOOST_TEST(machine.fresh()->access_token().expose() == "access-1");
    BOOST_TEST((machine.completed(6, now) == step::done));
    BOOST_TEST((machine.outcome().what == kind::refreshed));

    // Whatever came of the first time, when the second one brought them.
    refresh_machine again = at_repetition();
    BOOST_TEST((again.answered(*tokens("1"), 4s) == step::complete));
    again.completed(errc::lease_lost, 4s);
    again.loaded(grant_record(5, nullptr), 4s);
    again.acquired(lease_of(lease_state::granted), 4s);
    BOOST_TEST((again.begun(errc::token_store_failed, 4s) == step::sleep));
    again.stop();
    BOOST_TEST((again.woken(again.wake_at()) == step::begin));
    BOOST_TEST((again.begun({}, 5s) == step::complete));

    // The other one got some, too: after these.
    for (const auto state : {lease_state::held, lease_state::granted}) {
        refresh_machine late = at_reclaim();
        BOOST_TEST((late.acquired(lease_of(state, 6), 1s) ==
                    (state == lease_state::held ? step::done : step::release)));
        BOOST_TEST((late.outcome().what == kind::adopted));
        BOOST_TEST(late.outcome().tokens->access_token().expose() == "access-newer");
    }
    // It was forgotten, here or elsewhere.
    refresh_machine erased = at_reclaim();
    BOOST_TEST((erased.acquired(errc::grant_unknown, 1s) == step::revoke));
    BOOST_TEST((erased.revoked(1s) == step::done));
    BOOST_TEST((erased.outcome().reason == errc::grant_unknown));
    refresh_machine forgotten = at_reclaim();
    forgotten.abandon(true);
    BOOST_TEST((forgotten.acquired(lease_of(lease_state::granted), 1s) == step::revoke));
}

/// Walks at random, and looks what must never happen.
void walk(std::mt19937_64& random)
{
    const auto chance = [&random](unsigned of) { return random() % of == 0; };
    refresh_plan plan = stored_plan();
    plan.stored = !chance(3);
    plan.hooked = chance(2);
    plan.only_look = chance(5);
    plan.reason = silent;
    plan.repetitions = static_cast<unsigned>(random() % 3);
    plan.in_doubt = chance(4);
    plan.of_use = chance(3);
    refresh_machine machine(plan, random());
    bool erased = false;
    const auto failure = [&]() -> error {
        switch (random() % 3) {
        case 0:
            return errc::token_store_failed;
        case 1:
            return errc::lease_lost;
        default:
            erased = true;
            return errc::grant_unknown;
        }
    };
    const auto outcome = [&]() -> result<void> {
        if (chance(3))
            return failure();
        return {};
    };
    const auto number = [&]() -> result<std::uint64_t> {
        if (chance(3))
            return failure();
        return 6;
    };
    const std::array records{grant_record(5, nullptr), grant_record(6, tokens("newer")),
                             grant_record(4, tokens("older")),
                             grant_record(6, std::make_shared<const token_set>())};
    steady_time now{};
    int sent = 0;
    bool begun = false;
    bool stored = false;
    bool answered = false;
    bool granted = false;
    bool abandoned = false;
    bool forgotten = false;
    bool stopped = false;
    bool unclear = false; // what came of the first time
    step next = machine.start(now);
    for (int i = 0; next != step::done; ++i) {
        BOOST_TEST_REQUIRE(i < 3000); // everything ends, with a little luck
        now += std::chrono::milliseconds(random() % 200);
        const bool knew = abandoned;
        const bool knew_of_stop = stopped;
        if (!abandoned && chance(40)) {
            abandoned = chance(2);
            forgotten = abandoned && chance(2);
            stopped = !abandoned;
            abandoned ? machine.abandon(forgotten) : machine.stop();
        }
        if (chance(10))
            machine.renewed(outcome(), now);
        switch (next) {
        case step::take_turn:
            next = machine.turn_taken(now);
            break;
        case step::load:
            next = chance(3) ? machine.loaded(failure(), now) : machine.loaded(records[random() % 4], now);
            break;
        case step::acquire: {
            BOOST_TEST_REQUIRE((sent == 0 || answered));
            granted = false;
            const auto state = static_cast<lease_state>(random() % 3);
            const bool fails = chance(4);
            granted = !fails && state == lease_state::granted;
            next = fails ? machine.acquired(failure(), now)
                         : machine.acquired(lease(state, records[chance(4) ? random() % 4 : 0], 3s), now);
            break;
        }
        case step::begin: {
            BOOST_TEST_REQUIRE(granted);
            const auto came = outcome();
            begun = came.has_value();
            next = machine.begun(came, now);
            break;
        }
        case step::send:
            ++sent;
            BOOST_TEST_REQUIRE(sent <= 1 + static_cast<int>(plan.in_doubt ? 0 : plan.repetitions));
            BOOST_TEST_REQUIRE((sent == 1 || (unclear && !knew_of_stop)));
            BOOST_TEST_REQUIRE((begun || !plan.stored));
            BOOST_TEST_REQUIRE(!plan.only_look);
            BOOST_TEST_REQUIRE(!knew);
            BOOST_TEST_REQUIRE(machine.holds_turn());
            switch (random() % 4) {
            case 0:
                next = machine.answered(unspent, now);
                break;
            case 1:
                unclear = true;
                next = machine.answered(silent, now);
                break;
            case 2:
                next = machine.answered(error(server_errc::invalid_grant), now);
                break;
            default:
                answered = true;
                next = machine.answered(*tokens("1"), now);
            }
            BOOST_TEST_REQUIRE(!machine.holds_turn());
            break;
        case step::persist:
            BOOST_TEST_REQUIRE((answered && plan.hooked));
            next = machine.persisted(outcome(), now);
            break;
        case step::complete: {
            BOOST_TEST_REQUIRE((answered && plan.stored));
            const auto came = number();
            stored = came.has_value();
            next = machine.completed(came, now);
            break;
        }
        case step::end:
            BOOST_TEST_REQUIRE((sent >= 1 && !answered));
            BOOST_TEST_REQUIRE(has_ended(*machine.fresh()));
            next = machine.ended(number(), now);
            break;
        case step::revoke:
            BOOST_TEST_REQUIRE((answered && (forgotten || erased)));
            next = machine.revoked(now);
            break;
        case step::release:
            BOOST_TEST_REQUIRE((!unclear || answered)); // else the mark stays
            granted = false;
            next = machine.released(outcome(), now);
            break;
        case step::sleep:
            BOOST_TEST_REQUIRE((machine.wake_at() <= now + 5s));
            next = machine.woken(chance(4) ? now : machine.wake_at());
            break;
        case step::done:
            break;
        }
    }
    BOOST_TEST_REQUIRE(machine.decided());
    BOOST_TEST_REQUIRE(!machine.holds_turn());
    BOOST_TEST_REQUIRE((machine.renew_at() == never));
    const refresh_outcome& end = machine.outcome();
    if (end.what == kind::refreshed)
        BOOST_TEST_REQUIRE((answered && !abandoned && (stored || !plan.stored)));
    if (end.what == kind::refreshed || end.what == kind::adopted)
        BOOST_TEST_REQUIRE((end.tokens && end.generation > 5));
    BOOST_TEST_REQUIRE(
        (!end.undecided || plan.repetitions == 0 || plan.only_look || end.reason.grant_spent()));
    if (end.in_doubt)
        BOOST_TEST_REQUIRE((plan.repetitions > 0 && end.reason == condition::retryable));
    if (end.what == kind::failed || end.what == kind::ended)
        BOOST_TEST_REQUIRE((end.reason.code().value() != 0));
}

BOOST_AUTO_TEST_CASE(RF1_RF2_RF6_what_must_never_happen)
{
    std::mt19937_64 random(99);
    for (int i = 0; i < 20'000; ++i)
        walk(random);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
