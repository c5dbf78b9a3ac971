// The kit finds nothing wrong with stores that keep the rules, and every rule broken by a store that breaks it.
#include <coauth/testing/check_token_store.hpp>

#include "manual_clock.hpp"
#include "run.hpp"

#include <coauth/policy/memory_token_store.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/static_thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

namespace {

using namespace coauth;
using coauth_test::manual_steady_clock;
namespace asio = boost::asio;
using std::chrono::milliseconds;

enum class fault {
    none,
    forgets_expiry,
    forgets_refresh_token,
    sends_known_tokens,
    keeps_newer_tokens_back,
    generation_zero,
    other_generation_loaded,
    generation_stays_at_put,
    generation_restarts,
    put_keeps_tokens,
    put_keeps_lease,
    put_keeps_sender,
    cuts_keys,
    ignores_case,
    refuses_long_keys,
    erase_keeps,
    erase_of_nothing_fails,
    unknown_is_lost,
    renew_makes_grants,
    everybody_gets_the_lease,
    nobody_gets_the_lease,
    one_lease_for_all_grants,
    lease_without_end,
    lease_without_remaining,
    lease_with_wrong_remaining,
    held_without_record,
    owner_gets_it_once,
    second_acquire_does_not_extend,
    anybody_renews,
    renew_does_nothing,
    renew_fails_after_end,
    former_owner_renews,
    anybody_begins,
    begins_any_generation,
    begins_after_end,
    failed_begin_counts,
    begin_does_not_count,
    begin_counts_repetitions,
    begin_works_once,
    begin_is_a_flag,
    undecided_while_held,
    undecided_becomes_owner,
    tries_are_ignored,
    undecided_without_record,
    complete_needs_lease,
    complete_of_owner,
    complete_of_anybody,
    complete_of_any_generation,
    complete_keeps_tokens,
    complete_keeps_generation,
    complete_keeps_lease,
    complete_keeps_sent,
    complete_works_once,
    repetition_makes_generation,
    repetition_ends_lease,
    repetition_replaces_newer,
    no_fencing,
    failed_complete_ends_lease,
    put_does_not_fence,
    anybody_releases,
    release_does_nothing,
    release_of_stranger_fails,
    repeated_release_ends_lease,
    release_takes_nothing_back,
    release_takes_back_for_anybody,
    release_takes_back_before_end_only,
    acquires_in_two_steps,
    puts_in_two_steps,
    throws,
};

/// A store that breaks one rule.
class faulty_store {
public:
    explicit faulty_store(fault of) : fault_(of) {}

    asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens)
    {
        if (is(fault::refuses_long_keys) && key.size() > 255)
            co_return errc::token_store_failed;
        key = stored(std::move(key));
        const bool there = grants_.count(key) != 0;
        std::uint64_t& generations = generations_[is(fault::generation_restarts) && !there ? "new" : "all"];
        if (is(fault::generation_restarts) && !there)
            generations = 0;
        std::uint64_t generation = is(fault::generation_stays_at_put) && there ? grants_[key].generation
                                   : is(fault::generation_zero)                ? generations++
                                                                               : ++generations;
        if (is(fault::generation_restarts))
            generations_["all"] = generation;
        if (is(fault::puts_in_two_steps)) {
            generation = grants_[key].generation + 1;
            co_await pause();
        }
        const entry before = grants_[key];
        entry& grant = grants_[key];
        grant = entry();
        grant.generation = generation;
        grant.tokens = is(fault::put_keeps_tokens) && before.tokens ? before.tokens : kept(tokens);
        if (is(fault::put_keeps_lease)) {
            grant.owner = before.owner;
            grant.end = before.end;
        }
        if (is(fault::put_keeps_sender) || is(fault::put_does_not_fence)) {
            grant.sender = before.sender;
            grant.sent = is(fault::put_keeps_sender) ? before.sent : 0;
        }
        co_return generation;
    }

