// Who signed in: ID tokens through whole flows, from the nonce of the authorization request to userinfo.
#include "signing_server.hpp"

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/sha256.hpp>

#include <boost/json/array.hpp>

#include <functional>
#include <sstream>

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

namespace {

using outcome = coauth::result<coauth::token_set>;
using change = std::function<void(boost::json::object&)>;

const change nothing = [](boost::json::object&) {};

/// A flow of a client that is registered in some other way.
struct registered_flow : openid_flow<> {
    explicit registered_flow(coauth::openid_registration registration,
                             const coauth::server_metadata& metadata = server_on_paper())
    {
        auto all = registration_on_paper();
        client = client_type(metadata, all.set_openid(std::move(registration)), server, store, client_limits);
    }
};

/// A sign-in whose ID token was changed; the keys are known.
outcome sign_in_with(openid_flow<>& test, const change& spoil,
                     const coauth::authorization_parameters& parameters = {.scope = "openid profile"})
{
    auto code = test.come_back(parameters);
    auto claims = good_claims(test.nonce());
    spoil(claims);
    test.expect_tokens(signed_id_token(claims));
    return test.exchange(std::move(code));
}

outcome refresh_with(openid_flow<>& test, const coauth::token_set& current, const change& spoil)
{
    auto claims = good_claims("");
    spoil(claims);
    test.server.expect("POST", token_endpoint).answer(200, refresh_response_with(signed_id_token(claims)));
    return run(test.client.refresh(current));
}

/// OpenID Connect Core 3.1.3.6, for algorithms with SHA-256.
std::string half_hash(std::string_view text)
{
    const auto digest = coauth::detail::sha256(text).value();
    std::string out(coauth::detail::base64url_encoded_size(16), ' ');
    coauth::detail::base64url_encode(std::span(digest).first(16), out.data());
    return out;
}

coauth::hmac_key shared_secret(char fill = 'k')
{
    return {coauth::hmac_algorithm::hs256, coauth::secret(std::string(32, fill))};
}

} // namespace

BOOST_AUTO_TEST_SUITE(identity)

BOOST_AUTO_TEST_CASE(sign_in)
{
    openid_flow<> test;
    const auto before = manual_wall_clock::now();
    const auto tokens = test.sign_in();
    BOOST_TEST_REQUIRE(tokens.has_id_token());
    const coauth::verified_id_token& who = tokens.id_token();
    BOOST_TEST(who.issuer() == server_issuer);
    BOOST_TEST(who.subject() == "person-1");
    BOOST_TEST_REQUIRE(who.audience().size() == 1u);
    BOOST_TEST(who.audience()[0] == "client-1");
    BOOST_TEST((who.issued_at() == std::chrono::floor<std::chrono::seconds>(before)));
    BOOST_TEST(who.claim("nonce") == test.nonce());
    BOOST_TEST(who.encoded().expose() ==
               test.good_token().substr(0, who.encoded().expose().rfind('.')) +
                   std::string(who.encoded().expose().substr(who.encoded().expose().rfind('.'))));
    BOOST_TEST(tokens.access_token().expose() == canary_access_token);
    BOOST_TEST(tokens.refresh_token().expose() == canary_refresh_token);
}

