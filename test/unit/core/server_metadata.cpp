#include <coauth/core/server_metadata.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;

endpoint_url at(std::string_view text) { return endpoint_url::parse(text).value(); }

} // namespace

BOOST_AUTO_TEST_SUITE(core_server_metadata)

BOOST_AUTO_TEST_CASE(it_holds_what_it_was_given)
{
    server_metadata server(at("https://as.example/a"), at("https://as.example/t"));
    BOOST_TEST(server.authorization_endpoint().string() == "https://as.example/a");
    BOOST_TEST(server.token_endpoint().string() == "https://as.example/t");
    BOOST_TEST(server.issuer().empty());
    BOOST_TEST(server.userinfo_endpoint().empty());
    BOOST_TEST(server.revocation_endpoint().empty());
    BOOST_TEST(server.jwks_uri().empty());
    BOOST_TEST(server.end_session_endpoint().empty());
    BOOST_TEST(!server.id_token_algorithms().has_value());
    BOOST_TEST(!server.sends_issuer_in_response());
    server.set_issuer(issuer::parse("https://as.example").value())
        .set_userinfo_endpoint(at("https://as.example/u"))
        .set_revocation_endpoint(at("https://as.example/r"))
        .set_jwks_uri(at("https://as.example/k"))
        .set_end_session_endpoint(at("https://as.example/e"))
        .set_id_token_algorithms({})
        .set_sends_issuer_in_response(true);
    BOOST_TEST(server.issuer().string() == "https://as.example");
    BOOST_TEST(server.userinfo_endpoint().string() == "https://as.example/u");
    BOOST_TEST(server.revocation_endpoint().string() == "https://as.example/r");
    BOOST_TEST(server.jwks_uri().string() == "https://as.example/k");
    BOOST_TEST(server.end_session_endpoint().string() == "https://as.example/e");
    // To announce none is something else than to announce nothing.
    BOOST_TEST_REQUIRE(server.id_token_algorithms().has_value());
    BOOST_TEST(server.id_token_algorithms()->empty());
    BOOST_TEST(server.sends_issuer_in_response());
    BOOST_TEST(server_metadata().token_endpoint().empty());
}

BOOST_AUTO_TEST_CASE(TE26_methods_that_are_not_listed_are_not_supported)
{
    server_metadata server;
    // Written down by hand, without a word about methods: the caller knows.
    BOOST_TEST(server.supports_token_endpoint_authentication("client_secret_post"));
    server.set_token_endpoint_authentication_methods({"client_secret_basic", "private_key_jwt"});
    BOOST_TEST(server.supports_token_endpoint_authentication("client_secret_basic"));
    BOOST_TEST(server.supports_token_endpoint_authentication("private_key_jwt"));
    BOOST_TEST(!server.supports_token_endpoint_authentication("client_secret_post"));
    BOOST_TEST(!server.supports_token_endpoint_authentication("client_secret_basi"));
    BOOST_TEST(!server.supports_token_endpoint_authentication("Client_secret_basic"));
    BOOST_TEST(!server.supports_token_endpoint_authentication(""));
    // Servers that take public clients often do not list them.
    BOOST_TEST(server.supports_token_endpoint_authentication("none"));
    server.set_token_endpoint_authentication_methods({});
    BOOST_TEST(!server.supports_token_endpoint_authentication("client_secret_basic"));
}

BOOST_AUTO_TEST_SUITE_END()
