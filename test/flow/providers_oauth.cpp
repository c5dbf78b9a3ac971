// Sign-ins with real providers without OpenID Connect's discovery, replayed with the answers of their documentation.
#include "provider_replay.hpp"

using namespace coauth_test;
namespace providers = coauth::providers;
using coauth::errc;
using coauth::server_errc;

namespace {

/// A provider whose endpoints are written down.
template <const coauth::provider_description& Provider, class Policy>
class basic_oauth_replay {
public:
    basic_oauth_replay()
        : metadata(coauth::provider_metadata(Provider).value()),
          client(metadata,
                 coauth::client_registration("client-1",
                                             coauth::client_secret_post(coauth::secret("made-up-secret")),
                                             coauth::redirect_uri::parse(callback_url).value()),
                 server)
    {
    }
    ~basic_oauth_replay() { BOOST_CHECK_EQUAL(server.surprises(), 0u); }

    coauth::result<coauth::token_set> exchange(unsigned status, std::string_view answer,
                                               std::string_view content_type = json_type,
                                               const std::string& callback_extra = "")
    {
        const auto request = run(client.begin_authorization(Provider.sign_in_parameters())).value();
        asked = query_of(request.url());
        auto code = come_back(client, request, Provider.response_mode, callback_extra);
        if (!code)
            return code.error();
        server.expect("POST", std::string(Provider.endpoints.token)).answer(status, answer, content_type);
        return run(client.exchange(std::move(*code)));
    }
    coauth::result<coauth::userinfo> userinfo_answer(const coauth::token_set& tokens, unsigned status,
                                                     std::string_view answer)
    {
        server.expect("GET", std::string(Provider.endpoints.userinfo)).answer(status, answer, json_type);
        return run(client.fetch_userinfo(tokens));
    }
    std::string person(const coauth::token_set& tokens, std::string_view answer)
    {
        const auto about = userinfo_answer(tokens, 200, answer);
        BOOST_TEST_REQUIRE(outcome_of(about) == "ok");
        return coauth::person_identifier(Provider, *about).value();
    }

    static constexpr std::string_view json_type = "application/json; charset=utf-8";
    coauth::server_metadata metadata;
    scripted_transport server;
    parameter_map asked;
    coauth::basic_client<Policy> client;
};

template <const coauth::provider_description& Provider>
using oauth_replay = basic_oauth_replay<Provider, coauth::provider_policy<Provider, manual_policy>>;

} // namespace

BOOST_AUTO_TEST_SUITE(oauth_providers)

BOOST_AUTO_TEST_CASE(github)
{
    oauth_replay<providers::github> replay;
    const auto tokens = replay.exchange(200, R"({
        "access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","scope":"read:user,user:email",
        "token_type":"bearer"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(only_value(replay.asked, "scope") == "read:user user:email");
    BOOST_TEST(tokens->scope().contains("read:user"));
    BOOST_TEST(tokens->scope().contains("user:email"));
    BOOST_TEST(!tokens->expires_at().has_value());
    BOOST_TEST(!tokens->has_id_token());
    const auto request = replay.server.sent().at(0);
    BOOST_TEST(request.field("Accept") == "application/json"); // without it the answer is a form
    BOOST_TEST(only_value(request.form(), "client_secret") == "made-up-secret");
    BOOST_TEST(
        replay.person(*tokens, R"({"login":"octocat","id":583231,"node_id":"MDQ6VXNlcjE=","type":"User",
        "name":"monalisa octocat","email":null,"two_factor_authentication":true,
        "plan":{"name":"pro","space":976562499}})") == "583231");
    BOOST_TEST(replay.server.sent().at(1).field("Authorization") ==
               "Bearer gho_16C7e42F292c6912E7710c838347Ae178B4a");
    check_refused(replay.userinfo_answer(*tokens, 401, R"({"message":"Bad credentials",
        "documentation_url":"https://docs.github.com/rest","status":"401"})"),
                  errc::unexpected_status);
}

