#include <coauth/protocol/discovery.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using namespace coauth::detail;

issuer issuer_at(std::string_view text) { return issuer::parse(text, insecure::http_to_loopback).value(); }

result<server_metadata> read(std::string_view body, std::string_view from = "https://as.example",
                             unsigned status = 200, std::string_view content_type = "application/json",
                             const limits& bounds = {})
{
    return parse_server_metadata({status, content_type, "", body}, issuer_at(from), nullptr, bounds);
}

/// A good document with one member replaced or added, or removed by an empty value.
std::string document_with(std::string_view name, std::string_view value)
{
    std::string out = "{";
    bool placed = false;
    for (const auto& [own, standard] :
         {std::pair<std::string_view, std::string_view>{"issuer", "\"https://as.example\""},
          {"authorization_endpoint", "\"https://as.example/authorize\""},
          {"token_endpoint", "\"https://as.example/token\""}}) {
        placed = placed || own == name;
        const std::string_view chosen = own == name ? value : standard;
        if (!chosen.empty())
            out.append(out.size() > 1 ? ",\"" : "\"").append(own).append("\":").append(chosen);
    }
    if (!placed)
        out.append(",\"").append(name).append("\":").append(value);
    return out + "}";
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

constexpr std::string_view invalid_metadata = "coauth.client:invalid_metadata";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_discovery)

BOOST_AUTO_TEST_CASE(DS3_where_the_documents_are)
{
    struct url_case {
        std::string_view issuer, openid, oauth;
    };
    // OpenID Connect Discovery 4.1 appends, RFC 8414 3.1 inserts; both leave out a terminating slash.
    const url_case cases[] = {
        {"https://example.com", "https://example.com/.well-known/openid-configuration",
         "https://example.com/.well-known/oauth-authorization-server"},
        {"https://example.com/", "https://example.com/.well-known/openid-configuration",
         "https://example.com/.well-known/oauth-authorization-server"},
        {"https://example.com/issuer1", "https://example.com/issuer1/.well-known/openid-configuration",
         "https://example.com/.well-known/oauth-authorization-server/issuer1"},
        {"https://example.com/issuer1/", "https://example.com/issuer1/.well-known/openid-configuration",
         "https://example.com/.well-known/oauth-authorization-server/issuer1"},
        {"https://example.com:8443/a/b%20c",
         "https://example.com:8443/a/b%20c/.well-known/openid-configuration",
         "https://example.com:8443/.well-known/oauth-authorization-server/a/b%20c"},
        {"https://example.com/a//", "https://example.com/a//.well-known/openid-configuration",
         "https://example.com/.well-known/oauth-authorization-server/a/"},
        {"https://[2001:db8::1]/x", "https://[2001:db8::1]/x/.well-known/openid-configuration",
         "https://[2001:db8::1]/.well-known/oauth-authorization-server/x"},
        {"http://127.0.0.1:8080/t/a/", "http://127.0.0.1:8080/t/a/.well-known/openid-configuration",
         "http://127.0.0.1:8080/.well-known/oauth-authorization-server/t/a"},
    };
    for (const url_case& one : cases) {
        BOOST_TEST(openid_configuration_url(issuer_at(one.issuer)).string() == one.openid);
        BOOST_TEST(oauth_metadata_url(issuer_at(one.issuer)).string() == one.oauth);
    }
}

BOOST_AUTO_TEST_CASE(DO11_no_issuer_has_no_documents)
{
    BOOST_CHECK_THROW(openid_configuration_url(issuer()), coauth::exception);
    BOOST_CHECK_THROW(oauth_metadata_url(issuer()), coauth::exception);
}

BOOST_AUTO_TEST_CASE(a_document_is_read)
{
    const auto server = read(R"({
        "issuer": "https://as.example",
        "authorization_endpoint": "https://as.example/authorize?tenant=x",
        "token_endpoint": "https://token.as.example:8443/token",
        "userinfo_endpoint": "https://as.example/userinfo",
        "revocation_endpoint": "https://as.example/revoke",
        "jwks_uri": "https://as.example/jwks",
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
        "authorization_response_iss_parameter_supported": true,
        "ui_locales_supported": ["en-US"],
        "something": {"else": [1, 2, 3]}
    })");
    BOOST_TEST_REQUIRE(outcome_name(server) == "ok");
    BOOST_TEST(server->issuer().string() == "https://as.example");
    BOOST_TEST(server->authorization_endpoint().string() == "https://as.example/authorize?tenant=x");
    BOOST_TEST(server->token_endpoint().string() == "https://token.as.example:8443/token"); // DS5
    BOOST_TEST(server->userinfo_endpoint().string() == "https://as.example/userinfo");
    BOOST_TEST(server->revocation_endpoint().string() == "https://as.example/revoke");
    BOOST_TEST(server->supports_token_endpoint_authentication("client_secret_post"));
    BOOST_TEST(!server->supports_token_endpoint_authentication("client_secret_basic"));
    BOOST_TEST(server->sends_issuer_in_response());
}

