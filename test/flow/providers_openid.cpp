// Sign-ins with real providers, replayed: what their documentation says that they answer, with values made up.
#include "provider_replay.hpp"

using namespace coauth_test;
namespace providers = coauth::providers;
using coauth::errc;
using coauth::server_errc;

BOOST_AUTO_TEST_SUITE(openid_providers)

BOOST_AUTO_TEST_CASE(google)
{
    openid_replay<providers::google> replay({}, R"({
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "device_authorization_endpoint": "https://oauth2.googleapis.com/device/code",
        "token_endpoint": "https://oauth2.googleapis.com/token",
        "userinfo_endpoint": "https://openidconnect.googleapis.com/v1/userinfo",
        "revocation_endpoint": "https://oauth2.googleapis.com/revoke",
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
        "response_types_supported": ["code", "token", "id_token", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["plain", "S256"]})");
    replay.callback_extra =
        "&iss=https%3A%2F%2Faccounts.google.com&authuser=0&prompt=consent"
        "&scope=email%20openid%20https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fuserinfo.email";
    replay.claims = R"({"sub":"110169484474386276334","azp":"client-1","email":"jane@example.org",
        "email_verified":true,"hd":"example.org","name":"Jane Doe","given_name":"Jane","family_name":"Doe"})";
    const auto tokens = replay.sign_in(providers::google.offline_parameters(), R"({
        "access_token": "ya29.made-up", "expires_in": 3599, "refresh_token": "1//made-up", "token_type": "Bearer",
        "scope": "https://www.googleapis.com/auth/userinfo.email openid",
        "refresh_token_expires_in": 604799})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(only_value(replay.asked, "access_type") == "offline");
    BOOST_TEST(only_value(replay.asked, "prompt") == "consent");
    BOOST_TEST(tokens->id_token().subject() == "110169484474386276334");
    BOOST_TEST(tokens->id_token().claim("hd") == "example.org");
    BOOST_TEST(tokens->refresh_token().expose() == "1//made-up");
    BOOST_TEST(!tokens->scope().contains("email")); // granted, by its other name
    BOOST_TEST(replay.person(*tokens, R"({"sub":"110169484474386276334","name":"Jane Doe","picture":
        "https://images.example/a","email":"jane@example.org","email_verified":true})") ==
               "110169484474386276334");

    check_refused(
        replay.refusal(400, R"({"error":"invalid_grant","error_description":"Malformed auth code."})"),
        server_errc::invalid_grant);
    // What nobody announced is compared all the same.
    replay.callback_extra = "&iss=https%3A%2F%2Faccounts.example";
    check_refused(replay.sign_in(providers::google.sign_in_parameters(), "{}"), errc::issuer_mismatch);
}

const std::string home_tenant = "6f1bd5a0-0000-4000-8000-000000000001";
const std::string other_tenant = "6f1bd5a0-0000-4000-8000-000000000002";

std::string entra_metadata(std::string_view issuer, const std::string& authority)
{
    const std::string base = "https://login.microsoftonline.com/" + authority;
    return R"({"token_endpoint":")" + base + R"(/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported":["client_secret_post","private_key_jwt","client_secret_basic"],
        "jwks_uri":")" +
           base + R"(/discovery/v2.0/keys",
        "response_modes_supported":["query","fragment","form_post"],
        "subject_types_supported":["pairwise"],"id_token_signing_alg_values_supported":["RS256"],
        "response_types_supported":["code","id_token","code id_token","id_token token"],
        "scopes_supported":["openid","profile","email","offline_access"],
        "issuer":")" +
           std::string(issuer) + R"(","request_uri_parameter_supported":false,
        "userinfo_endpoint":"https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint":")" +
           base + R"(/oauth2/v2.0/authorize",
        "end_session_endpoint":")" +
           base + R"(/oauth2/v2.0/logout",
        "tenant_region_scope":"EU","cloud_instance_name":"microsoftonline.com"})";
}

std::string entra_claims(const std::string& tenant)
{
    return R"({"iss":"https://login.microsoftonline.com/)" + tenant +
           R"(/v2.0","sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","tid":")" + tenant +
           R"(","oid":"00000000-0000-0000-66f3-3332eca7ea81","ver":"2.0","preferred_username":"jane@example.org"})";
}

constexpr std::string_view entra_tokens =
    R"({"token_type":"Bearer","scope":"email openid profile","expires_in":4521,
    "ext_expires_in":4521,"access_token":"eyJ0eXAi.made.up","refresh_token":"0.AXkA-made-up"})";

