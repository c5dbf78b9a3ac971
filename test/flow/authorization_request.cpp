// What an authorization request always has, and what callers cannot make of it (security cases AR).
#include "flow_fixture.hpp"

#include <coauth/protocol/pkce.hpp>

#include <algorithm>
#include <set>

using namespace coauth_test;
using coauth::errc;

namespace {

coauth::result<coauth::authorization_request> begin(flow& in,
                                                    const coauth::authorization_parameters& parameters)
{
    auto out = run(in.client.begin_authorization(parameters));
    BOOST_TEST(in.server.requests().empty());
    return out;
}

/// Nothing is left of a request that was refused.
void check_nothing_begun(flow& in, const coauth::authorization_parameters& parameters, errc code)
{
    check_refused(begin(in, parameters), code);
    BOOST_TEST(in.store->size() == 0u);
}

coauth::server_metadata with_authorization_endpoint(std::string_view url)
{
    return coauth::server_metadata(endpoint(url), endpoint(token_endpoint));
}

} // namespace

BOOST_AUTO_TEST_SUITE(authorization_request)

BOOST_AUTO_TEST_CASE(AR1_pkce_without_being_asked_for)
{
    flow test;
    for (const std::string_view scope : {"", "profile", "openid"}) {
        const auto query = query_of(test.begin(scope).url());
        BOOST_TEST(only_value(query, "code_challenge_method") == "S256");
        BOOST_TEST(only_value(query, "code_challenge").size() == 43u);
    }
}

BOOST_AUTO_TEST_CASE(AR2_pkce_whatever_the_metadata_says)
{
    for (const std::string_view supported : {R"(,"code_challenge_methods_supported":["plain"])",
                                             R"(,"code_challenge_methods_supported":[])", ""}) {
        scripted_transport server;
        server.expect("GET", server_issuer + "/.well-known/openid-configuration")
            .answer(
                200,
                R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
                R"("token_endpoint":"https://as.example/token")" +
                    std::string(supported) + '}');
        auto metadata =
            run(coauth::discover_server_metadata(server, coauth::issuer::parse(server_issuer).value()));
        BOOST_TEST_REQUIRE(metadata.has_value());
        flow test(*metadata);
        BOOST_TEST(only_value(query_of(test.begin().url()), "code_challenge_method") == "S256");
    }
}

BOOST_AUTO_TEST_CASE(AR3_verifiers_that_are_none)
{
    // No caller can give a verifier to a client; what makes the challenge does not take any text, either.
    for (const std::string& verifier :
         {std::string(), std::string(42, 'v'), std::string(129, 'v'), std::string(43, ' '),
          std::string(42, 'v') + '+', std::string(42, 'v') + '\0', std::string(42, 'v') + '='})
        check_refused(coauth::code_challenge_s256(verifier), errc::invalid_parameter);
    BOOST_TEST(coauth::code_challenge_s256(std::string(43, 'v')).has_value());
    BOOST_TEST(coauth::code_challenge_s256(std::string(128, '~')).has_value());
}

BOOST_AUTO_TEST_CASE(AR4_random_source_fails)
{
    flow test;
    deterministic_random::set_failing(true);
    const auto refused = begin(test, {.scope = "openid"});
    deterministic_random::set_failing(false);
    check_refused(refused, errc::random_source_failed);
    BOOST_TEST(test.store->size() == 0u);
}

BOOST_AUTO_TEST_CASE(AR5_every_random_value_is_used_once)
{
    flow test;
    std::set<std::string> seen;
    for (int i = 0; i < 5; ++i) {
        const auto request = test.begin("openid");
        const auto query = query_of(request.url());
        for (const char* name : {"state", "nonce", "code_challenge"}) {
            BOOST_TEST(only_value(query, name).size() == 43u);
            BOOST_TEST(seen.insert(only_value(query, name)).second);
        }
        BOOST_TEST(seen.insert(std::string(request.browser_binding())).second);
    }
    static_assert(!std::is_copy_constructible_v<coauth::authorization_code>);
    static_assert(!std::is_copy_constructible_v<coauth::pending_login>);
}

BOOST_AUTO_TEST_CASE(AR6_state_carries_nothing)
{
    flow test;
    const auto request = test.begin_with({.scope = "openid", .application_data = "/where/to/return"});
    BOOST_TEST(request.url().find("where") == std::string::npos);
    BOOST_TEST(request.url().find("return") == std::string::npos);
    BOOST_TEST(coauth::random_value::decode(state_of(request)).has_value());
}

