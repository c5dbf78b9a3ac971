// The kit finds nothing wrong with stores that keep the rules, and every rule broken by a store that breaks it.
#include <coauth/testing/check_state_store.hpp>

#include "manual_clock.hpp"
#include "run.hpp"

#include <coauth/policy/memory_state_store.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/static_thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace {

using namespace coauth;
using coauth_test::manual_steady_clock;
namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class fault {
    none,
    refuses,
    gives_out_twice,
    forgets_verifier,
    forgets_data,
    forgets_max_age,
    changes_tag,
    cuts_data,
    finds_by_state,
    finds_by_browser,
    failure_consumes,
    one_of_a_browser,
    few_in_all,
    no_lifetimes,
    zero_is_for_ever,
    short_lifetimes,
    unknown_is_down,
    missing_is_down,
    expired_is_down,
    takes_in_two_steps,
    throws,
    throws_system_error,
    throws_cancellation,
};

/// A store that breaks one rule.
class faulty_store {
public:
    explicit faulty_store(fault of) : fault_(of) {}

    asio::awaitable<result<void>> put(pending_login login, seconds lifetime)
    {
        if (is(fault::refuses))
            co_return errc::state_store_failed;
        if (is(fault::one_of_a_browser))
            std::erase_if(kept_, [&](const entry& one) {
                return one.login.browser_binding().equals(login.browser_binding());
            });
        if (is(fault::few_in_all) && kept_.size() >= 20)
            kept_.erase(kept_.begin());
        if (is(fault::short_lifetimes))
            lifetime = std::min(lifetime, seconds(2));
        const auto end = manual_steady_clock::now() + lifetime;
        const bool endless =
            is(fault::no_lifetimes) || (is(fault::zero_is_for_ever) && lifetime.count() == 0);
        kept_.emplace_back(spoiled(login), endless ? manual_steady_clock::time_point::max() : end);
        co_return result<void>();
    }

    asio::awaitable<result<pending_login>> take(const random_value& browser_binding,
                                                const random_value& state)
    {
        if (is(fault::throws))
            throw std::runtime_error("no memory of that");
        if (is(fault::throws_system_error))
            throw boost::system::system_error(asio::error::access_denied, "the disk");
        if (is(fault::throws_cancellation))
            throw boost::system::system_error(asio::error::operation_aborted);
        const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const entry& one) {
            return (one.login.state().equals(state) || is(fault::finds_by_browser)) &&
                   (one.login.browser_binding().equals(browser_binding) || is(fault::finds_by_state));
        });
        if (found == kept_.end()) {
            if (is(fault::failure_consumes))
                std::erase_if(kept_, [&](const entry& one) { return one.login.state().equals(state); });
            const bool known = std::any_of(kept_.begin(), kept_.end(), [&](const entry& one) {
                return one.login.browser_binding().equals(browser_binding);
            });
            if (is(fault::unknown_is_down) || (is(fault::missing_is_down) && known))
                co_return errc::state_store_failed;
            co_return known ? errc::state_mismatch : errc::unknown_transaction;
        }
        const auto end = found->end;
        pending_login out = spoiled(found->login);
        if (is(fault::takes_in_two_steps)) {
            const auto executor = co_await asio::this_coro::executor;
            co_await asio::post(executor, asio::use_awaitable);
        }
        if (!is(fault::gives_out_twice))
            std::erase_if(kept_, [&](const entry& one) {
                return one.login.state().equals(out.state()) &&
                       one.login.browser_binding().equals(out.browser_binding());
            });
        if (manual_steady_clock::now() >= end)
            co_return is(fault::expired_is_down) ? errc::state_store_failed : errc::expired_transaction;
        co_return std::move(out);
    }

