#include <coauth/protocol/bearer_challenge.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace {

using namespace coauth;
using namespace coauth::test;

std::optional<bearer_challenge> parse(std::initializer_list<std::string_view> fields)
{
    return bearer_challenge::parse(std::vector<std::string_view>(fields));
}

/// The realm of the Bearer challenge; `none` if there is none.
std::string realm_of(std::string_view field)
{
    const auto found = parse({field});
    return found ? std::string(found->realm()) : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_bearer_challenge)

BOOST_AUTO_TEST_CASE(the_examples_of_RFC_6750_section_3)
{
    auto found = parse({R"(Bearer realm="example")"});
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->realm() == "example");
    BOOST_TEST(!found->reason().has_value());

    found = parse(
        {R"(Bearer realm="example", error="invalid_token", error_description="The access token expired")"});
    const auto reason = found->reason();
    BOOST_TEST_REQUIRE(reason.has_value());
    BOOST_TEST((*reason == server_errc::invalid_token));
    BOOST_TEST(reason->server_error() == "invalid_token");
    BOOST_TEST(reason->description() == "The access token expired");
}

BOOST_AUTO_TEST_CASE(RS4_step_up)
{
    const auto scope = parse({R"(Bearer error="insufficient_scope", scope="openid profile email")"});
    BOOST_TEST((*scope->reason() == server_errc::insufficient_scope));
    BOOST_TEST(scope->scope() == "openid profile email");
    // RFC 9470 3
    const auto step =
        parse({"Bearer error=\"insufficient_user_authentication\", acr_values=\"myACR\", max_age=\"5\""});
    BOOST_TEST((*step->reason() == server_errc::insufficient_user_authentication));
    BOOST_TEST(step->acr_values() == "myACR");
    BOOST_TEST(step->max_age() == "5");
    BOOST_TEST(step->parameter("nothing") == "");
}

BOOST_AUTO_TEST_CASE(RS5_the_forms_that_RFC_9110_allows)
{
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"Bearer", ""},
        {"bearer", ""},
        {"BEARER realm=x", "x"},
        {"Bearer  \t realm = \"x\"", "x"},
        {"Bearer realm\t=\t\"x\"", "x"},
        {"Bearer REALM=\"x\"", "x"},
        {"Bearer realm=x,error=y", "x"},
        {"Bearer error=y , realm=x", "x"},
        {"Bearer ,, realm=x ,,", "x"},
        {",, Bearer realm=x", "x"},
        {"Bearer realm=\"a \\\"b\\\" \\\\ c\"", "a \"b\" \\ c"},
        {"Bearer realm=\"\\a\"", "a"},
        {"Bearer realm=\"a, Basic realm=b\"", "a, Basic realm=b"},
        {"Bearer realm=\"\"", ""},
        {"Bearer realm=!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"},
        // Among others.
        {"Basic realm=\"b\", Bearer realm=\"x\"", "x"},
        {"Basic, Bearer realm=x", "x"},
        {"Basic, DPoP algs=\"ES256 PS256\", Bearer realm=x", "x"},
        {"DPoP error=\"use_dpop_nonce\", algs=\"ES256\", Bearer realm=\"x\", error=\"invalid_token\"", "x"},
        {"Bearer realm=x, Basic realm=b", "x"},
        {"Bearer realm=x, DPoP", "x"},
        {"Bearer, Basic realm=b", ""},
        {"Bearer realm=x, Bearer realm=y", "x"},
        {"Bearer, Bearer realm=y", ""},
        // Credentials in the place of parameters.
        {"Negotiate a87421000492aa874209af8bc028, Bearer realm=x", "x"},
        {"Negotiate YWJj==, Bearer realm=x", "x"},
        {"Negotiate YWJj== , Bearer realm=x", "x"},
        {"Negotiate -._~+/=, Bearer realm=x", "x"},
        {"Bearer YWJj==", ""},
        {"Bearer YWJj==, realm=x", "x"},
        {"NTLM, Bearer realm=x", "x"},
        // Quoted text that looks like a challenge is none.
        {R"(Basic realm="Bearer realm=\"evil\"")", "none"},
        {R"(Basic realm="a, Bearer realm=evil")", "none"},
        {R"(Basic realm=", Bearer realm=evil", Bearer realm=x)", "x"},
        {"Basic realm=Bearer", "none"},
        {"Digest Bearer=x", "none"},
    };
    for (const auto& [field, realm] : cases)
        BOOST_TEST(realm_of(field) == realm, field);
}

