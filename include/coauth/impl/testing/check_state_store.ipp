#ifndef COAUTH_IMPL_TESTING_CHECK_STATE_STORE_IPP
#define COAUTH_IMPL_TESTING_CHECK_STATE_STORE_IPP

#include <coauth/impl/testing/detail/side_by_side.ipp>
#include <coauth/testing/check_state_store.hpp>
#include <coauth/testing/detail/broken_rules.hpp>

#include <boost/asio/error.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <string_view>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

class state_store_checker {
public:
    using nothing = boost::asio::awaitable<void>;

    state_store_checker(std::shared_ptr<state_store_interface> store, store_check_settings settings)
        : store_(std::move(store)), settings_(std::move(settings))
    {
    }
    broken_rules& rules() noexcept { return rules_; }

    nothing put_and_take()
    {
        const sample first(random_for_check());
        co_await put(first);
        const result<pending_login> found = co_await store_->take(first.binding, first.state);
        if (rules_.require_success(found, "take() finds what was put"))
            rules_.require(first.is(*found), "take() gives the sign-in that was put");
        const result<pending_login> again = co_await store_->take(first.binding, first.state);
        rules_.require_failure(again, errc::unknown_transaction, "take() gives a sign-in out once");

        sample poor(random_for_check());
        poor.scope.clear();
        poor.data.clear();
        poor.acr.clear();
        poor.max_age.reset();
        poor.mode = response_mode::query;
        co_await put(poor);
        const result<pending_login> bare = co_await store_->take(poor.binding, poor.state);
        if (rules_.require_success(bare, "take() finds what was put"))
            rules_.require(poor.is(*bare), "take() gives the sign-in that was put");
    }

    nothing unknown()
    {
        const random_value binding = random_for_check();
        const random_value state = random_for_check();
        const result<pending_login> found = co_await store_->take(binding, state);
        rules_.require_failure(
            found, errc::unknown_transaction,
            "take() for a browser that began nothing fails with errc::unknown_transaction");
    }

    nothing both_values()
    {
        constexpr std::string_view rule = "take() finds a sign-in by both browser binding and state";
        const sample mine(random_for_check());
        const sample others(random_for_check());
        co_await put(mine);
        co_await put(others);
        const random_value stranger = random_for_check();
        const result<pending_login> stolen = co_await store_->take(stranger, mine.state);
        check_missing(stolen, rule);
        const result<pending_login> crossed = co_await store_->take(others.binding, mine.state);
        check_missing(crossed, rule);
        const result<pending_login> forged = co_await store_->take(mine.binding, stranger);
        check_missing(forged, rule);
        const result<pending_login> swapped = co_await store_->take(mine.state, mine.binding);
        check_missing(swapped, rule);
        const result<pending_login> found = co_await store_->take(mine.binding, mine.state);
        if (rules_.require_success(found, "take() that fails takes nothing away"))
            rules_.require(mine.is(*found), rule);
        const result<pending_login> other = co_await store_->take(others.binding, others.state);
        if (rules_.require_success(other, "take() that fails takes nothing away"))
            rules_.require(others.is(*other), rule);
    }

    nothing one_browser()
    {
        const random_value browser = random_for_check();
        std::vector<sample> tabs;
        for (int i = 0; i < 4; ++i) {
            tabs.emplace_back(browser);
            co_await put(tabs.back());
        }
        for (const std::size_t i : {2u, 0u, 3u, 1u}) {
            const result<pending_login> found = co_await store_->take(browser, tabs[i].state);
            if (rules_.require_success(found, "Several sign-ins of one browser are pending at once"))
                rules_.require(tabs[i].is(*found), "take() tells the sign-ins of one browser apart");
        }
    }

    nothing many_browsers()
    {
        std::vector<sample> all;
        for (int i = 0; i < 32; ++i) {
            all.emplace_back(random_for_check());
            co_await put(all.back());
        }
        for (const sample& one : all) {
            const result<pending_login> found = co_await store_->take(one.binding, one.state);
            rules_.require(found && one.is(*found), "Sign-ins of many browsers are pending at once");
        }
    }

    nothing lifetimes()
    {
        const sample brief(random_for_check());
        const sample longer(random_for_check());
        co_await put(brief, std::chrono::seconds(1));
        co_await put(longer);
        const sample none(random_for_check());
        co_await put(none, std::chrono::seconds(0));
        const result<pending_login> at_once = co_await store_->take(none.binding, none.state);
        check_expired(at_once, "A lifetime of zero is over at once");
        co_await let_end(settings_, std::chrono::milliseconds(2100));
        const result<pending_login> late = co_await store_->take(brief.binding, brief.state);
        check_expired(late, "take() does not give out what is older than its lifetime");
        const result<pending_login> found = co_await store_->take(longer.binding, longer.state);
        rules_.require_success(found, "A sign-in stays for its lifetime");
    }