BOOST_AUTO_TEST_CASE(github_app_with_tokens_that_expire)
{
    oauth_replay<providers::github> replay;
    const auto tokens = replay.exchange(200, R"({
        "access_token":"ghu_16C7e42F292c6912E7710c838347Ae178B4a","expires_in":28800,
        "refresh_token":"ghr_made_up","refresh_token_expires_in":15811200,"scope":"","token_type":"bearer"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(tokens->scope().empty());
    BOOST_TEST(tokens->refresh_token().expose() == "ghr_made_up");
    // The documentation of refreshing shows its numbers as strings.
    replay.server.expect("POST", std::string(providers::github.endpoints.token)).answer(200, R"({
        "access_token":"ghu_second","expires_in":"28800","refresh_token":"ghr_second",
        "refresh_token_expires_in":"15811200","scope":"","token_type":"bearer"})");
    const auto refreshed = run(replay.client.refresh(*tokens));
    BOOST_TEST_REQUIRE(outcome_of(refreshed) == "ok");
    BOOST_TEST((*refreshed->expires_at() == manual_wall_clock::now() + std::chrono::hours(8)));
    BOOST_TEST(refreshed->refresh_token().expose() == "ghr_second");
}

BOOST_AUTO_TEST_CASE(TE1_github_reports_errors_with_status_200)
{
    for (const std::string_view code :
         {"incorrect_client_credentials", "redirect_uri_mismatch", "unverified_user_email"}) {
        oauth_replay<providers::github> replay;
        const auto outcome = replay.exchange(200, R"({"error":")" + std::string(code) + R"(",
            "error_description":"What went wrong.","error_uri":"https://docs.github.com/apps"})");
        check_refused(outcome, server_errc::unrecognized);
        BOOST_TEST(outcome.error().server_error() == code);
        BOOST_TEST(outcome.error().description() == "What went wrong.");
    }
    for (const std::string_view code : {"bad_verification_code", "bad_refresh_token"}) {
        oauth_replay<providers::github> replay;
        const auto outcome = replay.exchange(200, R"({"error":")" + std::string(code) + "\"}");
        check_refused(outcome, server_errc::invalid_grant);
        BOOST_TEST(outcome.error().server_error() == code);
    }
}

BOOST_AUTO_TEST_CASE(github_begins_to_send_its_issuer)
{
    constexpr std::string_view answer =
        R"({"access_token":"gho_a","scope":"read:user","token_type":"bearer"})";
    oauth_replay<providers::github> replay;
    BOOST_TEST(outcome_of(replay.exchange(200, answer, replay.json_type)) == "ok");
    BOOST_TEST(outcome_of(replay.exchange(200, answer, replay.json_type,
                                          "&iss=https%3A%2F%2Fgithub.com%2Flogin%2Foauth")) == "ok");
    check_refused(replay.exchange(200, answer, replay.json_type, "&iss=https%3A%2F%2Fgithub.com"),
                  errc::issuer_mismatch);
    BOOST_TEST(replay.server.requests().size() == 2u);
}

BOOST_AUTO_TEST_CASE(github_without_what_it_needs_tolerated)
{
    // One scope token of an odd name: nobody is taken to have a scope by mistake.
    basic_oauth_replay<providers::github, manual_policy> replay;
    const auto tokens = replay.exchange(200, R"({"access_token":"gho_a","scope":"read:user,user:email",
        "token_type":"bearer"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(!tokens->scope().contains("read:user"));
    // Nor does a provider that needs less get more: a form stays refused.
    oauth_replay<providers::github> strict;
    check_refused(strict.exchange(200, "access_token=gho_a&scope=&token_type=bearer",
                                  "application/x-www-form-urlencoded; charset=utf-8"),
                  errc::unexpected_content_type);
}

BOOST_AUTO_TEST_CASE(facebook)
{
    oauth_replay<providers::facebook> replay;
    const auto tokens =
        replay.exchange(200, R"({"access_token":"EAAMadeUp","token_type":"bearer","expires_in":5183944})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(only_value(replay.asked, "scope") == "public_profile email");
    BOOST_TEST((*tokens->expires_at() == tokens->received_at() + std::chrono::seconds(5'183'944)));
    BOOST_TEST(tokens->refresh_token().empty());
    BOOST_TEST(replay.person(*tokens, R"({"id":"10150000000000001","name":"Jane Doe",
        "email":"jane\u0040example.org"})") == "10150000000000001");
    // Its errors are objects; what matters is that they are errors.
    constexpr std::string_view error = R"({"error":{"message":"This authorization code has been used.",
        "type":"OAuthException","code":100,"error_subcode":36009,"fbtrace_id":"made-up"}})";
    for (const unsigned status : {400u, 200u}) {
        const auto refused = replay.exchange(status, error);
        check_refused(refused, errc::malformed_response);
        BOOST_TEST(refused.error().http_status() == status);
        check_refused(replay.userinfo_answer(*tokens, status, error), errc::malformed_response);
    }
    // Nobody, without the member that says who it is.
    const auto nobody = replay.userinfo_answer(*tokens, 200, R"({"name":"Jane Doe"})");
    BOOST_TEST_REQUIRE(outcome_of(nobody) == "ok");
    check_refused(coauth::person_identifier(providers::facebook, *nobody), errc::subject_missing);
}