private:
    struct entry {
        entry(pending_login from, manual_steady_clock::time_point until) : login(std::move(from)), end(until)
        {
        }
        pending_login login;
        manual_steady_clock::time_point end;
    };

    bool is(fault one) const noexcept { return fault_ == one; }

    pending_login spoiled(const pending_login& from) const
    {
        std::string data(from.application_data());
        if (is(fault::forgets_data))
            data.clear();
        if (is(fault::cuts_data))
            data = data.c_str();
        return pending_login(from.state(), from.browser_binding(), from.nonce(),
                             is(fault::forgets_verifier) ? random_value() : from.code_verifier(),
                             is(fault::changes_tag) ? from.client_tag() & 0xffff'ffff : from.client_tag(),
                             from.response_mode(), from.scope(), data,
                             is(fault::forgets_max_age) ? std::nullopt : from.max_age(),
                             from.required_acr_values());
    }

    fault fault_;
    std::vector<entry> kept_;
};
static_assert(asynchronous_state_store<faulty_store>);

/// A fault, and what the kit has to say.
struct planted {
    fault what;
    const char* rule;
};

constexpr planted all_planted[] = {
    {fault::refuses, "put() keeps a sign-in (it failed: coauth.client:state_store_failed)"},
    {fault::gives_out_twice, "take() gives a sign-in out once (it succeeded)"},
    {fault::forgets_verifier, "take() gives the sign-in that was put"},
    {fault::forgets_data, "take() gives the sign-in that was put"},
    {fault::forgets_max_age, "take() gives the sign-in that was put"},
    {fault::changes_tag, "take() gives the sign-in that was put"},
    {fault::cuts_data, "take() gives the sign-in that was put"},
    {fault::finds_by_state, "take() finds a sign-in by both browser binding and state"},
    {fault::finds_by_browser, "take() finds a sign-in by both browser binding and state"},
    {fault::failure_consumes, "take() that fails takes nothing away"},
    {fault::one_of_a_browser, "Several sign-ins of one browser are pending at once"},
    {fault::few_in_all, "Sign-ins of many browsers are pending at once"},
    {fault::no_lifetimes, "take() does not give out what is older than its lifetime"},
    {fault::zero_is_for_ever, "A lifetime of zero is over at once"},
    {fault::short_lifetimes, "A sign-in stays for its lifetime"},
    {fault::unknown_is_down, "fails with errc::unknown_transaction"},
    {fault::missing_is_down, "take() of what is not there fails with errc::state_mismatch"},
    {fault::expired_is_down, "take() of what is too old fails with errc::expired_transaction"},
    {fault::takes_in_two_steps, "Of many that take the same sign-in at once, one gets it"},
    {fault::throws, "No operation throws (no memory of that)"},
    {fault::throws_system_error, "No operation throws (the disk"},
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

testing::store_check_settings with_manual_clock()
{
    testing::store_check_settings out;
    out.set_wait([](milliseconds by) { return move_clock(by); });
    return out;
}

std::string lines(const std::vector<std::string>& sentences)
{
    std::string out;
    for (const std::string& one : sentences)
        out += one + '\n';
    return out;
}

std::string check(fault of)
{
    return lines(coauth_test::run(
        testing::check_state_store(std::make_shared<faulty_store>(of), with_manual_clock())));
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_check_state_store)

BOOST_AUTO_TEST_CASE(a_store_without_fault) { BOOST_TEST(check(fault::none) == ""); }

BOOST_DATA_TEST_CASE(every_planted_fault_is_found, boost::unit_test::data::make(all_planted), one)
{
    const std::string found = check(one.what);
    BOOST_TEST_CONTEXT(found)
    BOOST_TEST((found.find(one.rule) != found.npos));
}

/// A check that is cancelled says nothing of the store.
BOOST_AUTO_TEST_CASE(cancellation_is_thrown_on)
{
    BOOST_CHECK_EXCEPTION(
        check(fault::throws_cancellation), boost::system::system_error,
        [](const auto& failure) { return failure.code() == asio::error::operation_aborted; });
}

BOOST_AUTO_TEST_CASE(memory_state_store)
{
    const auto store = std::make_shared<basic_memory_state_store<manual_steady_clock>>();
    BOOST_TEST(lines(coauth_test::run(testing::check_state_store(store, with_manual_clock()))) == "");
}

BOOST_AUTO_TEST_CASE(memory_state_store_in_time_and_threads)
{
    asio::static_thread_pool threads(4);
    auto done =
        asio::co_spawn(threads, testing::check_state_store(std::make_shared<coauth::memory_state_store>()),
                       asio::use_future);
    BOOST_TEST(lines(done.get()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
