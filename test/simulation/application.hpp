// A server program: a refresh scheduler, and users who want tokens of it.
#ifndef COAUTH_TEST_SIMULATION_APPLICATION_HPP
#define COAUTH_TEST_SIMULATION_APPLICATION_HPP

#include "ledger.hpp"
#include "provider.hpp"
#include "store.hpp"

#include <coauth/detail/scheduler_interface.hpp>
#include <coauth/refresh_event.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace coauth_test::simulation {

/// Signing in and out by all applications, as far as it bears on what others may see.
class sign_ins {
public:
    explicit sign_ins(world& in) : world_(in) {}

    void begin(const std::string& key) { grants_[key] = {grants_[key].begun + 1, world_.now(), false}; }
    serial begun(const std::string& key) { return grants_[key].begun; }
    /// Somebody forgot it, and nobody signed in again since.
    void forgotten(const std::string& key) { grants_[key].forgotten = true; }
    bool is_forgotten(const std::string& key) { return grants_[key].forgotten; }
    /// Somebody signed in not longer ago: that may still be on its way.
    bool within(const std::string& key, duration age)
    {
        return grants_[key].begun != 0 && world_.now() - grants_[key].last < age;
    }

private:
    struct state {
        serial begun = 0;
        duration last{};
        bool forgotten = false;
    };

    world& world_;
    std::map<std::string, state> grants_;
};

/// The client of one application, and what it may not do: too much, too often, too early.
class observed_source final : public coauth::detail::refresh_source {
public:
    observed_source(ledger& of, provider& server, process& whose, std::uint64_t seed)
        : ledger_(of), provider_(server), process_(whose), random_(seed)
    {
    }

    const coauth::limits& bounds() const noexcept override { return ledger_.planned().bounds; }
    std::chrono::system_clock::time_point now() const override { return process_.wall(); }
    coauth::result<void> fill_random(std::span<unsigned char> out) override;
    asio::awaitable<coauth::result<coauth::token_set>>
    refresh(const coauth::token_set& current, std::shared_ptr<coauth::detail::refresh_trace> trace) override;
    asio::awaitable<coauth::result<void>> revoke(const coauth::token_set& tokens) override;
    asio::awaitable<coauth::result<coauth::resource_response>>
    fetch_resource(const coauth::token_set& tokens, const coauth::resource_parameters& parameters) override;

    /// Others' tokens: how long ago they came counts now. Or the grant was forgotten, and all that belongs to it.
    void starts_anew(const std::string& key);

private:
    void check_may_send(const coauth::token_set& current);
    void finished(serial family, const coauth::result<coauth::token_set>& outcome);

    ledger& ledger_;
    provider& provider_;
    process& process_;
    random random_;
    std::size_t parallel_ = 0;
    duration pause_end_{}; ///< that the server asked for
    std::size_t in_pause_ = 0;
    std::map<serial, duration> earliest_; ///< of a sign-in the next refresh, by the steady clock
};

class application : public std::enable_shared_from_this<application> {
public:
    application(process_ptr runs, ledger& watched, provider& server, store_server* store, sign_ins& signing);

    const process_ptr& runs() const noexcept { return process_; }
    /// Call these as the process that is running.
    void start();
    void do_something();
    void sign_in(const std::string& key);
    void token(const std::string& key, coauth::detail::grant_wish wish);
    /// The scheduler is destroyed.
    void close();
    /// The scheduler is stopped, and then the process ends.
    void stop();
    void crash(bool scheduler_first);

    std::size_t pending() const noexcept { return pending_.size(); }
    std::string first_pending() const;
    bool closed() const noexcept { return closed_; }
    bool stopping() const noexcept { return stopping_; }
    /// How the last token() of a grant ended; no value: not yet.
    std::optional<coauth::result<coauth::shared_tokens>>& answer(const std::string& key)
    {
        return answers_[key];
    }
    /// Whether the store was in doubt at that moment.
    bool was_in_doubt(const std::string& key) const { return in_doubt_.contains(key); }
    bool told(const std::string& key) const { return told_.contains(key); }
    std::string some_key();

private:
    struct operation {
        explicit operation(std::string description) : what(std::move(description)) {}
        std::string what;
        asio::cancellation_signal signal;
        bool cancelled = false;
    };
    using operation_ptr = std::shared_ptr<operation>;

    operation_ptr begin(const std::string& what, const std::string& key);
    void end(const operation_ptr& which, std::exception_ptr failure, const coauth::error* reason);
    void cancel_some_time(const operation_ptr& which);
    void shown(const std::string& key, const coauth::shared_tokens& tokens, bool was_forgotten);
    bool forgotten_here(const std::string& key);

    void obtain(const std::string& what, const std::string& key, const coauth::shared_tokens& rejected,
                asio::awaitable<coauth::result<coauth::shared_tokens>> wanted);
    void find(const std::string& key);
    void look(const std::string& key);
    void use_resource(const std::string& key);
    void replace_rejected(const std::string& key);
    void forget(const std::string& key);
    void leave_off();
    void exit();
    void check_is_lost(const std::string& key);
    void happened(const coauth::refresh_event& event);
    asio::awaitable<coauth::result<void>> persist(std::string key, coauth::shared_tokens tokens);

    process_ptr process_;
    ledger& ledger_;
    provider& provider_;
    store_server* store_;
    sign_ins& sign_ins_;
    std::shared_ptr<observed_source> source_;
    std::shared_ptr<coauth::detail::scheduler_interface> scheduler_;
    operation_ptr background_;
    bool closed_ = false;
    bool stopping_ = false;
    bool crashed_ = false;
    serial operations_ = 0;
    std::map<serial, operation_ptr> pending_;
    std::map<std::string, coauth::detail::grant_pointer> handles_;
    std::map<std::string, coauth::shared_tokens> shown_;
    std::map<std::string, serial> forgotten_; ///< here, before that many sign-ins
    std::map<std::string, serial> told_; ///< that a new sign-in is needed, and how much was kept until then
    std::map<std::string, std::optional<coauth::result<coauth::shared_tokens>>> answers_;
    std::set<std::string> in_doubt_;
};

} // namespace coauth_test::simulation

#endif