BOOST_AUTO_TEST_CASE(AR7_extra_parameters_that_the_library_owns)
{
    for (const std::string_view name :
         {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
          "code_challenge_method", "response_mode", "request", "request_uri", "client_secret", "code"}) {
        BOOST_TEST_CONTEXT(name)
        {
            flow test;
            const coauth::parameter extra[]{{name, "x"}};
            check_nothing_begun(test, {.scope = "openid", .extra = extra}, errc::reserved_parameter);
        }
    }
}

BOOST_AUTO_TEST_CASE(AR7_extra_parameters_given_twice)
{
    flow test;
    const coauth::parameter twice[]{{"audience", "a"}, {"audience", "b"}};
    check_nothing_begun(test, {.extra = twice}, errc::reserved_parameter);
    const coauth::parameter prompt[]{{"prompt", "none"}};
    check_nothing_begun(test, {.scope = "openid", .prompt = "login", .extra = prompt},
                        errc::reserved_parameter);
    // RFC 8707 2: "Multiple resource parameters MAY be used"
    const coauth::parameter resources[]{{"resource", "https://a.example"}, {"resource", "https://b.example"}};
    const auto request = begin(test, {.extra = resources});
    BOOST_TEST_REQUIRE(request.has_value());
    BOOST_TEST(query_of(request->url()).count("resource") == 2u);
}

BOOST_AUTO_TEST_CASE(AR8_characters_that_could_break_out)
{
    flow test;
    using namespace std::string_view_literals;
    for (const std::string_view scope : {"open\nid"sv, "openid \0"sv, "a\"b"sv, "a\\b"sv, "\xc3\xa9"sv})
        check_nothing_begun(test, {.scope = scope}, errc::invalid_parameter);
    check_nothing_begun(test, {.scope = "openid", .login_hint = "a\0b"sv}, errc::invalid_parameter);
    const std::string_view hint = "a b&state=x\r\nX: y#\xc3\xa9";
    const auto request = begin(test, {.scope = "openid", .login_hint = hint});
    BOOST_TEST_REQUIRE(request.has_value());
    BOOST_TEST(only_value(query_of(request->url()), "login_hint") == hint);
    BOOST_TEST(only_value(query_of(request->url()), "state").size() == 43u);
    BOOST_TEST(std::all_of(request->url().begin(), request->url().end(),
                           [](char c) { return c > 0x20 && c < 0x7f; }));
}