BOOST_AUTO_TEST_CASE(RS5_malformed_fields_are_read_as_far_as_they_make_sense)
{
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "none"},
        {" ", "none"},
        {",", "none"},
        {"=", "none"},
        {"\"", "none"},
        {"realm=\"x\"", "none"},
        {"Bearerrealm=\"x\"", "none"},
        {"Bearer2 realm=x", "none"},
        {"Bearer\"", ""},
        {"Bearer realm", ""}, // the end of a list: no parameter
        {"Bearer realm=", ""},
        {"Bearer realm=,error=x", ""},
        {"Bearer realm=\"x", ""}, // never closed
        {"Bearer realm=\"x\\", ""},
        {"Bearer realm=\"x\\\"", ""},
        {"Bearer error=a, realm=\"x", ""},
        {"Basic realm=\"b, Bearer realm=x", "none"},
        {"Bearer realm=\"x\" error=\"y\"", "x"}, // no comma
        {"Bearer realm=x; error=y", "x"},
        {"Bearer realm=x (comment)", "x"},
        {"Bearer realm=x, \"quoted\"", "x"},
        {"Bearer @ realm=x", ""},
        {"@ Bearer realm=x", "none"},
        {"Bearer realm=\xff", ""},
        {"Bearer realm=x\xff", "x"},
    };
    for (const auto& [field, realm] : cases)
        BOOST_TEST(realm_of(field) == realm, field);
    BOOST_TEST(realm_of(bytes("Bearer realm=x\0")) == "x");
    BOOST_TEST(realm_of(bytes("\0Bearer realm=x")) == "none");
    BOOST_TEST(!parse({}).has_value());
}

BOOST_AUTO_TEST_CASE(RS5_of_a_parameter_that_occurs_twice_the_first_counts)
{
    const auto found =
        parse({R"(Bearer realm="a", realm="b", Error="invalid_token", error="insufficient_scope")"});
    BOOST_TEST(found->realm() == "a");
    BOOST_TEST((*found->reason() == server_errc::invalid_token));
}

BOOST_AUTO_TEST_CASE(several_fields_are_looked_through)
{
    BOOST_TEST((parse({"Basic realm=b", "Bearer realm=x", "Bearer realm=y"})->realm() == "x"));
    BOOST_TEST((parse({"", "\"", "Negotiate", "bearer realm=x"})->realm() == "x"));
    BOOST_TEST(!parse({"Basic realm=b", "Digest realm=c"}).has_value());
}

BOOST_AUTO_TEST_CASE(RS5_the_limits_hold)
{
    constexpr std::size_t most = 8 * 1024;
    const std::string end = ", Bearer realm=x";
    BOOST_TEST(realm_of("Basic realm=\"" + std::string(most - end.size() - 14, 'a') + "\"" + end) == "x");
    BOOST_TEST(realm_of("Basic realm=\"" + std::string(most - end.size() - 13, 'a') + "\"" + end) == "none");
    const std::string half = "Basic realm=\"" + std::string(most / 2 - 14, 'a') + "\"";
    BOOST_TEST((parse({half, "Bearer realm=x"})->realm() == "x"));
    BOOST_TEST((!parse({half, half, "Bearer realm=x"}).has_value()));
    // The sixteenth challenge counts, the seventeenth does not, wherever they stand.
    BOOST_TEST(realm_of(repeated("Basic realm=b, ", 15) + "Bearer realm=x") == "x");
    BOOST_TEST(realm_of(repeated("Basic realm=b, ", 16) + "Bearer realm=x") == "none");
    BOOST_TEST(realm_of(repeated("Basic, ", 200) + "Bearer realm=x") == "none");
    const std::string eight = repeated("Basic realm=b, ", 8);
    BOOST_TEST((parse({eight, eight, "Bearer realm=x"}) == std::nullopt));
    BOOST_TEST((parse({repeated("Basic, ", 20), "Bearer realm=x"}) == std::nullopt));
    BOOST_TEST((parse({eight, repeated("Basic, ", 7), "Bearer realm=x"})->realm() == "x"));
    // As many parameters as make sense.
    std::string many = "Bearer ";
    for (int i = 0; i < 600; ++i)
        many += 'p' + std::to_string(i) + "=v,";
    const auto found = parse({many});
    BOOST_TEST(found->parameter("p0") == "v");
    BOOST_TEST(found->parameter("p31") == "v");
    BOOST_TEST(found->parameter("p32") == "");
}

BOOST_AUTO_TEST_CASE(LG9_the_reason_is_filtered)
{
    const auto reason = parse({"Bearer error=\"new\x01\tline\", error_description=\"\x1b[31m\xe4\\\"\\\\" +
                               std::string(2000, 'a') + "\""})
                            ->reason();
    BOOST_TEST((*reason == server_errc::unrecognized));
    BOOST_TEST(reason->server_error() == "new??line");
    BOOST_TEST(reason->description().starts_with("?[31m???aaa"));
    BOOST_TEST(reason->description().size() == 1024u);
}

BOOST_AUTO_TEST_CASE(RS5_no_text_confuses_the_parser)
{
    // Pieces of challenges in any order: it ends, and what it finds is made of the text that it was given.
    constexpr std::array<std::string_view, 16> pieces{
        "Bearer", "Basic", " ",  ",",  "=", "\"",   "\\",          "realm",
        "error",  "x",     "==", "\t", "/", "\xff", "realm=\"a\"", "Bearer error=\"invalid_token\""};
    std::mt19937 random(1999); // any seed
    std::size_t found = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t j = random() % 12; j > 0; --j)
            text += pieces[random() % pieces.size()];
        const auto challenge = parse({text});
        if (!challenge)
            continue;
        ++found;
        BOOST_REQUIRE(text.size() >= challenge->realm().size());
        BOOST_REQUIRE(contains(text, "Bearer"));
        if (challenge->reason())
            BOOST_REQUIRE(contains(text, "error"));
    }
    BOOST_TEST(found > 1000u);
    BOOST_TEST(found < 19'000u);
}

BOOST_AUTO_TEST_SUITE_END()
