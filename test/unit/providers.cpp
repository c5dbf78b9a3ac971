#include <coauth/providers.hpp>

#include <coauth/protocol/userinfo_response.hpp>

#include "expect.hpp"

#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace {

using namespace coauth;
using namespace coauth::test;

const provider_description* const all_providers[] = {&providers::google,
                                                     &providers::microsoft_entra,
                                                     &providers::microsoft_entra_organizations,
                                                     &providers::microsoft_entra_common,
                                                     &providers::apple,
                                                     &providers::github,
                                                     &providers::gitlab,
                                                     &providers::gitlab_self_managed,
                                                     &providers::facebook,
                                                     &providers::linkedin,
                                                     &providers::slack,
                                                     &providers::discord,
                                                     &providers::okta,
                                                     &providers::okta_organization,
                                                     &providers::auth0,
                                                     &providers::keycloak,
                                                     &providers::aws_cognito};

std::string issuer_text(const provider_description& provider, std::initializer_list<parameter> values = {})
{
    const auto name = provider_issuer(provider, values);
    return name ? name->string() : name.error().qualified_name();
}

const std::string refused = expected_name(errc::invalid_parameter);

userinfo about(std::string_view json)
{
    detail::answer from;
    from.status = 200;
    from.content_type = "application/json";
    from.body = json;
    return detail::parse_userinfo(from, {}, limits()).value();
}

// What the descriptions are for: policies with just what a provider needs.
static_assert(provider_policy<providers::github>::tolerated.comma_separated_scope);
static_assert(!provider_policy<providers::github>::tolerated.missing_token_type);
static_assert(!provider_policy<providers::github>::tolerated.any_token_content_type);
static_assert(!provider_policy<providers::google>::tolerated.comma_separated_scope);
static_assert(security_policy<provider_policy<providers::facebook>>);
static_assert(
    !provider_policy<providers::discord>::permits_authentication<insecure::unencoded_client_secret_basic>);
static_assert(provider_policy<providers::discord, oauth20_compatible>::permits_authentication<
              insecure::unencoded_client_secret_basic>);

// A description of one's own works as the shipped ones do.
constexpr std::string_view own_methods[] = {"none"};
constexpr provider_description own{.name = "Own",
                                   .issuer = "https://{host}",
                                   .endpoints = {.authorization = "https://{host}/authorize",
                                                 .token = "https://{host}/{pool}/token",
                                                 .revocation = "https://{host}/revoke"},
                                   .authentication_methods = own_methods,
                                   .tolerated = {.missing_token_type = true}};
static_assert(provider_policy<own>::tolerated.missing_token_type);

} // namespace

BOOST_AUTO_TEST_SUITE(provider_descriptions)

BOOST_AUTO_TEST_CASE(all_say_what_a_client_has_to_know)
{
    for (const provider_description* each : all_providers) {
        BOOST_TEST_CONTEXT(each->name << ' ' << each->issuer)
        {
            BOOST_TEST(!each->name.empty());
            BOOST_TEST(endpoint_url::parse(each->documentation).has_value());
            BOOST_TEST(!each->sign_in.scope.empty());
            BOOST_TEST(!each->authentication_methods.empty());
            BOOST_TEST(each->is_discovered() == each->endpoints.token.empty());
            BOOST_TEST((!each->is_discovered() || !each->issuer.empty()));
            const auto asked = scope::parse(each->sign_in.scope);
            BOOST_TEST_REQUIRE(asked.has_value());
            // Discovery is OpenID Connect's, and userinfo has a subject exactly with it.
            BOOST_TEST((!each->is_discovered() || asked->contains("openid")));
            BOOST_TEST(asked->contains("openid") == (each->person_member == "sub"));
            BOOST_TEST((each->offline.scope.empty() || scope::parse(each->offline.scope).has_value()));
            BOOST_TEST(each->issuer_template.empty() !=
                       each->quirks.has(provider_quirk::issuer_differs_by_tenant));
            // Who compares no issuer in the response cannot be said to send one.
            BOOST_TEST((!each->quirks.has(provider_quirk::unannounced_issuer) || !each->issuer.empty()));
        }
    }
}

