#include "provider.hpp"

#include <coauth/core/error.hpp>
#include <coauth/detail/grant_entry.hpp>

#include <boost/asio/error.hpp>

#include <utility>

namespace coauth_test::simulation {
namespace {

coauth::error refusal(random& chance)
{
    coauth::error refused = coauth::errc::server_unavailable;
    const bool unwell = chance.chance(500);
    refused.set_http_status(unwell ? 503 : 429);
    if (unwell || chance.chance(500))
        refused.set_retry_after(std::chrono::seconds(chance.between(1, 60)));
    return refused;
}

coauth::error bad_gateway()
{
    coauth::error out = coauth::errc::server_unavailable;
    return out.set_http_status(502).set_grant_spent(true);
}

/// Nobody knows whether the request arrived.
coauth::error no_answer(random& chance)
{
    switch (chance.below(3)) {
    case 0:
        return bad_gateway();
    case 1:
        return coauth::error(coauth::errc::timed_out).set_grant_spent(true);
    default:
        return coauth::error(coauth::errc::outcome_unknown).set_grant_spent(true);
    }
}

} // namespace

duration provider::latency() { return ledger_.in().chance().between(duration(1ms), duration(80ms)); }

provider::family& provider::family_of(const coauth::token_set& tokens)
{
    return families_.at(ledger_.of(tokens).family - 1);
}

bool provider::good(const coauth::token_set& tokens)
{
    return !coauth::detail::has_ended(tokens) && !family_of(tokens).ended;
}

bool provider::newest(const coauth::token_set& tokens)
{
    return family_of(tokens).current == ledger::refresh_number_of(tokens);
}

void provider::end_grant(const std::string& key)
{
    for (family& each : families_)
        if (each.key == key)
            each.ended = true;
    ledger_.in().say("provider: the person ends ", key);
}

serial provider::issue_tokens(serial of, serial made_from)
{
    family& mine = families_.at(of - 1);
    issue answer;
    answer.key = mine.key;
    answer.family = of;
    answer.made_from = made_from;
    answer.expires = ledger_.planned().token_life.has_value();
    const serial made = ledger_.add(std::move(answer));
    const bool replaced = made_from == 0 || ledger_.planned().rotates != rotation::none;
    ledger_.at(made).refresh = replaced ? made : made_from;
    mine.current = ledger_.at(made).refresh;
    return made;
}

/// As the process that is running reads the answer.
coauth::token_set provider::tokens_of(serial which)
{
    const process_ptr& by = world::running();
    issue& answer = ledger_.at(which);
    answer.holder = by;
    coauth::token_set tokens(coauth::secret("A" + std::to_string(which)), "Bearer", coauth::scope());
    tokens.set_refresh_token(coauth::secret("R" + std::to_string(answer.refresh)));
    tokens.set_received_at(by->wall());
    if (const auto life = ledger_.planned().token_life) {
        tokens.set_expires_at(by->wall() + *life);
        answer.valid_until = ledger_.in().now() + *life;
    }
    return tokens;
}

coauth::token_set provider::sign_in(const std::string& key)
{
    families_.push_back({key});
    const serial made = issue_tokens(families_.size(), 0);
    ledger_.in().say("signs in for ", key, ": A", made);
    return tokens_of(made);
}

/// Again only if what came of the first time is not known, and the plan bears that.
bool provider::may_be_used_again(const issue& used, const process_ptr& by) const
{
    const plan& planned = ledger_.planned();
    const bool is_gone = used.user != by && (!used.user->alive() || planned.may_seem_gone());
    return planned.rotates == rotation::none ||
           (planned.bounds.refresh_retries_of_unknown_outcome != 0 && (used.unclear || is_gone));
}

coauth::result<serial> provider::spend(serial refresh, const process_ptr& by)
{
    issue& used = ledger_.at(refresh);
    family& of = families_.at(used.family - 1);
    const auto rotates = ledger_.planned().rotates;
    if (++used.uses > 1 && !may_be_used_again(used, by))
        ledger_.in().violation("R" + std::to_string(refresh) + " is used twice");
    used.user = by;
    if (ledger_.happens(&fault_rates::ended_grant))
        end_grant(of.key);
    if (of.ended)
        return coauth::server_errc::invalid_grant;
    // Its successor: only if nobody has used that may the predecessor be used once more.
    const issue& expected = ledger_.at(of.current);
    const bool again = rotates == rotation::tolerant && expected.made_from == refresh && expected.uses == 0;
    if (of.current != refresh && !again) {
        of.ended = true;
        ledger_.in().say("provider: R", refresh, " was used before, its grant ends");
        return coauth::server_errc::invalid_grant;
    }
    return issue_tokens(used.family, refresh);
}

void provider::refresh(const coauth::shared_tokens& current,
                       std::shared_ptr<coauth::detail::refresh_trace> trace,
                       const std::function<void(coauth::result<coauth::token_set>)>& end)
{
    world& in = ledger_.in();
    random& chance = in.chance();
    const process_ptr by = world::running();
    const serial refresh = ledger::refresh_number_of(*current);
    const duration deadline = ledger_.planned().bounds.exchange_deadline;
    const duration there = latency();
    in.say("sends R", refresh);
    if (ledger_.happens(&fault_rates::not_connected)) {
        in.in(chance.chance(500) ? there : deadline, by,
              [end] { end(coauth::error(coauth::errc::connection_failed)); });
        return;
    }

    coauth::error unclear = no_answer(chance);
    if (ledger_.happens(&fault_rates::outage))
        outage_until_ = in.now() + chance.between(duration(1s), duration(5min));
    const bool outage = !ledger_.calm() && in.now() < outage_until_;
    if (outage)
        unclear = bad_gateway();
    const auto give_up = [this, end, refresh, unclear] {
        ledger_.in().say("gets no answer to R", refresh);
        ledger_.at(refresh).unclear = true;
        end(unclear);
    };
    if (outage) {
        in.in(there + latency(), by, give_up);
        return;
    }
    if (ledger_.happens(&fault_rates::lost_request)) {
        in.in(chance.chance(500) ? there : deadline, by, give_up);
        return;
    }
    if (ledger_.happens(&fault_rates::refused)) {
        in.in(there + latency(), by, [end, refused = refusal(chance)] { end(refused); });
        return;
    }
    if (ledger_.happens(&fault_rates::odd_refusal)) {
        auto odd = chance.chance(500) ? coauth::error(coauth::server_errc::invalid_client)
                                      : coauth::error(coauth::errc::unexpected_status);
        in.in(there + latency(), by, [end, odd] { end(odd); });
        return;
    }

    const bool lost = ledger_.happens(&fault_rates::lost_answer);
    const bool garbled = ledger_.happens(&fault_rates::garbled_answer);
    const bool unusable = ledger_.happens(&fault_rates::unusable_answer);
    const bool slow = ledger_.happens(&fault_rates::slow_answer);
    const duration longest = 2 * duration(ledger_.planned().bounds.refresh_lease);
    const duration back = slow ? chance.between(duration(100ms), longest) : latency();
    const duration broken_after = lost && chance.chance(500) ? there + back : deadline;
    in.in(there, [=, this] {
        ledger_.in().say("provider: gets R", refresh, " of ", by->name());
        const auto made = spend(refresh, by);
        if (there + back > deadline || lost || garbled) {
            const bool late = !garbled || there + back > deadline;
            ledger_.in().in((late ? broken_after : there + back) - there, by, give_up);
            return;
        }
        ledger_.in().in(back, by, [=, this] {
            if (!made) {
                ledger_.in().say("gets invalid_grant");
                end(made.error());
                return;
            }
            if (unusable) {
                const serial next = ledger_.at(*made).refresh;
                ledger_.in().say("gets nothing of use but R", next, " for R", refresh);
                trace->next_refresh_token = coauth::secret("R" + std::to_string(next));
                end(coauth::error(coauth::errc::token_not_yet_valid).set_grant_spent(true));
                return;
            }
            ledger_.in().say("gets A", *made, " for R", refresh);
            coauth::token_set tokens = tokens_of(*made);
            end(std::move(tokens));
        });
    });
}

void provider::revoke(const coauth::shared_tokens& tokens,
                      const std::function<void(coauth::result<void>)>& end)
{
    world& in = ledger_.in();
    const process_ptr by = world::running();
    const serial revoked = ledger::refresh_number_of(*tokens);
    in.say("revokes R", revoked);
    issue& dropped = ledger_.of(*tokens);
    dropped.discarded = true;
    // If the grant could not be forgotten after all, nobody knows of these any more.
    if (dropped.made_from != 0)
        ledger_.at(dropped.made_from).unclear = true;
    const bool fails = ledger_.happens(&fault_rates::failed_revocation);
    const duration there = latency();
    in.in(there, [=, this] {
        // RFC 7009 2.1: all tokens of the grant may end with it.
        if (!fails)
            family_of(*tokens).ended = true;
        ledger_.in().in(latency(), by, [end, fails] {
            if (fails)
                end(coauth::error(coauth::errc::connection_failed));
            else
                end(coauth::result<void>());
        });
    });
}

void provider::use(const coauth::shared_tokens& tokens, const std::function<void(unsigned)>& end)
{
    const process_ptr by = world::running();
    ledger_.in().in(latency(), [=, this] {
        issue& used = ledger_.of(*tokens);
        if (ledger_.happens(&fault_rates::rejected_access))
            used.rejected = true;
        const bool expired = used.expires && used.valid_until <= ledger_.in().now();
        const unsigned status = used.rejected || expired || !good(*tokens) ? 401 : 200;
        ledger_.in().in(latency(), by, [end, status] { end(status); });
    });
}

} // namespace coauth_test::simulation