    nothing many_at_once()
    {
        const sample one(random_for_check());
        co_await put(one);
        const auto taken = std::make_shared<std::atomic<int>>(0);
        std::vector<nothing> operations;
        for (int i = 0; i < 32; ++i)
            operations.push_back(take_one(store_, one.binding, one.state, taken));
        co_await run_side_by_side(std::move(operations));
        rules_.require(*taken == 1, "Of many that take the same sign-in at once, one gets it");
    }

private:
    /// A sign-in, and what it was made of.
    class sample {
    public:
        explicit sample(const random_value& browser)
            : binding(browser),
              state(random_for_check()),
              nonce(random_for_check()),
              verifier(random_for_check())
        {
        }
        pending_login login() const
        {
            return pending_login(state, binding, nonce, verifier, tag, mode, scope, data, max_age, acr);
        }
        bool is(const pending_login& other) const
        {
            return other.state().equals(state) && other.browser_binding().equals(binding) &&
                   other.nonce().equals(nonce) && other.code_verifier().equals(verifier) &&
                   other.client_tag() == tag && other.response_mode() == mode && other.scope() == scope &&
                   other.application_data() == data && other.max_age() == max_age &&
                   other.required_acr_values() == acr;
        }

        random_value binding;
        random_value state;
        random_value nonce;
        random_value verifier;
        std::uint64_t tag = 0xfedc'ba98'7654'3210u;
        response_mode mode = response_mode::form_post;
        std::string scope = "openid urn:x:c";
        // What does not survive a careless encoding.
        std::string data = std::string("/back?a=b&c=%20\"\\ \n\xff", 21) + '\0' + std::string(500, 'd');
        std::string acr = "silver gold";
        std::optional<std::chrono::seconds> max_age = std::chrono::seconds(3600);
    };

    nothing put(const sample& from) { return put(from, std::chrono::seconds(3600)); }
    nothing put(const sample& from, std::chrono::seconds lifetime) { return run_put(from.login(), lifetime); }
    nothing run_put(pending_login login, std::chrono::seconds lifetime)
    {
        const result<void> outcome = co_await store_->put(std::move(login), lifetime);
        rules_.require_success(outcome, "put() keeps a sign-in");
    }

    void check_missing(const result<pending_login>& outcome, std::string_view rule)
    {
        if (rules_.require(!outcome, rule))
            rules_.require(outcome.error() == errc::state_mismatch ||
                               outcome.error() == errc::unknown_transaction,
                           "take() of what is not there fails with errc::state_mismatch or "
                           "errc::unknown_transaction");
    }
    void check_expired(const result<pending_login>& outcome, std::string_view rule)
    {
        if (rules_.require(!outcome, rule))
            rules_.require(outcome.error() == errc::expired_transaction ||
                               outcome.error() == errc::unknown_transaction,
                           "take() of what is too old fails with errc::expired_transaction or "
                           "errc::unknown_transaction");
    }

    static nothing take_one(std::shared_ptr<state_store_interface> store, random_value binding,
                            random_value state, std::shared_ptr<std::atomic<int>> taken)
    {
        const result<pending_login> outcome = co_await store->take(binding, state);
        if (outcome)
            ++*taken;
    }

    std::shared_ptr<state_store_interface> store_;
    store_check_settings settings_;
    broken_rules rules_;
};

COAUTH_DECL boost::asio::awaitable<std::vector<std::string>>
run_state_store_check(std::shared_ptr<state_store_interface> store, store_check_settings settings)
{
    state_store_checker checker(std::move(store), std::move(settings));
    using scenario_function = boost::asio::awaitable<void> (state_store_checker::*)();
    constexpr std::array<scenario_function, 7> scenarios{
        &state_store_checker::put_and_take,  &state_store_checker::unknown,
        &state_store_checker::both_values,   &state_store_checker::one_browser,
        &state_store_checker::many_browsers, &state_store_checker::lifetimes,
        &state_store_checker::many_at_once,
    };
    for (const scenario_function scenario : scenarios) {
        auto running = (checker.*scenario)();
        auto watched = run_scenario(std::move(running), checker.rules());
        co_await std::move(watched);
    }
    co_return checker.rules().take();
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