BOOST_AUTO_TEST_CASE(the_least_document)
{
    const auto server = read(document_with("userinfo_endpoint", "null"));
    BOOST_TEST_REQUIRE(outcome_name(server) == "ok");
    BOOST_TEST(server->userinfo_endpoint().empty());
    BOOST_TEST(server->revocation_endpoint().empty());
    BOOST_TEST(!server->sends_issuer_in_response());
}

BOOST_AUTO_TEST_CASE(DS1_the_issuer_is_compared_as_a_string)
{
    for (const std::string_view other :
         {"https://as.example/", "https://AS.example", "https://as.example:443", "https://as.exampleINVALID",
          "https://as.exampl", "http://as.example", "https://as.example\\u0000", "https://as.example ", "",
          "https://evil.example", "HTTPS://as.example"})
        BOOST_TEST(outcome_name(read(document_with("issuer", quoted(other)))) ==
                       "coauth.client:issuer_mismatch",
                   other);
    // The slash at the end is kept in comparisons, see DS3 for where it is not.
    BOOST_TEST(outcome_name(read(document_with("issuer", quoted("https://as.example/")),
                                 "https://as.example/")) == "ok");
    BOOST_TEST(outcome_name(read(document_with("x", "1"), "https://as.example/")) ==
               "coauth.client:issuer_mismatch");
    BOOST_TEST(outcome_name(read(document_with("issuer", R"("https:\/\/\u0061s.example")"))) == "ok");
}

BOOST_AUTO_TEST_CASE(DS2_DS30_members_of_wrong_types)
{
    const std::map<std::string_view, std::vector<std::string_view>> wrong{
        {"issuer", {"", "null", "1", "true", "{}", "[]", "[\"https://as.example\"]"}},
        {"authorization_endpoint", {"", "null", "1", "true", "{}", "[]", "[\"https://as.example/a\"]"}},
        {"token_endpoint", {"", "null", "1", "false", "{}", "[]"}},
        {"userinfo_endpoint", {"1", "true", "{}", "[]"}},
        {"revocation_endpoint", {"1", "true", "{}", "[]"}},
        {"jwks_uri", {"1", "true", "{}", "[]"}},
        {"end_session_endpoint", {"1", "true", "{}", "[]"}},
        {"id_token_signing_alg_values_supported", {"\"RS256\"", "1", "true", "{}", "[1]", "[null]"}},
        {"token_endpoint_auth_methods_supported",
         {"\"client_secret_basic\"", "1", "true", "{}", "[1]", "[null]", "[\"none\",1]", "[[\"none\"]]"}},
        {"authorization_response_iss_parameter_supported", {"\"true\"", "1", "0", "{}", "[]", "null"}},
    };
    for (const auto& [name, values] : wrong)
        for (const std::string_view value : values)
            BOOST_TEST(outcome_name(read(document_with(name, value))) == invalid_metadata,
                       name << ' ' << value);
    // What is not used may be anything.
    for (const std::string_view value : {"1", "\"x\"", "null", "[]", "{\"a\":[]}"})
        for (const std::string_view name :
             {"grant_types_supported", "scopes_supported", "service_documentation", "op_tos_uri"})
            BOOST_TEST(outcome_name(read(document_with(name, value))) == "ok", name << ' ' << value);
}

