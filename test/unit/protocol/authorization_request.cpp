#include <coauth/protocol/authorization_request.hpp>

#include "../expect.hpp"
#include "../policy/logins.hpp"

#include <boost/test/unit_test.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::authorization_url_prefix;
using std::chrono::seconds;

constexpr std::string_view endpoint = "https://server.example.com/authorize";
constexpr std::string_view redirect = "https://client.example.com/cb";

result<std::string> build(const authorization_parameters& parameters, std::string_view at = endpoint,
                          std::string_view client_id = "s6BhdRkqt3", std::string_view redirect_uri = redirect)
{
    const auto prefix =
        authorization_url_prefix::make(endpoint_url::parse(at).value(), client_id, redirect_uri);
    if (!prefix)
        return prefix.error();
    return prefix->build(parameters, numbered(1), numbered(2), numbered(3));
}

/// The parameters of a URL, decoded; those that occur twice with commas between their values.
std::map<std::string, std::string> query_of(const result<std::string>& url)
{
    std::map<std::string, std::string> out;
    const auto parsed = boost::urls::parse_uri(url.value());
    for (const auto& one : parsed.value().params()) {
        const auto [at, added] = out.emplace(one.key, one.value);
        if (!added)
            at->second += ',' + one.value;
    }
    return out;
}

result<std::string> build_with(std::initializer_list<parameter> extra,
                               authorization_parameters parameters = {})
{
    parameters.extra = {extra.begin(), extra.size()};
    return build(parameters);
}

constexpr std::string_view reserved = "coauth.client:reserved_parameter";
constexpr std::string_view invalid = "coauth.client:invalid_parameter";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_authorization_request)

BOOST_AUTO_TEST_CASE(AR1_AR6_the_plainest_request_has_all_that_protects_it)
{
    const auto url = build({});
    BOOST_TEST(url.value() == "https://server.example.com/authorize?response_type=code&client_id=s6BhdRkqt3"
                              "&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&code_challenge_method=S256"
                              "&code_challenge=" +
                                  numbered(3).to_string() + "&state=" + numbered(1).to_string());
    auto query = query_of(url);
    BOOST_TEST(query.size() == 6u);
    BOOST_TEST(query["response_type"] == "code"); // AR12: there is no other
    BOOST_TEST(query["redirect_uri"] == redirect);
    BOOST_TEST(query["state"].size() == 43u);
    BOOST_TEST(query["code_challenge"].size() == 43u);
    BOOST_TEST(query["code_challenge_method"] == "S256");
}

BOOST_AUTO_TEST_CASE(AR13_openid_requests_have_a_nonce)
{
    auto query = query_of(build({.scope = "email openid profile"}));
    BOOST_TEST(query["scope"] == "email openid profile");
    BOOST_TEST(query["nonce"] == numbered(2).to_string());
    for (const std::string_view scope : {"", "openid2", "OpenID", "open id", "email"})
        BOOST_TEST(!query_of(build({.scope = scope})).contains("nonce"), scope);
}

BOOST_AUTO_TEST_CASE(every_parameter_is_sent)
{
    auto query = query_of(build({.scope = "openid",
                                 .prompt = "login consent",
                                 .login_hint = "jane@example.com",
                                 .acr_values = "urn:mace:incommon:iap:silver",
                                 .max_age = seconds(3600),
                                 .response_mode = response_mode::form_post}));
    BOOST_TEST(query["prompt"] == "login consent");
    BOOST_TEST(query["login_hint"] == "jane@example.com");
    BOOST_TEST(query["acr_values"] == "urn:mace:incommon:iap:silver");
    BOOST_TEST(query["max_age"] == "3600");
    BOOST_TEST(query["response_mode"] == "form_post");
    BOOST_TEST(query.size() == 13u);
    BOOST_TEST(!query_of(build({.response_mode = response_mode::query})).contains("response_mode"));
    query = query_of(build_with({{"access_type", "offline"}, {"empty", ""}}));
    BOOST_TEST(query["access_type"] == "offline");
    BOOST_TEST(query.contains("empty"));
}

BOOST_AUTO_TEST_CASE(max_age_has_a_range)
{
    const auto max_age = [](seconds age) {
        const auto url = build({.scope = "openid", .max_age = age});
        return url ? query_of(url)["max_age"] : url.error().qualified_name();
    };
    BOOST_TEST(max_age(seconds(0)) == "0"); // asks for a new sign-in
    BOOST_TEST(max_age(seconds(1)) == "1");
    BOOST_TEST(max_age(seconds::max()) == "9223372036854775807");
    BOOST_TEST(max_age(seconds(-1)) == invalid);
    BOOST_TEST(max_age(seconds::min()) == invalid);
}

