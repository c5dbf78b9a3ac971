// Several providers behind one callback: no answer of one is taken for another's.
#include "operations.hpp"
#include "signing_server.hpp"

#include <coauth/provider_registry.hpp>

using namespace coauth_test;
using coauth::errc;

namespace {

using registry = coauth::basic_provider_registry<manual_policy>;

const std::string other_issuer = "https://other.example";
const std::string other_callback_url = "https://app.example/callback/other";

coauth::server_metadata server_named(const std::string& issuer, bool sends_issuer)
{
    coauth::server_metadata out(endpoint(issuer + "/authorize"), endpoint(issuer + "/token"));
    out.set_issuer(coauth::issuer::parse(issuer).value())
        .set_jwks_uri(endpoint(issuer + "/jwks"))
        .set_sends_issuer_in_response(sends_issuer);
    return out;
}

auto registration_at(const std::string& redirect, const std::string& id = "client-1")
{
    return coauth::client_registration(id, coauth::client_secret_basic(coauth::secret("secret-of-" + id)),
                                       coauth::redirect_uri::parse(redirect).value());
}

/// Two providers and a transport. They share a redirect URI and name themselves, or have one each.
struct two_providers {
    explicit two_providers(bool shared_uri)
    {
        providers.add("first", server_named(server_issuer, shared_uri), registration_at(callback_url),
                      server);
        providers.add("second", server_named(other_issuer, shared_uri),
                      registration_at(shared_uri ? callback_url : other_callback_url, "client-2"), server);
    }
    ~two_providers() { BOOST_CHECK_EQUAL(server.surprises(), 0u); }
    two_providers(const two_providers&) = delete;

    coauth::authorization_request begin(std::string_view name)
    {
        return run(providers.find(name)->begin_authorization({.scope = "profile"})).value();
    }
    coauth::result<coauth::basic_provider_code<manual_policy>>
    answer(const std::string& query, std::string_view binding, std::string_view redirect_uri = {})
    {
        return run(providers.accept_callback(
            {.parameters = query, .browser_binding = binding, .redirect_uri = redirect_uri}));
    }

    scripted_transport server;
    std::shared_ptr<manual_state_store> store = std::make_shared<manual_state_store>(coauth::limits());
    registry providers{store};
};

std::string query_with(const coauth::authorization_request& request, std::string_view more)
{
    return "state=" + state_of(request) + std::string(more);
}

bool is_invalid_configuration(const coauth::exception& thrown)
{
    return thrown.reason() == errc::invalid_configuration;
}

const std::string first_iss = "&iss=https%3A%2F%2Fas.example";
const std::string other_iss = "&iss=https%3A%2F%2Fother.example";

} // namespace

BOOST_AUTO_TEST_SUITE(provider_registry)

BOOST_AUTO_TEST_CASE(providers_are_found_by_their_names)
{
    two_providers test(true);
    BOOST_TEST_REQUIRE(test.providers.find("first") != nullptr);
    BOOST_TEST(test.providers.find("first")->server()->issuer().string() == server_issuer);
    BOOST_TEST(test.providers.find("second")->server()->issuer().string() == other_issuer);
    for (const std::string_view name : {"", "third", "First", "first ", "../first"})
        BOOST_TEST(test.providers.find(name) == nullptr);
}

