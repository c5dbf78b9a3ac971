// The token endpoint: codes, refresh tokens, client authentication, ID tokens.
#include "server_fixture.hpp"

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/detail/sha256.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <thread>

namespace coauth_test {
namespace {

using coauth::testing::authorization_server_configuration;
using coauth::testing::endpoint;
using coauth::testing::refresh_tokens;

std::string decoded(std::string_view text)
{
    std::string out(coauth::detail::base64url_decoded_size(text.size()), '\0');
    BOOST_TEST_REQUIRE(coauth::detail::base64url_decode(text, reinterpret_cast<unsigned char*>(out.data())));
    return out;
}

/// RS256, with the key as the JWKS has it.
bool signature_fits(std::string_view jwt, const boost::json::object& jwk)
{
    using coauth::detail::openssl_pointer;
    const auto number = [&](const char* name) {
        const std::string bytes = decoded(std::string_view(jwk.at(name).as_string()));
        return openssl_pointer<BIGNUM, BN_free>(BN_bin2bn(
            reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
    };
    const auto n = number("n");
    const auto e = number("e");
    const openssl_pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
    BOOST_TEST_REQUIRE(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
    BOOST_TEST_REQUIRE(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    const openssl_pointer<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const openssl_pointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free> maker(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* raw = nullptr;
    BOOST_TEST_REQUIRE(EVP_PKEY_fromdata_init(maker.get()) == 1);
    BOOST_TEST_REQUIRE(EVP_PKEY_fromdata(maker.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1);
    const openssl_pointer<EVP_PKEY, EVP_PKEY_free> key(raw);
    const openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    const auto dot = jwt.rfind('.');
    const std::string signature = decoded(jwt.substr(dot + 1));
    return EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(), nullptr) ==
               1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(jwt.data()), dot) == 1;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_token, server_fixture)

BOOST_AUTO_TEST_CASE(a_code_becomes_tokens)
{
    const reply answer = exchange(code());
    BOOST_TEST(answer.status() == 200u);
    BOOST_TEST(answer.field("Content-Type") == "application/json");
    BOOST_TEST(answer.field("Cache-Control") == "no-store");
    BOOST_TEST(answer.text("token_type") == "Bearer");
    BOOST_TEST(answer.text("scope") == "openid profile email api");
    BOOST_TEST(answer.json().at("expires_in").as_int64() == 600);
    BOOST_TEST(answer.text("access_token").size() == 43u);
    BOOST_TEST(answer.text("refresh_token").size() == 43u);
    BOOST_TEST(api_status(answer.text("access_token")) == 200u);
}

BOOST_AUTO_TEST_CASE(an_id_token_says_who_signed_in)
{
    const std::int64_t began = std::chrono::system_clock::to_time_t(now());
    const std::string given = code();
    advance(std::chrono::seconds(5));
    const reply answer = exchange(given);
    const auto jwt = answer.text("id_token");
    const auto claims = part_of_jwt(jwt, 1);
    BOOST_TEST(claims.at("iss").as_string() == server.issuer());
    BOOST_TEST(claims.at("sub").as_string() == "248289761001");
    BOOST_TEST(claims.at("aud").as_string() == "client");
    BOOST_TEST(claims.at("nonce").as_string() == "the nonce");
    BOOST_TEST(claims.at("auth_time").as_int64() == began);
    BOOST_TEST(claims.at("iat").as_int64() == began + 5);
    BOOST_TEST(claims.at("exp").as_int64() == began + 5 + 600);
    const auto digest = coauth::detail::sha256(answer.text("access_token"));
    const std::string half(reinterpret_cast<const char*>(digest->data()), 16);
    BOOST_TEST(decoded(std::string_view(claims.at("at_hash").as_string())) == half);
    const auto header = part_of_jwt(jwt, 0);
    BOOST_TEST(header.at("alg").as_string() == "RS256");
    BOOST_TEST(header.at("kid").as_string() == server.signing_key_id());
}

BOOST_AUTO_TEST_CASE(id_tokens_are_signed_with_the_published_key)
{
    const auto jwt = exchange(code()).text("id_token");
    const auto keys = get(endpoint::jwks).json().at("keys").as_array();
    BOOST_TEST_REQUIRE(keys.size() == 1u);
    const auto& jwk = keys[0].as_object();
    BOOST_TEST(jwk.at("kid").as_string() == server.signing_key_id());
    BOOST_TEST(jwk.at("use").as_string() == "sig");
    BOOST_TEST(decoded(std::string_view(jwk.at("n").as_string())).size() == 256u);
    BOOST_TEST(signature_fits(jwt, jwk));
    std::string spoiled = jwt;
    spoiled[spoiled.find('.') + 5] ^= 1;
    BOOST_TEST(!signature_fits(spoiled, jwk));

    const auto old_id = server.signing_key_id();
    server.rotate_signing_key();
    BOOST_TEST(server.signing_key_id() != old_id);
    const auto after = get(endpoint::jwks).json().at("keys").as_array();
    BOOST_TEST_REQUIRE(after.size() == 2u);
    BOOST_TEST(signature_fits(exchange(code()).text("id_token"), after[0].as_object()));
    BOOST_TEST(signature_fits(jwt, after[1].as_object()));
}

BOOST_AUTO_TEST_CASE(without_openid_there_is_no_id_token)
{
    const reply answer = exchange(code(question().set("scope", "api")));
    BOOST_TEST(answer.status() == 200u);
    BOOST_TEST(!answer.json().contains("id_token"));
}

BOOST_AUTO_TEST_CASE(a_code_is_good_once_and_takes_its_tokens_along)
{
    const std::string given = code();
    const reply first = exchange(given);
    BOOST_TEST(api_status(first.text("access_token")) == 200u);
    const reply second = exchange(given);
    BOOST_TEST(second.status() == 400u);
    BOOST_TEST(second.error() == "invalid_grant");
    BOOST_TEST(api_status(first.text("access_token")) == 401u);
    BOOST_TEST(refresh(first.text("refresh_token")).error() == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(a_code_lives_for_a_minute)
{
    const std::string early = code();
    advance(std::chrono::seconds(59));
    BOOST_TEST(exchange(early).status() == 200u);
    const std::string late = code();
    advance(std::chrono::seconds(60));
    BOOST_TEST(exchange(late).error() == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(a_code_wants_its_verifier)
{
    const std::string given = code();
    std::string other(verifier);
    other.back() = 'l';
    BOOST_TEST(
        post(endpoint::token, code_exchange(given).set("code_verifier", other), client_proof()).error() ==
        "invalid_grant");
    // One try: the code is gone.
    BOOST_TEST(exchange(given).error() == "invalid_grant");
    // Left out: RFC 7636 4.6 would have nothing to compare.
    const std::string next = code();
    BOOST_TEST(post(endpoint::token, code_exchange(next).remove("code_verifier"), client_proof()).error() ==
               "invalid_request");
    BOOST_TEST(exchange(next).status() == 200u);
}

BOOST_AUTO_TEST_CASE(a_code_wants_its_redirect_uri)
{
    BOOST_TEST(post(endpoint::token,
                    code_exchange(code()).set("redirect_uri", "https://client.example/callback/"),
                    client_proof())
                   .error() == "invalid_grant");
    BOOST_TEST(post(endpoint::token, code_exchange(code()).remove("redirect_uri"), client_proof()).error() ==
               "invalid_request");
}

BOOST_AUTO_TEST_CASE(a_code_is_good_for_its_client_only)
{
    const std::string given = code();
    BOOST_TEST(post(endpoint::token, code_exchange(given).set("client_id", "public")).error() ==
               "invalid_grant");
    BOOST_TEST(exchange(given).status() == 200u); // the thief has not spent it
    BOOST_TEST(exchange("made up").error() == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(clients_authenticate_by_the_registered_method_only)
{
    const auto status = [&](const char* client, form body, const fields& with) {
        const std::string given = code(question().set("client_id", client));
        return post(endpoint::token, body.set("code", given), with).status();
    };
    const form body = code_exchange("");
    const std::string basic_secret = "se:cret+1";
    BOOST_TEST(status("client", body, client_proof()) == 200u);
    BOOST_TEST(status("client", body, basic("client", "wrong")) == 401u);
    BOOST_TEST(status("client", body, basic("client", "")) == 401u);
    BOOST_TEST(status("client", form(body).set("client_id", "client").set("client_secret", basic_secret),
                      {}) == 401u);
    BOOST_TEST(status("client", form(body).set("client_id", "client"), {}) == 401u);
    BOOST_TEST(status("client", body, {}) == 401u);
    // The same twice is as bad as two methods.
    BOOST_TEST(status("client", form(body).set("client_secret", basic_secret), client_proof()) == 400u);
    BOOST_TEST(status("client", form(body).set("client_id", "public"), client_proof()) == 401u);
    BOOST_TEST(status("client", form(body).set("client_id", "client"), client_proof()) == 200u);

    BOOST_TEST(status("posting", form(body).set("client_id", "posting").set("client_secret", "other secret"),
                      {}) == 200u);
    BOOST_TEST(status("posting", form(body).set("client_id", "posting").set("client_secret", "x"), {}) ==
               401u);
    BOOST_TEST(status("posting", body, basic("posting", "other secret")) == 401u);

    BOOST_TEST(status("public", form(body).set("client_id", "public"), {}) == 200u);
    BOOST_TEST(status("public", body, basic("public", "")) == 401u);
    BOOST_TEST(status("public", form(body).set("client_id", "public").set("client_secret", "x"), {}) == 401u);
}

BOOST_AUTO_TEST_CASE(a_refused_client_is_challenged)
{
    const reply answer = post(endpoint::token, code_exchange("x"), basic("nobody", "x"));
    BOOST_TEST(answer.status() == 401u);
    BOOST_TEST(answer.error() == "invalid_client");
    BOOST_TEST(answer.field("WWW-Authenticate") == "Basic realm=\"authorization server\"");
    for (const std::string broken : {"Basic", "Basic !", "Basic YWJj", "Basic %%%%", "Bearer abc"})
        BOOST_TEST(post(endpoint::token, code_exchange("x"), {{"Authorization", broken}}).status() == 401u);
}

BOOST_AUTO_TEST_CASE(refresh_tokens_rotate)
{
    const reply first = exchange(code());
    const reply second = refresh(first.text("refresh_token"));
    BOOST_TEST(second.status() == 200u);
    BOOST_TEST(second.text("refresh_token") != first.text("refresh_token"));
    BOOST_TEST(second.text("access_token") != first.text("access_token"));
    // OpenID Connect Core 12.2
    const auto claims = part_of_jwt(second.text("id_token"), 1);
    BOOST_TEST(claims.at("sub").as_string() == "248289761001");
    BOOST_TEST(!claims.contains("nonce"));
    BOOST_TEST(refresh(second.text("refresh_token")).status() == 200u);
}

BOOST_AUTO_TEST_CASE(a_used_refresh_token_takes_the_family_along)
{
    const reply first = exchange(code());
    const reply second = refresh(first.text("refresh_token"));
    BOOST_TEST(refresh(first.text("refresh_token")).error() == "invalid_grant");
    BOOST_TEST(refresh(second.text("refresh_token")).error() == "invalid_grant");
    BOOST_TEST(api_status(first.text("access_token")) == 401u);
    BOOST_TEST(api_status(second.text("access_token")) == 401u);
    // Another grant of the same user and client has nothing to do with it.
    BOOST_TEST(exchange(code()).status() == 200u);
}

BOOST_AUTO_TEST_CASE(refreshing_can_narrow_the_scope_and_not_widen_it)
{
    const reply first = exchange(code(question().set("scope", "openid api")));
    const form wider = refreshing(first.text("refresh_token")).set("scope", "openid api email");
    BOOST_TEST(post(endpoint::token, wider, client_proof()).error() == "invalid_scope");
    // The refused request has not spent the token.
    const form narrower = refreshing(first.text("refresh_token")).set("scope", "openid");
    const reply second = post(endpoint::token, narrower, client_proof());
    BOOST_TEST(second.text("scope") == "openid");
    BOOST_TEST(api_status(second.text("access_token")) == 403u);
    // RFC 6749 6: the new refresh token has the scope of the old one.
    const reply third = refresh(second.text("refresh_token"));
    BOOST_TEST(third.text("scope") == "openid api");
    BOOST_TEST(api_status(third.text("access_token")) == 200u);
}

BOOST_AUTO_TEST_CASE(a_refresh_token_is_good_for_its_client_only_and_for_its_time)
{
    const reply first = exchange(code());
    const form foreign = refreshing(first.text("refresh_token")).set("client_id", "public");
    BOOST_TEST(post(endpoint::token, foreign).error() == "invalid_grant");
    advance(std::chrono::hours(30 * 24));
    BOOST_TEST(refresh(first.text("refresh_token")).error() == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(refresh_tokens_can_be_kept_or_left_out)
{
    server_fixture keeping(authorization_server_configuration().set_refresh_tokens(refresh_tokens::kept));
    const reply first = keeping.exchange(keeping.code());
    const reply second = keeping.refresh(first.text("refresh_token"));
    BOOST_TEST(second.status() == 200u);
    BOOST_TEST(!second.json().contains("refresh_token"));
    BOOST_TEST(keeping.refresh(first.text("refresh_token")).status() == 200u);

    server_fixture without(authorization_server_configuration().set_refresh_tokens(refresh_tokens::none));
    BOOST_TEST(!without.exchange(without.code()).json().contains("refresh_token"));
}

BOOST_AUTO_TEST_CASE(malformed_token_requests_are_refused)
{
    const auto error = [&](const form& body) { return post(endpoint::token, body, client_proof()).error(); };
    BOOST_TEST(error(code_exchange(code()).add("code", "again")) == "invalid_request");
    BOOST_TEST(error(code_exchange(code()).add("unknown", "1").add("unknown", "2")) == "invalid_request");
    BOOST_TEST(error(code_exchange("x").remove("grant_type")) == "invalid_request");
    BOOST_TEST(error(code_exchange("x").remove("code")) == "invalid_request");
    BOOST_TEST(error(code_exchange("x").set("grant_type", "password")) == "unsupported_grant_type");
    BOOST_TEST(error(refreshing("x").remove("refresh_token")) == "invalid_request");
    BOOST_TEST(error(refreshing("x").set("scope", "a\"b")) == "invalid_scope");
    const std::string url = server.url(endpoint::token);
    const std::string body = code_exchange(code()).text();
    const auto raw = [&](std::string text, std::string type) {
        fields with = client_proof();
        with.emplace_back("Content-Type", std::move(type));
        return send("POST", url, std::move(text), with);
    };
    BOOST_TEST(raw(body, "application/json").error() == "invalid_request");
    BOOST_TEST(raw("grant_type=%zz", "application/x-www-form-urlencoded").error() == "invalid_request");
    BOOST_TEST(send("GET", url + '?' + body, {}, client_proof()).status() == 405u);
    BOOST_TEST(send("GET", url, {}, client_proof()).field("Allow") == "POST");
    BOOST_TEST(raw(body, "Application/X-WWW-Form-URLEncoded ; charset=UTF-8").status() == 200u);
}

BOOST_AUTO_TEST_CASE(access_tokens_expire)
{
    const reply tokens = exchange(code());
    advance(std::chrono::seconds(599));
    BOOST_TEST(api_status(tokens.text("access_token")) == 200u);
    advance(std::chrono::seconds(1));
    BOOST_TEST(api_status(tokens.text("access_token")) == 401u);
}

BOOST_AUTO_TEST_CASE(what_is_stored_is_bounded)
{
    server_fixture small(
        authorization_server_configuration().set_most_entries(3).set_most_recorded_requests(5));
    const std::string oldest = small.code();
    for (int i = 0; i < 3; ++i)
        small.code();
    BOOST_TEST(small.exchange(oldest).error() == "invalid_grant");
    BOOST_TEST(small.server.requests().size() == 5u);
    BOOST_TEST(small.server.count() > 5u);
}

BOOST_AUTO_TEST_CASE(many_threads_spend_a_code_once)
{
    for (int round = 0; round < 20; ++round) {
        const std::string given = code(question().set("scope", "api"));
        std::atomic<int> successes{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { successes += exchange(given).status() == 200u ? 1 : 0; });
        for (std::thread& thread : threads)
            thread.join();
        BOOST_TEST(successes == 1);
    }
}

BOOST_AUTO_TEST_CASE(everything_can_be_revoked)
{
    const reply tokens = exchange(code());
    server.revoke_everything();
    BOOST_TEST(refresh(tokens.text("refresh_token")).error() == "invalid_grant");
    BOOST_TEST(api_status(tokens.text("access_token")) == 401u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