BOOST_AUTO_TEST_CASE(microsoft_entra_with_one_tenant)
{
    openid_replay<providers::microsoft_entra> replay(
        {{"tenant", home_tenant}},
        entra_metadata("https://login.microsoftonline.com/" + home_tenant + "/v2.0", home_tenant));
    replay.claims = entra_claims(home_tenant);
    const auto tokens = replay.sign_in(providers::microsoft_entra.offline_parameters(), entra_tokens);
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(tokens->id_token().claim("tid") == home_tenant);
    BOOST_TEST(replay.person(*tokens, R"({"sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","name":"Jane",
        "family_name":"Doe","picture":"https://graph.microsoft.com/v1.0/me/photo/$value"})") ==
               "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ");
    check_refused(replay.refusal(400, R"({"error":"invalid_grant",
        "error_description":"AADSTS70008: The provided authorization code is expired.\r\nTrace ID: 0000",
        "error_codes":[70008],"timestamp":"2033-05-18 03:33:20Z","trace_id":"0000","correlation_id":"0000"})"),
                  server_errc::invalid_grant);
    replay.claims = entra_claims(other_tenant);
    check_refused(replay.sign_in(providers::microsoft_entra.sign_in_parameters(), entra_tokens),
                  errc::id_token_issuer_mismatch);
}

BOOST_AUTO_TEST_CASE(microsoft_entra_with_some_tenants)
{
    openid_replay<providers::microsoft_entra_organizations> replay(
        {}, entra_metadata("https://login.microsoftonline.com/{tenantid}/v2.0", "organizations"),
        {home_tenant});
    replay.claims = entra_claims(home_tenant);
    const auto asked = providers::microsoft_entra_organizations.sign_in_parameters();
    const auto tokens = replay.sign_in(asked, entra_tokens);
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(tokens->id_token().issuer() == "https://login.microsoftonline.com/" + home_tenant + "/v2.0");
    replay.claims = entra_claims(other_tenant);
    check_refused(replay.sign_in(asked, entra_tokens), errc::id_token_issuer_mismatch);
}

BOOST_AUTO_TEST_CASE(microsoft_entra_with_all_tenants)
{
    openid_replay<providers::microsoft_entra_common> replay(
        {}, entra_metadata("https://login.microsoftonline.com/{tenantid}/v2.0", "common"));
    const auto asked = providers::microsoft_entra_common.sign_in_parameters();
    for (const std::string& tenant : {home_tenant, other_tenant}) {
        replay.claims = entra_claims(tenant);
        BOOST_TEST(outcome_of(replay.sign_in(asked, entra_tokens)) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(apple)
{
    const auto key = coauth::signing_key::generate(coauth::signing_algorithm::es256);
    openid_replay<providers::apple, coauth::signed_client_secret> replay(
        {}, R"({
        "issuer": "https://appleid.apple.com",
        "authorization_endpoint": "https://appleid.apple.com/auth/authorize",
        "token_endpoint": "https://appleid.apple.com/auth/token",
        "revocation_endpoint": "https://appleid.apple.com/auth/revoke",
        "jwks_uri": "https://appleid.apple.com/auth/keys",
        "response_types_supported": ["code"], "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "name"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"]})",
        {}, coauth::signed_client_secret(key, "TEAM123456", "https://appleid.apple.com"));
    replay.callback_extra =
        "&user=%7B%22name%22%3A%7B%22firstName%22%3A%22Jane%22%2C%22lastName%22%3A%22Doe%22%7D"
        "%2C%22email%22%3A%22jane%40privaterelay.appleid.com%22%7D";
    replay.claims = R"({"sub":"000792.made-up.0638","email":"jane@privaterelay.appleid.com",
        "email_verified":"true","is_private_email":"true","nonce_supported":true})";
    const auto tokens = replay.sign_in(providers::apple.sign_in_parameters(),
                                       R"({"access_token":"a.made.up","token_type":"Bearer","expires_in":3600,
                                           "refresh_token":"r.made.up"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(only_value(replay.asked, "response_mode") == "form_post");
    BOOST_TEST(tokens->id_token().subject() == "000792.made-up.0638");
    const auto form = replay.token_request().form();
    const auto said = verified_claims(only_value(form, "client_secret"), key);
    BOOST_TEST(text_in(said, "iss") == "TEAM123456");
    BOOST_TEST(text_in(said, "sub") == "client-1");
    BOOST_TEST(text_in(said, "aud") == "https://appleid.apple.com");
    BOOST_TEST(form.count("client_assertion") == 0u);
    // What is to be known stands in the ID token.
    check_refused(run(replay.client.fetch_userinfo(*tokens)), errc::endpoint_missing);
    check_refused(replay.refusal(400, R"({"error":"invalid_client"})"), server_errc::invalid_client);
    check_refused(replay.refusal(400, R"({"error":"invalid_grant","error_description":
        "The code has expired or has been revoked."})"),
                  server_errc::invalid_grant);
}