BOOST_AUTO_TEST_CASE(CB9_each_answer_goes_to_the_provider_of_its_sign_in)
{
    for (const bool shared_uri : {true, false}) {
        two_providers test(shared_uri);
        for (const std::string name : {"first", "second", "first"}) {
            const bool first = name == "first";
            const auto request = test.begin(name);
            const std::string uri = first || shared_uri ? callback_url : other_callback_url;
            BOOST_TEST(only_value(query_of(request.url()), "redirect_uri") == uri);
            auto code = test.answer(query_with(request, "&code=c" + (first ? first_iss : other_iss)),
                                    request.browser_binding(), uri);
            BOOST_TEST_REQUIRE(code.has_value());
            BOOST_TEST(code->provider() == name);
            const std::string tokens_from = (first ? server_issuer : other_issuer) + "/token";
            test.server.expect("POST", tokens_from).answer(200, token_response_body(false));
            BOOST_TEST(run(code->client().exchange(std::move(code->code()))).has_value());
            const auto form = test.server.sent().back().form();
            BOOST_TEST(only_value(form, "redirect_uri") == uri);
        }
        // Each with its own credentials.
        const auto sent = test.server.sent();
        BOOST_TEST(sent[0].field("Authorization") == sent[2].field("Authorization"));
        BOOST_TEST(sent[0].field("Authorization") != sent[1].field("Authorization"));
    }
}

BOOST_AUTO_TEST_CASE(CB9_mix_up_by_the_issuer)
{
    // Begun at the first, answered by the second, which sent the browser there and back.
    for (const std::string& iss : {other_iss, first_iss + "%2F", std::string()}) {
        two_providers test(true);
        const auto request = test.begin("first");
        check_refused(test.answer(query_with(request, "&code=stolen" + iss), request.browser_binding()),
                      iss.empty() ? errc::issuer_missing : errc::issuer_mismatch);
        // No token request, and the sign-in is used up.
        BOOST_TEST(test.server.requests().empty());
        check_refused(test.answer(query_with(request, "&code=c" + first_iss), request.browser_binding()),
                      errc::unknown_transaction);
    }
}

BOOST_AUTO_TEST_CASE(CB9_mix_up_by_the_redirect_uri)
{
    two_providers test(false);
    auto request = test.begin("first");
    check_refused(
        test.answer(query_with(request, "&code=stolen"), request.browser_binding(), other_callback_url),
        errc::redirect_uri_mismatch);
    check_refused(test.answer(query_with(request, "&code=c"), request.browser_binding(), callback_url),
                  errc::unknown_transaction);
    request = test.begin("second");
    check_refused(test.answer(query_with(request, "&code=stolen"), request.browser_binding(), callback_url),
                  errc::redirect_uri_mismatch);
    // A URI that is nobody's.
    request = test.begin("first");
    check_refused(test.answer(query_with(request, "&code=c"), request.browser_binding(), callback_url + "/"),
                  errc::redirect_uri_mismatch);
    // And an issuer that is there has to be right all the same.
    request = test.begin("first");
    check_refused(
        test.answer(query_with(request, "&code=c" + other_iss), request.browser_binding(), callback_url),
        errc::issuer_mismatch);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB9_with_several_redirect_uris_it_must_be_said_which_one_it_was)
{
    two_providers test(false);
    const auto request = test.begin("first");
    check_refused(test.answer(query_with(request, "&code=c"), request.browser_binding()),
                  errc::invalid_parameter);
    // A mistake of the application costs nobody a sign-in.
    BOOST_TEST(
        test.answer(query_with(request, "&code=c"), request.browser_binding(), callback_url).has_value());
}

BOOST_AUTO_TEST_CASE(CB9_CB10_errors_are_believed_from_the_right_provider_only)
{
    two_providers test(true);
    const auto attempt = [&test](const std::string& iss) {
        const auto request = test.begin("first");
        return test.answer(query_with(request, "&error=access_denied" + iss), request.browser_binding());
    };
    check_refused(attempt(first_iss), coauth::server_errc::access_denied);
    check_refused(attempt(other_iss), errc::issuer_mismatch);
    check_refused(attempt(""), errc::issuer_missing);
    two_providers separate(false);
    const auto request = separate.begin("second");
    check_refused(separate.answer(query_with(request, "&error=access_denied"), request.browser_binding(),
                                  other_callback_url),
                  coauth::server_errc::access_denied);
}