BOOST_AUTO_TEST_CASE(ID6_ID15_ID16_ID22_ID23_ID24_ID25_ID26_ID27_ID28_tokens_that_identify_nobody)
{
    struct row {
        std::string_view what;
        change spoil;
        errc code;
    };
    const row rows[] = {
        {"nonce of another sign-in", [](auto& c) { c["nonce"] = std::string(43, 'A'); },
         errc::nonce_mismatch},
        {"no nonce", [](auto& c) { c.erase("nonce"); }, errc::nonce_mismatch},
        {"empty nonce", [](auto& c) { c["nonce"] = ""; }, errc::nonce_mismatch},
        {"another client", [](auto& c) { c["aud"] = "client-2"; }, errc::audience_mismatch},
        {"no audience", [](auto& c) { c.erase("aud"); }, errc::claim_missing},
        {"also another client", [](auto& c) { c["aud"] = boost::json::array{"client-1", "client-2"}; },
         errc::audience_mismatch},
        {"another party", [](auto& c) { c["azp"] = "client-2"; }, errc::authorized_party_mismatch},
        {"another issuer", [](auto& c) { c["iss"] = "https://as.example.org"; },
         errc::id_token_issuer_mismatch},
        {"the issuer with a slash", [](auto& c) { c["iss"] = server_issuer + "/"; },
         errc::id_token_issuer_mismatch},
        {"no subject", [](auto& c) { c.erase("sub"); }, errc::claim_missing},
        {"expired", [](auto& c) { c["exp"] = seconds_now() - 31; }, errc::token_expired},
        {"no expiry", [](auto& c) { c.erase("exp"); }, errc::claim_missing},
        {"no time of issue", [](auto& c) { c.erase("iat"); }, errc::claim_missing},
        {"of last week", [](auto& c) { c["iat"] = seconds_now() - 7 * 24 * 3600; }, errc::token_too_old},
        {"of tomorrow", [](auto& c) { c["iat"] = seconds_now() + 24 * 3600; }, errc::token_not_yet_valid},
        {"hash of another access token", [](auto& c) { c["at_hash"] = half_hash("another"); },
         errc::token_hash_mismatch},
        {"hash of another code", [](auto& c) { c["c_hash"] = half_hash("another"); },
         errc::token_hash_mismatch}};
    openid_flow<> test;
    test.sign_in();
    for (const row& one : rows) {
        BOOST_TEST_CONTEXT(one.what) { check_lost(sign_in_with(test, one.spoil), one.code); }
    }
    // A good token of another key, which has the name of a good key.
    auto code = test.come_back();
    test.expect_tokens(
        key_number(1).sign({{"alg", "ES256"}, {"kid", key_number(0).key_id()}}, good_claims(test.nonce())));
    check_lost(test.exchange(std::move(code)), errc::signature_invalid);
    // And nothing was asked for besides the tokens.
    BOOST_TEST(test.server.requests().size() == 2u + std::size(rows) + 1u);
    BOOST_TEST(test.key_fetches() == 1u);
}

BOOST_AUTO_TEST_CASE(ID30_ID31_hashes_of_what_came_with_the_token)
{
    openid_flow<> test;
    test.sign_in();
    BOOST_TEST(
        sign_in_with(test, [](auto& c) { c["at_hash"] = half_hash(canary_access_token); }).has_value());
    BOOST_TEST(sign_in_with(test, [](auto& c) { c["c_hash"] = half_hash(canary_code); }).has_value());
    check_lost(sign_in_with(test, [](auto& c) { c["at_hash"] = half_hash(""); }), errc::token_hash_mismatch);
    check_lost(sign_in_with(test, [](auto& c) { c["c_hash"] = half_hash(""); }), errc::token_hash_mismatch);
    check_lost(sign_in_with(test, [](auto& c) { c["at_hash"] = half_hash(canary_code); }),
               errc::token_hash_mismatch);
    // Of a refresh, that of the new access token.
    const auto tokens = sign_in_with(test, nothing).value();
    BOOST_TEST(refresh_with(test, tokens, [](auto& c) {
                   c["at_hash"] = half_hash(canary_new_access_token);
               }).has_value());
    check_lost(refresh_with(test, tokens, [](auto& c) { c["at_hash"] = half_hash(canary_access_token); }),
               errc::token_hash_mismatch);
}

BOOST_AUTO_TEST_CASE(ID29_the_same_token_again)
{
    openid_flow<> test;
    test.sign_in();
    const std::string first = test.good_token();
    auto code = test.come_back();
    test.expect_tokens(first);
    check_lost(test.exchange(std::move(code)), errc::nonce_mismatch);
}

BOOST_AUTO_TEST_CASE(ID1_tokens_without_a_signature)
{
    openid_flow<> test;
    test.sign_in();
    auto code = test.come_back();
    const std::string good = test.good_token();
    const std::string payload = good.substr(good.find('.'), good.rfind('.') - good.find('.') + 1);
    test.expect_tokens("eyJhbGciOiJub25lIn0" + payload); // {"alg":"none"}
    check_lost(test.exchange(std::move(code)), errc::algorithm_not_allowed);
    code = test.come_back();
    test.expect_tokens(good.substr(0, good.rfind('.') + 1));
    BOOST_TEST(test.exchange(std::move(code)).error().grant_spent());
    // The canary that other tests use is no token at all.
    code = test.come_back();
    test.expect_tokens(canary_id_token);
    check_lost(test.exchange(std::move(code)), errc::malformed_jwt);
}

