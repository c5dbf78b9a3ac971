// Floor 4. For other .ipp files: the rules of token_store about grants and leases.
#ifndef COAUTH_IMPL_TESTING_DETAIL_GRANT_SCENARIOS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_GRANT_SCENARIOS_IPP

#include <coauth/detail/config.hpp>
#include <coauth/impl/testing/detail/token_store_checker.ipp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

class grant_scenarios : public token_store_checker {
public:
    using token_store_checker::token_store_checker;

    nothing put_and_load()
    {
        const std::string key = new_key();
        // What does not survive a careless encoding.
        token_set full(secret(std::string(6000, 'a') + ".\"\\/%{}~"), "bEaReR",
                       scope::parse("b a urn:x:c").value());
        full.set_refresh_token(secret("refresh-token-1"))
            .set_received_at(token_set::time_point(std::chrono::seconds(1'790'000'000)))
            .set_expires_at(token_set::time_point(std::chrono::seconds(1'790'003'600)))
            .set_scope_assumed(true);
        const auto tokens = std::make_shared<const token_set>(std::move(full));
        const result<std::uint64_t> put = co_await store_->put(key, tokens);
        if (!rules_.require_success(put, "put() keeps tokens"))
            co_return;
        rules_.require(*put != 0, "No generation is 0");
        const result<grant_record> found = co_await store_->load(key, 0);
        if (!rules_.require_success(found, "load() finds what was put"))
            co_return;
        rules_.require(found->generation() == *put, "load() gives the generation that put() gave");
        rules_.require(same(found->tokens(), tokens), "load() gives the tokens that were put");
        const result<grant_record> known = co_await store_->load(key, *put);
        if (rules_.require_success(known, "load() finds what was put"))
            rules_.require(known->generation() == *put && !known->tokens(),
                           "load() gives no tokens to somebody who knows their generation");
        const result<grant_record> other = co_await store_->load(key, *put + 1);
        if (rules_.require_success(other, "load() finds what was put"))
            rules_.require(
                same(other->tokens(), tokens),
                "load() gives the tokens to somebody who knows another generation, be it a greater "
                "one");

        // Only what a server has to send.
        const auto poor =
            std::make_shared<const token_set>(token_set(secret("access-token"), "Bearer", scope()));
        const result<std::uint64_t> again = co_await store_->put(key, poor);
        const result<grant_record> replaced = co_await store_->load(key, 0);
        if (rules_.require_success(again, "put() keeps tokens without refresh token, scope and expiry") &&
            rules_.require_success(replaced, "load() finds what was put"))
            rules_.require(same(replaced->tokens(), poor), "load() gives the tokens that were put");
    }

    nothing keys()
    {
        const std::string first = new_key();
        std::vector<std::string> all{first,       first + " ",       first + std::string(1, '\0'),
                                     first + "A", first + "a",       first + "\n",
                                     first + "*", first + "{other}", first + "/../x",
                                     first + "%", first + "\xff\xfe"};
        all.push_back(first + std::string(512 - first.size(), 'k'));
        for (const std::string& key : all) {
            keys_.push_back(key);
            const shared_tokens tokens = tokens_named(key);
            const result<std::uint64_t> put = co_await store_->put(key, tokens);
            rules_.require_success(put, "A key may have any bytes, up to 512");
        }
        for (const std::string& key : all) {
            const result<grant_record> found = co_await store_->load(key, 0);
            rules_.require(found && same(found->tokens(), tokens_named(key)),
                           "Keys that differ in any byte are of different grants");
        }
    }

    nothing put_again()
    {
        const std::string key = new_key();
        const result<std::uint64_t> first = co_await store_->put(key, tokens_named("first"));
        const result<std::uint64_t> second = co_await store_->put(key, tokens_named("second"));
        const result<grant_record> found = co_await store_->load(key, 0);
        if (first && rules_.require_success(second, "put() replaces a grant") && found) {
            rules_.require(*second > *first, "put() makes a greater generation than the grant had");
            rules_.require(is(found, "second", *second), "put() replaces the tokens");
        }
    }

    nothing erase()
    {
        const std::string key = new_key();
        const result<std::uint64_t> first = co_await store_->put(key, tokens_named("first"));
        const result<void> erased = co_await store_->erase(key);
        rules_.require_success(erased, "erase() forgets a grant");
        const result<grant_record> gone = co_await store_->load(key, 0);
        rules_.require_failure(gone, errc::grant_unknown, "What was erased is gone");
        const result<void> again = co_await store_->erase(key);
        rules_.require_success(again, "erase() of a grant that is not there is no error");
        const result<std::uint64_t> second = co_await store_->put(key, tokens_named("second"));
        if (first && rules_.require_success(second, "put() works after erase()"))
            rules_.require(*second > *first,
                           "put() makes a greater generation than the key ever had, also if it was erased");
    }

    nothing unknown_grant()
    {
        constexpr std::string_view rule = "load(), acquire(), renew(), begin_refresh(), complete_refresh() "
                                          "and release() of a grant that is "
                                          "not there fail with errc::grant_unknown";
        const std::string key = new_key();
        const random_value owner = random_for_check();
        const result<grant_record> loaded = co_await store_->load(key, 0);
        rules_.require_failure(loaded, errc::grant_unknown, rule);
        const result<lease> acquired = co_await store_->acquire(key, owner, long_lease, 0, 0);
        rules_.require_failure(acquired, errc::grant_unknown, rule);
        const result<void> renewed = co_await store_->renew(key, owner, long_lease);
        rules_.require_failure(renewed, errc::grant_unknown, rule);
        const result<void> begun = co_await store_->begin_refresh(key, owner, 1);
        rules_.require_failure(begun, errc::grant_unknown, rule);
        const result<std::uint64_t> completed =
            co_await store_->complete_refresh(key, owner, 1, tokens_named("new"));
        rules_.require_failure(completed, errc::grant_unknown, rule);
        const result<void> released = co_await store_->release(key, owner);
        rules_.require_failure(released, errc::grant_unknown, rule);
        const result<grant_record> still = co_await store_->load(key, 0);
        rules_.require_failure(still, errc::grant_unknown, "Nothing but put() makes a grant");
    }

    nothing one_lease()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        const result<lease> first = co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        if (rules_.require(granted(first), "acquire() grants a lease if nobody has one"))
            rules_.require(first->record().generation() == kept.generation &&
                               same(first->record().tokens(), tokens_named("first")),
                           "acquire() gives the grant as it is");
        const result<lease> second = co_await store_->acquire(kept.key, b, long_lease, kept.generation, 9);
        if (rules_.require(second && second->state() == lease_state::held,
                           "acquire() says held while somebody else has a lease")) {
            rules_.require(second->remaining() > second->remaining().zero() &&
                               second->remaining() <= long_lease,
                           "A lease that is held says how long it lasts");
            rules_.require(second->record().generation() == kept.generation && !second->record().tokens(),
                           "acquire() gives no tokens to somebody who knows their generation");
        }
        const result<lease> again = co_await store_->acquire(kept.key, a, long_lease, kept.generation, 0);
        rules_.require(granted(again), "acquire() of the owner grants it again");
        const result<lease> third = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(third && third->state() == lease_state::held &&
                           same(third->record().tokens(), tokens_named("first")),
                       "acquire() gives the grant as it is, also if the lease is held");
        const result<lease> elsewhere = co_await acquire_new(b);
        rules_.require(granted(elsewhere), "Leases of different grants have nothing to do with each other");
    }

    nothing lease_ends()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        const random_value c = random_for_check();
        (void)co_await store_->acquire(kept.key, a, settings_.short_lease(), 0, 0);
        (void)co_await store_->acquire(kept.key, a, long_lease, 0, 0);
        co_await pass_short_lease();
        const result<lease> early = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(early && early->state() == lease_state::held,
                       "acquire() of the owner lasts for its duration from then on");
        (void)co_await store_->acquire(kept.key, a, settings_.short_lease(), 0, 0);
        co_await pass_short_lease();
        const result<lease> late = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(granted(late), "A lease ends after its duration");
        const result<lease> other = co_await store_->acquire(kept.key, c, long_lease, 0, 0);
        rules_.require(!granted(other), "A lease that was granted after another one ended is one");
    }

    nothing renewal()
    {
        const grant kept = co_await new_grant();
        const random_value a = random_for_check();
        const random_value b = random_for_check();
        const result<void> never = co_await store_->renew(kept.key, a, long_lease);
        rules_.require_failure(never, errc::lease_lost, "renew() fails for somebody who never had the lease");
        (void)co_await store_->acquire(kept.key, a, settings_.short_lease(), 0, 0);
        const result<void> renewed = co_await store_->renew(kept.key, a, long_lease);
        rules_.require_success(renewed, "renew() renews the owner's lease");
        co_await pass_short_lease();
        const result<lease> held = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(held && held->state() == lease_state::held,
                       "renew() makes a lease last for the duration from then on");
        const result<void> stranger = co_await store_->renew(kept.key, b, long_lease);
        rules_.require_failure(stranger, errc::lease_lost, "renew() fails for another than the owner");

        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        const result<void> late = co_await store_->renew(kept.key, a, long_lease);
        rules_.require_success(late, "renew() renews a lease that has ended if nobody else got one");
        const result<lease> again = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        rules_.require(again && again->state() == lease_state::held,
                       "A lease that was renewed after it ended is one");

        (void)co_await store_->renew(kept.key, a, settings_.short_lease());
        co_await pass_short_lease();
        const result<lease> taken = co_await store_->acquire(kept.key, b, long_lease, 0, 0);
        const result<void> lost = co_await store_->renew(kept.key, a, long_lease);
        if (granted(taken))
            rules_.require_failure(lost, errc::lease_lost, "renew() fails once somebody else got the lease");
    }
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