BOOST_AUTO_TEST_CASE(AR14_what_only_openid_connect_knows_needs_the_scope_openid)
{
    constexpr std::string_view missing = "coauth.client:openid_scope_missing";
    BOOST_TEST(outcome_name(build({.scope = "email", .max_age = seconds(0)})) == missing);
    BOOST_TEST(outcome_name(build({.acr_values = "1"})) == missing);
    BOOST_TEST(outcome_name(build({.scope = "OPENID", .acr_values = "1"})) == missing);
    BOOST_TEST(outcome_name(build({.scope = "openid", .acr_values = "1"})) == "ok");
    BOOST_TEST(outcome_name(build({.required_acr_values = "1"})) == missing);
    BOOST_TEST(outcome_name(build({.scope = "openid", .required_acr_values = "1"})) == "ok");
    BOOST_TEST(outcome_name(build({.prompt = "consent"})) == "ok"); // plain OAuth servers know it, too
}

BOOST_AUTO_TEST_CASE(ID33_contexts_of_authentication_are_wished_or_demanded)
{
    BOOST_TEST(query_of(build({.scope = "openid", .acr_values = "gold silver"}))["acr_values"] ==
               "gold silver");
    BOOST_TEST(query_of(build({.scope = "openid", .required_acr_values = "gold"}))["acr_values"] == "gold");
    BOOST_TEST(outcome_name(build(
                   {.scope = "openid", .acr_values = "silver", .required_acr_values = "gold"})) == invalid);
}

BOOST_AUTO_TEST_CASE(AR7_extra_parameter_duplicates_ours)
{
    for (const std::string_view name : {"response_type", "client_id", "redirect_uri", "scope", "state",
                                        "nonce", "code_challenge", "code_challenge_method", "response_mode",
                                        "request", "request_uri", "client_secret", "code_verifier", "code"})
        for (const std::string_view value : {"", "x"})
            BOOST_TEST(outcome_name(build_with({{"a", "b"}, {name, value}})) == reserved, name);
}

BOOST_AUTO_TEST_CASE(AR7_extra_parameter_occurs_twice)
{
    BOOST_TEST(outcome_name(build_with({{"a", "1"}, {"a", "1"}})) == reserved);
    BOOST_TEST(outcome_name(build_with({{"a", "1"}, {"b", "1"}, {"a", ""}})) == reserved);
    BOOST_TEST(outcome_name(build_with({{"a", "1"}, {"A", "1"}})) == "ok");
    // Or it is given by name as well.
    BOOST_TEST(outcome_name(build_with({{"prompt", "none"}}, {.prompt = "login"})) == reserved);
    BOOST_TEST(outcome_name(build_with({{"prompt", ""}}, {.prompt = "login"})) == reserved);
    BOOST_TEST(outcome_name(build_with({{"login_hint", "x"}}, {.login_hint = "y"})) == reserved);
    BOOST_TEST(outcome_name(build_with({{"acr_values", "x"}}, {.scope = "openid", .acr_values = "y"})) ==
               reserved);
    BOOST_TEST(outcome_name(build_with({{"max_age", "1"}}, {.scope = "openid", .max_age = seconds(0)})) ==
               reserved);
    BOOST_TEST(query_of(build_with({{"prompt", "none"}}))["prompt"] == "none");
    // RFC 8707 2: "Multiple resource parameters MAY be used".
    BOOST_TEST(query_of(build_with({{"resource", "https://a.example/"},
                                    {"x", ""},
                                    {"resource", "https://b.example/"}}))["resource"] ==
               "https://a.example/,https://b.example/");
}