BOOST_AUTO_TEST_CASE(ID2_ID3_ID4_a_shared_secret_needs_no_keys_and_takes_no_others)
{
    coauth::openid_registration registration;
    registration.set_id_token_signed_response_alg(shared_secret());
    auto metadata = server_on_paper();
    metadata.set_jwks_uri({}); // a server that only signs with secrets may have none
    for (const auto& server : {server_on_paper(), metadata}) {
        registered_flow test(registration, server);
        const auto attempt = [&test](std::string_view token) {
            auto code = std::move(*test.code);
            test.expect_tokens(token);
            return test.exchange(std::move(code));
        };
        test.code = test.come_back();
        const auto tokens =
            attempt(coauth::sign(shared_secret(), {{"alg", "HS256"}}, good_claims(test.nonce())));
        BOOST_TEST_REQUIRE(tokens.has_value());
        BOOST_TEST(tokens->id_token().subject() == "person-1");
        test.code = test.come_back();
        check_lost(attempt(coauth::sign(shared_secret('x'), {{"alg", "HS256"}}, good_claims(test.nonce()))),
                   errc::signature_invalid);
        test.code = test.come_back();
        check_lost(attempt(test.good_token()), errc::algorithm_not_allowed);
        BOOST_TEST(test.key_fetches() == 0u);
    }
    // And the other way round.
    openid_flow<> usual;
    usual.sign_in();
    auto code = usual.come_back();
    usual.expect_tokens(coauth::sign(shared_secret(), {{"alg", "HS256"}, {"kid", key_number(0).key_id()}},
                                     good_claims(usual.nonce())));
    check_lost(usual.exchange(std::move(code)), errc::algorithm_not_allowed);
}

BOOST_AUTO_TEST_CASE(ID4_algorithms_are_those_of_registration_and_metadata)
{
    using coauth::signing_algorithm;
    auto announced = server_on_paper();
    announced.set_id_token_algorithms({signing_algorithm::rs256, signing_algorithm::ps256});
    coauth::openid_registration only_rsa;
    only_rsa.set_id_token_signed_response_alg(signing_algorithm::rs256);
    coauth::openid_registration only_ecdsa;
    only_ecdsa.set_id_token_signed_response_alg(signing_algorithm::es256);
    const auto attempt = [](const coauth::openid_registration& registration,
                            const coauth::server_metadata& metadata) {
        registered_flow test(registration, metadata);
        auto code = test.come_back();
        test.expect_tokens(test.good_token());
        test.expect_keys({0});
        return test.exchange(std::move(code));
    };
    BOOST_TEST(attempt(only_ecdsa, server_on_paper()).has_value());
    check_lost(attempt(only_rsa, server_on_paper()), errc::algorithm_not_allowed);
    check_lost(attempt({}, announced), errc::algorithm_not_allowed);
    check_lost(attempt(only_ecdsa, announced), errc::algorithm_not_allowed);
    // What the registration pins, no announcement widens.
    auto more = server_on_paper();
    more.set_id_token_algorithms({signing_algorithm::rs256, signing_algorithm::es256});
    BOOST_TEST(attempt({}, more).has_value());
    check_lost(attempt(only_rsa, more), errc::algorithm_not_allowed);
}

BOOST_AUTO_TEST_CASE(ID17_trusted_audiences)
{
    coauth::openid_registration registration;
    registration.set_trusted_audiences({"client-2"});
    registered_flow test(registration);
    test.sign_in();
    const change two = [](auto& c) {
        c["aud"] = boost::json::array{"client-2", "client-1"};
        c["azp"] = "client-1";
    };
    BOOST_TEST(sign_in_with(test, two)->id_token().audience().size() == 2u);
    check_lost(sign_in_with(test,
                            [](auto& c) {
                                c["aud"] = boost::json::array{"client-3", "client-1"};
                                c["azp"] = "client-1";
                            }),
               errc::audience_mismatch);
}