BOOST_AUTO_TEST_CASE(issuers)
{
    BOOST_TEST(issuer_text(providers::google) == "https://accounts.google.com");
    BOOST_TEST(issuer_text(providers::apple) == "https://appleid.apple.com");
    BOOST_TEST(issuer_text(providers::gitlab) == "https://gitlab.com");
    BOOST_TEST(issuer_text(providers::slack) == "https://slack.com");
    BOOST_TEST(
        issuer_text(providers::microsoft_entra, {{"tenant", "6f1bd5a0-0000-4000-8000-000000000001"}}) ==
        "https://login.microsoftonline.com/6f1bd5a0-0000-4000-8000-000000000001/v2.0");
    BOOST_TEST(issuer_text(providers::microsoft_entra_common) ==
               "https://login.microsoftonline.com/common/v2.0");
    BOOST_TEST(issuer_text(providers::okta, {{"domain", "dev-1.okta.com"}, {"server", "default"}}) ==
               "https://dev-1.okta.com/oauth2/default");
    BOOST_TEST(issuer_text(providers::okta_organization, {{"domain", "dev-1.okta.com"}}) ==
               "https://dev-1.okta.com");
    BOOST_TEST(issuer_text(providers::auth0, {{"domain", "tenant.eu.auth0.com"}}) ==
               "https://tenant.eu.auth0.com/");
    BOOST_TEST(issuer_text(providers::keycloak,
                           {{"realm", "staff"}, {"base_url", "https://login.example:8443/auth"}}) ==
               "https://login.example:8443/auth/realms/staff");
    BOOST_TEST(issuer_text(providers::aws_cognito,
                           {{"region", "eu-central-1"}, {"user_pool", "eu-central-1_AbCdEf123"}}) ==
               "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123");
    BOOST_TEST(issuer_text(providers::gitlab_self_managed, {{"base_url", "https://git.example/gitlab"}}) ==
               "https://git.example/gitlab");
    BOOST_TEST(issuer_text(providers::facebook) == expected_name(errc::invalid_configuration));
}

BOOST_AUTO_TEST_CASE(values_lead_nowhere_else)
{
    for (const std::string_view domain :
         {"", ".", "..", "a/b", "a.example/evil", "a.example?", "a.example#", "user@a.example", "a.example:1",
          "a b", "a%2fb", "a\\b", "{domain}", "a\r\n", "b\xc3\xa9"})
        BOOST_TEST(issuer_text(providers::okta, {{"domain", domain}, {"server", "default"}}) == refused,
                   domain);
    BOOST_TEST(issuer_text(providers::okta, {{"domain", bytes("a.example\0.evil.example")},
                                             {"server", "default"}}) == refused);
    for (const std::string_view realm : {"", "..", ".", "../master", "a/b", "a?b", "a#b", "%2e%2e"})
        BOOST_TEST(issuer_text(providers::keycloak, {{"base_url", "https://a.example"}, {"realm", realm}}) ==
                   refused);
    for (const std::string_view base :
         {"", "a.example", "https://a.example/", "http://a.example", "http://127.0.0.1",
          "https://a.example?b", "https://a.example#b", "https://u@a.example", "ftp://a.example", "https://"})
        BOOST_TEST(issuer_text(providers::keycloak, {{"base_url", base}, {"realm", "a"}}) == refused, base);
    // A URL is one only where a URL belongs.
    BOOST_TEST(issuer_text(providers::auth0, {{"domain", "https://a.example"}}) == refused);
    // And a name that no host has is no host's name.
    BOOST_TEST(issuer_text(providers::auth0, {{"domain", "a~b"}}) == expected_name(errc::invalid_url));
}

BOOST_AUTO_TEST_CASE(values_fit_the_placeholders)
{
    BOOST_TEST(issuer_text(providers::okta) == refused);
    BOOST_TEST(issuer_text(providers::okta, {{"domain", "a.example"}}) == refused);
    BOOST_TEST(issuer_text(providers::google, {{"domain", "a.example"}}) == refused);
    BOOST_TEST(issuer_text(providers::auth0, {{"domain", "a.example"}, {"domain", "b.example"}}) == refused);
    BOOST_TEST(issuer_text(providers::auth0, {{"tenant", "a.example"}}) == refused);
    BOOST_TEST(failure(provider_metadata(providers::github, {{"a", "b"}})) == errc::invalid_parameter);
    constexpr provider_description open{.name = "Open", .issuer = "https://a.example/{realm"};
    BOOST_TEST(issuer_text(open, {{"realm", "a"}}) == refused);
}

BOOST_AUTO_TEST_CASE(metadata_that_are_written_down)
{
    const server_metadata github = provider_metadata(providers::github).value();
    BOOST_TEST(github.authorization_endpoint().string() == "https://github.com/login/oauth/authorize");
    BOOST_TEST(github.token_endpoint().string() == "https://github.com/login/oauth/access_token");
    BOOST_TEST(github.userinfo_endpoint().string() == "https://api.github.com/user");
    BOOST_TEST(github.issuer().string() == "https://github.com/login/oauth");
    BOOST_TEST(!github.sends_issuer_in_response());
    BOOST_TEST(github.revocation_endpoint().empty());
    BOOST_TEST(github.supports_token_endpoint_authentication("client_secret_post"));
    BOOST_TEST(!github.supports_token_endpoint_authentication("client_secret_basic"));

    const server_metadata facebook = provider_metadata(providers::facebook).value();
    BOOST_TEST(facebook.issuer().empty());
    BOOST_TEST(facebook.userinfo_endpoint().target() == "/me?fields=id,name,email");
    const server_metadata linkedin = provider_metadata(providers::linkedin).value();
    BOOST_TEST(linkedin.jwks_uri().string() == "https://www.linkedin.com/oauth/openid/jwks");
    const server_metadata discord = provider_metadata(providers::discord).value();
    BOOST_TEST(discord.revocation_endpoint().string() == "https://discord.com/api/oauth2/token/revoke");

    for (const provider_description* each : all_providers)
        BOOST_TEST(outcome_name(provider_metadata(*each)) ==
                   expected_name(each->is_discovered() ? errc::invalid_configuration : errc()));

    const server_metadata mine = provider_metadata(own, {{"pool", "p"}, {"host", "a.example"}}).value();
    BOOST_TEST(mine.token_endpoint().string() == "https://a.example/p/token");
    BOOST_TEST(mine.revocation_endpoint().string() == "https://a.example/revoke");
    BOOST_TEST(mine.issuer().string() == "https://a.example");
    BOOST_TEST(failure(provider_metadata(own, {{"host", "a.example"}})) == errc::invalid_parameter);
    BOOST_TEST(failure(provider_metadata(own, {{"host", "a~b"}, {"pool", "p"}})) == errc::invalid_url);
    constexpr provider_description odd{
        .issuer = "https://{host}/{missing}",
        .endpoints = {.authorization = "https://a.example", .token = "https://a.example"}};
    BOOST_TEST(failure(provider_metadata(odd)) == errc::invalid_parameter);
    constexpr provider_description insecure_issuer{
        .issuer = "http://a.example",
        .endpoints = {.authorization = "https://a.example", .token = "https://a.example"}};
    BOOST_TEST(failure(provider_metadata(insecure_issuer)) == errc::insecure_url);
}

