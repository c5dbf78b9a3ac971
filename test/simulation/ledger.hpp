// What must be true of tokens, watched from where nobody in the simulation can look.
#ifndef COAUTH_TEST_SIMULATION_LEDGER_HPP
#define COAUTH_TEST_SIMULATION_LEDGER_HPP

#include "plan.hpp"

#include <coauth/core/token_set.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace coauth_test::simulation {

/// Answers of the provider are numbered, and their tokens are called A<n> and R<n>.
using serial = std::uint64_t;

/// One answer of the provider's token endpoint.
struct issue {
    std::string key{};      ///< of the grant
    serial family = 0;      ///< the sign-in that it goes back to
    serial made_from = 0;   ///< whose refresh token it was; 0 for a sign-in
    serial refresh = 0;     ///< whose refresh token came with it, or is kept
    duration valid_until{}; ///< as the client can know it
    bool expires = false;
    unsigned uses = 0;      ///< of its refresh token
    process_ptr user{};     ///< of its refresh token, the last one
    bool unclear = false;   ///< A use of it ended in a way that does not say whether it was one.
    bool rejected = false;  ///< The resource takes its access token no more.
    process_ptr holder{};   ///< that got the answer
    bool persisted = false; ///< The hook completed.
    bool discarded = false; ///< The holder revoked it.
    serial order = 0;       ///< when it was kept, counted over all; 0 if it was not
};

class ledger {
public:
    ledger(world& in, const plan& of) : world_(in), plan_(of) {}

    world& in() noexcept { return world_; }
    const plan& planned() const noexcept { return plan_; }

    /// From now on nothing goes wrong.
    void calm_down() noexcept { calm_ = true; }
    bool calm() const noexcept { return calm_; }
    bool happens(unsigned fault_rates::* fault)
    {
        return !calm_ && world_.chance().chance(plan_.faults.*fault);
    }

    serial add(issue what);
    serial count() const noexcept { return issues_.size(); }
    issue& at(serial which) { return issues_.at(which - 1); }
    bool family_is_of(serial family, const std::string& key) const
    {
        return std::any_of(issues_.begin(), issues_.end(),
                           [&](const issue& each) { return each.family == family && each.key == key; });
    }
    /// The answer that these tokens came with.
    issue& of(const coauth::token_set& tokens) { return at(number_of(tokens)); }
    static serial number_of(const coauth::token_set& tokens);
    static serial refresh_number_of(const coauth::token_set& tokens);

    /// The store has them, or without a store the application.
    void kept(const coauth::token_set& tokens);
    /// How many different tokens were kept of a grant.
    serial kept_of(const std::string& key) { return kept_[key]; }
    /// A process shows tokens to a user.
    void handed_out(const process_ptr& by, const std::string& key, const coauth::token_set& tokens);
    /// Tokens that somebody got are kept somewhere, or revoked.
    void check_nothing_dropped();

private:
    void require(bool fact, const process_ptr& by, const coauth::token_set& tokens, const char* what);

    world& world_;
    const plan& plan_;
    bool calm_ = false;
    std::vector<issue> issues_;
    serial order_ = 0;
    std::map<std::string, serial> kept_;
    std::map<std::string, serial> newest_; // family
    struct sight {
        serial order = 0;
        duration first{};
    };
    std::map<std::pair<std::string, std::string>, sight> seen_; // by process and key
};

} // namespace coauth_test::simulation

#endif
