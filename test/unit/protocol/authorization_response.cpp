#include <coauth/protocol/authorization_response.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::authorization_response;
using coauth::detail::parse_authorization_response;

std::string outcome_of(std::string_view text, const limits& bounds = {})
{
    return outcome_name(parse_authorization_response(text, bounds));
}

constexpr std::string_view malformed = "coauth.client:malformed_callback";
constexpr std::string_view duplicate = "coauth.client:duplicate_parameter";
constexpr std::string_view too_large = "coauth.client:callback_too_large";
constexpr std::string_view other_mode = "coauth.client:response_mode_mismatch";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_authorization_response)

BOOST_AUTO_TEST_CASE(the_examples_of_RFC_6749_and_RFC_9207)
{
    auto response = parse_authorization_response("code=SplxlOBeZQQYbYS6WxSbIA&state=xyz", {});
    BOOST_TEST_REQUIRE(outcome_name(response) == "ok");
    BOOST_TEST(response->code->expose() == "SplxlOBeZQQYbYS6WxSbIA");
    BOOST_TEST(response->state->expose() == "xyz");
    BOOST_TEST(!response->issuer.has_value());
    BOOST_TEST(!response->error.has_value());

    response = parse_authorization_response("error=access_denied&state=xyz", {});
    BOOST_TEST((response->error == "access_denied"));
    BOOST_TEST(response->error_description.empty());
    BOOST_TEST(!response->code.has_value());

    response = parse_authorization_response("code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state="
                                            "ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI"
                                            "&iss=https%3A%2F%2Fhonest.as.example",
                                            {});
    BOOST_TEST((response->issuer == "https://honest.as.example"));

    response = parse_authorization_response("error=invalid_request&error_description=Unsupported%20response_"
                                            "type+value&error_uri=https%3A%2F%2Fx&state=s",
                                            {});
    BOOST_TEST(response->error_description == "Unsupported response_type value");
}

BOOST_AUTO_TEST_CASE(CB1_CB13_what_is_missing_is_seen)
{
    for (const std::string_view text : {"", "code=x", "foo=bar", "code", "State=x", "code=x&session_state=y"})
        BOOST_TEST(!parse_authorization_response(text, {}).value().state.has_value(), text);
    BOOST_TEST(!parse_authorization_response("state=x", {}).value().code.has_value());
    BOOST_TEST(!parse_authorization_response("state=x", {}).value().error.has_value());
    // Empty is not missing.
    BOOST_TEST(parse_authorization_response("state", {}).value().state.has_value());
    BOOST_TEST(parse_authorization_response("state=&code=", {}).value().code->empty());
    BOOST_TEST(parse_authorization_response("error=", {}).value().error.has_value());
}

BOOST_AUTO_TEST_CASE(unrecognized_parameters_are_ignored)
{
    // RFC 6749 4.1.2: "The client MUST ignore unrecognized response parameters."
    const auto response = parse_authorization_response(
        "scope=a+b&scope=c&session_state=x&authuser=0&hd=%00%ff&Code=y&code=z&CODE=1&state=s&code%00=w", {});
    BOOST_TEST_REQUIRE(outcome_name(response) == "ok");
    BOOST_TEST(response->code->expose() == "z");
}

BOOST_AUTO_TEST_CASE(CB11_duplicated_parameters)
{
    for (const std::string_view name : {"state", "code", "iss", "error", "error_description", "error_uri",
                                        "response", "access_token", "id_token"}) {
        const std::string n(name);
        for (const std::string& text : {n + "=a&" + n + "=b", n + "=a&" + n + "=a", n + "=a&x=y&" + n + "=",
                                        n + "&" + n, n + "=a&%" + "zz"})
            BOOST_TEST(outcome_of(text) == (contains(text, "%zz") ? malformed : duplicate), text);
    }
    // However it is spelt.
    BOOST_TEST(outcome_of("code=a&%63ode=b&state=x") == duplicate);
    BOOST_TEST(outcome_of("st%61te=a&%73tate=b") == duplicate);
    BOOST_TEST(outcome_of("code=a&code+=b") == "ok");
}

BOOST_AUTO_TEST_CASE(CB16_CB17_responses_of_other_kinds_are_refused)
{
    for (const std::string_view text :
         {"response=eyJhbGciOiJub25lIn0.e30.&state=x",
          "state=x&code=y&response=", "access_token=x&state=y&token_type=bearer", "id_token=x&state=y",
          "code=x&id_token=y&state=z", "error=access_denied&response=x&state=y"})
        BOOST_TEST(outcome_of(text) == other_mode, text);
    // A fragment never arrives in a query that is well-formed.
    BOOST_TEST(outcome_of("state=x#code=y") == malformed);
}

BOOST_AUTO_TEST_CASE(CB12_error_and_code_are_both_seen)
{
    const auto response = parse_authorization_response("code=x&error=access_denied&state=y", {});
    BOOST_TEST(response->code.has_value());
    BOOST_TEST((response->error == "access_denied"));
}

BOOST_AUTO_TEST_CASE(CB2_characters_that_no_code_or_state_has)
{
    for (const std::string_view name : {"code", "state", "iss", "error"}) {
        for (unsigned i = 0; i < 256; ++i) {
            constexpr char digits[] = "0123456789abcdef";
            const std::string text =
                std::string(name) + "=a%" + digits[i / 16] + digits[i % 16] + std::string("b");
            const bool allowed = i >= 0x20 && i <= 0x7e; // RFC 6749 Appendix A: VSCHAR
            BOOST_TEST(outcome_of(text) == (allowed ? "ok" : malformed), text);
        }
    }
    // The description is for people: it is filtered when it is shown, see core_error.
    BOOST_TEST(outcome_of("error=x&error_description=%00%0d%0a%1b%ff") == "ok");
}

BOOST_AUTO_TEST_CASE(CB19_the_limits_hold)
{
    const limits bounds;
    for (const std::string_view name : {"code", "state", "iss", "error"}) {
        const std::string n(name);
        BOOST_TEST(outcome_of(n + "=" + std::string(bounds.code_bytes, 'x')) == "ok", name);
        BOOST_TEST(outcome_of(n + "=" + std::string(bounds.code_bytes + 1, 'x')) == too_large, name);
        BOOST_TEST(outcome_of(n + "=" + repeated("%78", bounds.code_bytes)) == "ok", name);
    }
    BOOST_TEST(outcome_of("error=x&error_description=" + std::string(60'000, 'x')) == "ok");
    BOOST_TEST(outcome_of("state=x&" + std::string(bounds.callback_bytes, 'x')) == too_large);
    BOOST_TEST(outcome_of(repeated("a=b&", 100'000) + "code=x&state=y") == too_large);
    BOOST_TEST(outcome_of(std::string(10'000'000, '&')) == too_large);
}

BOOST_AUTO_TEST_CASE(LG1_errors_hold_nothing_of_the_callback)
{
    const std::string canary = "canaryCANARY0123456789";
    for (const std::string& text :
         {"code=" + canary + "&code=" + canary, "code=" + canary + "%00", "code=" + canary + "&state=%zz",
          "state=" + canary + "\n", "response=" + canary, "access_token=" + canary,
          "code=" + repeated(canary, 1000), "code=" + repeated(canary, 10'000)}) {
        const auto response = parse_authorization_response(text, {});
        BOOST_TEST_REQUIRE(!response);
        BOOST_TEST(!contains(response.error().message(), "canary"), response.error());
        BOOST_TEST(!contains(exception(response.error()).what(), "canary"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
