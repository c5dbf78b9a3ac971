// A token store on a server of its own: slow, failing before or after it did what it was asked, restarted.
#ifndef COAUTH_TEST_SIMULATION_STORE_HPP
#define COAUTH_TEST_SIMULATION_STORE_HPP

#include "ledger.hpp"
#include "provider.hpp"
#include "waiting.hpp"

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/detail/kept_grant.hpp>
#include <coauth/policy/token_store.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace coauth_test::simulation {

/// The server. Its rules are those of detail::kept_grant, as the stores have them that ship.
class store_server {
public:
    store_server(ledger& of, provider& tokens) : ledger_(of), provider_(tokens) {}

    /// It cannot be reached for a while; nothing is lost.
    void restart(duration lasts);
    bool reachable() const noexcept { return ledger_.in().now() >= back_at_; }

    coauth::result<std::uint64_t> put(const process_ptr& by, const std::string& key,
                                      const coauth::shared_tokens& tokens);
    coauth::result<coauth::grant_record> load(const std::string& key, std::uint64_t known);
    coauth::result<coauth::lease> acquire(const process_ptr& by, const std::string& key,
                                          const coauth::random_value& owner, std::chrono::milliseconds lasts,
                                          std::uint64_t known, unsigned tries);
    coauth::result<void> renew(const std::string& key, const coauth::random_value& owner,
                               std::chrono::milliseconds lasts);
    coauth::result<void> begin_refresh(const process_ptr& by, const std::string& key,
                                       const coauth::random_value& owner, std::uint64_t generation);
    coauth::result<std::uint64_t> complete_refresh(const process_ptr& by, const std::string& key,
                                                   const coauth::random_value& owner,
                                                   std::uint64_t generation,
                                                   const coauth::shared_tokens& tokens);
    coauth::result<void> release(const process_ptr& by, const std::string& key,
                                 const coauth::random_value& owner);
    coauth::result<void> erase(const process_ptr& by, const std::string& key);

    /// The tokens that it has; null if there is no such grant.
    coauth::shared_tokens tokens(const std::string& key) const;
    /// Nobody may refresh, and nobody can know better: who sent the refresh token crashed, or got no clear answer.
    bool undecided_by_nature(const std::string& key);
    /// Nobody may refresh.
    bool undecided(const std::string& key) const
    {
        return in_doubt(key) && ledger_.planned().bounds.refresh_retries_of_unknown_outcome == 0;
    }
    /// The refresh token was sent, and what came of it is not known here.
    bool in_doubt(const std::string& key) const;
    /// Somebody keeps others from it that does not need to any more.
    bool leased(const std::string& key) const;

    /// What users ask for, so that it can be told from what nobody asked for.
    void expect_sign_in(serial which) { signed_in_.insert(which); }
    void expect_forget(const process_ptr& by, const std::string& key)
    {
        forgetting_.emplace(by->name(), key);
    }

    ledger& watched() noexcept { return ledger_; }

private:
    struct grant {
        coauth::detail::kept_grant kept;
        std::map<std::string, process_ptr> senders; ///< of this generation, whose sending was not taken back
    };

    std::chrono::nanoseconds now() const noexcept { return ledger_.in().now(); }
    std::string name_of(const coauth::random_value& owner);

    ledger& ledger_;
    provider& provider_;
    duration back_at_{};
    std::uint64_t generations_ = 0;
    std::map<std::string, grant> grants_;
    std::map<std::string, serial> owners_; ///< in the order in which they came: they are random
    std::set<serial> signed_in_;
    std::set<std::pair<std::string, std::string>> forgetting_; ///< who may erase what
};

/// The store, as one process sees it.
class store_client {
public:
    store_client(store_server& of, process& whose) : server_(of), process_(whose) {}

    asio::awaitable<coauth::result<std::uint64_t>> put(std::string key, coauth::shared_tokens tokens);
    asio::awaitable<coauth::result<coauth::grant_record>> load(std::string key, std::uint64_t known);
    asio::awaitable<coauth::result<coauth::lease>> acquire(std::string key, const coauth::random_value& owner,
                                                           std::chrono::milliseconds lasts,
                                                           std::uint64_t known, unsigned tries);
    asio::awaitable<coauth::result<void>> renew(std::string key, const coauth::random_value& owner,
                                                std::chrono::milliseconds lasts);
    asio::awaitable<coauth::result<void>> begin_refresh(std::string key, const coauth::random_value& owner,
                                                        std::uint64_t generation);
    asio::awaitable<coauth::result<std::uint64_t>> complete_refresh(std::string key,
                                                                    const coauth::random_value& owner,
                                                                    std::uint64_t generation,
                                                                    coauth::shared_tokens tokens);
    asio::awaitable<coauth::result<void>> release(std::string key, const coauth::random_value& owner);
    asio::awaitable<coauth::result<void>> erase(std::string key);

private:
    template <class T>
    asio::awaitable<coauth::result<T>> call(bool may_be_late, std::function<coauth::result<T>()> what);

    store_server& server_;
    process& process_;
};

static_assert(coauth::token_store<store_client>);

} // namespace coauth_test::simulation

#endif
