// What one misbehaviour does not show: floods, and that all is well again when the server behaves.
#include "relying_party.hpp"

#include <coauth/testing/misbehaviours.hpp>

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

BOOST_AUTO_TEST_CASE(ID40_the_key_of_another_issuer_that_is_known_too)
{
    authorization_server& server = fresh_server();
    relying_party honest(server);
    BOOST_TEST_REQUIRE((honest.begin() && honest.exchange()));
    // Another server, which has got hold of a token that the first one signs in the second one's name.
    authorization_server other;
    prepare(other);
    other.on_signing(coauth::testing::server_jwt::id_token,
                     [&](const boost::json::object& header, const boost::json::object& claims) {
                         boost::json::object with = header;
                         with["kid"] = server.signing_key_id();
                         return std::optional(server.sign(with, claims));
                     });
    relying_party deceived(other);
    BOOST_TEST_REQUIRE(deceived.begin());
    BOOST_TEST(!deceived.exchange());
    BOOST_TEST((deceived.failure() == errc::signing_key_unknown), deceived.failure().message());
    other.behave();
    BOOST_TEST((deceived.begin() && deceived.exchange()), deceived.failure().message());
}

BOOST_AUTO_TEST_CASE(UI5_the_access_token_goes_in_the_header_only)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST(!party.live_until(stage::userinfo).code());
    const std::string token(party.tokens().access_token().expose());
    for (const auto& request : server.requests()) {
        BOOST_TEST(request.target().find(token) == std::string::npos);
        BOOST_TEST(request.body().find(token) == std::string::npos);
    }
    BOOST_TEST(server.requests(endpoint::userinfo).at(0).field_value("Authorization") == "Bearer " + token);
}

BOOST_AUTO_TEST_CASE(LO18_the_id_token_need_not_go_into_a_url)
{
    authorization_server& server = fresh_server();
    relying_party party(server);
    BOOST_TEST_REQUIRE((party.begin() && party.exchange() && party.begin_logout()));
    party.leave_by_post();
    BOOST_TEST(party.accept_logout_callback(), party.failure().message());
    BOOST_TEST(party.accept_logout_token(), party.failure().message());
    const std::string hint(party.tokens().id_token().encoded().expose());
    for (const auto& request : server.requests())
        BOOST_TEST(request.target().find(hint) == std::string::npos);
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
