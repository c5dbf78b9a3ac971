// Sign-ins that are kept in the browser: sealed_state_store.
#include "flow_fixture.hpp"

#include <coauth/policy/sealed_state_store.hpp>
#include <coauth/provider_registry.hpp>

#include <map>

using namespace coauth_test;
using coauth::errc;

namespace {

using sealed_store = coauth::basic_sealed_state_store<manual_wall_clock>;
struct sealed_policy : manual_policy {
    using state_store = sealed_store;
};
using sealed_client = coauth::basic_client<sealed_policy>;

coauth::seal_key_ring new_keys() { return coauth::seal_key_ring::generate().value(); }

/// A process of a site: a client, with a store of its own.
struct process {
    explicit process(const coauth::seal_key_ring& keys, const coauth::limits& bounds = {})
        : client(server_on_paper(), registration_on_paper(), server,
                 std::make_shared<sealed_store>(keys, bounds), bounds)
    {
    }
    ~process() { BOOST_CHECK_EQUAL(server.surprises(), 0u); }
    process(const process&) = delete;

    coauth::authorization_request begin(const coauth::authorization_parameters& parameters = {
                                            .scope = "profile", .application_data = canary_application_data})
    {
        return run(client.begin_authorization(parameters)).value();
    }
    coauth::result<coauth::authorization_code> accept(std::string_view query, std::string_view cookie)
    {
        return run(client.accept_callback({.parameters = query, .browser_binding = cookie}));
    }

