#include "stage.hpp"

#include <algorithm>
#include <utility>

namespace coauth_test::simulation {

stage::stage(std::uint64_t seed, tracing how)
    : world_(seed, how),
      plan_(world_.chance()),
      ledger_(world_, plan_),
      provider_(ledger_),
      store_(ledger_, provider_),
      sign_ins_(world_),
      applications_(plan_.processes),
      starts_(plan_.processes)
{
}

stage::stage(std::uint64_t seed, tracing how, unsigned crashing, std::uint64_t after_steps, ending crash)
    : world_(seed, how),
      plan_(plan::plain()),
      ledger_(world_, plan_),
      provider_(ledger_),
      store_(ledger_, provider_),
      sign_ins_(world_),
      applications_(plan_.processes),
      starts_(plan_.processes),
      crashing_(crashing),
      crash_after_(after_steps),
      crash_(crash)
{
}

stage::~stage()
{
    left_.insert(left_.end(), applications_.begin(), applications_.end());
    for (const application_ptr& each : left_)
        if (each && each->runs()->alive())
            world_.run(each->runs(), [&each] { each->crash(true); });
}

void stage::describe()
{
    world_.say("processes ", plan_.processes, ", grants ", plan_.grants,
               plan_.with_store ? ", store" : ", no store", plan_.with_hook ? ", hook" : "",
               plan_.in_background ? ", run()" : "",
               plan_.rotates == rotation::strict     ? ", strict rotation"
               : plan_.rotates == rotation::tolerant ? ", tolerant rotation"
                                                     : ", no rotation");
    world_.say("tokens live ", plan_.token_life ? duration(*plan_.token_life) : duration(-1s), ", lead ",
               duration(plan_.bounds.refresh_lead), ", early ", duration(plan_.bounds.early_expiry),
               ", interval ", duration(plan_.bounds.refresh_interval), ", lease ",
               duration(plan_.bounds.refresh_lease), ", deadline ", duration(plan_.bounds.exchange_deadline),
               ", tries ", plan_.bounds.refresh_retries_of_unknown_outcome);
}

void stage::start(unsigned number)
{
    const auto made = std::make_shared<process>(world_, number, starts_[number]++);
    if (!ledger_.calm() && world_.chance().chance(plan_.faults.wall_clock_jump * 10))
        made->set_wall_error(world_.chance().between(duration(-1h), duration(1h)));
    applications_[number] = std::make_shared<application>(made, ledger_, provider_,
                                                          plan_.with_store ? &store_ : nullptr, sign_ins_);
    const application_ptr mine = applications_[number];
    world_.run(made, [&mine] { mine->start(); });
    live(number);
}

/// The next thing that a user does, and the one after that.
void stage::live(unsigned number)
{
    const application_ptr mine = applications_[number];
    const duration pause = world_.chance().between(duration(0), 2 * plan_.pause);
    world_.in(pause, mine->runs(), [this, mine, number] {
        if (ledger_.calm() || mine->closed())
            return;
        // Now and then many at once.
        const std::uint64_t many = world_.chance().chance(100) ? world_.chance().between(2, 10) : 1;
        for (std::uint64_t i = 0; i < many; ++i)
            mine->do_something();
        if (plan_.with_store && ledger_.happens(&fault_rates::store_restarts))
            store_.restart(world_.chance().between(duration(100ms), duration(30s)));
        live(number);
    });
}

void stage::suspend(const application_ptr& who)
{
    random& chance = world_.chance();
    const duration lasts = chance.between(duration(10ms), 3 * duration(plan_.bounds.refresh_lease));
    const bool stops = chance.chance(500);
    world_.say(who->runs()->name(), " is suspended for ", lasts, stops ? ", its steady clock, too" : "");
    who->runs()->suspend(world_.now() + lasts, stops);
}

void stage::leave(const application_ptr& who, ending how)
{
    world_.run(who->runs(), [&] {
        if (how == ending::crash)
            who->crash(world_.chance().chance(500));
        else if (how == ending::close)
            who->close();
        else
            who->stop();
    });
    const unsigned number = who->runs()->number();
    left_.push_back(std::exchange(applications_[number], nullptr));
    world_.in(world_.chance().between(duration(10ms), duration(20s)), [this, number] {
        if (!applications_[number])
            start(number);
    });
}

void stage::disturb(const application_ptr& who)
{
    if (!crashed_ && world_.steps() == crash_after_) {
        crashed_ = true;
        leave(applications_[crashing_], crash_);
        return;
    }
    if (!who || who->closed() || who->runs()->suspended_until() > world_.now())
        return;
    if (ledger_.happens(&fault_rates::crash))
        leave(who, ending::crash);
    else if (ledger_.happens(&fault_rates::stop))
        leave(who, world_.chance().chance(500) ? ending::close : ending::stop);
    else if (ledger_.happens(&fault_rates::suspension))
        suspend(who);
    else if (ledger_.happens(&fault_rates::wall_clock_jump))
        who->runs()->set_wall_error(who->runs()->wall_error() +
                                    world_.chance().between(duration(-24h), duration(24h)));
}

/// @return false if the run cannot go on
bool stage::run_until(duration when)
{
    constexpr std::uint64_t most_steps = 200'000;
    bool arrived = false;
    world_.in(when - world_.now(), [&arrived] { arrived = true; });
    while (!arrived && world_.violated().empty()) {
        world_.step();
        if (world_.steps() > most_steps)
            world_.violation("there is no end to it");
        if (!ledger_.calm() && !applications_.empty())
            disturb(applications_[world_.chance().below(applications_.size())]);
    }
    return world_.violated().empty();
}

bool stage::play_with_faults()
{
    for (unsigned number = 0; number < plan_.processes; ++number)
        start(number);
    for (unsigned grant = 0; grant < plan_.grants; ++grant) {
        const application_ptr& at = applications_[world_.chance().below(plan_.processes)];
        world_.run(at->runs(), [&] { at->sign_in("g" + std::to_string(grant)); });
    }
    return run_until(plan_.length);
}

/// What can be expected of a grant once nothing goes wrong any more.
void stage::expect_answer(const application_ptr& of, const std::string& key, coauth::detail::grant_wish wish)
{
    const auto answer = of->answer(key);
    const std::string who = of->runs()->name() + ": ";
    if (!answer) {
        world_.violation(who + "no end to a refresh of " + key);
        return;
    }
    const coauth::shared_tokens kept = plan_.with_store ? store_.tokens(key) : nullptr;
    const bool forgotten = sign_ins_.is_forgotten(key);
    if (plan_.with_store && forgotten && kept)
        world_.violation(key + " was forgotten, and is in the store again");
    if (*answer)
        return;
    const coauth::error& reason = answer->error();
    const bool final = reason == coauth::condition::reauthorization_required;
    const bool of_no_use = wish == coauth::detail::grant_wish::usable;
    if (final && of_no_use && reason != coauth::errc::grant_unknown &&
        reason != coauth::errc::refresh_token_missing && !of->told(key))
        world_.violation(who + "nobody was told that " + key + " needs a new sign-in");
    if (!plan_.with_store)
        return;
    if (!kept) {
        if (reason != coauth::errc::grant_unknown && !final)
            world_.violation(who + key + " is nowhere, and not told so");
        return;
    }
    const bool expected = !provider_.good(*kept) || store_.undecided_by_nature(key);
    const bool expires_at_once = plan_.token_life && *plan_.token_life == 0s;
    const bool just_adopted = expires_at_once && reason == coauth::errc::refreshed_too_recently;
    // While the access token is of use, what may be spent is not sent again.
    const bool waits = !of_no_use && of->was_in_doubt(key) && reason == coauth::condition::retryable;
    if (expected && !final && !waits && (of_no_use || !just_adopted))
        world_.violation(who + key + " is lost, and its users are not told to sign in again");
    if (!expected && !just_adopted && !waits)
        world_.violation(who + key + " does not work any more: " + reason.qualified_name());
}

bool stage::play_calmly()
{
    world_.say("from now on nothing goes wrong");
    ledger_.calm_down();
    for (unsigned number = 0; number < plan_.processes; ++number)
        if (!applications_[number])
            start(number);
    // Retry-After and backoff end, leases of the dead, too.
    if (!run_until(world_.now() + duration(90s) + 2 * duration(plan_.bounds.refresh_lease)))
        return false;
    for (const application_ptr& each : applications_)
        if (each->pending() != 0)
            world_.violation(each->runs()->name() + ": " + each->first_pending() + " does not end");
    for (const auto wish : {coauth::detail::grant_wish::newer, coauth::detail::grant_wish::usable}) {
        for (const application_ptr& each : applications_)
            for (unsigned grant = 0; grant < plan_.grants; ++grant)
                world_.run(each->runs(), [&] { each->token("g" + std::to_string(grant), wish); });
        if (!run_until(world_.now() + duration(60s)))
            return false;
        for (const application_ptr& each : applications_)
            for (unsigned grant = 0; grant < plan_.grants; ++grant)
                expect_answer(each, "g" + std::to_string(grant), wish);
        if (!world_.violated().empty())
            return false;
    }
    return world_.violated().empty();
}

bool stage::take_down()
{
    for (application_ptr& each : applications_) {
        world_.run(each->runs(), [&] { each->close(); });
        left_.push_back(std::exchange(each, nullptr));
    }
    applications_.clear();
    if (!run_until(world_.now() + duration(60s)))
        return false;
    for (const application_ptr& each : left_)
        if (each->stopping() && each->runs()->alive())
            world_.violation(each->runs()->name() + ": stop() does not end");
    for (const application_ptr& each : left_)
        if (each->runs()->alive() && each->pending() != 0)
            world_.violation(each->runs()->name() + ": " + each->first_pending() +
                             " goes on without a scheduler");
    for (const application_ptr& each : left_)
        if (each->runs()->alive() && !each->runs()->idle())
            world_.violation(each->runs()->name() +
                             " leaves something behind: " + std::to_string(each->runs()->waits()) + " waits");
    for (unsigned grant = 0; grant < plan_.grants; ++grant)
        if (store_.leased("g" + std::to_string(grant)))
            world_.violation("a lease is left of g" + std::to_string(grant));
    for (unsigned grant = 0; grant < plan_.grants; ++grant) {
        const std::string key = "g" + std::to_string(grant);
        const coauth::shared_tokens kept = plan_.with_store ? store_.tokens(key) : nullptr;
        if (kept && provider_.good(*kept) && !store_.in_doubt(key) && !provider_.newest(*kept))
            world_.violation("the store has other tokens of " + key + " than the provider gave last");
        if (kept && store_.undecided(key) && !store_.undecided_by_nature(key) && provider_.good(*kept))
            world_.violation("nobody may refresh " + key + ", and that for no reason");
    }
    ledger_.check_nothing_dropped();
    return world_.violated().empty();
}

std::string stage::play()
{
    describe();
    if (play_with_faults() && play_calmly())
        take_down();
    return world_.violated();
}

} // namespace coauth_test::simulation