BOOST_AUTO_TEST_CASE(AR9_authorization_endpoints_that_are_no_place_to_send_a_browser)
{
    for (const std::string_view url :
         {"javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "http://as.example/authorize",
          "https://user@as.example/authorize", "https://as.example/authorize#f", "https:///authorize",
          "https://as.example:99999/authorize", "https://as.example/$(id)", "https://as.example/a b"}) {
        BOOST_TEST_CONTEXT(url)
        {
            // The document is read, and refused before anything else is asked of this server.
            scripted_transport server;
            server.expect("GET", server_issuer + "/.well-known/openid-configuration")
                .answer(200, R"({"issuer":"https://as.example","token_endpoint":"https://as.example/token",)"
                             R"("authorization_endpoint":")" +
                                 std::string(url) + R"("})");
            const auto metadata =
                run(coauth::discover_server_metadata(server, coauth::issuer::parse(server_issuer).value()));
            const bool shell =
                url.find('$') != url.npos; // parentheses and $ are allowed in URLs; no shell sees one
            BOOST_TEST(metadata.has_error() == !shell);
            if (metadata.has_error())
                BOOST_TEST((metadata.error() == errc::invalid_url || metadata.error() == errc::insecure_url));
            BOOST_TEST(server.requests().size() == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(AR10_the_endpoints_own_query_is_kept)
{
    flow test(with_authorization_endpoint("https://as.example/authorize?tenant=x%20y&flag"));
    const auto request = test.begin("");
    BOOST_TEST(
        request.url().starts_with("https://as.example/authorize?tenant=x%20y&flag&response_type=code&"));
    BOOST_TEST(only_value(query_of(request.url()), "tenant") == "x y");
    const coauth::parameter extra[]{{"tenant", "other"}};
    check_refused(begin(test, {.extra = extra}), errc::reserved_parameter);

    const auto make = [](std::string_view url) { flow refused(with_authorization_endpoint(url)); };
    BOOST_CHECK_EXCEPTION(make("https://as.example/authorize?state=fixed"), coauth::exception,
                          [](const auto& e) { return e.reason() == errc::invalid_configuration; });
}

BOOST_AUTO_TEST_CASE(AR11_redirect_uri_is_the_same_in_both_legs)
{
    for (const std::string_view uri :
         {"https://app.example/callback?tenant=a%2Fb&x=1+2", "https://APP.example:443/Callback",
          "http://127.0.0.1:50123/", "com.example.app:/callback"}) {
        scripted_transport server;
        server.expect("POST", token_endpoint).answer(200, token_response_body());
        manual_client client(server_on_paper(),
                             coauth::client_registration("client-1", coauth::public_client(),
                                                         coauth::redirect_uri::parse(uri).value()),
                             server);
        const auto request = run(client.begin_authorization({.scope = "profile"})).value();
        BOOST_TEST(only_value(query_of(request.url()), "redirect_uri") == uri);
        const std::string query = callback_query(request);
        auto code =
            run(client.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
        BOOST_TEST(run(client.exchange(std::move(code.value()))).has_value());
        BOOST_TEST(only_value(server.sent().at(0).form(), "redirect_uri") == uri);
    }
    for (const std::string_view uri : {"https://app.example/callback#f", "http://app.example/callback",
                                       "/callback", "https://user@app.example/", "javascript:alert(1)", ""})
        BOOST_TEST(coauth::redirect_uri::parse(uri).has_error());
}

BOOST_AUTO_TEST_CASE(AR12_there_is_no_other_response_type)
{
    flow test;
    const coauth::parameter extra[]{{"response_type", "token"}};
    check_nothing_begun(test, {.scope = "openid", .extra = extra}, errc::reserved_parameter);
    BOOST_TEST(only_value(query_of(test.begin().url()), "response_type") == "code");
}

BOOST_AUTO_TEST_CASE(AR13_nonce_with_openid)
{
    flow test;
    BOOST_TEST(query_of(test.begin("profile openid").url()).count("nonce") == 1u);
    BOOST_TEST(query_of(test.begin("profile").url()).count("nonce") == 0u);
}

BOOST_AUTO_TEST_CASE(AR14_openid_parameters_need_the_scope_openid)
{
    flow test;
    check_nothing_begun(test, {.scope = "profile", .max_age = std::chrono::seconds(60)},
                        errc::openid_scope_missing);
    check_nothing_begun(test, {.scope = "profile", .acr_values = "mfa"}, errc::openid_scope_missing);
    check_nothing_begun(test, {.scope = "openid", .max_age = std::chrono::seconds(-1)},
                        errc::invalid_parameter);
    const auto query = query_of(test.begin_with({.scope = "openid",
                                                 .prompt = "login consent",
                                                 .login_hint = "person@example.org",
                                                 .acr_values = "urn:mfa",
                                                 .max_age = std::chrono::seconds(0)})
                                    .url());
    BOOST_TEST(only_value(query, "max_age") == "0");
    BOOST_TEST(only_value(query, "prompt") == "login consent");
    BOOST_TEST(only_value(query, "login_hint") == "person@example.org");
    BOOST_TEST(only_value(query, "acr_values") == "urn:mfa");
}

BOOST_AUTO_TEST_CASE(AR15_native_applications_use_a_loopback_address)
{
    BOOST_TEST(coauth::redirect_uri::parse("http://127.0.0.1:50123/callback").has_value());
    BOOST_TEST(coauth::redirect_uri::parse("http://[::1]:50123/callback").has_value());
    BOOST_TEST(coauth::redirect_uri::parse("http://192.0.2.1/callback").has_error());
    BOOST_TEST(coauth::redirect_uri::parse("http://127.0.0.1.example/callback").has_error());
    BOOST_TEST(coauth::redirect_uri::parse("myapp:/callback").has_error());
}

BOOST_AUTO_TEST_CASE(AR16_pending_logins_are_bounded)
{
    coauth::limits bounds;
    bounds.pending_logins = 20;
    flow test(server_on_paper(), bounds);
    std::vector<coauth::authorization_request> requests;
    for (int i = 0; i < 100; ++i)
        requests.push_back(test.begin());
    BOOST_TEST(test.store->size() == 20u);
    check_refused(test.accept(callback_query(requests.front()), requests.front().browser_binding()),
                  errc::unknown_transaction);
    BOOST_TEST(test.accept(callback_query(requests.back()), requests.back().browser_binding()).has_value());
}

BOOST_AUTO_TEST_CASE(AR16_pending_logins_of_one_browser_are_bounded)
{
    flow test;
    std::vector<coauth::authorization_request> requests;
    requests.push_back(test.begin());
    for (int i = 1; i < 10; ++i)
        requests.push_back(
            test.begin_with({.scope = "openid", .browser_binding = requests.front().browser_binding()}));
    BOOST_TEST(test.store->size() == 7u);
    const auto elsewhere = test.begin();
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto code = test.accept(callback_query(requests[i]), requests[i].browser_binding());
        BOOST_TEST(code.has_value() == (i >= 3));
    }
    BOOST_TEST(test.accept(callback_query(elsewhere), elsewhere.browser_binding()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
