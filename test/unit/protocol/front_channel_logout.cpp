#include <coauth/protocol/front_channel_logout.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::check_front_channel_logout;
using coauth::detail::front_channel_logout_expectations;

std::string outcome(std::string_view query, const front_channel_logout_expectations& expected,
                    const limits& bounds = {})
{
    return outcome_name(check_front_channel_logout(query, expected, bounds));
}

constexpr std::string_view unidentified = "coauth.client:session_unidentified";
constexpr std::string_view other_issuer = "coauth.client:issuer_mismatch";
constexpr std::string_view ours = "iss=https%3A%2F%2Fop.example&sid=08a5019c";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_front_channel_logout)

BOOST_AUTO_TEST_CASE(LO15_issuer_and_session)
{
    for (const bool required : {false, true}) {
        const front_channel_logout_expectations expected{"https://op.example", "08a5019c", required};
        BOOST_TEST(outcome(ours, expected) == "ok");
        BOOST_TEST(outcome("x=y&sid=08a5019c&iss=https://op.example&x=z", expected) == "ok");
        BOOST_TEST(outcome("iss=https://op.example", expected) == unidentified);
        BOOST_TEST(outcome("sid=08a5019c", expected) == unidentified);
        for (const std::string_view issuer :
             {"https://op.example/", "https://x.example", "", "HTTPS://op.example"})
            BOOST_TEST(outcome("sid=08a5019c&iss=" + std::string(issuer), expected) == other_issuer, issuer);
        for (const std::string_view session : {"08a5019d", "08a5019", "08a5019cc", "", "08A5019C"})
            BOOST_TEST(outcome("iss=https://op.example&sid=" + std::string(session), expected) ==
                           unidentified,
                       session);
    }
}

BOOST_AUTO_TEST_CASE(LO15_from_nowhere)
{
    const front_channel_logout_expectations required{"https://op.example", "08a5019c", true};
    const front_channel_logout_expectations lenient{"https://op.example", "08a5019c", false};
    for (const std::string_view query : {"", "x=y", "ISS=https://op.example&SID=08a5019c"}) {
        BOOST_TEST(outcome(query, required) == unidentified, query);
        BOOST_TEST(outcome(query, lenient) == "ok", query);
    }
    // A session that is not known cannot be the one that is meant.
    BOOST_TEST(outcome(ours, {"https://op.example", "", false}) == unidentified);
    BOOST_TEST(outcome("iss=https://op.example&sid=", {"https://op.example", "", false}) == unidentified);
    BOOST_TEST(outcome(ours, {"", "08a5019c", false}) == other_issuer);
    BOOST_TEST(outcome("iss=&sid=08a5019c", {"", "08a5019c", false}) == other_issuer);
}

BOOST_AUTO_TEST_CASE(LO15_parameters_that_cannot_be_trusted)
{
    const front_channel_logout_expectations expected{"https://op.example", "08a5019c", false};
    for (const std::string_view more :
         {"&sid=08a5019c", "&sid=x", "&iss=x", "&iss=https://op.example", "&%73id=x"})
        BOOST_TEST(outcome(std::string(ours) + std::string(more), expected) ==
                       "coauth.client:duplicate_parameter",
                   more);
    BOOST_TEST(outcome("sid=%", expected) == "coauth.client:malformed_callback");
    limits small;
    small.callback_parameters = 2;
    BOOST_TEST(outcome(ours, expected, small) == "ok");
    BOOST_TEST(outcome(std::string(ours) + "&x", expected, small) == "coauth.client:callback_too_large");
}

BOOST_AUTO_TEST_SUITE_END()
