// An authorization server that rotates refresh tokens and takes the second use of one for theft.
#ifndef COAUTH_TEST_SIMULATION_PROVIDER_HPP
#define COAUTH_TEST_SIMULATION_PROVIDER_HPP

#include "ledger.hpp"

#include <coauth/core/result.hpp>
#include <coauth/detail/refresh_trace.hpp>
#include <coauth/policy/token_store.hpp>

#include <functional>
#include <string>
#include <vector>

namespace coauth_test::simulation {

class provider {
public:
    explicit provider(ledger& of) : ledger_(of) {}

    /// Somebody signs in with the process that is running.
    coauth::token_set sign_in(const std::string& key);
    /// The person takes the permission back.
    void end_grant(const std::string& key);
    /// Whether what the tokens belong to still is a grant.
    bool good(const coauth::token_set& tokens);
    /// Whether this is the refresh token to be used next.
    bool newest(const coauth::token_set& tokens);

    // Requests of the process that is running, with all that can happen to them on the way.
    void refresh(const coauth::shared_tokens& current, std::shared_ptr<coauth::detail::refresh_trace> trace,
                 const std::function<void(coauth::result<coauth::token_set>)>& end);
    void revoke(const coauth::shared_tokens& tokens, const std::function<void(coauth::result<void>)>& end);
    /// What a resource says to the access token: 200 or 401.
    void use(const coauth::shared_tokens& tokens, const std::function<void(unsigned)>& end);

private:
    struct family {
        std::string key;
        serial current = 0; ///< the refresh token that it expects
        bool ended = false;
    };

    bool may_be_used_again(const issue& used, const process_ptr& by) const;
    coauth::result<serial> spend(serial refresh, const process_ptr& by);
    serial issue_tokens(serial of, serial made_from);
    coauth::token_set tokens_of(serial which);
    duration latency();
    family& family_of(const coauth::token_set& tokens);

    ledger& ledger_;
    std::vector<family> families_;
    duration outage_until_{};
};

} // namespace coauth_test::simulation

#endif