BOOST_AUTO_TEST_CASE(tenants_are_issuers)
{
    const std::string one = "6f1bd5a0-0000-4000-8000-000000000001";
    const std::string other = "6f1bd5a0-0000-4000-8000-000000000002";
    const auto issuer_of = [](const std::string& tenant) {
        return "https://login.microsoftonline.com/" + tenant + "/v2.0";
    };
    const auto some = provider_registration(providers::microsoft_entra_organizations, {one});
    BOOST_TEST_REQUIRE(some.multi_tenant_issuer().has_value());
    BOOST_TEST(some.multi_tenant_issuer()->matches(issuer_of(one), one));
    BOOST_TEST(!some.multi_tenant_issuer()->matches(issuer_of(other), other));
    BOOST_TEST(!some.multi_tenant_issuer()->matches(issuer_of(other), one));
    const auto all = provider_registration(providers::microsoft_entra_common);
    BOOST_TEST(all.multi_tenant_issuer()->matches(issuer_of(other), other));
    for (const provider_description* each : all_providers)
        BOOST_TEST(provider_registration(*each).multi_tenant_issuer().has_value() ==
                   each->quirks.has(provider_quirk::issuer_differs_by_tenant));
}

BOOST_AUTO_TEST_CASE(what_is_asked_for)
{
    constexpr authorization_parameters google = providers::google.offline_parameters();
    static_assert(google.prompt == "consent" && google.extra.size() == 1);
    BOOST_TEST(google.extra[0].name == "access_type");
    BOOST_TEST(google.extra[0].value == "offline");
    static_assert(providers::google.sign_in_parameters().extra.empty());
    static_assert(providers::apple.sign_in_parameters().response_mode == response_mode::form_post);
    static_assert(providers::keycloak.offline_parameters().scope == "openid profile email offline_access");
    // Where refresh tokens come unasked, or never, there is nothing else to ask for.
    static_assert(providers::gitlab.offline_parameters().scope == providers::gitlab.sign_in.scope);
}

BOOST_AUTO_TEST_CASE(who_it_is)
{
    const auto person = [](const provider_description& provider, std::string_view json) {
        const auto found = person_identifier(provider, about(json));
        return found ? *found : found.error().qualified_name();
    };
    const std::string missing = expected_name(errc::subject_missing);
    BOOST_TEST(person(providers::github, R"({"login":"octocat","id":583231})") == "583231");
    BOOST_TEST(person(providers::github, R"({"id":18446744073709551615})") == "18446744073709551615");
    BOOST_TEST(person(providers::github, R"({"id":-1})") == "-1");
    BOOST_TEST(person(providers::discord, R"({"id":"80351110224678912","username":"a"})") ==
               "80351110224678912");
    BOOST_TEST(person(providers::google, R"({"sub":"110169484474386276334","id":"1"})") ==
               "110169484474386276334");
    // Two people must not be one by rounding.
    for (const std::string_view json :
         {R"({"login":"octocat"})", R"({"id":1.5})", R"({"id":1e30})", R"({"id":null})", R"({"id":""})",
          R"({"id":true})", R"({"id":[1]})", R"({"id":18446744073709551616})", R"({"sub":"1"})"})
        BOOST_TEST(person(providers::github, json) == missing, json);
}

BOOST_AUTO_TEST_CASE(sets_of_quirks)
{
    constexpr provider_quirks none;
    constexpr provider_quirks some{provider_quirk::error_with_status_200, provider_quirk::nonce_not_returned};
    static_assert(!none.has(provider_quirk::error_with_status_200));
    static_assert(some.has(provider_quirk::nonce_not_returned));
    static_assert(!some.has(provider_quirk::json_on_request));
    static_assert(some != none && none == provider_quirks{});
    BOOST_TEST(providers::apple.quirks.has(provider_quirk::signed_client_secret));
}

BOOST_AUTO_TEST_SUITE_END()