BOOST_AUTO_TEST_CASE(gitlab)
{
    openid_replay<providers::gitlab> replay({}, R"({
        "issuer": "https://gitlab.com", "authorization_endpoint": "https://gitlab.com/oauth/authorize",
        "token_endpoint": "https://gitlab.com/oauth/token", "revocation_endpoint": "https://gitlab.com/oauth/revoke",
        "introspection_endpoint": "https://gitlab.com/oauth/introspect",
        "userinfo_endpoint": "https://gitlab.com/oauth/userinfo",
        "jwks_uri": "https://gitlab.com/oauth/discovery/keys",
        "scopes_supported": ["api", "read_user", "openid", "profile", "email"],
        "response_types_supported": ["code"], "response_modes_supported": ["query", "fragment", "form_post"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["plain", "S256"]})");
    replay.claims =
        R"({"sub":"1","auth_time":2000000000,"sub_legacy":"0a1b","name":"Jane Doe","nickname":"jane",
        "groups_direct":[]})";
    const auto tokens = replay.sign_in(providers::gitlab.sign_in_parameters(), R"({
        "access_token":"de6780bc506a0446309bd9362820ba8aed28aa506c71eedbe1c5c4f9dd350e54","token_type":"Bearer",
        "expires_in":7200,"refresh_token":"8257e65c97202ed1726cf9571600918f3bffb2544b26e00a61df9897668c33a1",
        "scope":"openid profile email","created_at":1607635748})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(replay.person(*tokens, R"({"sub":"1","sub_legacy":"0a1b","name":"Jane Doe","nickname":"jane",
        "preferred_username":"jane","profile":"https://gitlab.com/jane","groups":[]})") == "1");
    check_refused(replay.refusal(400, R"({"error":"invalid_grant","error_description":
        "The provided authorization grant is invalid, expired, revoked."})"),
                  server_errc::invalid_grant);
}

BOOST_AUTO_TEST_CASE(slack)
{
    openid_replay<providers::slack> replay({}, R"({
        "issuer": "https://slack.com", "authorization_endpoint": "https://slack.com/openid/connect/authorize",
        "token_endpoint": "https://slack.com/api/openid.connect.token",
        "userinfo_endpoint": "https://slack.com/api/openid.connect.userInfo",
        "jwks_uri": "https://slack.com/openid/connect/keys", "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"], "response_modes_supported": ["form_post"],
        "grant_types_supported": ["authorization_code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]})");
    replay.claims = R"({"sub":"U0R7MADEUP","auth_time":2000000000,"https://slack.com/team_id":"T0RRMADEUP",
        "https://slack.com/user_id":"U0R7MADEUP","email":"jane@example.org","email_verified":true,"locale":"en-US"})";
    const auto tokens = replay.sign_in(providers::slack.sign_in_parameters(),
                                       R"({"ok":true,"access_token":"xoxp-made-up","token_type":"Bearer"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(!tokens->expires_at().has_value());
    BOOST_TEST(tokens->refresh_token().empty());
    BOOST_TEST(tokens->id_token().claim("https://slack.com/team_id") == "T0RRMADEUP");
    BOOST_TEST(
        replay.person(*tokens, R"({"ok":true,"sub":"U0R7MADEUP","https://slack.com/user_id":"U0R7MADEUP",
        "https://slack.com/team_id":"T0RRMADEUP","email":"jane@example.org"})") == "U0R7MADEUP");
    // An error by its member, though the status says that all is well.
    const auto refused = replay.refusal(200, R"({"ok":false,"error":"invalid_code"})");
    check_refused(refused, server_errc::unrecognized);
    BOOST_TEST(refused.error().server_error() == "invalid_code");
    check_refused(replay.userinfo_answer(*tokens, 200, R"({"ok":false,"error":"invalid_auth"})"),
                  server_errc::unrecognized);
}

