#include <coauth/core/scope.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;

std::string reformatted(std::string_view text, char separator = ' ')
{
    const auto parsed = scope::parse(text, separator);
    return parsed ? parsed->to_string() : parsed.error().qualified_name();
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_scope)

BOOST_AUTO_TEST_CASE(a_scope_is_a_set_of_tokens)
{
    BOOST_TEST(reformatted("") == "");
    BOOST_TEST(reformatted("openid") == "openid");
    BOOST_TEST(reformatted("openid email profile") == "openid email profile");
    BOOST_TEST(reformatted("  b   a b  ") == "b a");
    BOOST_TEST(reformatted("   ") == "");
    // Repeated are whole tokens only, wherever their characters occurred before.
    BOOST_TEST(reformatted("ab b a abc bc ab") == "ab b a abc bc");
    BOOST_TEST(reformatted("a.b a.b.c b a.b  b") == "a.b a.b.c b");
    BOOST_TEST(reformatted(" aaa aa a aa aaa") == "aaa aa a");
    const scope one = scope::parse("openid email").value();
    BOOST_TEST(one.tokens().size() == 2u);
    BOOST_TEST(!one.empty());
    BOOST_TEST(scope().empty());
    BOOST_TEST(one.contains("email"));
    BOOST_TEST(!one.contains("Email"));
    BOOST_TEST(!one.contains("emai"));
    BOOST_TEST(!one.contains(""));
}

BOOST_AUTO_TEST_CASE(order_does_not_count_in_comparisons)
{
    const auto parse = [](std::string_view text) { return scope::parse(text).value(); };
    BOOST_TEST((parse("a b c") == parse("c a b")));
    BOOST_TEST((parse("a a b") == parse("b a")));
    BOOST_TEST((parse("a b") != parse("a c")));
    BOOST_TEST((parse("a b") != parse("a")));
    BOOST_TEST((parse("a") != parse("a b")));
    BOOST_TEST((scope() == parse("")));
    BOOST_TEST(parse("a b c").includes(parse("c a")));
    BOOST_TEST(parse("a").includes(scope()));
    BOOST_TEST(!parse("a").includes(parse("a b")));
    BOOST_TEST(!scope().includes(parse("a")));
}

BOOST_AUTO_TEST_CASE(AR8_characters_outside_of_the_grammar_are_refused)
{
    for (unsigned i = 0; i < 256; ++i) {
        const std::string token = std::string("a") + static_cast<char>(i) + "b";
        // RFC 6749 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        const bool allowed = i == 0x21 || (i >= 0x23 && i <= 0x5b) || (i >= 0x5d && i <= 0x7e);
        const std::string expected = i == 0x20 ? "a b" : allowed ? token : "coauth.client:invalid_parameter";
        BOOST_TEST(reformatted(token) == expected, "byte " << i);
    }
}

BOOST_AUTO_TEST_CASE(commas_separate_where_they_are_said_to)
{
    BOOST_TEST(reformatted("user,repo") == "user,repo");
    BOOST_TEST(reformatted("user,repo", ',') == "user repo");
    BOOST_TEST(reformatted("user, repo,,gist user", ',') == "user repo gist");
    BOOST_TEST(reformatted(",", ',') == "");
    BOOST_TEST(reformatted("user,use,user use,r,er", ',') == "user use r er");
    BOOST_TEST(reformatted("a,\"", ',') == "coauth.client:invalid_parameter");
}

BOOST_AUTO_TEST_SUITE_END()
