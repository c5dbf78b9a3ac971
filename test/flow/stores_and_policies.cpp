// State stores and policies of the user's own, shared stores, several tabs, response modes.
#include "flow_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>

using namespace coauth_test;
using coauth::errc;
using coauth::result;

namespace {

/// A store as one over a network would be: every answer comes later, or not at all.
class slow_store {
public:
    explicit slow_store(const coauth::limits& = {}) {}

    asio::awaitable<result<void>> put(coauth::pending_login login, std::chrono::seconds lifetime)
    {
        co_await pause();
        last_lifetime = lifetime;
        if (down)
            co_return errc::state_store_failed;
        kept.emplace(login.state().to_string(), std::move(login));
        co_return result<void>();
    }

    asio::awaitable<result<coauth::pending_login>> take(const coauth::random_value& browser_binding,
                                                        const coauth::random_value& state)
    {
        // References into the caller's coroutine, which waits: valid until this completes.
        co_await pause();
        if (down)
            co_return errc::state_store_failed;
        const auto found = kept.find(careless ? kept.begin()->first : state.to_string());
        if (found == kept.end() || (!careless && !found->second.browser_binding().equals(browser_binding)))
            co_return errc::unknown_transaction;
        coauth::pending_login login = std::move(found->second);
        kept.erase(found);
        co_return std::move(login);
    }