BOOST_AUTO_TEST_CASE(AR9_DS6_DS7_DS8_every_endpoint_is_a_usable_url)
{
    for (const std::string_view name :
         {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint"}) {
        const std::pair<std::string_view, std::string_view> cases[] = {
            {"https://as.example/x", "ok"},
            {"https://other.example/x", "ok"},
            {"http://as.example/x", "coauth.client:insecure_url"},
            {"http://127.0.0.1/x", "coauth.client:insecure_url"}, // the issuer is not on loopback
            {"http://localhost/x", "coauth.client:insecure_url"},
            {"", "coauth.client:invalid_url"},
            {"/authorize", "coauth.client:invalid_url"},
            {"as.example/x", "coauth.client:invalid_url"},
            {"javascript:alert(1)", "coauth.client:invalid_url"},
            {"file:///etc/passwd", "coauth.client:invalid_url"},
            {"data:text/html,x", "coauth.client:invalid_url"},
            {"https://as.example@evil.example/x", "coauth.client:invalid_url"},
            {"https://as.example/x#y", "coauth.client:invalid_url"},
            {"https://as.example:65536/x", "coauth.client:invalid_url"},
            {"https://as.example:99999/x", "coauth.client:invalid_url"},
            {"https://as.example:/x", "coauth.client:invalid_url"},
            {"https:///x", "coauth.client:invalid_url"},
            {"https://as%2eexample/x", "coauth.client:invalid_url"},
            {"https://$(calc.exe)/x", "coauth.client:invalid_url"},
            {"https://as.example/x y", "coauth.client:invalid_url"},
            {"https://as.example/`id`", "coauth.client:invalid_url"},
            {"https://as.example/\\u0000", "coauth.client:invalid_url"},
            {"https://as.example/\\r\\nHost: evil", "coauth.client:invalid_url"},
        };
        for (const auto& [url, outcome] : cases)
            BOOST_TEST(outcome_name(read(document_with(name, quoted(url)))) == outcome, name << ' ' << url);
    }
}

BOOST_AUTO_TEST_CASE(TL23_http_endpoints_only_of_an_issuer_on_loopback)
{
    const auto read_local = [](std::string_view token_endpoint) {
        return outcome_name(read(
            "{\"issuer\":\"http://127.0.0.1:8080\",\"authorization_endpoint\":\"http://127.0.0.1:8080/a\","
            "\"token_endpoint\":" +
                quoted(token_endpoint) + "}",
            "http://127.0.0.1:8080"));
    };
    BOOST_TEST(read_local("http://127.0.0.1:9090/t") == "ok");
    BOOST_TEST(read_local("https://as.example/t") == "ok");
    BOOST_TEST(read_local("http://as.example/t") == "coauth.client:insecure_url");
    BOOST_TEST(read_local("http://192.168.0.1/t") == "coauth.client:insecure_url");
}

BOOST_AUTO_TEST_CASE(TE26_client_secret_basic_is_the_default)
{
    // RFC 8414 2: "If omitted, the default is "client_secret_basic"".
    for (const std::string_view value : {"null", "[]"}) {
        const auto server = read(document_with("token_endpoint_auth_methods_supported", value));
        BOOST_TEST(server->supports_token_endpoint_authentication("client_secret_basic"), value);
        BOOST_TEST(!server->supports_token_endpoint_authentication("client_secret_post"), value);
        BOOST_TEST(server->supports_token_endpoint_authentication("none"), value);
    }
    BOOST_TEST(!read(document_with("x", "1"))->supports_token_endpoint_authentication("client_secret_post"));
}

BOOST_AUTO_TEST_CASE(AR2_no_metadata_takes_PKCE_away)
{
    for (const std::string_view value : {"[\"plain\"]", "[]", "[\"S256\"]", "null"})
        BOOST_TEST(outcome_name(read(document_with("code_challenge_methods_supported", value))) == "ok",
                   value);
}

BOOST_AUTO_TEST_CASE(CB7_iss_support_is_believed_only_if_it_is_true)
{
    BOOST_TEST(!read(document_with("authorization_response_iss_parameter_supported", "false"))
                    ->sends_issuer_in_response());
    BOOST_TEST(read(document_with("authorization_response_iss_parameter_supported", "true"))
                   ->sends_issuer_in_response());
}

BOOST_AUTO_TEST_CASE(TE4_DS26_TL14_the_answer_around_the_document)
{
    const std::string body = document_with("x", "1");
    for (const std::string_view type : {"text/html", "", "application/jwk-set+json", "text/plain"})
        BOOST_TEST(outcome_name(read(body, "https://as.example", 200, type)) ==
                       "coauth.client:unexpected_content_type",
                   type);
    BOOST_TEST(outcome_name(read(body, "https://as.example", 200, "Application/Json; charset=utf-8")) ==
               "ok");
    const std::pair<unsigned, std::string_view> statuses[] = {
        {201, "coauth.client:unexpected_status"},  {204, "coauth.client:unexpected_status"},
        {301, "coauth.client:redirect_refused"},   {307, "coauth.client:redirect_refused"},
        {404, "coauth.client:unexpected_status"},  {429, "coauth.client:server_unavailable"},
        {500, "coauth.client:server_unavailable"},
    };
    for (const auto& [status, outcome] : statuses) {
        const auto server = read(body, "https://as.example", status);
        BOOST_TEST(outcome_name(server) == outcome, status);
        BOOST_TEST(failure(server).http_status() == status);
        // What only an OAuth endpoint can say is nothing here: it would end a grant that needs this document.
        for (const std::string_view said : {R"({"error":"invalid_grant"})", R"({"error":"invalid_token"})",
                                            R"({"error":{"code":7}})", R"({"error":"Not Found"})"})
            BOOST_TEST(outcome_name(read(said, "https://as.example", status)) == outcome,
                       status << ' ' << said);
    }
}

BOOST_AUTO_TEST_CASE(DO1_TE5_TE6_the_body_is_one_acceptable_object)
{
    for (const std::string_view body : {"", "[]", "null", "\"x\"", "{", "<html>"})
        BOOST_TEST(outcome_name(read(body)) == "coauth.client:malformed_json", body);
    BOOST_TEST(outcome_name(read(document_with("x", repeated("[", 32) + repeated("]", 32)))) ==
               "coauth.client:malformed_json");
    BOOST_TEST(outcome_name(read(document_with("x", R"(1,"token_endpoint":"https://evil.example")"))) ==
               "coauth.client:duplicate_member");
    BOOST_TEST(outcome_name(read(document_with("x", R"({"y":1,"y":2})"))) ==
               "coauth.client:duplicate_member");
    const auto missing = read("{}");
    BOOST_TEST((failure(missing) == errc::invalid_metadata));
    BOOST_TEST(failure(missing).http_status() == 200u);
}

BOOST_AUTO_TEST_SUITE_END()