    asio::awaitable<result<grant_record>> load(std::string key, std::uint64_t known)
    {
        if (is(fault::throws))
            throw std::runtime_error("no memory of that");
        entry* const grant = find(key);
        if (!grant)
            co_return unknown();
        grant_record out = record(*grant, known);
        if (is(fault::other_generation_loaded))
            out = grant_record(out.generation() + 1, out.tokens());
        co_return out;
    }

    asio::awaitable<result<lease>> acquire(std::string key, const random_value& owner, milliseconds duration,
                                           std::uint64_t known, unsigned tries)
    {
        return run_acquire(std::move(key), owner, duration, known, tries);
    }
    asio::awaitable<result<void>> renew(std::string key, const random_value& owner, milliseconds duration)
    {
        return run_renew(std::move(key), owner, duration);
    }
    asio::awaitable<result<void>> begin_refresh(std::string key, const random_value& owner,
                                                std::uint64_t generation)
    {
        return run_begin(std::move(key), owner, generation);
    }
    asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key, const random_value& owner,
                                                            std::uint64_t generation, shared_tokens tokens)
    {
        return run_complete(std::move(key), owner, generation, std::move(tokens));
    }
    asio::awaitable<result<void>> release(std::string key, const random_value& owner)
    {
        return run_release(std::move(key), owner);
    }

    asio::awaitable<result<void>> erase(std::string key)
    {
        key = stored(std::move(key));
        if (is(fault::erase_of_nothing_fails) && grants_.count(key) == 0)
            co_return errc::grant_unknown;
        if (!is(fault::erase_keeps))
            grants_.erase(key);
        co_return result<void>();
    }

