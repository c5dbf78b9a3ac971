// Clients that sign: what reaches the server, request by request.
#include "flow_fixture.hpp"
#include "json_text.hpp"

#include <coauth/jose/jws.hpp>
#include <coauth/protocol/client_assertion.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <set>

using namespace coauth_test;
using coauth::errc;

namespace {

const coauth::signing_key& client_key()
{
    static const auto key = coauth::signing_key::generate(coauth::signing_algorithm::es256);
    return key;
}

boost::json::object claims_of(const std::string& assertion, const coauth::detail::jws_keys& trusted)
{
    const auto jws = coauth::detail::verify_jws(assertion, trusted, coauth::limits()).value();
    return {jws.payload().object(), boost::json::storage_ptr()};
}

/// The claims of the assertion in a request, as the server verifies them with the client's public key.
boost::json::object claims_in(const recorded_request& request)
{
    boost::json::object document;
    document["keys"] = boost::json::array{client_key().public_jwk()};
    const auto keys = coauth::jwk_set::parse(boost::json::serialize(document)).value();
    coauth::detail::jws_keys trusted;
    trusted.algorithms = client_key().algorithm();
    trusted.published = &keys;
    BOOST_TEST(request.field("Authorization").empty());
    BOOST_TEST(request.form().count("client_secret") == 0u);
    BOOST_TEST(only_value(request.form(), "client_id") == "client-1");
    BOOST_TEST(only_value(request.form(), "client_assertion_type") ==
               "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    return claims_of(only_value(request.form(), "client_assertion"), trusted);
}

/// The server on paper, as one that takes assertions only.
coauth::server_metadata signing_server()
{
    return server_on_paper().set_token_endpoint_authentication_methods(
        {"private_key_jwt", "client_secret_jwt"});
}

template <class Authentication>
manual_client client_of(Authentication authentication, const scripted_transport& transport,
                        coauth::server_metadata server = signing_server())
{
    return {std::move(server),
            coauth::client_registration("client-1", std::move(authentication),
                                        coauth::redirect_uri::parse(callback_url).value()),
            transport};
}

} // namespace

BOOST_AUTO_TEST_SUITE(client_assertions)

BOOST_AUTO_TEST_CASE(TE27_TE28_each_request_has_its_own_assertion_for_the_issuer)
{
    scripted_transport server;
    auto client = client_of(coauth::private_key_jwt(client_key()), server);
    const auto request = run(client.begin_authorization({.scope = "profile"})).value();
    auto code = run(client.accept_callback(
        {.parameters = callback_query(request), .browser_binding = request.browser_binding()}));
    server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto tokens = run(client.exchange(std::move(*code)));
    BOOST_TEST_REQUIRE(tokens.has_value());
    manual_wall_clock::advance(std::chrono::seconds(90));
    // A refresh that fails, and its repetition by the caller.
    server.expect("POST", token_endpoint).answer(503, "");
    server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    server.expect("POST", revocation_endpoint).answer(200, "");
    server.expect("POST", revocation_endpoint).answer(200, "");
    check_refused(run(client.refresh(*tokens)), errc::server_unavailable);
    const auto refreshed = run(client.refresh(*tokens));
    BOOST_TEST_REQUIRE(refreshed.has_value());
    BOOST_TEST(run(client.revoke(*refreshed)).has_value());

    const auto requests = server.sent();
    BOOST_TEST_REQUIRE(requests.size() == 5u);
    const std::int64_t now = seconds_now();
    std::set<std::string> identifiers;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto claims = claims_in(requests[i]);
        BOOST_TEST(text_in(claims, "iss") == "client-1");
        BOOST_TEST(text_in(claims, "sub") == "client-1");
        // Not the endpoint that it is sent to, be it the revocation endpoint.
        BOOST_TEST(text_in(claims, "aud") == server_issuer);
        BOOST_TEST(identifiers.insert(text_in(claims, "jti")).second);
        BOOST_TEST(claims.at("iat").as_int64() == (i == 0 ? now - 90 : now));
        BOOST_TEST(claims.at("exp").as_int64() == claims.at("iat").as_int64() + 60);
        BOOST_TEST(!claims.contains("nbf"));
    }
    BOOST_TEST(server.surprises() == 0u);
}