    scripted_transport server;
    sealed_client client;
};

/// Keeps cookies by name, as a browser does.
class cookie_jar {
public:
    void keep(const coauth::authorization_request& request)
    {
        cookies_["coauth" + request.cookie_suffix()] = request.browser_binding();
    }
    std::string find(const sealed_client& client, std::string_view query) const
    {
        const auto found = cookies_.find("coauth" + client.cookie_suffix(query));
        return found == cookies_.end() ? std::string() : found->second;
    }
    std::size_t size() const noexcept { return cookies_.size(); }

private:
    std::map<std::string, std::string> cookies_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(sealed_logins)

BOOST_AUTO_TEST_CASE(a_sign_in_that_ends_at_another_process)
{
    const auto keys = new_keys();
    process first(keys);
    process second(keys);
    second.server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto request = first.begin();
    BOOST_TEST(request.browser_binding().size() < 400u);
    auto code = second.accept(callback_query(request), request.browser_binding());
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(code->application_data() == canary_application_data);
    const auto tokens = run(second.client.exchange(std::move(*code)));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST(tokens->access_token().expose() == canary_access_token);
    // The verifier came along: that of the challenge in the URL.
    BOOST_TEST(second.server.requests().front().form().count("code_verifier") == 1u);
}

BOOST_AUTO_TEST_CASE(the_cookie_is_all_of_it_and_tells_nothing)
{
    process here(new_keys());
    const auto request = here.begin();
    const std::string cookie(request.browser_binding());
    BOOST_TEST(cookie.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               cookie.npos);
    BOOST_TEST(cookie.find(canary_application_data) == cookie.npos);
    BOOST_TEST(cookie.find(state_of(request)) == cookie.npos);
    BOOST_TEST(request.cookie_suffix().size() == 9u);
    BOOST_TEST(state_of(request).find(request.cookie_suffix().substr(1)) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(CB4_a_callback_without_the_cookie_or_with_that_of_another_browser)
{
    const auto keys = new_keys();
    process here(keys);
    const auto mine = here.begin();
    const auto attackers = here.begin();
    // The attacker's callback in my browser, with my cookie; and mine in the attacker's.
    check_refused(here.accept(callback_query(attackers), mine.browser_binding()), errc::state_mismatch);
    check_refused(here.accept(callback_query(mine), attackers.browser_binding()), errc::state_mismatch);
    check_refused(here.accept(callback_query(mine), ""), errc::browser_binding_missing);
    check_refused(here.accept("code=c&iss=https%3A%2F%2Fas.example", mine.browser_binding()),
                  errc::state_missing);
    check_refused(here.accept("code=%zz", mine.browser_binding()), errc::malformed_callback);
    // All of that took nothing away.
    BOOST_TEST(here.accept(callback_query(mine), mine.browser_binding()).has_value());
    BOOST_TEST(here.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(every_cookie_that_is_not_the_one)
{
    process here(new_keys());
    process stranger(new_keys());
    const auto request = here.begin();
    const std::string query = callback_query(request);
    const std::string cookie(request.browser_binding());
    check_refused(here.accept(query, stranger.begin().browser_binding()), errc::seal_broken);
    check_refused(stranger.accept(query, cookie), errc::seal_broken);
    for (std::size_t i = 0; i < cookie.size(); ++i) {
        std::string changed = cookie;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        check_refused(here.accept(query, changed), errc::seal_broken);
        check_refused(here.accept(query, cookie.substr(0, i)),
                      i == 0 ? errc::browser_binding_missing : errc::seal_broken);
    }
    check_refused(here.accept(query, cookie + 'A'), errc::seal_broken);
    check_refused(here.accept(query, std::string(43, 'A')), errc::seal_broken);
    check_refused(here.accept(query, std::string(100'000, 'A')), errc::seal_broken);
    check_refused(here.accept(query, "\xff\x01 ;"), errc::seal_broken);
    BOOST_TEST(here.accept(query, cookie).has_value());
}

BOOST_AUTO_TEST_CASE(expired)
{
    coauth::limits bounds;
    bounds.pending_login_lifetime = std::chrono::seconds(60);
    process here(new_keys(), bounds);
    const auto in_time = here.begin();
    manual_wall_clock::advance(std::chrono::seconds(58));
    BOOST_TEST(here.accept(callback_query(in_time), in_time.browser_binding()).has_value());
    const auto late = here.begin();
    manual_wall_clock::advance(std::chrono::seconds(61));
    check_refused(here.accept(callback_query(late), late.browser_binding()), errc::expired_transaction);
}

BOOST_AUTO_TEST_CASE(CB5_used_again)
{
    const auto keys = new_keys();
    process here(keys);
    process other(keys);
    const auto request = here.begin();
    const std::string query = callback_query(request);
    BOOST_TEST(here.accept(query, request.browser_binding()).has_value());
    // The process where it was used knows.
    check_refused(here.accept(query, request.browser_binding()), errc::unknown_transaction);
    // Another one cannot, and asks the server, which knows that the code was used.
    other.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
    auto code = other.accept(query, request.browser_binding());
    BOOST_TEST_REQUIRE(code.has_value());
    check_refused(run(other.client.exchange(std::move(*code))), coauth::server_errc::invalid_grant);
}

/// As long as a cookie is good, the process where it was used knows: to the last second.
BOOST_AUTO_TEST_CASE(CB5_used_again_just_before_its_time_is_over)
{
    coauth::limits bounds;
    bounds.pending_login_lifetime = std::chrono::seconds(60);
    process here(new_keys(), bounds);
    const auto request = here.begin();
    const std::string query = callback_query(request);
    BOOST_TEST(here.accept(query, request.browser_binding()).has_value());
    for (const int later : {30, 28, 1}) {
        manual_wall_clock::advance(std::chrono::seconds(later));
        check_refused(here.accept(query, request.browser_binding()), errc::unknown_transaction);
    }
    manual_wall_clock::advance(std::chrono::seconds(2));
    check_refused(here.accept(query, request.browser_binding()), errc::expired_transaction);
}

BOOST_AUTO_TEST_CASE(several_tabs_of_one_browser)
{
    process here(new_keys());
    cookie_jar browser;
    std::vector<coauth::authorization_request> tabs;
    for (int i = 0; i < 5; ++i) {
        const std::string data = "tab " + std::to_string(i);
        // A cookie of an earlier sign-in is no binding to share.
        const std::string before(tabs.empty() ? "" : tabs.back().browser_binding());
        tabs.push_back(here.begin({.browser_binding = before, .application_data = data}));
        browser.keep(tabs.back());
    }
    BOOST_TEST(browser.size() == 5u);
    for (const std::size_t i : {3u, 0u, 4u, 1u, 2u}) {
        const std::string query = callback_query(tabs[i]);
        const auto code = here.accept(query, browser.find(here.client, query));
        BOOST_TEST_REQUIRE(code.has_value());
        BOOST_TEST(code->application_data() == "tab " + std::to_string(i));
    }
    for (const char* const query : {"", "code=c", "code=c&state=x", "state=%zz", "code=c&code=d"})
        BOOST_TEST(here.client.cookie_suffix(query) == "");
}

BOOST_AUTO_TEST_CASE(a_store_that_keeps_needs_one_cookie_only)
{
    flow test;
    const auto request = test.begin();
    BOOST_TEST(request.cookie_suffix() == "");
    BOOST_TEST(test.client.cookie_suffix(callback_query(request)) == "");
}

BOOST_AUTO_TEST_CASE(keys_are_exchanged_while_people_sign_in)
{
    const coauth::random_value old_key(std::array<unsigned char, 32>{1});
    const coauth::random_value new_key(std::array<unsigned char, 32>{2});
    const auto ring = [](std::initializer_list<coauth::random_value> keys) {
        return coauth::seal_key_ring::make(std::span(keys.begin(), keys.size())).value();
    };
    process before(ring({old_key}));
    process getting_it(ring({old_key, new_key}));
    process changing(ring({new_key, old_key}));
    process after(ring({new_key}));
    const auto begun_before = before.begin();
    const std::string query = callback_query(begun_before);
    for (process* const one : {&before, &getting_it, &changing})
        BOOST_TEST(one->accept(query, begun_before.browser_binding()).has_value());
    check_refused(after.accept(query, begun_before.browser_binding()), errc::seal_broken);
    const auto begun_after = changing.begin();
    const std::string other = callback_query(begun_after);
    for (process* const one : {&getting_it, &changing, &after})
        BOOST_TEST(one->accept(other, begun_after.browser_binding()).has_value());
    check_refused(before.accept(other, begun_after.browser_binding()), errc::seal_broken);
}

BOOST_AUTO_TEST_CASE(CB9_clients_with_the_same_keys)
{
    const auto keys = new_keys();
    process here(keys);
    coauth::server_metadata elsewhere(endpoint("https://other.example/authorize"),
                                      endpoint("https://other.example/token"));
    sealed_client other(elsewhere, registration_on_paper(), here.server,
                        std::make_shared<sealed_store>(keys));
    const auto request = here.begin();
    const std::string query = "code=stolen&state=" + state_of(request);
    check_refused(
        run(other.accept_callback({.parameters = query, .browser_binding = request.browser_binding()})),
        errc::issuer_mismatch);
    BOOST_TEST(here.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(more_than_a_cookie_holds)
{
    process here(new_keys());
    const std::string most(2400, 'd');
    BOOST_TEST(here.begin({.application_data = most}).browser_binding().size() <=
               coauth::default_cookie_characters);
    const std::string more(3000, 'd');
    check_refused(run(here.client.begin_authorization({.application_data = more})),
                  errc::sealed_data_too_large);
}

BOOST_AUTO_TEST_CASE(no_random_values_no_cookie)
{
    process here(new_keys());
    deterministic_random::set_failing(true);
    check_refused(run(here.client.begin_authorization()), errc::random_source_failed);
    deterministic_random::set_failing(false);
}

BOOST_AUTO_TEST_CASE(a_registry_of_providers)
{
    const auto keys = new_keys();
    scripted_transport server;
    coauth::basic_provider_registry<sealed_policy> here(std::make_shared<sealed_store>(keys));
    coauth::basic_provider_registry<sealed_policy> there(std::make_shared<sealed_store>(keys));
    BOOST_TEST(here.cookie_suffix("code=c") == "");
    for (auto* const registry : {&here, &there})
        registry->add("paper", server_on_paper(), registration_on_paper(), server);
    const auto request = run(here.find("paper")->begin_authorization({.scope = "profile"})).value();
    const std::string query = callback_query(request);
    BOOST_TEST(there.cookie_suffix(query) == request.cookie_suffix());
    const auto code =
        run(there.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(code->provider() == "paper");
    check_refused(run(there.accept_callback({.parameters = query, .browser_binding = "AAAA"})),
                  errc::seal_broken);
}

BOOST_AUTO_TEST_SUITE_END()