private:
    using maybe_owner = std::optional<random_value>;

    struct entry {
        std::uint64_t generation = 0;
        shared_tokens tokens;
        maybe_owner owner;
        maybe_owner former_owner;
        manual_steady_clock::time_point end;
        maybe_owner sender;
        unsigned sent = 0;
        maybe_owner refreshed_by;
        std::uint64_t refreshed_from = 0;
        std::vector<random_value> former;
    };

    bool is(fault one) const noexcept { return fault_ == one; }
    static bool same(const maybe_owner& left, const random_value& right)
    {
        return left && left->equals(right);
    }
    error unknown() const { return is(fault::unknown_is_lost) ? errc::lease_lost : errc::grant_unknown; }

    static asio::awaitable<void> pause()
    {
        const auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }

    std::string stored(std::string key) const
    {
        if (is(fault::cuts_keys))
            key = key.c_str();
        if (is(fault::ignores_case))
            std::transform(key.begin(), key.end(), key.begin(), [](char c) { return c == 'A' ? 'a' : c; });
        return key;
    }
    shared_tokens kept(const shared_tokens& tokens) const
    {
        auto out = std::make_shared<token_set>(*tokens);
        if (is(fault::forgets_expiry))
            out->set_expires_at({});
        if (is(fault::forgets_refresh_token))
            out->set_refresh_token({});
        return out;
    }
    entry* find(const std::string& key)
    {
        const auto found = grants_.find(stored(key));
        return found == grants_.end() ? nullptr : &found->second;
    }
    grant_record record(const entry& grant, std::uint64_t known) const
    {
        const bool same_generation =
            is(fault::keeps_newer_tokens_back) ? known >= grant.generation : known == grant.generation;
        return grant_record(grant.generation,
                            same_generation && !is(fault::sends_known_tokens) ? nullptr : grant.tokens);
    }
    milliseconds remaining(const entry& grant) const
    {
        if (!grant.owner)
            return {};
        const auto left = grant.end - manual_steady_clock::now();
        return left > left.zero() ? std::chrono::ceil<milliseconds>(left) : milliseconds();
    }
    void give_lease(entry& grant, const random_value& owner, milliseconds duration)
    {
        if (grant.owner && !same(grant.owner, owner))
            grant.former_owner = grant.owner;
        grant.owner = owner;
        grant.end = manual_steady_clock::now() +
                    (is(fault::lease_without_end) ? milliseconds(std::chrono::hours(9)) : duration);
    }

    asio::awaitable<result<lease>> run_acquire(std::string key, random_value owner, milliseconds duration,
                                               std::uint64_t known, unsigned tries)
    {
        entry* const grant = find(key);
        if (!grant)
            co_return unknown();
        const bool own = same(grant->owner, owner);
        if (is(fault::acquires_in_two_steps)) {
            const bool is_free = remaining(*grant) == milliseconds() || own;
            co_await pause();
            if (is_free)
                grant->owner.reset();
        }
        const bool busy =
            remaining(*grant) > milliseconds() || (is(fault::one_lease_for_all_grants) && leases_given_ != 0);
        const bool blocked =
            is(fault::nobody_gets_the_lease) ||
            (busy && !is(fault::everybody_gets_the_lease) && (!own || is(fault::owner_gets_it_once)));
        const bool too_often = grant->sent > (is(fault::tries_are_ignored) ? 0 : tries) && !own;
        if (too_often && (!blocked || is(fault::undecided_while_held))) {
            if (is(fault::undecided_becomes_owner))
                give_lease(*grant, owner, duration);
            co_return lease(lease_state::undecided, is(fault::undecided_without_record)
                                                        ? grant_record(grant->generation, nullptr)
                                                        : record(*grant, known));
        }
        if (blocked)
            co_return lease(lease_state::held,
                            is(fault::held_without_record) ? grant_record(grant->generation, nullptr)
                                                           : record(*grant, known),
                            is(fault::lease_without_remaining)      ? milliseconds()
                            : is(fault::lease_with_wrong_remaining) ? milliseconds(std::chrono::hours(2))
                                                                    : remaining(*grant));
        if (!own || !is(fault::second_acquire_does_not_extend))
            give_lease(*grant, owner, duration);
        if (known == 0 && is(fault::one_lease_for_all_grants))
            ++leases_given_;
        co_return lease(lease_state::granted, record(*grant, known));
    }

    asio::awaitable<result<void>> run_renew(std::string key, random_value owner, milliseconds duration)
    {
        entry* grant = find(key);
        if (!grant && is(fault::renew_makes_grants)) {
            grant = &grants_[key];
            grant->generation = 1;
        }
        if (!grant)
            co_return unknown();
        if (!same(grant->owner, owner) && !is(fault::anybody_renews) &&
            !(is(fault::former_owner_renews) && same(grant->former_owner, owner)))
            co_return errc::lease_lost;
        if (is(fault::renew_fails_after_end) && remaining(*grant) == milliseconds())
            co_return errc::lease_lost;
        if (!is(fault::renew_does_nothing) || duration < std::chrono::minutes(1))
            give_lease(*grant, owner, duration);
        co_return result<void>();
    }

    asio::awaitable<result<void>> run_begin(std::string key, random_value owner, std::uint64_t generation)
    {
        entry* const grant = find(key);
        if (!grant)
            co_return unknown();
        const bool owned = same(grant->owner, owner) || is(fault::anybody_begins);
        const bool in_time = remaining(*grant) > milliseconds() || is(fault::begins_after_end);
        const bool current = generation == grant->generation || is(fault::begins_any_generation);
        const bool again = same(grant->sender, owner);
        if (!owned || !in_time || !current || (again && is(fault::begin_works_once))) {
            grant->sent += is(fault::failed_begin_counts) ? 1 : 0;
            co_return errc::lease_lost;
        }
        if ((!again || is(fault::begin_counts_repetitions)) && !is(fault::begin_does_not_count))
            grant->sent = is(fault::begin_is_a_flag) ? 1 : grant->sent + 1;
        if (!is(fault::no_fencing) || !grant->sender)
            grant->sender = owner;
        co_return result<void>();
    }

    asio::awaitable<result<std::uint64_t>> run_complete(std::string key, random_value owner,
                                                        std::uint64_t generation, shared_tokens tokens)
    {
        entry* const grant = find(key);
        if (!grant)
            co_return unknown();
        const bool repeated = same(grant->refreshed_by, owner) && grant->refreshed_from == generation;
        if (repeated && is(fault::repetition_makes_generation))
            co_return grant->generation = ++generations_["all"];
        if (repeated && is(fault::repetition_ends_lease))
            grant->owner.reset();
        if (repeated && !is(fault::complete_works_once))
            co_return grant->generation;
        const bool once_refreshed = is(fault::repetition_replaces_newer) &&
                                    std::any_of(grant->former.begin(), grant->former.end(),
                                                [&](const auto& one) { return one.equals(owner); });
        const bool began = same(grant->sender, owner) || is(fault::complete_of_anybody) ||
                           (is(fault::complete_of_owner) && same(grant->owner, owner)) || once_refreshed;
        const bool current = generation == grant->generation || is(fault::complete_of_any_generation) ||
                             is(fault::put_does_not_fence) || once_refreshed;
        const bool in_time = (same(grant->owner, owner) && remaining(*grant) > milliseconds()) ||
                             !is(fault::complete_needs_lease);
        if (!began || !current || !in_time) {
            if (is(fault::failed_complete_ends_lease))
                grant->owner.reset();
            co_return errc::lease_lost;
        }
        const entry before = *grant;
        *grant = entry();
        grant->generation = is(fault::complete_keeps_generation) ? before.generation : ++generations_["all"];
        grant->tokens = is(fault::complete_keeps_tokens) ? before.tokens : kept(tokens);
        grant->refreshed_by = owner;
        grant->refreshed_from = generation;
        grant->former = before.former;
        grant->former.push_back(owner);
        if (is(fault::complete_keeps_lease)) {
            grant->owner = before.owner;
            grant->end = before.end;
        }
        if (is(fault::complete_keeps_sent))
            grant->sent = before.sent;
        co_return grant->generation;
    }

    asio::awaitable<result<void>> run_release(std::string key, random_value owner)
    {
        entry* const grant = find(key);
        if (!grant)
            co_return unknown();
        const bool own = same(grant->owner, owner);
        if (!own && is(fault::release_of_stranger_fails))
            co_return errc::lease_lost;
        const bool ended = remaining(*grant) == milliseconds();
        if (grant->sender && !is(fault::release_takes_nothing_back) &&
            ((own && same(grant->sender, owner) &&
              !(ended && is(fault::release_takes_back_before_end_only))) ||
             is(fault::release_takes_back_for_anybody))) {
            grant->sender.reset();
            --grant->sent;
        }
        if (is(fault::anybody_releases) || (own && !is(fault::release_does_nothing)) ||
            (is(fault::repeated_release_ends_lease) && same(grant->former_owner, owner))) {
            grant->former_owner = grant->owner;
            grant->owner.reset();
        }
        if (is(fault::repeated_release_ends_lease) && own)
            grant->former_owner = owner;
        co_return result<void>();
    }

    fault fault_;
    std::map<std::string, entry> grants_;
    std::map<std::string, std::uint64_t> generations_;
    int leases_given_ = 0;
};
static_assert(token_store<faulty_store>);

