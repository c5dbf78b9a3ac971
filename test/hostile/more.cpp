// What one misbehaviour does not show: floods, and that all is well again when the server behaves.
#include "relying_party.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace coauth_test {

using coauth::errc;
using coauth::testing::authorization_server;
using coauth::testing::endpoint;

BOOST_AUTO_TEST_SUITE(hostile_more)

BOOST_AUTO_TEST_CASE(DS15_a_flood_of_unknown_keys_fetches_them_once_more)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST_REQUIRE((party.begin() && party.exchange()));
    BOOST_TEST(server.count(endpoint::jwks) == 1u);
    server.misbehave("id21-kid-unknown");
    for (int times = 0; times < 5; ++times) {
        BOOST_TEST_REQUIRE(party.begin());
        BOOST_TEST(!party.exchange());
        BOOST_TEST((party.failure() == errc::signing_key_unknown), party.failure().message());
    }
    BOOST_TEST(server.count(endpoint::jwks) == 2u);
    server.behave();
    BOOST_TEST((party.begin() && party.exchange()));
    BOOST_TEST(server.count(endpoint::jwks) == 2u);
}

BOOST_AUTO_TEST_CASE(DS16_keys_rotated_right_after_the_first_fetch)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST_REQUIRE((party.begin() && party.exchange()));
    server.rotate_signing_key();
    BOOST_TEST((party.begin() && party.exchange()), party.failure().message());
    BOOST_TEST(server.count(endpoint::jwks) == 2u);
    // And not a second time within the minute: whoever can make tokens with unknown keys can make many.
    server.rotate_signing_key();
    BOOST_TEST((party.begin() && !party.exchange()));
    BOOST_TEST((party.failure() == errc::signing_key_unknown), party.failure().message());
    BOOST_TEST(server.count(endpoint::jwks) == 2u);
}

BOOST_AUTO_TEST_CASE(DS17_what_is_known_outlives_a_key_set_that_is_none)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST_REQUIRE((party.begin() && party.exchange()));
    server.on_answer(endpoint::jwks, [](const coauth::testing::server_request&,
                                        coauth::testing::server_answer& answer) { answer.set_body("{}"); });
    server.on_id_token([](boost::json::object& header, boost::json::object&) { header["kid"] = "nobody's"; });
    BOOST_TEST((party.begin() && !party.exchange()));
    BOOST_TEST(server.count(endpoint::jwks) == 2u);
    server.on_id_token(nullptr);
    BOOST_TEST((party.begin() && party.exchange()), party.failure().message());
}

BOOST_AUTO_TEST_CASE(a_server_that_behaves_again_is_believed_again)
{
    authorization_server& server = fresh_server();
    for (const char* const name : {"ds30-document-not-json", "ds1-issuer-with-slash"}) {
        relying_party party(server);
        server.misbehave(name);
        BOOST_TEST(!party.begin(), name);
        server.behave();
        BOOST_TEST((party.begin() && party.exchange()), party.failure().message());
    }
    for (const char* const name : {"oidcc-client-test-invalid-iss", "oidcc-client-test-invalid-sig-rs256"}) {
        relying_party party(server);
        server.misbehave(name);
        BOOST_TEST((party.begin() && !party.exchange()), name);
        BOOST_TEST(party.failure().grant_spent());
        server.behave();
        BOOST_TEST((party.begin() && party.exchange()), party.failure().message());
    }
}

BOOST_AUTO_TEST_CASE(RF12_RF13_what_was_known_stays_when_a_refresh_is_refused)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST_REQUIRE((party.begin() && party.exchange()));
    const std::string before(party.tokens().id_token().encoded().expose());
    server.misbehave("oidcc-client-test-refresh-token-invalid-sub");
    BOOST_TEST(!party.refresh());
    BOOST_TEST(party.tokens().id_token().encoded().expose() == before);
    BOOST_TEST(party.tokens().id_token().subject() == person);
}

BOOST_AUTO_TEST_CASE(LO9_a_logout_token_is_good_once)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST(!party.live_until(stage::logout_token).code());
    BOOST_TEST(!party.accept_logout_token());
    BOOST_TEST((party.failure() == errc::token_replayed), party.failure().message());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
