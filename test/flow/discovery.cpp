// Discovery, alone and as the first step of a sign-in.
#include "flow_fixture.hpp"

using namespace coauth_test;
using coauth::errc;

namespace {

std::string document(std::string_view issuer, std::string_view more = "")
{
    return R"({"issuer":")" + std::string(issuer) +
           R"(","authorization_endpoint":"https://as.example/authorize","token_endpoint":"https://as.example/token")" +
           std::string(more) + '}';
}

coauth::result<coauth::server_metadata> discovered(scripted_transport& server, std::string_view issuer)
{
    const auto from = coauth::issuer::parse(issuer, coauth::insecure::http_to_loopback).value();
    return run(coauth::discover_server_metadata(server, from));
}

/// What comes of one answer.
coauth::result<coauth::server_metadata> discovered(const coauth::http_response& answer,
                                                   std::string_view issuer = server_issuer)
{
    scripted_transport server;
    server.expect("GET", std::string(issuer) + "/.well-known/openid-configuration").answer(answer);
    auto out = discovered(server, issuer);
    BOOST_TEST(server.surprises() == 0u);
    BOOST_TEST(server.requests().size() == 1u);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(discovery)

BOOST_AUTO_TEST_CASE(discovery_then_sign_in)
{
    scripted_transport server;
    server.expect("GET", "https://as.example/.well-known/openid-configuration")
        .answer(200, document(server_issuer,
                              R"(,"userinfo_endpoint":"https://as.example/userinfo")"
                              R"(,"authorization_response_iss_parameter_supported":true)"
                              R"(,"token_endpoint_auth_methods_supported":["client_secret_basic"])"));
    server.expect("POST", token_endpoint).answer(200, token_response_body());
    server.expect("GET", userinfo_endpoint).answer(200, userinfo_body());
    const auto metadata = discovered(server, server_issuer);
    BOOST_TEST_REQUIRE(metadata.has_value());
    BOOST_TEST(metadata->sends_issuer_in_response());
    manual_client client(*metadata, registration_on_paper(), server);
    const auto request = run(client.begin_authorization({.scope = "profile"})).value();
    const std::string query = callback_query(request);
    auto code =
        run(client.accept_callback({.parameters = query, .browser_binding = request.browser_binding()}));
    const auto tokens = run(client.exchange(std::move(code.value())));
    BOOST_TEST(run(client.fetch_userinfo(tokens.value()))->subject() == "person-1");
    const auto& asked = server.sent();
    BOOST_TEST(asked.at(0).field("Accept") == "application/json");
    BOOST_TEST(asked.at(0).field("Authorization").empty());
    BOOST_TEST(server.surprises() == 0u);
}

BOOST_AUTO_TEST_CASE(DS3_oauth_metadata_where_there_is_no_openid_configuration)
{
    struct row {
        std::string_view issuer;
        std::string first;
        std::string second;
    };
    for (const row& one : std::initializer_list<row>{
             {"https://as.example", "https://as.example/.well-known/openid-configuration",
              "https://as.example/.well-known/oauth-authorization-server"},
             {"https://as.example/", "https://as.example/.well-known/openid-configuration",
              "https://as.example/.well-known/oauth-authorization-server"},
             {"https://as.example:8443/tenant/a",
              "https://as.example:8443/tenant/a/.well-known/openid-configuration",
              "https://as.example:8443/.well-known/oauth-authorization-server/tenant/a"},
             {"https://as.example/tenant/", "https://as.example/tenant/.well-known/openid-configuration",
              "https://as.example/.well-known/oauth-authorization-server/tenant"}}) {
        scripted_transport server;
        server.expect("GET", one.first).answer(404, "not here", "text/plain");
        server.expect("GET", one.second).answer(200, document(one.issuer));
        const auto metadata = discovered(server, one.issuer);
        BOOST_TEST_REQUIRE(metadata.has_value());
        BOOST_TEST(metadata->issuer().string() == one.issuer);
        BOOST_TEST(server.surprises() == 0u);
        BOOST_TEST(server.requests().size() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(neither_document)
{
    scripted_transport server;
    server.expect("GET", "https://as.example/.well-known/openid-configuration").answer(404, "");
    server.expect("GET", "https://as.example/.well-known/oauth-authorization-server").answer(404, "");
    const auto refused = discovered(server, server_issuer);
    check_refused(refused, errc::unexpected_status);
    BOOST_TEST(refused.error().http_status() == 404u);
    BOOST_TEST(server.requests().size() == 2u);
}

BOOST_AUTO_TEST_CASE(only_404_leads_to_the_other_document)
{
    for (const unsigned status : {400u, 401u, 403u, 410u, 500u, 503u, 302u})
        BOOST_TEST(discovered(make_answer(status, "")).has_error());
    check_refused(discovered(make_answer(302, "")), errc::redirect_refused);
    check_refused(discovered(make_answer(503, "")), errc::server_unavailable);
}

BOOST_AUTO_TEST_CASE(DS1_issuer_of_another)
{
    for (const std::string_view other :
         {"https://as.example/", "https://as.exampl", "https://AS.example", "http://as.example",
          "https://as.example:443", "https://as.exampleINVALID", "https://evil.example", ""})
        check_refused(discovered(make_answer(200, document(other))), errc::issuer_mismatch);
}

BOOST_AUTO_TEST_CASE(DS2_issuer_missing)
{
    check_refused(discovered(make_answer(200, R"({"authorization_endpoint":"https://as.example/authorize",)"
                                              R"("token_endpoint":"https://as.example/token"})")),
                  errc::invalid_metadata);
    check_refused(discovered(make_answer(200, R"({"issuer":["https://as.example"]})")),
                  errc::invalid_metadata);
}

BOOST_AUTO_TEST_CASE(DS4_issuers_that_are_none)
{
    for (const std::string_view text :
         {"https://as.example?x=1", "https://as.example#f", "https://u@as.example", "http://as.example",
          "as.example", "", "ftp://as.example"})
        BOOST_TEST(coauth::issuer::parse(text).has_error());
}

BOOST_AUTO_TEST_CASE(DS5_endpoints_on_other_hosts)
{
    const auto metadata = discovered(make_answer(
        200, R"({"issuer":"https://as.example","authorization_endpoint":"https://login.example/authorize",)"
             R"("token_endpoint":"https://token.example:8443/token"})"));
    BOOST_TEST_REQUIRE(metadata.has_value());
    BOOST_TEST(metadata->token_endpoint().string() == "https://token.example:8443/token");
}

BOOST_AUTO_TEST_CASE(DS6_DS7_DS8_DS12_endpoints_that_no_request_may_go_to)
{
    for (const std::string_view url :
         {"https://as@evil.example/token", "http://as.example/token", "https://as.example:99999/token",
          "https://as.example:/token", "https:///token", "https://as%2eexample/token", "file:///etc/passwd",
          "/token", "ftp://as.example/token", "data:,x", "https://as.example/token#f",
          "http://127.0.0.1/token", ""}) {
        for (const std::string_view member : {"token_endpoint", "userinfo_endpoint", "revocation_endpoint"}) {
            std::string text = R"({"issuer":"https://as.example",)";
            for (const std::string_view name :
                 {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint"})
                text += '"' + std::string(name) + "\":\"" +
                        std::string(name == member ? url : "https://as.example/x") + "\",";
            text.back() = '}';
            const auto refused = discovered(make_answer(200, text));
            BOOST_TEST_REQUIRE(refused.has_error());
            BOOST_TEST((refused.error() == errc::invalid_url || refused.error() == errc::insecure_url ||
                        refused.error() == errc::invalid_metadata));
        }
    }
}

BOOST_AUTO_TEST_CASE(DS30_members_of_the_wrong_type)
{
    for (const std::string_view more :
         {R"(,"userinfo_endpoint":1)", R"(,"revocation_endpoint":["https://as.example"])",
          R"(,"token_endpoint_auth_methods_supported":"client_secret_basic")",
          R"(,"token_endpoint_auth_methods_supported":[1])",
          R"(,"authorization_response_iss_parameter_supported":"true")"})
        check_refused(discovered(make_answer(200, document(server_issuer, more))), errc::invalid_metadata);
    BOOST_TEST(discovered(make_answer(200, document(server_issuer,
                                                    R"(,"unknown":[{"x":1}],"userinfo_endpoint":null)")))
                   .has_value());
}

BOOST_AUTO_TEST_CASE(DS20_documents_that_are_not_sound)
{
    check_refused(discovered(make_answer(200, document(server_issuer), "text/html")),
                  errc::unexpected_content_type);
    check_refused(discovered(make_answer(200, document(server_issuer) + "x")), errc::malformed_json);
    check_refused(discovered(make_answer(200, document(server_issuer, R"(,"issuer":"https://as.example")"))),
                  errc::duplicate_member);
    std::string deep(33, '[');
    check_refused(discovered(make_answer(200, R"({"x":)" + deep)), errc::malformed_json);
}

BOOST_AUTO_TEST_CASE(TE26_default_of_the_authentication_methods)
{
    const auto metadata = discovered(make_answer(200, document(server_issuer)));
    BOOST_TEST(metadata->supports_token_endpoint_authentication("client_secret_basic"));
    BOOST_TEST(!metadata->supports_token_endpoint_authentication("client_secret_post"));
    BOOST_TEST(metadata->supports_token_endpoint_authentication("none"));
}

BOOST_AUTO_TEST_CASE(TL23_http_only_from_a_loopback_issuer_to_loopback)
{
    const std::string_view issuer = "http://127.0.0.1:9000";
    const auto with_token_endpoint = [&](std::string_view url) {
        return discovered(make_answer(200, R"({"issuer":"http://127.0.0.1:9000","authorization_endpoint":)"
                                           R"("http://127.0.0.1:9000/authorize","token_endpoint":")" +
                                               std::string(url) + R"("})"),
                          issuer);
    };
    BOOST_TEST(with_token_endpoint("http://127.0.0.1:9000/token").has_value());
    BOOST_TEST(with_token_endpoint("https://as.example/token").has_value());
    check_refused(with_token_endpoint("http://as.example/token"), errc::insecure_url);
    check_refused(
        discovered(make_answer(200, document(server_issuer, R"(,"userinfo_endpoint":"http://127.0.0.1/u")"))),
        errc::insecure_url);
}

BOOST_AUTO_TEST_SUITE_END()