BOOST_AUTO_TEST_CASE(okta)
{
    const auto metadata = [](const std::string& issuer, const std::string& base) {
        return R"({"issuer":")" + issuer + R"(","authorization_endpoint":")" + base + R"(/v1/authorize",
            "token_endpoint":")" +
               base + R"(/v1/token","userinfo_endpoint":")" + base + R"(/v1/userinfo",
            "registration_endpoint":"https://dev-1.okta.com/oauth2/v1/clients","jwks_uri":")" +
               base + R"(/v1/keys",
            "response_types_supported":["code","id_token","code id_token"],"subject_types_supported":["public"],
            "id_token_signing_alg_values_supported":["RS256"],
            "token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","client_secret_jwt",
                "private_key_jwt","none"],
            "end_session_endpoint":")" +
               base + R"(/v1/logout","revocation_endpoint":")" + base + R"(/v1/revoke"})";
    };
    constexpr std::string_view answer =
        R"({"token_type":"Bearer","expires_in":3600,"access_token":"a.made.up",
        "scope":"openid profile email offline_access","refresh_token":"made-up"})";
    constexpr std::string_view claims =
        R"({"sub":"00uid4BxXw6I6TV4m0g3","ver":1,"jti":"ID.made-up","amr":["pwd"],"idp":"00ok1u7AsAkrwdZL3z0g3",
            "auth_time":2000000000,"name":"Jane Doe"})";
    openid_replay<providers::okta> custom(
        {{"domain", "dev-1.okta.com"}, {"server", "default"}},
        metadata("https://dev-1.okta.com/oauth2/default", "https://dev-1.okta.com/oauth2/default"));
    custom.claims = claims;
    const auto tokens = custom.sign_in(providers::okta.offline_parameters(), answer);
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(only_value(custom.asked, "scope") == "openid profile email offline_access");
    BOOST_TEST(custom.person(*tokens, R"({"sub":"00uid4BxXw6I6TV4m0g3","name":"Jane Doe",
        "updated_at":1311280970})") == "00uid4BxXw6I6TV4m0g3");
    check_refused(custom.refusal(400, R"({"error":"invalid_grant","error_description":
        "The authorization code is invalid or has expired."})"),
                  server_errc::invalid_grant);

    openid_replay<providers::okta_organization> own(
        {{"domain", "dev-1.okta.com"}}, metadata("https://dev-1.okta.com", "https://dev-1.okta.com/oauth2"));
    own.claims = claims;
    BOOST_TEST(outcome_of(own.sign_in(providers::okta_organization.offline_parameters(), answer)) == "ok");
}

BOOST_AUTO_TEST_CASE(auth0)
{
    openid_replay<providers::auth0> replay({{"domain", "tenant.eu.auth0.com"}}, R"({
        "issuer":"https://tenant.eu.auth0.com/","authorization_endpoint":"https://tenant.eu.auth0.com/authorize",
        "token_endpoint":"https://tenant.eu.auth0.com/oauth/token",
        "userinfo_endpoint":"https://tenant.eu.auth0.com/userinfo",
        "jwks_uri":"https://tenant.eu.auth0.com/.well-known/jwks.json",
        "revocation_endpoint":"https://tenant.eu.auth0.com/oauth/revoke",
        "scopes_supported":["openid","profile","offline_access"],"response_types_supported":["code"],
        "subject_types_supported":["public"],"id_token_signing_alg_values_supported":["HS256","RS256","PS256"],
        "token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","private_key_jwt"],
        "backchannel_logout_supported":true,"end_session_endpoint":"https://tenant.eu.auth0.com/oidc/logout"})");
    replay.claims = R"({"sub":"auth0|56c75c4e42b6359e98374bc2","nickname":"jane","sid":"made-up"})";
    const auto tokens = replay.sign_in(providers::auth0.offline_parameters(), R"({"access_token":"made-up",
        "refresh_token":"made-up","scope":"openid profile email offline_access","expires_in":86400,
        "token_type":"Bearer"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(tokens->id_token().issuer() == "https://tenant.eu.auth0.com/");
    BOOST_TEST(replay.person(*tokens, R"({"sub":"auth0|56c75c4e42b6359e98374bc2","nickname":"jane"})") ==
               "auth0|56c75c4e42b6359e98374bc2");
    check_refused(
        replay.refusal(403, R"({"error":"invalid_grant","error_description":"Invalid authorization code"})"),
        server_errc::invalid_grant);
}