/// A fault, and what the kit has to say.
struct planted {
    fault what;
    const char* rule;
};

constexpr planted all_planted[] = {
    {fault::forgets_expiry, "load() gives the tokens that were put"},
    {fault::forgets_refresh_token, "load() gives the tokens that were put"},
    {fault::sends_known_tokens, "load() gives no tokens to somebody who knows their generation"},
    {fault::keeps_newer_tokens_back, "be it a greater one"},
    {fault::generation_zero, "No generation is 0"},
    {fault::other_generation_loaded, "load() gives the generation that put() gave"},
    {fault::generation_stays_at_put, "put() makes a greater generation than the grant had"},
    {fault::generation_restarts, "than the key ever had, also if it was erased"},
    {fault::put_keeps_tokens, "put() replaces the tokens"},
    {fault::put_keeps_lease, "put() takes the lease away"},
    {fault::put_keeps_sender, "put() replaces the lease and what was sent"},
    {fault::cuts_keys, "Keys that differ in any byte are of different grants"},
    {fault::ignores_case, "Keys that differ in any byte are of different grants"},
    {fault::refuses_long_keys, "A key may have any bytes, up to 512"},
    {fault::erase_keeps, "What was erased is gone"},
    {fault::erase_of_nothing_fails, "erase() of a grant that is not there is no error"},
    {fault::unknown_is_lost, "fail with errc::grant_unknown (it failed with coauth.client:lease_lost)"},
    {fault::renew_makes_grants, "Nothing but put() makes a grant"},
    {fault::everybody_gets_the_lease, "acquire() says held while somebody else has a lease"},
    {fault::nobody_gets_the_lease, "acquire() grants a lease if nobody has one"},
    {fault::one_lease_for_all_grants, "Leases of different grants have nothing to do with each other"},
    {fault::lease_without_end, "A lease ends after its duration"},
    {fault::lease_without_remaining, "A lease that is held says how long it lasts"},
    {fault::lease_with_wrong_remaining, "A lease that is held says how long it lasts"},
    {fault::held_without_record, "acquire() gives the grant as it is, also if the lease is held"},
    {fault::owner_gets_it_once, "acquire() of the owner grants it again"},
    {fault::second_acquire_does_not_extend, "acquire() of the owner lasts for its duration from then on"},
    {fault::anybody_renews, "renew() fails for another than the owner"},
    {fault::renew_does_nothing, "renew() makes a lease last for the duration from then on"},
    {fault::renew_fails_after_end, "renew() renews a lease that has ended if nobody else got one"},
    {fault::former_owner_renews, "renew() fails once somebody else got the lease"},
    {fault::anybody_begins, "begin_refresh() fails for another than the owner"},
    {fault::begins_any_generation, "begin_refresh() fails for another generation"},
    {fault::begins_after_end, "begin_refresh() fails once the lease has ended"},
    {fault::failed_begin_counts, "A begin_refresh() that failed does not count"},
    {fault::begin_does_not_count, "acquire() says undecided after a refresh"},
    {fault::begin_counts_repetitions, "however often begin_refresh() was repeated"},
    {fault::begin_works_once, "begin_refresh() can be repeated"},
    {fault::begin_is_a_flag, "begin_refresh() counts once for each owner"},
    {fault::undecided_while_held, "acquire() says held, not undecided, while a refresh has time left"},
    {fault::undecided_becomes_owner, "Who was told undecided has no lease"},
    {fault::tries_are_ignored, "acquire() grants as many tries as it is told to"},
    {fault::undecided_without_record, "acquire() gives the grant as it is, also if it is undecided"},
    {fault::complete_needs_lease, "complete_refresh() succeeds although the lease ended long ago"},
    {fault::complete_of_owner, "complete_refresh() fails for who did not begin the refresh"},
    {fault::complete_of_anybody, "complete_refresh() fails for who did not begin the refresh"},
    {fault::complete_of_any_generation, "complete_refresh() fails for another generation"},
    {fault::complete_keeps_tokens, "complete_refresh() replaces the tokens"},
    {fault::complete_keeps_generation, "complete_refresh() makes a greater generation"},
    {fault::complete_keeps_lease, "complete_refresh() ends the lease"},
    {fault::complete_keeps_sent, "complete_refresh() ends the lease, and the new refresh token was not sent"},
    {fault::complete_works_once, "complete_refresh() can be repeated"},
    {fault::repetition_makes_generation, "complete_refresh() that is repeated gives the same generation"},
    {fault::repetition_ends_lease, "complete_refresh() that is repeated does not end the lease"},
    {fault::repetition_replaces_newer, "Tokens are never replaced by older ones"},
    {fault::no_fencing, "complete_refresh() fails once somebody else began a refresh"},
    {fault::failed_complete_ends_lease, "A complete_refresh() that fails leaves the lease to who has it"},
    {fault::put_does_not_fence, "complete_refresh() fails if a sign-in replaced the grant meanwhile"},
    {fault::anybody_releases, "release() of another than the owner does nothing"},
    {fault::release_does_nothing, "release() ends a lease"},
    {fault::release_of_stranger_fails, "release() of somebody who has no lease is no error"},
    {fault::repeated_release_ends_lease,
     "release() that is repeated does not end the lease of somebody else"},
    {fault::release_takes_nothing_back, "release() takes back the owner's begin_refresh()"},
    {fault::release_takes_back_for_anybody, "release() takes back nobody else's begin_refresh()"},
    {fault::release_takes_back_before_end_only, "also after the lease has ended"},
    {fault::acquires_in_two_steps, "Of many that acquire a lease at once, one gets it"},
    {fault::puts_in_two_steps, "Of many that put at once, each makes a generation of its own"},
    {fault::throws, "No operation throws (no memory of that)"},
};