BOOST_AUTO_TEST_CASE(ID32_max_age)
{
    // To the second, as auth_time is.
    manual_wall_clock::set(std::chrono::ceil<std::chrono::seconds>(manual_wall_clock::now()));
    openid_flow<> test;
    test.sign_in();
    const auto since = [](std::int64_t seconds) {
        return change([seconds](auto& c) { c["auth_time"] = seconds_now() - seconds; });
    };
    const coauth::authorization_parameters an_hour{.scope = "openid", .max_age = 3600s};
    BOOST_TEST_REQUIRE(sign_in_with(test, since(3600 + 30), an_hour).has_value());
    const auto recent = sign_in_with(test, since(10), an_hour);
    BOOST_TEST((recent->id_token().authenticated_at() ==
                std::chrono::floor<std::chrono::seconds>(manual_wall_clock::now()) - 10s));
    check_lost(sign_in_with(test, since(3600 + 31), an_hour), errc::authentication_too_old);
    check_lost(sign_in_with(test, nothing, an_hour), errc::authentication_too_old);
    check_lost(sign_in_with(test, [](auto& c) { c["auth_time"] = "now"; }, an_hour), errc::claim_invalid);
    // Zero is a number.
    const coauth::authorization_parameters at_once{.scope = "openid", .max_age = 0s};
    BOOST_TEST(sign_in_with(test, since(30), at_once).has_value());
    check_lost(sign_in_with(test, since(31), at_once), errc::authentication_too_old);
    check_lost(sign_in_with(test, nothing, at_once), errc::authentication_too_old);
    // What was not asked for is not demanded.
    BOOST_TEST(sign_in_with(test, since(100'000)).has_value());
    BOOST_TEST(sign_in_with(test, nothing).has_value());
}

BOOST_AUTO_TEST_CASE(ID33_required_authentication_contexts)
{
    openid_flow<> test;
    test.sign_in();
    const auto context = [](std::string_view name) {
        return change([name = std::string(name)](auto& c) { c["acr"] = name; });
    };
    const coauth::authorization_parameters required{.scope = "openid", .required_acr_values = "gold silver"};
    BOOST_TEST(sign_in_with(test, context("silver"), required)->id_token().authentication_context() ==
               "silver");
    BOOST_TEST(sign_in_with(test, context("gold"), required).has_value());
    for (const std::string_view other : {"bronze", "", "gol", "gold silver", "Gold", "gold "})
        check_lost(sign_in_with(test, context(other), required), errc::authentication_context_mismatch);
    check_lost(sign_in_with(test, nothing, required), errc::authentication_context_mismatch);
    const coauth::authorization_parameters welcome{.scope = "openid", .acr_values = "gold"};
    BOOST_TEST(sign_in_with(test, context("bronze"), welcome).has_value());
    BOOST_TEST(sign_in_with(test, nothing, welcome).has_value());
}

BOOST_AUTO_TEST_CASE(refresh_with_a_new_id_token_of_the_same_person)
{
    openid_flow<> test;
    const auto first = test.sign_in();
    manual_wall_clock::advance(400s);
    const auto second = refresh_with(test, first, [](auto& c) { c["extra"] = "new"; });
    BOOST_TEST_REQUIRE(second.has_value());
    BOOST_TEST(second->id_token().claim("extra") == "new");
    BOOST_TEST((second->id_token().issued_at() > first.id_token().issued_at()));
    BOOST_TEST(second->access_token().expose() == canary_new_access_token);
    BOOST_TEST(second->refresh_token().expose() == canary_new_refresh_token);
    // The next one continues that.
    BOOST_TEST(refresh_with(test, *second, nothing).has_value());
    // With the nonce of the sign-in, or without one.
    const std::string nonce = test.nonce();
    BOOST_TEST(refresh_with(test, first, [&](auto& c) { c["nonce"] = nonce; }).has_value());
    BOOST_TEST(test.key_fetches() == 1u);
}

BOOST_AUTO_TEST_CASE(RF12_RF13_RF14_refresh_with_an_id_token_of_somebody_else)
{
    openid_flow<> test;
    test.sign_in();
    const change original = [](auto& c) { c["auth_time"] = seconds_now() - 100; };
    const auto signed_in_at = seconds_now() - 100;
    const auto tokens = sign_in_with(test, original).value();
    struct row {
        std::string_view what;
        change spoil;
        errc code;
    };
    const row rows[] = {
        {"another issuer", [](auto& c) { c["iss"] = "https://as.example.org"; },
         errc::id_token_issuer_mismatch},
        {"another subject", [](auto& c) { c["sub"] = "person-2"; }, errc::subject_mismatch},
        {"another audience", [](auto& c) { c["aud"] = "client-2"; }, errc::audience_mismatch},
        {"another nonce", [](auto& c) { c["nonce"] = std::string(43, 'A'); }, errc::nonce_mismatch},
        {"another party", [](auto& c) { c["azp"] = "client-2"; }, errc::authorized_party_mismatch},
        {"an old one", [](auto& c) { c["iat"] = seconds_now() - 3600; }, errc::token_too_old}};
    for (const row& one : rows) {
        BOOST_TEST_CONTEXT(one.what)
        {
            const auto both = [&](boost::json::object& c) {
                c["auth_time"] = signed_in_at;
                one.spoil(c);
            };
            const auto refused = refresh_with(test, tokens, both);
            check_lost(refused, one.code);
        }
    }
    BOOST_TEST(refresh_with(test, tokens, [&](auto& c) { c["auth_time"] = signed_in_at; }).has_value());
}

BOOST_AUTO_TEST_CASE(RF15_refresh_without_an_id_token)
{
    openid_flow<> test;
    const auto first = test.sign_in();
    test.server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    const auto second = run(test.client.refresh(first));
    BOOST_TEST_REQUIRE(second.has_value());
    BOOST_TEST(second->access_token().expose() == canary_new_access_token);
    BOOST_TEST_REQUIRE(second->has_id_token());
    // The old one, with its old time.
    BOOST_TEST(second->id_token().encoded().expose() == first.id_token().encoded().expose());
    BOOST_TEST((second->id_token().issued_at() == first.id_token().issued_at()));
    // And still the one to compare with.
    check_lost(refresh_with(test, *second, [](auto& c) { c["sub"] = "person-2"; }), errc::subject_mismatch);
}

BOOST_AUTO_TEST_CASE(refresh_of_tokens_without_a_person_makes_nobody_of_them)
{
    openid_flow<> test;
    test.sign_in();
    for (const std::string_view scope : {"openid profile", "profile"}) {
        const auto renewed = refresh_with(test, tokens_on_paper(scope), nothing);
        BOOST_TEST_REQUIRE(renewed.has_value());
        BOOST_TEST(!renewed->has_id_token());
        BOOST_CHECK_EXCEPTION(renewed->id_token(), coauth::exception, [](const coauth::exception& thrown) {
            return thrown.reason() == errc::id_token_missing;
        });
    }
    // Not even read.
    test.server.expect("POST", token_endpoint).answer(200, refresh_response_with("no.token.at all"));
    BOOST_TEST(run(test.client.refresh(tokens_on_paper())).has_value());
}

BOOST_AUTO_TEST_CASE(refresh_by_a_process_that_has_no_keys_yet)
{
    openid_flow<> before;
    const auto tokens = before.sign_in();
    openid_flow<> test;
    test.server.expect("POST", token_endpoint)
        .answer(200, refresh_response_with(signed_id_token(good_claims(""))));
    test.expect_keys({0});
    BOOST_TEST(run(test.client.refresh(tokens))->id_token().subject() == "person-1");
}

BOOST_AUTO_TEST_CASE(TE20_openid_without_an_id_token)
{
    openid_flow<> test;
    auto code = test.come_back();
    test.server.expect("POST", token_endpoint).answer(200, token_response_body(false));
    check_lost(test.exchange(std::move(code)), errc::id_token_missing);
    BOOST_TEST(test.server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TE21_an_id_token_that_nobody_asked_for)
{
    openid_flow<> test;
    const auto request = test.begin("profile");
    auto code = test.accept(callback_query(request), request.browser_binding()).value();
    test.expect_tokens(signed_id_token(good_claims("")));
    const auto tokens = test.exchange(std::move(code));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST(!tokens->has_id_token());
    BOOST_CHECK_THROW(tokens->id_token(), coauth::exception);
    BOOST_TEST(test.key_fetches() == 0u);
}

BOOST_AUTO_TEST_CASE(openid_at_a_server_that_can_identify_nobody)
{
    auto nameless = server_on_paper();
    nameless.set_issuer({}).set_sends_issuer_in_response(false);
    auto keyless = server_on_paper();
    keyless.set_jwks_uri({});
    const std::pair<const coauth::server_metadata&, errc> rows[] = {{nameless, errc::invalid_configuration},
                                                                    {keyless, errc::key_set_unavailable}};
    for (const auto& [metadata, code] : rows) {
        openid_flow<> test(metadata);
        check_refused(run(test.client.begin_authorization({.scope = "profile openid"})), code);
        BOOST_TEST(test.store->size() == 0u);
        BOOST_TEST(test.server.requests().empty());
        // Plain OAuth goes on.
        BOOST_TEST(run(test.client.begin_authorization({.scope = "profile"})).has_value());
    }
}

BOOST_AUTO_TEST_CASE(UI1_userinfo_of_somebody_else)
{
    openid_flow<> test;
    const auto tokens = test.sign_in();
    const auto answered = [&](std::string_view body) {
        test.server.expect("GET", userinfo_endpoint).answer(200, body);
        return run(test.client.fetch_userinfo(tokens));
    };
    BOOST_TEST(answered(userinfo_body())->claim("name") == "A Person");
    for (const std::string_view body :
         {R"({"sub":"person-2","name":"Another"})", R"({"sub":"Person-1"})", R"({"sub":"person-1 "})"})
        check_refused(answered(body), errc::subject_mismatch);
    check_refused(answered(R"({"name":"Somebody"})"), errc::subject_missing);
}

BOOST_AUTO_TEST_CASE(UI3_plain_userinfo_where_a_signature_was_agreed_on)
{
    coauth::openid_registration registration;
    registration.set_userinfo_signed_response_alg(coauth::signing_algorithm::es256);
    registered_flow test(registration);
    const auto tokens = test.sign_in();
    test.server.expect("GET", userinfo_endpoint).answer(200, userinfo_body());
    check_refused(run(test.client.fetch_userinfo(tokens)), errc::userinfo_not_signed);
}

BOOST_AUTO_TEST_CASE(UI4_signed_userinfo)
{
    coauth::openid_registration agreed;
    agreed.set_userinfo_signed_response_alg(coauth::signing_algorithm::es256);
    const auto claims = [](const change& spoil) {
        boost::json::object out{
            {"iss", server_issuer}, {"aud", "client-1"}, {"sub", "person-1"}, {"name", "A Person"}};
        spoil(out);
        return out;
    };
    // Also where nothing was agreed on: a signature that is there is checked.
    for (const auto& registration : {coauth::openid_registration(), agreed}) {
        registered_flow test(registration);
        const auto tokens = test.sign_in();
        const auto answered = [&](std::string_view jwt) {
            test.server.expect("GET", userinfo_endpoint).answer(200, jwt, "application/jwt");
            return run(test.client.fetch_userinfo(tokens));
        };
        BOOST_TEST(answered(signed_id_token(claims(nothing)))->claim("name") == "A Person");
        const std::string good = signed_id_token(claims(nothing));
        const std::string other = signed_id_token(claims([](auto& c) { c["name"] = "Another"; }));
        check_refused(answered(good.substr(0, good.rfind('.')) + other.substr(other.rfind('.'))),
                      errc::signature_invalid);
        check_refused(answered(signed_id_token(claims([](auto& c) { c["iss"] = "https://as.example.org"; }))),
                      errc::id_token_issuer_mismatch);
        check_refused(answered(signed_id_token(claims([](auto& c) { c["aud"] = "client-2"; }))),
                      errc::audience_mismatch);
        check_refused(answered(signed_id_token(claims([](auto& c) { c["sub"] = "person-2"; }))),
                      errc::subject_mismatch);
        check_refused(answered(coauth::sign(shared_secret(), {{"alg", "HS256"}}, claims(nothing))),
                      errc::algorithm_not_allowed);
        check_refused(answered(userinfo_body()), errc::malformed_jwt);
        BOOST_TEST(test.key_fetches() == 1u);
        // Keys that were changed.
        test.server.expect("GET", userinfo_endpoint)
            .answer(200, signed_id_token(claims(nothing), 1), "application/jwt");
        test.expect_keys({1});
        BOOST_TEST(run(test.client.fetch_userinfo(tokens)).has_value());
        check_refused(answered(signed_id_token(claims(nothing), 7)), errc::signing_key_unknown);
        BOOST_TEST(test.key_fetches() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(UI4_signed_userinfo_needs_keys)
{
    openid_flow<> before;
    const auto tokens = before.sign_in();
    const boost::json::object claims{{"sub", "person-1"}};
    openid_flow<> test;
    test.server.expect("GET", userinfo_endpoint).answer(200, signed_id_token(claims), "application/jwt");
    test.expect_keys({0});
    BOOST_TEST(run(test.client.fetch_userinfo(tokens)).value().subject() == "person-1");

    openid_flow<> down;
    down.server.expect("GET", userinfo_endpoint).answer(200, signed_id_token(claims), "application/jwt");
    down.expect_keys({0}).before_commit(happening::fail(errc::connection_failed));
    check_refused(run(down.client.fetch_userinfo(tokens)), errc::connection_failed);
}

BOOST_AUTO_TEST_CASE(UI4_ID2_userinfo_signed_with_a_key_beside_id_tokens_signed_with_a_secret)
{
    coauth::openid_registration registration;
    registration.set_id_token_signed_response_alg(shared_secret())
        .set_userinfo_signed_response_alg(coauth::signing_algorithm::es256);
    registered_flow test(registration);
    auto code = test.come_back();
    test.expect_tokens(coauth::sign(shared_secret(), {{"alg", "HS256"}}, good_claims(test.nonce())));
    const auto tokens = test.exchange(std::move(code)).value();
    const boost::json::object claims{{"sub", "person-1"}};
    test.server.expect("GET", userinfo_endpoint).answer(200, signed_id_token(claims), "application/jwt");
    test.expect_keys({0});
    BOOST_TEST(run(test.client.fetch_userinfo(tokens)).value().subject() == "person-1");
    test.server.expect("GET", userinfo_endpoint)
        .answer(200, coauth::sign(shared_secret(), {{"alg", "HS256"}}, claims), "application/jwt");
    check_refused(run(test.client.fetch_userinfo(tokens)), errc::algorithm_not_allowed);
}

BOOST_AUTO_TEST_CASE(LG1_errors_about_tokens_hold_nothing_of_them)
{
    const change spoils[] = {[](auto& c) { c["nonce"] = canary_code; },
                             [](auto& c) { c["iss"] = canary_access_token; },
                             [](auto& c) { c["aud"] = canary_access_token; },
                             [](auto& c) { c["azp"] = canary_access_token; },
                             [](auto& c) { c["sub"] = std::string(300, 's') + canary_access_token; },
                             [](auto& c) { c["exp"] = canary_access_token; },
                             [](auto& c) { c["acr"] = boost::json::array{canary_access_token}; },
                             [](auto& c) { c["at_hash"] = canary_access_token; },
                             [](auto& c) { c.erase("sub"); }};
    openid_flow<> test;
    test.sign_in();
    const auto check = [&test](const outcome& refused, std::string_view token) {
        BOOST_TEST_REQUIRE(refused.has_error());
        const coauth::error& reason = refused.error();
        std::ostringstream all;
        all << reason << reason.code() << reason.message() << reason.description() << reason.server_error()
            << coauth::exception(reason).what();
        const std::string payload(token.substr(0, token.rfind('.')));
        for (const std::string& secret : {std::string(token), payload, test.nonce(), canary_access_token,
                                          canary_refresh_token, canary_code, key_number(7).key_id()})
            BOOST_TEST(all.str().find(secret) == std::string::npos, all.str());
    };
    for (const change& spoil : spoils) {
        auto code = test.come_back();
        auto claims = good_claims(test.nonce());
        spoil(claims);
        const std::string token = signed_id_token(claims);
        test.expect_tokens(token);
        check(test.exchange(std::move(code)), token);
    }
    // Unknown keys, and keys that cannot be fetched.
    test.server.always("GET", jwks_uri, [](const recorded_request& request) {
        scripted_exchange out(request.method(), request.url());
        out.answer(400, R"({"error":"invalid_request","error_description":"no"})");
        return out;
    });
    for (int i = 0; i < 2; ++i) {
        auto code = test.come_back();
        const std::string token = test.good_token(7);
        test.expect_tokens(token);
        check(test.exchange(std::move(code)), token);
    }
    auto code = test.come_back();
    test.expect_tokens(canary_id_token);
    check(test.exchange(std::move(code)), canary_id_token);
}

BOOST_AUTO_TEST_SUITE_END()
