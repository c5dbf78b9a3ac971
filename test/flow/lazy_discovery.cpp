// Clients of an issuer: whatever they do first, they find out about the server before it, once for all.
#include "crowd.hpp"
#include "operations.hpp"
#include "signing_server.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

namespace {

const std::string configuration_url = server_issuer + "/.well-known/openid-configuration";
const std::string oauth_url = server_issuer + "/.well-known/oauth-authorization-server";
using begun = coauth::result<coauth::authorization_request>;

boost::json::object document()
{
    return {{"issuer", server_issuer},
            {"authorization_endpoint", authorization_endpoint},
            {"token_endpoint", token_endpoint},
            {"userinfo_endpoint", userinfo_endpoint},
            {"revocation_endpoint", revocation_endpoint},
            {"end_session_endpoint", end_session_endpoint},
            {"jwks_uri", jwks_uri},
            {"id_token_signing_alg_values_supported", boost::json::array{"RS256", "ES256", "none"}},
            {"authorization_response_iss_parameter_supported", true}};
}

std::string text(const boost::json::object& value) { return boost::json::serialize(value); }

/// A client that knows the name of its server only.
struct lazy_flow : openid_flow<> {
    explicit lazy_flow(const coauth::limits& bounds = {}, const coauth::openid_registration& openid = {},
                       const std::string& name = server_issuer)
        : openid_flow<>(server_on_paper(), bounds)
    {
        auto registration = registration_on_paper();
        client = client_type(coauth::issuer::parse(name).value(), registration.set_openid(openid), server,
                             store, bounds);
    }
    scripted_exchange& expect_metadata(const boost::json::object& value = document())
    {
        return server.expect("GET", configuration_url).answer(200, text(value));
    }
    begun try_to_begin(std::string_view scope = "openid")
    {
        return run(client.begin_authorization({.scope = scope}));
    }
    std::size_t discoveries() const { return count_requests(server, "GET", configuration_url); }
};

/// An operation as the first one of a process.
struct first_operation {
    std::string_view name;
    std::function<void(lazy_flow&)> expect; // what it sends after the discovery
    std::function<asio::awaitable<coauth::result<void>>(lazy_flow&)> start;
};

const std::string& logout_form()
{
    static std::string body;
    body = logout_body(good_logout_claims("one"));
    return body;
}

std::vector<first_operation> first_operations()
{
    return {
        {"begin_authorization", [](lazy_flow&) {},
         [](lazy_flow& in) {
             return without_value(in.client.begin_authorization({.scope = std::string("openid profile")}));
         }},
        {"accept_callback", [](lazy_flow&) {},
         [](lazy_flow& in) {
             // Begun by another process with the same store.
             manual_client other(server_on_paper(), registration_on_paper(), in.server, in.store);
             const auto request = run(other.begin_authorization({.scope = "openid"})).value();
             const std::string query = callback_query(request);
             return without_value(in.client.accept_callback(
                 {.parameters = query, .browser_binding = request.browser_binding()}));
         }},
        {"exchange",
         [](lazy_flow& in) { in.server.expect("POST", token_endpoint).answer(200, token_response_body()); },
         [](lazy_flow& in) {
             manual_client other(server_on_paper(), registration_on_paper(), in.server, in.store);
             const auto request = run(other.begin_authorization({.scope = "profile"})).value();
             const std::string query = callback_query(request);
             auto code = run(
                 other.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
             return without_value(in.client.exchange(std::move(code.value())));
         }},
        {"refresh",
         [](lazy_flow& in) {
             in.server.expect("POST", token_endpoint)
                 .answer(200, refresh_response_with(signed_id_token(good_claims(""))));
             in.expect_keys({0});
         },
         [](lazy_flow& in) {
             const coauth::token_set tokens = tokens_of_a_person();
             return without_value(in.client.refresh(tokens, {.scope = std::string("openid")}));
         }},
        {"fetch_userinfo",
         [](lazy_flow& in) { in.server.expect("GET", userinfo_endpoint).answer(200, userinfo_body()); },
         [](lazy_flow& in) {
             const coauth::token_set tokens = tokens_of_a_person();
             return without_value(in.client.fetch_userinfo(tokens));
         }},
        {"revoke",
         [](lazy_flow& in) {
             in.server.expect("POST", revocation_endpoint).answer(200, "");
             in.server.expect("POST", revocation_endpoint).answer(200, "");
         },
         [](lazy_flow& in) {
             const coauth::token_set tokens = tokens_of_a_person();
             return in.client.revoke(tokens);
         }},
        {"begin_logout", [](lazy_flow&) {},
         [](lazy_flow& in) {
             const coauth::token_set tokens = tokens_of_a_person();
             return without_value(
                 in.client.begin_logout({.id_token = &tokens.id_token(),
                                         .logout_hint = std::string("somebody whose name is long")}));
         }},
        {"accept_logout_token", [](lazy_flow& in) { in.expect_keys({0}); },
         [](lazy_flow& in) {
             const std::string body = logout_form();
             return without_value(
                 in.client.accept_logout_token(std::string("application/x-www-form-urlencoded"), body));
         }},
    };
}

template <class Function>
void for_each_first_operation(Function function)
{
    for (const first_operation& operation : first_operations())
        BOOST_TEST_CONTEXT(operation.name) { function(operation); }
}

} // namespace

BOOST_AUTO_TEST_SUITE(lazy_discovery)

BOOST_AUTO_TEST_CASE(a_server_that_is_down_stops_nothing_but_its_own_sign_ins)
{
    lazy_flow test;
    BOOST_TEST(test.server.requests().empty());
    BOOST_TEST(!test.client.server());
    test.expect_metadata().before_commit(happening::fail(errc::connection_failed));
    const auto refused = test.try_to_begin();
    check_refused(refused, errc::connection_failed);
    BOOST_TEST((refused.error() == coauth::condition::retryable));
    BOOST_TEST(test.store->size() == 0u);
    BOOST_TEST(!test.client.server());
    // At once when it is up again.
    test.expect_metadata();
    const auto request = test.try_to_begin();
    BOOST_TEST_REQUIRE(request.has_value());
    BOOST_TEST(request->url().starts_with(authorization_endpoint + '?'));
    BOOST_TEST(test.store->size() == 1u);
    BOOST_TEST_REQUIRE(test.client.server());
    BOOST_TEST(test.client.server()->issuer().string() == server_issuer);
    BOOST_TEST(test.try_to_begin().has_value());
    const auto sent = test.server.sent();
    BOOST_TEST_REQUIRE(sent.size() == 1u);
    BOOST_TEST(sent[0].field("Accept") == "application/json");
    BOOST_TEST(sent[0].field("Authorization").empty());
    BOOST_TEST((sent[0].deadline() == test.client_limits.discovery_deadline));
    BOOST_TEST(sent[0].response_body_bytes() == test.client_limits.discovery_body_bytes);
}

BOOST_AUTO_TEST_CASE(a_whole_sign_in)
{
    lazy_flow test;
    test.expect_metadata();
    const auto tokens = test.sign_in();
    BOOST_TEST(tokens.id_token().subject() == "person-1");
    BOOST_TEST(test.server.sent().size() == 3u);
    test.sign_in({});
    BOOST_TEST(test.server.sent().size() == 4u);
}

BOOST_AUTO_TEST_CASE(what_cannot_work_with_any_metadata_throws_when_it_is_made)
{
    const auto issuer = coauth::issuer::parse(server_issuer).value();
    const auto back = coauth::redirect_uri::parse(callback_url).value();
    const auto make = [](const coauth::issuer& name, std::string id, const coauth::redirect_uri& uri) {
        const manual_client made(name,
                                 coauth::client_registration(std::move(id), coauth::public_client(), uri),
                                 scripted_transport());
    };
    make(issuer, "client-1", back);
    BOOST_CHECK_THROW(make({}, "client-1", back), coauth::exception);
    BOOST_CHECK_THROW(make(issuer, "", back), coauth::exception);
    BOOST_CHECK_THROW(make(issuer, "client-1", {}), coauth::exception);
}

BOOST_AUTO_TEST_CASE(DS28_many_begin_at_once_and_share_one_discovery)
{
    for (const bool first_is_cancelled : {false, true}) {
        lazy_flow test;
        const auto hold = std::make_shared<gate>();
        test.expect_metadata().after_commit(happening::hold(hold));
        crowd<begun> running;
        for (int i = 0; i < 50; ++i) {
            const std::string data = "application data number " + std::to_string(i);
            running.add(test.client.begin_authorization({.scope = "openid", .application_data = data}));
        }
        running.run_ready();
        BOOST_TEST(test.discoveries() == 1u);
        if (first_is_cancelled) {
            running.cancel(0);
            running.run_ready();
            BOOST_TEST(running.completions(0) == 1);
        }
        hold->open();
        running.finish();
        for (std::size_t i = 0; i < running.size(); ++i) {
            if (i == 0 && first_is_cancelled)
                check_refused(running.outcome(i), aborted);
            else
                BOOST_TEST(running.outcome(i).has_value());
        }
        BOOST_TEST(test.discoveries() == 1u);
        BOOST_TEST(test.store->size() == (first_is_cancelled ? 49u : 50u));
    }
}

BOOST_AUTO_TEST_CASE(DS3_oauth_metadata_where_there_is_no_openid_configuration)
{
    lazy_flow test;
    test.server.expect("GET", configuration_url).answer(404, "not here", "text/plain");
    test.server.expect("GET", oauth_url).answer(200, text(document()));
    BOOST_TEST(test.try_to_begin().has_value());

    lazy_flow neither;
    neither.server.expect("GET", configuration_url).answer(404, "");
    neither.server.expect("GET", oauth_url).answer(404, "");
    const auto refused = neither.try_to_begin();
    check_refused(refused, errc::unexpected_status);
    BOOST_TEST(refused.error().http_status() == 404u);
}

BOOST_AUTO_TEST_CASE(DS1_DS2_DS5_DS6_DS8_DS12_DS26_DS30_documents_that_are_refused)
{
    const auto with = [](std::string_view name, boost::json::value value) {
        auto out = document();
        out[name] = std::move(value);
        return text(out);
    };
    auto nameless = document();
    nameless.erase("issuer");
    struct row {
        std::string body;
        errc code;
    };
    const row rows[] = {{with("issuer", "https://as.example/"), errc::issuer_mismatch},
                        {with("issuer", "https://as.exampleINVALID"), errc::issuer_mismatch},
                        {with("issuer", "HTTPS://as.example"), errc::issuer_mismatch},
                        {with("issuer", 1), errc::invalid_metadata},
                        {text(nameless), errc::invalid_metadata},
                        {with("token_endpoint", "http://as.example/token"), errc::insecure_url},
                        {with("token_endpoint", "https://as@evil.example/token"), errc::invalid_url},
                        {with("token_endpoint", nullptr), errc::invalid_metadata},
                        {with("authorization_endpoint", "https:///authorize"), errc::invalid_url},
                        {with("jwks_uri", "file:///etc/passwd"), errc::insecure_url},
                        {with("end_session_endpoint", "javascript:alert(1)"), errc::insecure_url},
                        {with("end_session_endpoint", "http://as.example/logout"), errc::insecure_url},
                        {with("id_token_signing_alg_values_supported", "RS256"), errc::invalid_metadata},
                        {with("token_endpoint_auth_methods_supported", 1), errc::invalid_metadata},
                        {"[]", errc::malformed_json},
                        {text(document()).substr(1), errc::malformed_json}};
    lazy_flow test;
    for (const row& one : rows) {
        BOOST_TEST_CONTEXT(one.body)
        {
            test.server.expect("GET", configuration_url).answer(200, one.body);
            const auto refused = test.try_to_begin();
            BOOST_TEST_REQUIRE(refused.has_error());
            if (one.code == errc::insecure_url) // or not one of the web at all
                BOOST_TEST((refused.error() == errc::insecure_url || refused.error() == errc::invalid_url));
            else
                check_refused(refused, one.code);
            BOOST_TEST(refused.error().http_status() == 200u);
        }
    }
    test.server.expect("GET", configuration_url).answer(200, text(document()), "text/html");
    check_refused(test.try_to_begin(), errc::unexpected_content_type);
    test.server.expect("GET", configuration_url).answer(302, "");
    check_refused(test.try_to_begin(), errc::redirect_refused);
    test.server.expect("GET", configuration_url).answer(503, "");
    check_refused(test.try_to_begin(), errc::server_unavailable);
    BOOST_TEST(test.store->size() == 0u);
    // None of them is remembered.
    BOOST_TEST(!test.client.server());
    test.expect_metadata();
    BOOST_TEST(test.try_to_begin().has_value());
}

BOOST_AUTO_TEST_CASE(DS27_metadata_are_fetched_again_after_twelve_hours)
{
    lazy_flow test;
    test.expect_metadata();
    BOOST_TEST(test.try_to_begin().has_value());
    manual_wall_clock::advance(12h - 1s);
    BOOST_TEST(test.try_to_begin().has_value());
    BOOST_TEST(test.discoveries() == 1u);
    manual_wall_clock::advance(1s);
    auto moved = document();
    moved["authorization_endpoint"] = "https://as.example/new/authorize";
    test.expect_metadata(moved);
    BOOST_TEST(test.try_to_begin()->url().starts_with("https://as.example/new/authorize?"));
    BOOST_TEST(test.discoveries() == 2u);
}

BOOST_AUTO_TEST_CASE(DS17_old_metadata_stay_if_there_are_no_new_ones)
{
    lazy_flow test;
    test.expect_metadata();
    BOOST_TEST(test.try_to_begin().has_value());
    const std::function<void(scripted_exchange&)> failures[] = {
        [](scripted_exchange& e) { e.before_commit(happening::fail(errc::connection_failed)); },
        [](scripted_exchange& e) { e.answer(500, ""); },
        [](scripted_exchange& e) { e.answer(200, R"({"issuer":"https://other.example"})"); },
        [](scripted_exchange& e) {
            auto other = document();
            other["token_endpoint_auth_methods_supported"] = boost::json::array{"private_key_jwt"};
            e.answer(200, text(other));
        }};
    manual_wall_clock::advance(12h);
    for (const auto& fail : failures) {
        fail(test.expect_metadata());
        BOOST_TEST(test.try_to_begin()->url().starts_with(authorization_endpoint + '?'));
        // For five minutes nobody asks again.
        manual_wall_clock::advance(299s);
        BOOST_TEST(test.try_to_begin().has_value());
        manual_wall_clock::advance(1s);
    }
    manual_wall_clock::advance(300 * 24h);
    test.expect_metadata().before_commit(happening::fail(errc::connection_failed));
    BOOST_TEST(test.try_to_begin().has_value());
    // The rest of a sign-in never asks.
    manual_wall_clock::advance(12h);
    BOOST_TEST(run(test.client.begin_logout()).has_value());
}

BOOST_AUTO_TEST_CASE(TE26_a_registration_that_does_not_fit_the_server)
{
    const auto attempt = [](const boost::json::object& metadata, errc code) {
        for_each_first_operation([&](const first_operation& operation) {
            lazy_flow test;
            test.expect_metadata(metadata);
            check_refused(run(operation.start(test)), code);
            // No secret was sent to find out, and nothing else.
            BOOST_TEST(test.server.requests().size() == 1u);
            BOOST_TEST(test.server.sent().at(0).field("Authorization").empty());
            BOOST_TEST(test.server.sent().at(0).body().empty());
        });
    };
    auto other_methods = document();
    other_methods["token_endpoint_auth_methods_supported"] =
        boost::json::array{"private_key_jwt", "client_secret_post"};
    attempt(other_methods, errc::client_authentication_unsupported);
    auto loaded = document();
    loaded["authorization_endpoint"] = authorization_endpoint + "?redirect_uri=https%3A%2F%2Fevil.example";
    attempt(loaded, errc::invalid_configuration);
}

BOOST_AUTO_TEST_CASE(openid_at_a_server_without_keys)
{
    auto keyless = document();
    keyless.erase("jwks_uri");
    lazy_flow test;
    test.expect_metadata(keyless);
    check_refused(test.try_to_begin(), errc::key_set_unavailable);
    BOOST_TEST(test.store->size() == 0u);
    BOOST_TEST(test.try_to_begin("profile").has_value());
}

BOOST_AUTO_TEST_CASE(ID4_algorithms_are_cut_to_what_the_server_announces)
{
    for (const bool announced : {false, true}) {
        auto metadata = document();
        metadata["id_token_signing_alg_values_supported"] =
            announced ? boost::json::array{"HS256", "ES256"} : boost::json::array{"HS256", "RS256"};
        lazy_flow test;
        test.expect_metadata(metadata);
        auto code = test.come_back();
        test.expect_tokens(test.good_token());
        test.expect_keys({0});
        const auto tokens = test.exchange(std::move(code));
        if (announced)
            BOOST_TEST(tokens.has_value());
        else
            check_refused(tokens, errc::algorithm_not_allowed);
    }
}

BOOST_AUTO_TEST_CASE(CB7_what_the_metadata_say_of_the_issuer_in_responses)
{
    for (const bool demanded : {false, true}) {
        coauth::openid_registration openid;
        openid.set_issuer_in_response_required(demanded);
        auto silent = document();
        silent.erase("authorization_response_iss_parameter_supported");
        lazy_flow test({}, openid);
        test.expect_metadata(silent);
        const auto request = test.try_to_begin().value();
        const std::string query = "code=c&state=" + state_of(request);
        const auto code = test.accept(query, request.browser_binding());
        if (demanded)
            check_refused(code, errc::issuer_missing);
        else
            BOOST_TEST(code.has_value());
    }
}

BOOST_AUTO_TEST_CASE(every_operation_discovers_if_it_is_the_first)
{
    for_each_first_operation([](const first_operation& operation) {
        lazy_flow test;
        test.expect_metadata();
        operation.expect(test);
        const auto outcome = run(operation.start(test));
        BOOST_CHECK_MESSAGE(outcome.has_value(), outcome.error().qualified_name());
        BOOST_TEST(test.discoveries() == 1u);
        BOOST_TEST(test.client.server());
        // And only if.
        BOOST_TEST(test.try_to_begin().has_value());
        BOOST_TEST(test.discoveries() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(every_operation_fails_if_the_discovery_does)
{
    for_each_first_operation([](const first_operation& operation) {
        lazy_flow test;
        test.expect_metadata().after_commit(happening::fail(errc::connection_lost));
        const auto refused = run(operation.start(test));
        check_refused(refused, errc::connection_lost);
        // No grant was sent anywhere.
        BOOST_TEST(!refused.error().grant_spent());
        BOOST_TEST(test.server.requests().size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(a_resource_needs_no_discovery)
{
    lazy_flow test;
    test.client.allow_resource_origin(endpoint("https://api.example"));
    test.server.expect("GET", resource_url).answer(200, "[]");
    BOOST_TEST(run(test.client.fetch_resource(tokens_on_paper(), {.url = resource_url})).has_value());
}

BOOST_AUTO_TEST_CASE(parameters_may_die_before_the_operation_begins)
{
    lazy_flow test;
    test.expect_metadata();
    const auto begin = [&test] {
        const std::string scope = "openid profile email address phone offline_access";
        const std::string hint = "somebody.with.a.long.name@as.example";
        const std::string acr = "urn:example:a:long:authentication:context";
        const std::string data = "application data that does not fit into a small buffer";
        const std::vector<coauth::parameter> extra{{"audience", "https://api.example/with/a/long/path"},
                                                   {"resource", "https://api.example/of/another/kind"}};
        return test.client.begin_authorization({.scope = scope,
                                                .prompt = "consent",
                                                .login_hint = hint,
                                                .required_acr_values = acr,
                                                .max_age = 60s,
                                                .response_mode = coauth::response_mode::form_post,
                                                .extra = extra,
                                                .application_data = data});
    };
    auto operation = begin();
    const auto request = run(std::move(operation)).value();
    const auto query = query_of(request.url());
    BOOST_TEST(only_value(query, "scope") == "openid profile email address phone offline_access");
    BOOST_TEST(only_value(query, "prompt") == "consent");
    BOOST_TEST(only_value(query, "login_hint") == "somebody.with.a.long.name@as.example");
    BOOST_TEST(only_value(query, "max_age") == "60");
    BOOST_TEST(only_value(query, "response_mode") == "form_post");
    BOOST_TEST(only_value(query, "audience") == "https://api.example/with/a/long/path");
    BOOST_TEST(only_value(query, "resource") == "https://api.example/of/another/kind");
    const std::string answer = callback_query(request);
    auto code = run(test.client.accept_callback({.parameters = answer,
                                                 .browser_binding = request.browser_binding(),
                                                 .response_mode = coauth::response_mode::form_post}));
    BOOST_TEST(code->application_data() == "application data that does not fit into a small buffer");
    // The required context came along, too: a token without it is not enough.
    auto claims = good_claims(only_value(query, "nonce"));
    claims["auth_time"] = claims["iat"];
    test.expect_tokens(signed_id_token(claims));
    test.expect_keys({0});
    check_refused(test.exchange(std::move(*code)), errc::authentication_context_mismatch);
}

BOOST_AUTO_TEST_CASE(cancelled_at_every_step)
{
    using type = asio::cancellation_type;
    for_each_first_operation([](const first_operation& operation) {
        int cancelled = 0;
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k) {
            lazy_flow test;
            test.server.always("GET", jwks_uri, [](const recorded_request&) {
                scripted_exchange out("GET", jwks_uri);
                out.answer(200, key_set_of({0}));
                return out;
            });
            for (const auto& [method, url, body] :
                 std::initializer_list<std::tuple<std::string, std::string, std::string>>{
                     {"GET", configuration_url, text(document())},
                     {"POST", token_endpoint, refresh_response_body()},
                     {"GET", userinfo_endpoint, userinfo_body()},
                     {"POST", revocation_endpoint, ""}})
                test.server.always(method, url, [method = method, url = url, body = body](const auto&) {
                    scripted_exchange out(method, url);
                    out.answer(200, body);
                    return out;
                });
            stepped_operation<coauth::result<void>> running(with_total_cancellation(operation.start(test)));
            ended = running.run_steps(k) < k;
            running.cancel(k % 2 == 0 ? type::terminal : type::total);
            try {
                const auto outcome = running.finish();
                if (!outcome) {
                    check_refused(outcome, aborted);
                    ++cancelled;
                }
            } catch (const boost::system::system_error& failure) {
                // Asio, in the coroutine around the operation, if it was cancelled before it began.
                BOOST_TEST((failure.code() == aborted));
                BOOST_TEST(test.server.requests().empty());
            }
            BOOST_TEST(running.completions() == 1);
            BOOST_TEST(test.server.running() == 0u);
        }
        BOOST_TEST(cancelled >= 2);
    });
}

BOOST_AUTO_TEST_CASE(client_and_context_destroyed_at_every_step)
{
    for_each_first_operation([](const first_operation& operation) {
        for (const bool context : {false, true}) {
            bool ended = false;
            for (std::size_t k = 0; !ended; ++k) {
                lazy_flow test;
                for (const auto& [method, url, body] :
                     std::initializer_list<std::tuple<std::string, std::string, std::string>>{
                         {"GET", configuration_url, text(document())},
                         {"GET", jwks_uri, key_set_of({0})},
                         {"POST", token_endpoint, refresh_response_body()},
                         {"GET", userinfo_endpoint, userinfo_body()},
                         {"POST", revocation_endpoint, ""}})
                    test.server.always(method, url, [method = method, url = url, body = body](const auto&) {
                        scripted_exchange out(method, url);
                        out.answer(200, body);
                        return out;
                    });
                auto running =
                    std::make_unique<stepped_operation<coauth::result<void>>>(operation.start(test));
                ended = running->run_steps(k) < k;
                if (context)
                    running.reset();
                else
                    test.client =
                        manual_client(server_on_paper(), registration_on_paper(), scripted_transport());
                if (running)
                    BOOST_TEST(running->finish().has_value());
                BOOST_TEST(test.server.running() == 0u);
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(a_discovery_that_hangs_ends_with_its_deadline)
{
    coauth::limits bounds;
    bounds.discovery_deadline = 20ms;
    lazy_flow test(bounds);
    test.expect_metadata().after_commit(happening::hang());
    check_refused(test.try_to_begin(), errc::timed_out);
    test.expect_metadata();
    BOOST_TEST(test.try_to_begin().has_value());
}

BOOST_AUTO_TEST_CASE(ID15_multi_tenant_issuer)
{
    const std::string common = "https://login.example/common/v2.0";
    const std::string pattern = "https://login.example/{tenantid}/v2.0";
    const std::string tenant = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d";
    auto metadata = document();
    metadata["issuer"] = pattern;
    metadata.erase("authorization_response_iss_parameter_supported");
    const auto attempt = [&](std::vector<std::string> allowed, const std::string& tid,
                             const std::string& issuer) {
        coauth::openid_registration openid;
        openid.set_multi_tenant_issuer(coauth::multi_tenant_issuer(pattern, std::move(allowed)));
        lazy_flow test({}, openid, common);
        test.server.expect("GET", common + "/.well-known/openid-configuration").answer(200, text(metadata));
        const auto request = test.try_to_begin().value();
        const std::string query = "code=c&state=" + state_of(request);
        auto code = test.accept(query, request.browser_binding()).value();
        auto claims = good_claims(only_value(query_of(request.url()), "nonce"));
        claims["iss"] = issuer;
        claims["tid"] = tid;
        test.expect_tokens(signed_id_token(claims));
        test.expect_keys({0});
        return test.exchange(std::move(code));
    };
    const std::string issuer = "https://login.example/" + tenant + "/v2.0";
    const auto anybody = attempt({}, tenant, issuer);
    BOOST_TEST_REQUIRE(anybody.has_value());
    BOOST_TEST(anybody->id_token().issuer() == issuer);
    BOOST_TEST(attempt({"another", tenant}, tenant, issuer).has_value());
    check_refused(attempt({"another"}, tenant, issuer), errc::id_token_issuer_mismatch);
    check_refused(attempt({}, "another", issuer), errc::id_token_issuer_mismatch);
    check_refused(attempt({}, tenant, pattern), errc::id_token_issuer_mismatch);
    check_refused(attempt({}, tenant, common), errc::id_token_issuer_mismatch);
    // The document names the template, or it is another's.
    coauth::openid_registration openid;
    openid.set_multi_tenant_issuer(coauth::multi_tenant_issuer(pattern));
    lazy_flow test({}, openid, common);
    metadata["issuer"] = common;
    test.server.expect("GET", common + "/.well-known/openid-configuration").answer(200, text(metadata));
    check_refused(test.try_to_begin(), errc::issuer_mismatch);
}

BOOST_AUTO_TEST_SUITE_END()