BOOST_AUTO_TEST_CASE(discord)
{
    oauth_replay<providers::discord> replay;
    const auto tokens = replay.exchange(200, R"({"access_token":"6qrZcUqja7812RVdnEKjpzOL4CvHBFG",
        "token_type":"Bearer","expires_in":604800,"refresh_token":"D43f5y0ahjqew82jZ4NViEr2YafMKhue",
        "scope":"identify email"})");
    BOOST_TEST_REQUIRE(outcome_of(tokens) == "ok");
    BOOST_TEST(replay.person(*tokens, R"({"id":"80351110224678912","username":"Nelly","discriminator":"1337",
        "avatar":"8342729096ea3675442027381ff50dfe","verified":true,"email":"nelly@example.org","flags":64,
        "premium_type":1,"public_flags":64})") == "80351110224678912");
    check_refused(replay.userinfo_answer(*tokens, 401, R"({"message":"401: Unauthorized","code":0})"),
                  errc::unexpected_status);
    check_refused(replay.exchange(400, R"({"error":"invalid_grant","error_description":
        "Invalid \"code\" in request."})"),
                  server_errc::invalid_grant);
    replay.server.expect("POST", std::string(providers::discord.endpoints.revocation)).answer(200, "{}");
    replay.server.expect("POST", std::string(providers::discord.endpoints.revocation)).answer(200, "{}");
    BOOST_TEST(outcome_of(run(replay.client.revoke(*tokens))) == "ok");
}

BOOST_AUTO_TEST_CASE(linkedin_cannot_be_signed_in_with_safely)
{
    // provider_policy refuses it at compile time. With any other policy it ends in one of two errors.
    basic_oauth_replay<providers::linkedin, manual_policy> replay;
    const auto refused = replay.exchange(400, R"({"error":"invalid_request","error_description":
        "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code."})");
    check_refused(refused, server_errc::invalid_request);
    BOOST_TEST(replay.server.sent().at(0).form().count("code_verifier") == 1u);

    boost::json::object header;
    header["alg"] = "RS256";
    header["kid"] = provider_key().key_id();
    const boost::json::object claims{{"iss", "https://www.linkedin.com/oauth"},
                                     {"aud", "client-1"},
                                     {"sub", "782bbtaQ"},
                                     {"iat", seconds_now()},
                                     {"exp", seconds_now() + 3600},
                                     {"name", "Jane Doe"},
                                     {"email_verified", true}};
    replay.server.always("GET", std::string(providers::linkedin.endpoints.jwks), [](const recorded_request&) {
        return scripted_exchange("GET", std::string(providers::linkedin.endpoints.jwks))
            .answer(200, key_set_of(provider_key()));
    });
    check_refused(replay.exchange(200, R"({"access_token":"AQXmadeup","expires_in":5183999,
        "scope":"email,openid,profile","token_type":"Bearer","id_token":")" +
                                           provider_key().sign(header, claims) + R"("})"),
                  errc::nonce_mismatch);
}

BOOST_AUTO_TEST_SUITE_END()
