#include "store.hpp"

#include <coauth/core/error.hpp>
#include <coauth/detail/grant_entry.hpp>

#include <boost/asio/error.hpp>

#include <utility>

namespace coauth_test::simulation {
namespace {

std::string described(const coauth::token_set& tokens)
{
    return coauth::detail::has_ended(tokens) ? "its end" : "A" + std::to_string(ledger::number_of(tokens));
}

} // namespace

void store_server::restart(duration lasts)
{
    ledger_.in().say("store: restarts, takes ", lasts);
    back_at_ = ledger_.in().now() + lasts;
}

std::string store_server::name_of(const coauth::random_value& owner)
{
    return "#" + std::to_string(owners_.try_emplace(owner.to_string(), owners_.size() + 1).first->second);
}

coauth::result<std::uint64_t> store_server::put(const process_ptr& by, const std::string& key,
                                                const coauth::shared_tokens& tokens)
{
    if (!signed_in_.contains(ledger::number_of(*tokens)))
        ledger_.in().violation(by->name() + " puts " + described(*tokens) + " of no sign-in");
    const std::uint64_t generation = ++generations_;
    grants_.insert_or_assign(key, grant{coauth::detail::kept_grant(generation, tokens), {}});
    ledger_.kept(*tokens);
    ledger_.in().say("store: put ", key, " ", described(*tokens), " by ", by->name());
    return generation;
}

coauth::result<coauth::grant_record> store_server::load(const std::string& key, std::uint64_t known)
{
    const auto found = grants_.find(key);
    if (found == grants_.end())
        return coauth::errc::grant_unknown;
    return found->second.kept.record(known);
}

coauth::result<coauth::lease> store_server::acquire(const process_ptr& by, const std::string& key,
                                                    const coauth::random_value& owner,
                                                    std::chrono::milliseconds lasts, std::uint64_t known,
                                                    unsigned tries)
{
    const auto found = grants_.find(key);
    if (found == grants_.end())
        return coauth::errc::grant_unknown;
    coauth::lease lease = found->second.kept.acquire(owner, lasts, known, tries, now());
    if (lasts <= 0ms)
        ledger_.in().violation(by->name() + " asks for a lease of no duration");
    if (tries > 0 && ledger_.planned().bounds.refresh_retries_of_unknown_outcome == 0)
        ledger_.in().violation(by->name() + " would send a refresh token more often than is tolerated");
    ledger_.in().say("store: acquire ", key, " ", name_of(owner), " by ", by->name(),
                     lease.state() == coauth::lease_state::granted ? ": granted"
                     : lease.state() == coauth::lease_state::held  ? ": held"
                                                                   : ": undecided");
    return lease;
}

coauth::result<void> store_server::renew(const std::string& key, const coauth::random_value& owner,
                                         std::chrono::milliseconds lasts)
{
    const auto found = grants_.find(key);
    if (found == grants_.end())
        return coauth::errc::grant_unknown;
    auto outcome = found->second.kept.renew(owner, lasts, now());
    ledger_.in().say("store: renew ", key, " ", name_of(owner), outcome ? ": done" : ": lost");
    return outcome;
}

coauth::result<void> store_server::begin_refresh(const process_ptr& by, const std::string& key,
                                                 const coauth::random_value& owner, std::uint64_t generation)
{
    const auto found = grants_.find(key);
    if (found == grants_.end())
        return coauth::errc::grant_unknown;
    auto outcome = found->second.kept.begin_refresh(owner, generation, now());
    if (outcome)
        found->second.senders[owner.to_string()] = by;
    ledger_.in().say("store: begin ", key, " ", name_of(owner), " by ", by->name(),
                     outcome ? ": done" : ": lost");
    return outcome;
}

coauth::result<std::uint64_t> store_server::complete_refresh(const process_ptr& by, const std::string& key,
                                                             const coauth::random_value& owner,
                                                             std::uint64_t generation,
                                                             const coauth::shared_tokens& tokens)
{
    const auto found = grants_.find(key);
    if (found == grants_.end()) {
        ledger_.in().say("store: complete ", key, " ", name_of(owner), ": no such grant");
        return coauth::errc::grant_unknown;
    }
    const coauth::shared_tokens before = found->second.kept.tokens();
    auto outcome = found->second.kept.complete_refresh(owner, generation, tokens, ++generations_);
    if (outcome && found->second.kept.tokens() != before) {
        const serial spent = ledger::refresh_number_of(*before);
        const serial next = ledger::refresh_number_of(*tokens);
        // Of an answer without any use the refresh token alone is kept.
        const bool alone = ledger::number_of(*tokens) == ledger::number_of(*before) &&
                           (next == spent || ledger_.at(next).made_from == spent);
        const bool right = coauth::detail::has_ended(*tokens)
                               ? !provider_.good(*before)
                               : alone || ledger_.of(*tokens).made_from == spent;
        if (!right)
            ledger_.in().violation(by->name() + " replaces " + described(*before) + " by " +
                                   described(*tokens) + ", which was not made of it");
        found->second.senders.clear();
        if (!coauth::detail::has_ended(*tokens))
            ledger_.kept(*tokens);
    }
    ledger_.in().say("store: complete ", key, " ", name_of(owner), " by ", by->name(), " ",
                     described(*tokens), outcome ? ": done" : ": lost");
    return outcome;
}

coauth::result<void> store_server::release(const process_ptr& by, const std::string& key,
                                           const coauth::random_value& owner)
{
    const auto found = grants_.find(key);
    if (found == grants_.end())
        return coauth::errc::grant_unknown;
    const unsigned before = found->second.kept.refreshes().sent;
    found->second.kept.release(owner);
    if (found->second.kept.refreshes().sent < before)
        found->second.senders.erase(owner.to_string());
    ledger_.in().say("store: release ", key, " ", name_of(owner), " by ", by->name());
    return {};
}

coauth::result<void> store_server::erase(const process_ptr& by, const std::string& key)
{
    if (const auto found = grants_.find(key); found != grants_.end()) {
        if (!forgetting_.contains({by->name(), key}) && provider_.good(*found->second.kept.tokens()))
            ledger_.in().violation(by->name() + " erases " + key +
                                   ", which nobody forgot and which has not ended");
        grants_.erase(found);
    }
    ledger_.in().say("store: erase ", key, " by ", by->name());
    return {};
}

coauth::shared_tokens store_server::tokens(const std::string& key) const
{
    const auto found = grants_.find(key);
    return found == grants_.end() ? nullptr : found->second.kept.tokens();
}

bool store_server::in_doubt(const std::string& key) const
{
    const auto found = grants_.find(key);
    return found != grants_.end() && found->second.kept.refreshes().sent > 0;
}

bool store_server::undecided_by_nature(const std::string& key)
{
    const auto found = grants_.find(key);
    if (found == grants_.end() || !undecided(key))
        return false;
    const coauth::token_set& kept = *found->second.kept.tokens();
    if (!coauth::detail::has_ended(kept) && ledger_.at(ledger::refresh_number_of(kept)).unclear)
        return true;
    for (const auto& [owner, sender] : found->second.senders)
        if (!sender->alive() && !sender->ended_well())
            return true;
    return false;
}

bool store_server::leased(const std::string& key) const
{
    const auto found = grants_.find(key);
    return found != grants_.end() && found->second.kept.refreshes().owner &&
           found->second.kept.refreshes().lease_end > now();
}

template <class T>
asio::awaitable<coauth::result<T>> store_client::call(bool may_be_late,
                                                      std::function<coauth::result<T>()> what)
{
    store_server& server = server_;
    const process_ptr by = process_.shared_from_this();
    auto begin = [&server, by, may_be_late, what = std::move(what)](completion<coauth::result<T>> end) {
        ledger& watched = server.watched();
        world& in = watched.in();
        const bool slow = watched.happens(&fault_rates::store_slow);
        const duration longest = slow ? duration(watched.planned().bounds.refresh_lease) : duration(10ms);
        const duration there = in.chance().between(duration(100us), longest);
        const duration back = in.chance().between(duration(100us), longest);
        const bool before = watched.happens(&fault_rates::store_fails_before) || !server.reachable();
        const bool after = watched.happens(&fault_rates::store_fails_after);
        const bool late = may_be_late && watched.happens(&fault_rates::store_fails_late);
        const bool cut = in.chance().chance(500); // what a crash catches on its way
        const auto fail = [end] { end(coauth::error(coauth::errc::token_store_failed)); };
        if (before || late)
            in.in(back, by, fail);
        if (before)
            return;
        in.in(late ? 2 * there + back : there, [=, &server, &in] {
            if (cut && !by->alive())
                return;
            if (!server.reachable()) {
                in.in(back, by, fail);
                return;
            }
            coauth::result<T> outcome = what();
            if (late)
                return;
            if (after)
                in.in(back, by, fail);
            else
                in.in(back, by, [end, outcome] { end(outcome); });
        });
    };
    return wait_for<coauth::result<T>>(std::move(begin));
}

asio::awaitable<coauth::result<std::uint64_t>> store_client::put(std::string key,
                                                                 coauth::shared_tokens tokens)
{
    return call<std::uint64_t>(false, [&server = server_, by = process_.shared_from_this(), key, tokens] {
        return server.put(by, key, tokens);
    });
}

asio::awaitable<coauth::result<coauth::grant_record>> store_client::load(std::string key, std::uint64_t known)
{
    return call<coauth::grant_record>(false,
                                      [&server = server_, key, known] { return server.load(key, known); });
}

asio::awaitable<coauth::result<coauth::lease>> store_client::acquire(std::string key,
                                                                     const coauth::random_value& owner,
                                                                     std::chrono::milliseconds lasts,
                                                                     std::uint64_t known, unsigned tries)
{
    return call<coauth::lease>(true,
                               [&server = server_, by = process_.shared_from_this(), key, owner, lasts, known,
                                tries] { return server.acquire(by, key, owner, lasts, known, tries); });
}

asio::awaitable<coauth::result<void>> store_client::renew(std::string key, const coauth::random_value& owner,
                                                          std::chrono::milliseconds lasts)
{
    return call<void>(true,
                      [&server = server_, key, owner, lasts] { return server.renew(key, owner, lasts); });
}

asio::awaitable<coauth::result<void>>
store_client::begin_refresh(std::string key, const coauth::random_value& owner, std::uint64_t generation)
{
    return call<void>(true, [&server = server_, by = process_.shared_from_this(), key, owner, generation] {
        return server.begin_refresh(by, key, owner, generation);
    });
}

asio::awaitable<coauth::result<std::uint64_t>>
store_client::complete_refresh(std::string key, const coauth::random_value& owner, std::uint64_t generation,
                               coauth::shared_tokens tokens)
{
    return call<std::uint64_t>(
        true, [&server = server_, by = process_.shared_from_this(), key, owner, generation, tokens] {
            return server.complete_refresh(by, key, owner, generation, tokens);
        });
}

asio::awaitable<coauth::result<void>> store_client::release(std::string key,
                                                            const coauth::random_value& owner)
{
    return call<void>(true, [&server = server_, by = process_.shared_from_this(), key, owner] {
        return server.release(by, key, owner);
    });
}

asio::awaitable<coauth::result<void>> store_client::erase(std::string key)
{
    return call<void>(
        false, [&server = server_, by = process_.shared_from_this(), key] { return server.erase(by, key); });
}

} // namespace coauth_test::simulation