BOOST_AUTO_TEST_CASE(AR8_hostile_text_is_encoded_or_refused)
{
    const std::string hostile = "a\r\nSet-Cookie: x=y&state=z#f \"<>\\\x01\x7f\xc3\xa4\xff";
    const auto url =
        build_with({{"name\r\n&=#", hostile}},
                   {.scope = "openid", .prompt = hostile, .login_hint = hostile, .acr_values = hostile});
    const std::string& text = url.value();
    BOOST_TEST(std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
    BOOST_TEST(text.find_first_of("#\"<>\\") == std::string::npos);
    auto query = query_of(url);
    BOOST_TEST(query.size() == 12u);
    BOOST_TEST(query["login_hint"] == hostile);
    BOOST_TEST(query["acr_values"] == hostile);
    BOOST_TEST(query["prompt"] == hostile);
    BOOST_TEST(query["name\r\n&=#"] == hostile);
    BOOST_TEST(query["state"] == numbered(1).to_string());

    const std::string_view nul = bytes("a\0b");
    BOOST_TEST(outcome_name(build({.scope = nul})) == invalid);
    BOOST_TEST(outcome_name(build({.prompt = nul})) == invalid);
    BOOST_TEST(outcome_name(build({.login_hint = nul})) == invalid);
    BOOST_TEST(outcome_name(build({.scope = "openid", .acr_values = nul})) == invalid);
    BOOST_TEST(outcome_name(build_with({{nul, "x"}})) == invalid);
    BOOST_TEST(outcome_name(build_with({{"x", nul}})) == invalid);
    BOOST_TEST(outcome_name(build_with({{"", "x"}})) == invalid);
    for (const std::string_view scope :
         {"openid\r\nx", "openid\ta", "a\"b", "a\\b", "\xc3\xa4", "a\x7f", "\x01"})
        BOOST_TEST(outcome_name(build({.scope = scope})) == invalid, scope);
}

BOOST_AUTO_TEST_CASE(AR8_client_id_and_redirect_uri_are_encoded)
{
    const std::string client_id = "a&state=x#\xc3\xa4 ?";
    auto query = query_of(build({}, endpoint, client_id, "https://client.example.com/cb?a=b&c=%20"));
    BOOST_TEST(query["client_id"] == client_id);
    BOOST_TEST(query["redirect_uri"] == "https://client.example.com/cb?a=b&c=%20");
    BOOST_TEST(query["state"] == numbered(1).to_string());
}

BOOST_AUTO_TEST_CASE(AR10_the_query_of_the_endpoint_is_kept)
{
    const auto url = build({.scope = "a"}, "https://server.example.com/authorize?tenant=x&empty=&%61b=c%20d");
    BOOST_TEST(url->starts_with(
        "https://server.example.com/authorize?tenant=x&empty=&%61b=c%20d&response_type=code&"));
    BOOST_TEST(url->find('?') == url->rfind('?'));
    for (const std::string_view at : {"https://server.example.com/authorize?",
                                      "https://server.example.com/?x=1&", "https://server.example.com"}) {
        const auto other = build({}, at);
        BOOST_TEST(other->starts_with(at), at);
        BOOST_TEST(!contains(*other, "&&"), at);
        BOOST_TEST(!contains(*other, "?&"), at);
        BOOST_TEST(query_of(other)["response_type"] == "code", at);
    }
}

BOOST_AUTO_TEST_CASE(AR10_the_query_of_the_endpoint_may_not_set_what_is_ours)
{
    for (const std::string_view name :
         {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
          "code_challenge_method", "response_mode", "request", "request_uri", "client_secret", "st%61te"})
        BOOST_TEST(outcome_name(build({}, "https://server.example.com/authorize?a=b&" + std::string(name) +
                                              "=x")) == "coauth.client:invalid_configuration",
                   name);
    // Nor may a caller repeat what stands there.
    const std::string at = "https://server.example.com/authorize?tenant=x&prompt=login";
    const parameter tenant[] = {{"tenant", "y"}};
    BOOST_TEST(outcome_name(build({.extra = tenant}, at)) == reserved);
    BOOST_TEST(outcome_name(build({.prompt = "none"}, at)) == reserved);
    BOOST_TEST(outcome_name(build({.login_hint = "x"}, at)) == "ok");
}

BOOST_AUTO_TEST_CASE(DO11_no_endpoint_no_url)
{
    BOOST_TEST(outcome_name(authorization_url_prefix::make(endpoint_url(), "s6BhdRkqt3", redirect)) ==
               "coauth.client:invalid_url");
}

BOOST_AUTO_TEST_CASE(AR5_other_random_values_make_another_url)
{
    const auto prefix =
        authorization_url_prefix::make(endpoint_url::parse(endpoint).value(), "s6BhdRkqt3", redirect).value();
    const authorization_parameters parameters{.scope = "openid"};
    const std::string first = prefix.build(parameters, numbered(1), numbered(2), numbered(3)).value();
    BOOST_TEST(first == prefix.build(parameters, numbered(1), numbered(2), numbered(3)).value());
    BOOST_TEST(first != prefix.build(parameters, numbered(9), numbered(2), numbered(3)).value());
    BOOST_TEST(first != prefix.build(parameters, numbered(1), numbered(9), numbered(3)).value());
    BOOST_TEST(first != prefix.build(parameters, numbered(1), numbered(2), numbered(9)).value());
    // AR6: what the application keeps with the request is not in it, nor is the binding.
    const std::string binding = numbered(7).to_string();
    const std::string kept =
        prefix
            .build({.scope = "openid", .browser_binding = binding, .application_data = "/return/to/canary"},
                   numbered(1), numbered(2), numbered(3))
            .value();
    BOOST_TEST(kept == first);
}

BOOST_AUTO_TEST_SUITE_END()
