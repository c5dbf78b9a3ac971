// Floor 4. For other .ipp files: the rules of token_store about refreshes.
#ifndef COAUTH_IMPL_TESTING_DETAIL_REFRESH_SCENARIOS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_REFRESH_SCENARIOS_IPP

#include <coauth/detail/config.hpp>
#include <coauth/impl/testing/detail/grant_scenarios.ipp>
#include <coauth/impl/testing/detail/side_by_side.ipp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

class refresh_scenarios : public grant_scenarios {
public:
    using grant_scenarios::grant_scenarios;

    nothing beginning()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        const result<void> never = co_await store_->begin_refresh(kept.key, a, kept.generation);
        rules_.require_failure(never, errc::lease_lost, "begin_refresh() fails without a lease");
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        const result<void> stranger = co_await store_->begin_refresh(kept.key, b, kept.generation);
        rules_.require_failure(stranger, errc::lease_lost,
                               "begin_refresh() fails for another than the owner");
        const result<void> newer = co_await store_->begin_refresh(kept.key, a, kept.generation + 1);
        rules_.require_failure(newer, errc::lease_lost, "begin_refresh() fails for another generation");
        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        const result<void> late = co_await store_->begin_refresh(kept.key, a, kept.generation);
        rules_.require_failure(late, errc::lease_lost, "begin_refresh() fails once the lease has ended");
        const result<lease> next = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(granted(next), "A begin_refresh() that failed does not count");
    }

    nothing sending_once()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        const result<void> begun = co_await store_->begin_refresh(kept.key, a, kept.generation);
        rules_.require_success(begun, "begin_refresh() succeeds for the owner of the lease");
        const result<void> repeated = co_await store_->begin_refresh(kept.key, a, kept.generation);
        rules_.require_success(repeated, "begin_refresh() can be repeated");
        const result<lease> held = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(held && held->state() == lease_state::held,
                       "acquire() says held, not undecided, while a refresh has time left");
        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        const result<lease> refused = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        if (rules_.require(
                refused && refused->state() == lease_state::undecided,
                "acquire() says undecided after a refresh that neither completed nor was released: "
                "nobody sends a refresh token twice"))
            rules_.require(refused->record().generation() == kept.generation &&
                               same(refused->record().tokens(), tokens_named("first")),
                           "acquire() gives the grant as it is, also if it is undecided");
        const result<void> denied = co_await store_->begin_refresh(kept.key, b, kept.generation);
        rules_.require_failure(denied, errc::lease_lost, "Who was told undecided has no lease");
        const result<lease> tolerated = co_await store_->acquire(kept.key, b, long_lease, 0, 1);
        rules_.require(
            granted(tolerated),
            "A refresh token that was sent once, however often begin_refresh() was repeated, can be "
            "sent by who may try 1 time more");
    }

    nothing sending_is_counted()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        const random_value c = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 1);
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        (void)co_await store_->acquire(kept.key, b, long_lease, 0, 1);
        (void)co_await store_->begin_refresh(kept.key, b, kept.generation);
        (void)co_await store_->renew(kept.key, b, settings_.short_lease());
        co_await pass_short_lease();
        const result<lease> refused = co_await store_->acquire(kept.key, c, long_lease, 0, 1);
        rules_.require(refused && refused->state() == lease_state::undecided,
                       "begin_refresh() counts once for each owner");
        const result<lease> tolerated = co_await store_->acquire(kept.key, c, long_lease, 0, 2);
        rules_.require(granted(tolerated), "acquire() grants as many tries as it is told to");
    }

    nothing completion()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        const result<std::uint64_t> completed =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        if (!rules_.require_success(completed, "complete_refresh() succeeds for who began the refresh"))
            co_return;
        rules_.require(*completed > kept.generation, "complete_refresh() makes a greater generation");
        const result<grant_record> found = co_await store_->load(kept.key, kept.generation);
        rules_.require(is(found, "second", *completed), "complete_refresh() replaces the tokens");
        const result<lease> next = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        if (rules_.require(granted(next),
                           "complete_refresh() ends the lease, and the new refresh token was not sent yet"))
            rules_.require(next->record().generation() == *completed &&
                               same(next->record().tokens(), tokens_named("second")),
                           "acquire() gives the grant as it is");
    }

    nothing late_completion()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        const result<lease> waiting = co_await store_->acquire(kept.key, b, long_lease, 0, 1);
        const result<std::uint64_t> completed =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        if (granted(waiting) &&
            rules_.require_success(
                completed, "complete_refresh() succeeds although the lease ended long ago, and even if "
                           "somebody else has one now who did not begin yet")) {
            const result<void> begun = co_await store_->begin_refresh(kept.key, b, kept.generation);
            rules_.require_failure(begun, errc::lease_lost,
                                   "begin_refresh() fails for a generation that was replaced");
        }
    }

    nothing completion_by_others()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 1);
        const result<std::uint64_t> not_begun =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        rules_.require_failure(not_begun, errc::lease_lost,
                               "complete_refresh() fails for who did not begin the refresh");
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        const result<std::uint64_t> stranger =
            co_await store_->complete_refresh(kept.key, b, kept.generation, tokens_named("second"));
        rules_.require_failure(stranger, errc::lease_lost,
                               "complete_refresh() fails for who did not begin the refresh");
        const result<std::uint64_t> elsewhere =
            co_await store_->complete_refresh(kept.key, a, kept.generation + 1, tokens_named("second"));
        rules_.require_failure(
            elsewhere, errc::lease_lost,
            "complete_refresh() fails for another generation than the one that is refreshed");
        // Fencing: b takes over from a, who comes back.
        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        (void)co_await store_->acquire(kept.key, b, long_lease, 0, 1);
        const result<void> begun = co_await store_->begin_refresh(kept.key, b, kept.generation);
        const result<std::uint64_t> fenced =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        if (begun)
            rules_.require_failure(fenced, errc::lease_lost,
                                   "complete_refresh() fails once somebody else began a refresh");
        const result<grant_record> found = co_await store_->load(kept.key, 0);
        rules_.require(is(found, "first", kept.generation),
                       "A complete_refresh() that fails changes nothing");
        const result<lease> still = co_await store_->acquire(kept.key, a, long_lease, 0, 9);
        rules_.require(still && still->state() == lease_state::held,
                       "A complete_refresh() that fails leaves the lease to who has it");
    }

    nothing completion_again()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        const result<std::uint64_t> first =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        (void)co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        const result<std::uint64_t> again =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        if (!first || !rules_.require_success(again, "complete_refresh() can be repeated"))
            co_return;
        rules_.require(*again == *first, "complete_refresh() that is repeated gives the same generation");
        const result<lease> a_again = co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        rules_.require(a_again && a_again->state() == lease_state::held,
                       "complete_refresh() that is repeated does not end the lease of somebody else");
        (void)co_await store_->begin_refresh(kept.key, b, *first);
        const result<std::uint64_t> third =
            co_await store_->complete_refresh(kept.key, b, *first, tokens_named("third"));
        const result<std::uint64_t> too_late =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        rules_.require_failure(too_late, errc::lease_lost,
                               "complete_refresh() fails for a generation that is long gone");
        const result<grant_record> found = co_await store_->load(kept.key, 0);
        if (third)
            rules_.require(is(found, "third", *third), "Tokens are never replaced by older ones");
    }

    nothing put_during_refresh()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        const result<std::uint64_t> put = co_await store_->put(kept.key, tokens_named("sign-in"));
        const result<std::uint64_t> late =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        rules_.require_failure(late, errc::lease_lost,
                               "complete_refresh() fails if a sign-in replaced the grant meanwhile");
        const result<grant_record> found = co_await store_->load(kept.key, 0);
        if (put)
            rules_.require(is(found, "sign-in", *put),
                           "The tokens of a sign-in stay, whatever refresh ends after it");
        const result<void> renewed = co_await store_->renew(kept.key, a, long_lease);
        rules_.require_failure(renewed, errc::lease_lost, "put() takes the lease away");
        const result<lease> next = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(granted(next), "put() replaces the lease and what was sent");
    }

    nothing release()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        const result<void> stranger = co_await store_->release(kept.key, b);
        rules_.require_success(stranger, "release() of somebody who has no lease is no error");
        const result<lease> held = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(held && held->state() == lease_state::held,
                       "release() of another than the owner does nothing");
        const result<void> released = co_await store_->release(kept.key, a);
        rules_.require_success(released, "release() ends a lease");
        const result<lease> next = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(granted(next), "release() ends a lease");
        const result<void> again = co_await store_->release(kept.key, a);
        rules_.require_success(again, "release() can be repeated");
        const result<lease> still = co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        rules_.require(still && still->state() == lease_state::held,
                       "release() that is repeated does not end the lease of somebody else");
    }

    nothing release_takes_back()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        (void)co_await store_->begin_refresh(kept.key, a, kept.generation);
        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        (void)co_await store_->release(kept.key, b);
        const result<lease> refused = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(!granted(refused), "release() takes back nobody else's begin_refresh()");
        (void)co_await store_->release(kept.key, a);
        const result<lease> next = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(granted(next),
                       "release() takes back the owner's begin_refresh(), also after the lease has ended");
        const result<std::uint64_t> late =
            co_await store_->complete_refresh(kept.key, a, kept.generation, tokens_named("second"));
        rules_.require_failure(late, errc::lease_lost, "complete_refresh() fails after release()");
    }

    nothing many_at_once()
    {
        const grant kept = co_await new_grant();
        const auto seen = std::make_shared<tally>();
        std::vector<nothing> operations;
        for (int i = 0; i < 32; ++i)
            operations.push_back(acquire_one(store_, kept.key, random_for_check(), seen));
        co_await run_side_by_side(std::move(operations));
        rules_.require(seen->granted == 1, "Of many that acquire a lease at once, one gets it");

        const std::string key = new_key();
        const auto generations = std::make_shared<std::vector<std::uint64_t>>(32);
        operations.clear();
        for (std::size_t i = 0; i < generations->size(); ++i)
            operations.push_back(put_one(store_, key, tokens_named(std::to_string(i)), generations, i));
        co_await run_side_by_side(std::move(operations));
        const auto last = std::max_element(generations->begin(), generations->end());
        const result<grant_record> found = co_await store_->load(key, 0);
        rules_.require(is(found, std::to_string(last - generations->begin()), *last),
                       "Of many that put at once, the tokens of the greatest generation stay");
        std::sort(generations->begin(), generations->end());
        rules_.require(generations->front() != 0 &&
                           std::adjacent_find(generations->begin(), generations->end()) == generations->end(),
                       "Of many that put at once, each makes a generation of its own");
    }

private:
    struct tally {
        std::atomic<int> granted{0};
    };

    static nothing acquire_one(any_token_store store, std::string key, random_value owner,
                               std::shared_ptr<tally> seen)
    {
        const result<lease> outcome = co_await store->acquire(key, owner, long_lease, 0, 0);
        if (granted(outcome))
            ++seen->granted;
    }

    static nothing put_one(any_token_store store, std::string key, shared_tokens tokens,
                           std::shared_ptr<std::vector<std::uint64_t>> generations, std::size_t index)
    {
        const result<std::uint64_t> outcome = co_await store->put(key, tokens);
        if (outcome)
            (*generations)[index] = *outcome;
    }
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
