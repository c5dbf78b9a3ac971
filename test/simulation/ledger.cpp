#include "ledger.hpp"

#include <charconv>
#include <string_view>

namespace coauth_test::simulation {
namespace {

serial number_in(std::string_view token)
{
    serial found = 0;
    if (!token.empty())
        std::from_chars(token.data() + 1, token.data() + token.size(), found);
    return found;
}

} // namespace

serial ledger::number_of(const coauth::token_set& tokens)
{
    return number_in(tokens.access_token().expose());
}

serial ledger::refresh_number_of(const coauth::token_set& tokens)
{
    return number_in(tokens.refresh_token().expose());
}

serial ledger::add(issue what)
{
    newest_[what.key] = std::max(newest_[what.key], what.family);
    issues_.push_back(std::move(what));
    return issues_.size();
}

void ledger::kept(const coauth::token_set& tokens)
{
    issue& mine = of(tokens);
    if (mine.order != 0) // a store may be told twice
        return;
    mine.order = ++order_;
    ++kept_[mine.key];
}

void ledger::require(bool fact, const process_ptr& by, const coauth::token_set& tokens, const char* what)
{
    if (!fact)
        world_.violation(by->name() + " shows A" + std::to_string(number_of(tokens)) + what);
}

void ledger::handed_out(const process_ptr& by, const std::string& key, const coauth::token_set& tokens)
{
    const issue& mine = of(tokens);
    require(mine.key == key, by, tokens, ", which is of another grant");
    require(mine.order != 0, by, tokens, " before it is stored");
    if (plan_.with_hook && mine.made_from != 0 && mine.holder == by)
        require(mine.persisted, by, tokens, " before the application persisted it");
    sight& newest = seen_[{by->name(), key}];
    // Users who are told at the same time are told one after the other.
    require(mine.order >= newest.order || newest.first == world_.now(), by, tokens, " after a newer one");
    if (mine.order > newest.order)
        newest = {mine.order, world_.now()};
    // What just came may be old before it is stored; there is nothing better.
    const bool just_came = mine.holder == by && newest.first == world_.now();
    if (mine.expires && plan_.clocks_agree && !just_came)
        require(mine.valid_until > world_.now(), by, tokens, ", which has expired");
}

void ledger::check_nothing_dropped()
{
    for (serial which = 1; which <= count(); ++which) {
        const issue& each = at(which);
        // Another one that took the holder for gone got others of the same family, or the person has signed in anew: servers
        // may revoke those with these.
        const bool replaced =
            newest_.at(each.key) != each.family || (each.made_from != 0 && at(each.made_from).uses > 1);
        if (replaced)
            continue;
        const bool had = each.holder && (each.holder->alive() || each.holder->ended_well());
        if (had && each.made_from != 0 && each.order == 0 && !each.discarded)
            world_.violation(each.holder->name() + " dropped A" + std::to_string(which) +
                             ": neither stored nor revoked");
    }
}

} // namespace coauth_test::simulation