BOOST_AUTO_TEST_CASE(keycloak)
{
    const std::string issuer = "https://login.example/realms/staff";
    const std::string base = issuer + "/protocol/openid-connect";
    openid_replay<providers::keycloak> replay(
        {{"base_url", "https://login.example"}, {"realm", "staff"}},
        R"({"issuer":")" + issuer + R"(","authorization_endpoint":")" + base +
            R"(/auth","token_endpoint":")" + base + R"(/token","introspection_endpoint":")" + base +
            R"(/token/introspect","userinfo_endpoint":")" + base + R"(/userinfo","end_session_endpoint":")" +
            base + R"(/logout","jwks_uri":")" + base + R"(/certs",
            "grant_types_supported":["authorization_code","implicit","refresh_token"],
            "id_token_signing_alg_values_supported":["PS384","RS384","EdDSA","ES384","HS256","HS512","ES256","RS256",
                "HS384","ES512","PS256","PS512","RS512"],
            "token_endpoint_auth_methods_supported":["private_key_jwt","client_secret_basic","client_secret_post",
                "tls_client_auth","client_secret_jwt"],
            "revocation_endpoint":")" +
            base + R"(/revoke","authorization_response_iss_parameter_supported":true})");
    replay.callback_extra = "&session_state=0f1e2d3c-0000-4000-8000-000000000001&iss=https%3A%2F%2Flogin."
                            "example%2Frealms%2Fstaff";
    replay.claims =
        R"({"jti":"made-up","sub":"f:0000:jane","typ":"ID","azp":"client-1","sid":"made-up","acr":"1",
        "auth_time":2000000000,"email_verified":true,"preferred_username":"jane"})";
    constexpr std::string_view answer =
        R"({"access_token":"a.made.up","expires_in":300,"refresh_expires_in":1800,
        "refresh_token":"r.made.up","token_type":"Bearer","not-before-policy":0,"session_state":
        "0f1e2d3c-0000-4000-8000-000000000001","scope":"openid profile email"})";
    const auto asked = providers::keycloak.sign_in_parameters();
    const auto tokens = replay.sign_in(asked, answer);
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(tokens->id_token().session_id() == "made-up");
    BOOST_TEST(replay.person(*tokens, R"({"sub":"f:0000:jane","email_verified":true})") == "f:0000:jane");
    check_refused(replay.refusal(400, R"({"error":"invalid_grant","error_description":"Code not valid"})"),
                  server_errc::invalid_grant);
    // Its metadata promise `iss`.
    replay.callback_extra = "";
    check_refused(replay.sign_in(asked, answer), errc::issuer_missing);
}

BOOST_AUTO_TEST_CASE(aws_cognito)
{
    const std::string issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123";
    const std::string domain = "https://pool.auth.eu-central-1.amazoncognito.com";
    openid_replay<providers::aws_cognito> replay(
        {{"region", "eu-central-1"}, {"user_pool", "eu-central-1_AbCdEf123"}},
        R"({"authorization_endpoint":")" + domain + R"(/oauth2/authorize","end_session_endpoint":")" +
            domain + R"(/logout","id_token_signing_alg_values_supported":["RS256"],"issuer":")" + issuer +
            R"(","jwks_uri":")" + issuer +
            R"(/.well-known/jwks.json","response_types_supported":["code","token"],
            "revocation_endpoint":")" +
            domain + R"(/oauth2/revoke","scopes_supported":["openid","email","phone",
            "profile"],"subject_types_supported":["public"],"token_endpoint":")" +
            domain + R"(/oauth2/token",
            "token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],
            "userinfo_endpoint":")" +
            domain + R"(/oauth2/userInfo"})");
    replay.claims =
        R"({"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","cognito:username":"jane","token_use":"id",
        "auth_time":2000000000,"origin_jti":"made-up","event_id":"made-up","email_verified":true})";
    const auto tokens =
        replay.sign_in(providers::aws_cognito.sign_in_parameters(),
                       R"({"access_token":"eyJ.made.up","refresh_token":"eyJ.made.up","token_type":"Bearer",
                           "expires_in":3600})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(
        replay.person(*tokens, R"({"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","email_verified":"true",
        "email":"jane@example.org","username":"jane"})") == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    check_refused(replay.refusal(400, R"({"error":"invalid_grant"})"), server_errc::invalid_grant);
    check_refused(replay.refusal(400, R"({"error":"unauthorized_client"})"),
                  server_errc::unauthorized_client);
}

BOOST_AUTO_TEST_SUITE_END()