BOOST_AUTO_TEST_CASE(TE27_the_audience_is_not_what_metadata_say_of_endpoints)
{
    // An authorization server that names another one's token endpoint as its own gets nothing that is good there.
    scripted_transport server;
    server.expect("POST", "https://honest.example/token").answer(200, refresh_response_body());
    coauth::server_metadata hostile(endpoint("https://evil.example/authorize"),
                                    endpoint("https://honest.example/token"));
    hostile.set_issuer(coauth::issuer::parse("https://evil.example").value());
    auto client = client_of(coauth::private_key_jwt(client_key()), server, hostile);
    BOOST_TEST(run(client.refresh(tokens_on_paper("profile"))).has_value());
    BOOST_TEST(text_in(claims_in(server.sent().at(0)), "aud") == "https://evil.example");
}

BOOST_AUTO_TEST_CASE(TE27_without_an_issuer_only_with_an_audience_of_ones_own)
{
    scripted_transport server;
    const coauth::server_metadata nameless(endpoint(authorization_endpoint), endpoint(token_endpoint));
    BOOST_CHECK_EXCEPTION(
        client_of(coauth::private_key_jwt(client_key()), server, nameless), coauth::exception,
        [](const coauth::exception& e) { return e.reason() == errc::invalid_configuration; });
    BOOST_TEST(server.requests().empty());

    server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    auto client =
        client_of(coauth::private_key_jwt(client_key()).set_audience(token_endpoint), server, nameless);
    BOOST_TEST(run(client.refresh(tokens_on_paper("profile"))).has_value());
    BOOST_TEST(text_in(claims_in(server.sent().at(0)), "aud") == token_endpoint);
}

BOOST_AUTO_TEST_CASE(TE28_no_request_without_a_random_name)
{
    scripted_transport server;
    auto client = client_of(coauth::private_key_jwt(client_key()), server);
    deterministic_random::set_failing(true);
    const auto refused = run(client.refresh(tokens_on_paper("profile")));
    const auto revoked = run(client.revoke(tokens_on_paper("profile")));
    deterministic_random::set_failing(false);
    check_refused(refused, errc::random_source_failed);
    check_refused(revoked, errc::random_source_failed);
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_CASE(TE29_the_client_secret_signs_and_stays_at_home)
{
    const std::string password = canary_client_secret + "-and-so-on-for-32-bytes";
    const coauth::hmac_key key(coauth::hmac_algorithm::hs256, coauth::secret(std::string_view(password)));
    scripted_transport server;
    server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    auto client = client_of(coauth::client_secret_jwt(key), server);
    BOOST_TEST(run(client.refresh(tokens_on_paper("profile"))).has_value());
    const auto request = server.sent().at(0);
    BOOST_TEST(request.body().find("canary-client-secret") == std::string::npos);
    coauth::detail::jws_keys trusted;
    trusted.secret = &key;
    BOOST_TEST(text_in(claims_of(only_value(request.form(), "client_assertion"), trusted), "aud") ==
               server_issuer);
}

BOOST_AUTO_TEST_CASE(TE29_a_short_secret_makes_no_client)
{
    BOOST_CHECK_EXCEPTION(
        coauth::client_secret_jwt(coauth::hmac_key(coauth::hmac_algorithm::hs256, coauth::secret("short"))),
        coauth::exception,
        [](const coauth::exception& e) { return e.reason() == errc::invalid_configuration; });
}

BOOST_AUTO_TEST_CASE(TE26_servers_that_do_not_list_the_method)
{
    scripted_transport server;
    const auto unsupported = [](const coauth::exception& e) {
        return e.reason() == errc::client_authentication_unsupported;
    };
    const auto listing = [](std::string method) {
        return server_on_paper().set_token_endpoint_authentication_methods({std::move(method)});
    };
    const coauth::hmac_key key(coauth::hmac_algorithm::hs256, coauth::secret(std::string(32, 's')));
    BOOST_CHECK_EXCEPTION(
        client_of(coauth::private_key_jwt(client_key()), server, listing("client_secret_jwt")),
        coauth::exception, unsupported);
    BOOST_CHECK_EXCEPTION(client_of(coauth::client_secret_jwt(key), server, listing("private_key_jwt")),
                          coauth::exception, unsupported);
    BOOST_CHECK_EXCEPTION(client_of(coauth::signed_client_secret(client_key(), "team", "https://as.example"),
                                    server, listing("client_secret_basic")),
                          coauth::exception, unsupported);
    BOOST_CHECK_NO_THROW(
        client_of(coauth::private_key_jwt(client_key()), server, listing("private_key_jwt")));
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()