BOOST_AUTO_TEST_CASE(CB1_CB2_CB4_answers_of_nobody)
{
    two_providers test(true);
    const auto request = test.begin("first");
    const auto stranger = test.begin("second");
    const std::string good = query_with(request, "&code=c" + first_iss);
    check_refused(test.answer("code=c" + first_iss, request.browser_binding()), errc::state_missing);
    check_refused(test.answer("code=c&state=made-up" + first_iss, request.browser_binding()),
                  errc::state_mismatch);
    check_refused(test.answer(good, ""), errc::browser_binding_missing);
    check_refused(test.answer(good, stranger.browser_binding()), errc::state_mismatch);
    check_refused(test.answer(good + "&code=d", request.browser_binding()), errc::duplicate_parameter);
    // None of these used it up.
    BOOST_TEST(test.answer(good, request.browser_binding())->provider() == "first");
    check_refused(test.answer(good, request.browser_binding()), errc::unknown_transaction);

    registry empty;
    check_refused(
        run(empty.accept_callback({.parameters = good, .browser_binding = request.browser_binding()})),
        errc::unknown_transaction);
}

BOOST_AUTO_TEST_CASE(CB9_sign_ins_of_clients_that_are_not_in_the_registry)
{
    two_providers test(true);
    manual_client outside(server_named("https://third.example", true), registration_at(callback_url),
                          test.server, test.store);
    const auto request = run(outside.begin_authorization({.scope = "profile"})).value();
    check_refused(test.answer(query_with(request, "&code=c&iss=https%3A%2F%2Fthird.example"),
                              request.browser_binding()),
                  errc::issuer_mismatch);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB9_registries_that_could_be_confused_do_not_come_into_being)
{
    const scripted_transport server;
    const auto named = server_named(server_issuer, true);
    const auto silent = server_named(other_issuer, false);
    const auto add = [&server](registry& to, std::string name, const coauth::server_metadata& metadata,
                               const auto& registration) {
        to.add(std::move(name), metadata, registration, server);
    };
    const auto refused = [&](registry& to, std::string name, const coauth::server_metadata& metadata,
                             const auto& registration) {
        BOOST_CHECK_EXCEPTION(add(to, std::move(name), metadata, registration), coauth::exception,
                              is_invalid_configuration);
    };
    registry providers;
    refused(providers, "", named, registration_at(callback_url));
    add(providers, "named", named, registration_at(callback_url));
    refused(providers, "named", silent, registration_at(other_callback_url));
    // The same once more by another name, so that its tokens could be taken for two persons'.
    refused(providers, "again", named, registration_at(callback_url));
    // One that does not name itself, at the redirect URI of one that does, and the other way round.
    refused(providers, "silent", silent, registration_at(callback_url));
    registry other_way;
    add(other_way, "silent", silent, registration_at(callback_url));
    refused(other_way, "named", named, registration_at(callback_url));
    refused(other_way, "silent too", server_named("https://third.example", false),
            registration_at(callback_url));
    // What was refused is not there.
    BOOST_TEST(providers.find("silent") == nullptr);
    BOOST_TEST(providers.find("again") == nullptr);
    BOOST_TEST(other_way.find("named") == nullptr);
    // At a redirect URI of its own it may come.
    add(providers, "silent", silent, registration_at(other_callback_url));
    add(other_way, "named", named, registration_at(other_callback_url));
    // Several registrations at one server.
    add(providers, "other client", named, registration_at(callback_url, "client-2"));
    // What no client can be made of says so as ever.
    BOOST_CHECK_EXCEPTION(add(providers, "no name", named, registration_at("https://app.example/third", "")),
                          coauth::exception, is_invalid_configuration);
}