    std::map<std::string, coauth::pending_login> kept;
    std::chrono::seconds last_lifetime{};
    bool down = false;
    bool hanging = false;
    /// Gives out whatever it has.
    bool careless = false;

private:
    asio::awaitable<void> pause() const
    {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor);
        timer.expires_after(hanging ? std::chrono::hours(1) : std::chrono::milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
    }
};
static_assert(coauth::asynchronous_state_store<slow_store>);

struct slow_store_policy : manual_policy {
    using state_store = slow_store;
};
using slow_flow = basic_flow<slow_store_policy>;

/// Gives out a sign-in whatever is asked for: what a store that compares only a hash may do.
class careless_store {
public:
    explicit careless_store(const coauth::limits& = {}) {}
    result<void> put(coauth::pending_login login, std::chrono::seconds)
    {
        kept_.emplace(std::move(login));
        return {};
    }
    result<coauth::pending_login> take(const coauth::random_value&, const coauth::random_value&)
    {
        if (!kept_)
            return errc::unknown_transaction;
        coauth::pending_login out = std::move(*kept_);
        kept_.reset();
        return out;
    }

private:
    std::optional<coauth::pending_login> kept_;
};

struct careless_policy : manual_policy {
    using state_store = careless_store;
};

struct counting_comparison {
    static bool equal(std::string_view left, std::string_view right) noexcept
    {
        ++calls;
        return coauth::constant_time_comparison::equal(left, right);
    }
    static inline int calls = 0;
};
struct comparing_policy : manual_policy {
    using comparison = counting_comparison;
};

/// A client of another server, with the store and the browser of the first.
manual_client client_of(const coauth::server_metadata& server, const scripted_transport& transport,
                        std::shared_ptr<manual_state_store> store)
{
    return manual_client(server, registration_on_paper(), transport, std::move(store));
}

coauth::server_metadata other_server()
{
    coauth::server_metadata out(endpoint("https://other.example/authorize"),
                                endpoint("https://other.example/token"));
    out.set_issuer(coauth::issuer::parse("https://other.example").value());
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stores)

BOOST_AUTO_TEST_CASE(asynchronous_store)
{
    slow_flow test;
    test.server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto request = test.begin();
    BOOST_TEST((test.store->last_lifetime == test.client_limits.pending_login_lifetime));
    BOOST_TEST(test.store->kept.size() == 1u);
    auto code = test.accept(callback_query(request), request.browser_binding());
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(code->application_data() == canary_application_data);
    BOOST_TEST(run(test.client.exchange(std::move(*code))).has_value());
    check_refused(test.accept(callback_query(request), request.browser_binding()), errc::unknown_transaction);
}

BOOST_AUTO_TEST_CASE(asynchronous_store_that_is_down)
{
    slow_flow test;
    const auto request = test.begin();
    test.store->down = true;
    check_refused(run(test.client.begin_authorization({.scope = "openid"})), errc::state_store_failed);
    check_refused(test.accept(callback_query(request), request.browser_binding()), errc::state_store_failed);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(asynchronous_store_cancelled)
{
    slow_flow test;
    const auto request = test.begin();
    const std::string query = callback_query(request);
    test.store->hanging = true;
    stepped_operation<result<coauth::authorization_request>> beginning(test.client.begin_authorization());
    beginning.run_ready();
    beginning.cancel(asio::cancellation_type::terminal);
    check_refused(beginning.finish(), aborted);
    stepped_operation<result<coauth::authorization_code>> accepting(
        test.client.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
    accepting.run_ready();
    accepting.cancel(asio::cancellation_type::terminal);
    check_refused(accepting.finish(), aborted);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(asynchronous_store_and_context_destroyed)
{
    slow_flow test;
    const auto request = test.begin();
    const std::string query = callback_query(request);
    test.store->hanging = true;
    stepped_operation<result<coauth::authorization_code>> accepting(
        test.client.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
    accepting.run_ready();
    BOOST_TEST(accepting.completions() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_store_gives_out_is_compared_again)
{
    {
        basic_flow<careless_policy> test;
        const auto attacker = test.begin();
        // The store hands the attacker's sign-in to whoever comes.
        const std::string victims_state(43, 'A');
        check_refused(test.accept("code=c&state=" + victims_state + "&iss=https%3A%2F%2Fas.example",
                                  attacker.browser_binding()),
                      errc::state_mismatch);
        const auto again = test.begin();
        check_refused(test.accept(callback_query(again), std::string(43, 'A')), errc::state_mismatch);
        BOOST_TEST(test.server.requests().empty());
    }
    slow_flow test;
    const auto one = test.begin();
    test.store->careless = true;
    check_refused(test.accept(callback_query(one), std::string(43, 'A')), errc::state_mismatch);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(policy_with_a_comparison_of_its_own)
{
    basic_flow<comparing_policy> test;
    counting_comparison::calls = 0;
    const auto request = test.begin();
    BOOST_TEST(test.accept(callback_query(request), request.browser_binding()).has_value());
    BOOST_TEST(counting_comparison::calls == 2);
}

BOOST_AUTO_TEST_CASE(CB9_callback_of_one_server_for_a_sign_in_at_another)
{
    flow first;
    const auto other = client_of(other_server(), first.server, first.store);
    manual_client second = other;

    // Begun at the first, answered to the second.
    const auto request = first.begin();
    const std::string query = "code=stolen&state=" + state_of(request);
    check_refused(
        run(second.accept_callback({.parameters = query, .browser_binding = request.browser_binding()})),
        errc::issuer_mismatch);
    // It is used up.
    check_refused(first.accept(callback_query(request), request.browser_binding()),
                  errc::unknown_transaction);
    BOOST_TEST(first.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB9_checked_code_given_to_another_client)
{
    flow first;
    manual_client second = client_of(other_server(), first.server, first.store);
    check_refused(run(second.exchange(first.signed_in())), errc::issuer_mismatch);
    BOOST_TEST(first.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB9_clients_of_the_same_server_and_registration_share)
{
    flow first;
    manual_client second = client_of(server_on_paper(), first.server, first.store);
    first.server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto request = first.begin();
    const std::string query = callback_query(request);
    auto code =
        run(second.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(run(first.client.exchange(std::move(*code))).has_value());
}

BOOST_AUTO_TEST_CASE(CB9_other_registrations_at_the_same_server_do_not)
{
    flow first;
    const auto redirect = coauth::redirect_uri::parse("https://app.example/other").value();
    for (const auto& registration :
         {coauth::client_registration("client-2", coauth::public_client(),
                                      coauth::redirect_uri::parse(callback_url).value()),
          coauth::client_registration("client-1", coauth::public_client(), redirect)}) {
        manual_client second(server_on_paper(), registration, first.server, first.store);
        check_refused(run(second.exchange(first.signed_in())), errc::issuer_mismatch);
    }
    BOOST_TEST(first.server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tabs)

BOOST_AUTO_TEST_CASE(several_tabs_of_one_browser_in_any_order)
{
    flow test;
    std::vector<coauth::authorization_request> tabs;
    tabs.push_back(test.begin());
    const std::string cookie(tabs.front().browser_binding());
    for (int i = 1; i < 5; ++i)
        tabs.push_back(
            test.begin_with({.scope = "openid",
                             .browser_binding = cookie,
                             .application_data = std::string("tab ") + static_cast<char>('0' + i)}));
    for (const auto& tab : tabs)
        BOOST_TEST(tab.browser_binding() == cookie);
    for (const std::size_t i : {3u, 0u, 4u, 1u, 2u}) {
        const auto code = test.accept(callback_query(tabs[i]), cookie);
        BOOST_TEST_REQUIRE(code.has_value());
        BOOST_TEST(code->application_data() ==
                   (i == 0 ? canary_application_data : "tab " + std::to_string(i)));
    }
}

BOOST_AUTO_TEST_CASE(one_tab_fails_and_the_others_go_on)
{
    flow test;
    const auto first = test.begin();
    const auto second = test.begin_with({.scope = "openid", .browser_binding = first.browser_binding()});
    check_refused(
        test.accept("error=access_denied&state=" + state_of(first) + "&iss=https%3A%2F%2Fas.example",
                    first.browser_binding()),
        coauth::server_errc::access_denied);
    BOOST_TEST(test.accept(callback_query(second), second.browser_binding()).has_value());
}

BOOST_AUTO_TEST_CASE(form_post)
{
    flow test;
    test.server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto request =
        test.begin_with({.scope = "profile", .response_mode = coauth::response_mode::form_post});
    const std::string body = callback_query(request);
    auto code = run(test.client.accept_callback({.parameters = body,
                                                 .browser_binding = request.browser_binding(),
                                                 .response_mode = coauth::response_mode::form_post}));
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(run(test.client.exchange(std::move(*code))).has_value());
    BOOST_TEST(query_of(test.begin("profile").url()).count("response_mode") == 0u);
}

BOOST_AUTO_TEST_CASE(plain_oauth_without_an_issuer)
{
    // As many plain OAuth 2.0 servers are: no metadata, no issuer, no userinfo.
    flow test(coauth::server_metadata(endpoint(authorization_endpoint), endpoint(token_endpoint)));
    test.server.expect("POST", token_endpoint).answer(200, R"({"access_token":"t","token_type":"bearer"})");
    const auto request = test.begin("repo");
    BOOST_TEST(query_of(request.url()).count("nonce") == 0u);
    auto code = test.accept("code=c&state=" + state_of(request), request.browser_binding());
    BOOST_TEST_REQUIRE(code.has_value());
    const auto tokens = run(test.client.exchange(std::move(*code)));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST(tokens->refresh_token().empty());
    BOOST_TEST(tokens->scope().to_string() == "repo");
}

BOOST_AUTO_TEST_SUITE_END()