std::ostream& operator<<(std::ostream& out, const planted& one)
{
    return out << "fault " << static_cast<int>(one.what) << " (" << one.rule << ')';
}

asio::awaitable<void> move_clock(milliseconds by)
{
    manual_steady_clock::advance(by);
    co_return;
}

std::vector<std::string> check_with_manual_clock(any_token_store store)
{
    testing::store_check_settings settings;
    settings.set_wait([](milliseconds by) { return move_clock(by); });
    return coauth_test::run(testing::check_token_store(std::move(store), settings));
}

std::string lines(const std::vector<std::string>& sentences)
{
    std::string out;
    for (const std::string& one : sentences)
        out += one + '\n';
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_check_token_store)

BOOST_AUTO_TEST_CASE(a_store_without_fault)
{
    BOOST_TEST(lines(check_with_manual_clock(std::make_shared<faulty_store>(fault::none))) == "");
}

BOOST_DATA_TEST_CASE(every_planted_fault_is_found, boost::unit_test::data::make(all_planted), one)
{
    const std::string found = lines(check_with_manual_clock(std::make_shared<faulty_store>(one.what)));
    BOOST_TEST_CONTEXT(found)
    BOOST_TEST((found.find(one.rule) != found.npos));
}

BOOST_AUTO_TEST_CASE(memory_token_store)
{
    const auto store = std::make_shared<basic_memory_token_store<manual_steady_clock>>();
    BOOST_TEST(lines(check_with_manual_clock(store)) == "");
    BOOST_TEST(store->size() == 0u); // the kit cleans up
}

BOOST_AUTO_TEST_CASE(memory_token_store_in_time_and_threads)
{
    asio::static_thread_pool threads(4);
    const auto store = std::make_shared<coauth::memory_token_store>();
    auto done = asio::co_spawn(threads, testing::check_token_store(store), asio::use_future);
    BOOST_TEST(lines(done.get()) == "");
}

BOOST_AUTO_TEST_CASE(cancelled)
{
    coauth_test::stepped_operation<std::vector<std::string>> check(
        testing::check_token_store(std::make_shared<coauth::memory_token_store>()));
    check.run_ready();
    check.cancel(asio::cancellation_type::terminal);
    BOOST_CHECK_EXCEPTION(check.finish(), boost::system::system_error, [](const auto& failure) {
        return failure.code() == asio::error::operation_aborted;
    });
}

BOOST_AUTO_TEST_SUITE_END()