BOOST_AUTO_TEST_CASE(CB9_providers_that_are_discovered_later)
{
    scripted_transport server;
    const auto first = coauth::issuer::parse(server_issuer).value();
    const auto other = coauth::issuer::parse(other_issuer).value();
    coauth::openid_registration strict;
    strict.set_issuer_in_response_required(true);
    registry providers;
    providers.add("first", first, registration_at(callback_url).set_openid(strict), server);
    // What it will turn out to do is not known yet.
    BOOST_CHECK_EXCEPTION(providers.add("other", other, registration_at(callback_url), server),
                          coauth::exception, is_invalid_configuration);
    providers.add("other", other, registration_at(callback_url).set_openid(strict), server);
    BOOST_TEST(server.requests().empty());

    const auto document = [](const std::string& issuer) {
        return R"({"issuer":")" + issuer + R"(","authorization_endpoint":")" + issuer +
               R"(/authorize","token_endpoint":")" + issuer + R"(/token"})";
    };
    server.expect("GET", other_issuer + "/.well-known/openid-configuration")
        .answer(200, document(other_issuer));
    const auto request = run(providers.find("other")->begin_authorization({.scope = "profile"})).value();
    // Demanded though the metadata do not announce it.
    const auto answer = [&](const coauth::authorization_request& to, const std::string& iss) {
        const std::string query = query_with(to, "&code=c" + iss);
        return run(providers.accept_callback({.parameters = query, .browser_binding = to.browser_binding()}));
    };
    check_refused(answer(request, ""), errc::issuer_missing);
    const auto again = run(providers.find("other")->begin_authorization({.scope = "profile"})).value();
    check_refused(answer(again, first_iss), errc::issuer_mismatch);
    const auto third = run(providers.find("other")->begin_authorization({.scope = "profile"})).value();
    BOOST_TEST(answer(third, other_iss)->provider() == "other");
    BOOST_TEST(server.surprises() == 0u);
    BOOST_TEST(server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_callback_in_a_process_that_did_not_begin)
{
    // Two processes with one store; the second one has not discovered anything.
    const auto store = std::make_shared<manual_state_store>(coauth::limits());
    scripted_transport server;
    coauth::openid_registration strict;
    strict.set_issuer_in_response_required(true);
    const auto issuer = coauth::issuer::parse(server_issuer).value();
    manual_client first(server_named(server_issuer, true), registration_at(callback_url), server, store);
    const auto request = run(first.begin_authorization({.scope = "profile"})).value();
    registry second(store);
    second.add("it", issuer, registration_at(callback_url).set_openid(strict), server);
    server.expect("GET", server_issuer + "/.well-known/openid-configuration")
        .answer(200,
                R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
                R"("token_endpoint":"https://as.example/token"})");
    const std::string query = query_with(request, "&code=c" + first_iss);
    const auto code =
        run(second.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
    BOOST_TEST(code->provider() == "it");
    BOOST_TEST(server.surprises() == 0u);
}

BOOST_AUTO_TEST_CASE(CB9_keys_of_one_provider_do_not_verify_tokens_of_another)
{
    two_providers test(true);
    const auto request = run(test.providers.find("second")->begin_authorization({.scope = "openid"})).value();
    auto code = test.answer(query_with(request, "&code=c" + other_iss), request.browser_binding()).value();
    auto claims = good_claims(only_value(query_of(request.url()), "nonce"));
    claims["iss"] = other_issuer;
    claims["aud"] = "client-2";
    // Signed by the first one.
    test.server.expect("POST", other_issuer + "/token")
        .answer(200, token_response_with(signed_id_token(claims, 0)));
    test.server.expect("GET", other_issuer + "/jwks").answer(200, key_set_of({1}));
    check_refused(run(code.client().exchange(std::move(code.code()))), errc::signing_key_unknown);
}

BOOST_AUTO_TEST_CASE(the_registry_may_go_while_a_callback_is_checked)
{
    two_providers test(true);
    const auto request = test.begin("first");
    const std::string query = query_with(request, "&code=c" + first_iss);
    auto operation =
        test.providers.accept_callback({.parameters = query, .browser_binding = request.browser_binding()});
    test.providers = registry();
    auto code = run(std::move(operation));
    BOOST_TEST_REQUIRE(code.has_value());
    test.server.expect("POST", token_endpoint).answer(200, token_response_body(false));
    BOOST_TEST(run(code->client().exchange(std::move(code->code()))).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
