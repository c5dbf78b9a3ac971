#include <coauth/protocol/token_request.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using namespace coauth::detail;

const client_credentials basic("s6BhdRkqt3", client_secret_basic(secret("gX1fBat3bV")));
const client_credentials post("s6BhdRkqt3", client_secret_post(secret("7Fjfp0ZBr1KtDRbnfVdmIw")));
const client_credentials open_client("s6BhdRkqt3", public_client());

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_token_request)

BOOST_AUTO_TEST_CASE(the_example_of_RFC_6749_section_4_1_3_with_PKCE)
{
    const auto body = [](const client_credentials& credentials) {
        return std::string(authorization_code_request(credentials, "SplxlOBeZQQYbYS6WxSbIA",
                                                      "https://client.example.com/cb",
                                                      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
                               .expose());
    };
    const std::string common = "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%"
                               "3A%2F%2Fclient.example.com%2Fcb"
                               "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    BOOST_TEST(body(basic) == common);
    BOOST_TEST(body(post) == common + "&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw");
    BOOST_TEST(body(open_client) == common + "&client_id=s6BhdRkqt3");
}

BOOST_AUTO_TEST_CASE(the_example_of_RFC_6749_section_6)
{
    BOOST_TEST(refresh_request(basic, "tGzv3JOkF0XG5Qx2TlKWIA", "").expose() ==
               "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA");
    BOOST_TEST(
        refresh_request(post, "tGzv3JOkF0XG5Qx2TlKWIA", "a b").expose() ==
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&scope=a%20b&client_id=s6BhdRkqt3"
        "&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw");
}

BOOST_AUTO_TEST_CASE(the_example_of_RFC_7009_section_2_1)
{
    BOOST_TEST(revocation_request(basic, "45ghiukldjahdnhzdauz", "refresh_token").expose() ==
               "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token");
    BOOST_TEST(revocation_request(open_client, "x", "").expose() == "token=x&client_id=s6BhdRkqt3");
}

BOOST_AUTO_TEST_CASE(AR7_hostile_values_add_no_parameters)
{
    const std::string_view value = bytes("a&client_id=evil=\r\n#\0\xff+ ");
    constexpr std::string_view encoded = "a%26client_id%3Devil%3D%0D%0A%23%00%FF%2B%20";
    for (const secret& body :
         {authorization_code_request(open_client, value, value, value),
          refresh_request(open_client, value, value), revocation_request(open_client, value, value)}) {
        const std::string text(body.expose());
        BOOST_TEST(contains(text, encoded));
        BOOST_TEST(text.find("client_id=") == text.rfind("client_id="));
        BOOST_TEST(text.ends_with("&client_id=s6BhdRkqt3"));
        BOOST_TEST(text.find_first_of("\r\n# +") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(LG5_bodies_are_wiped)
{
    const std::string code = "SplxlOBeZQQYbYS6WxSbIA-canary-0123456789";
    const std::string longer = repeated(code, 100); // more than what is reserved at first
    const freed_memory_watch watch(code);
    for (const std::string_view one : {std::string_view(code), std::string_view(longer)}) {
        const secret exchange = authorization_code_request(post, one, "https://client.example.com/cb", one);
        const secret refresh = refresh_request(post, one, "");
        const secret revocation = revocation_request(post, one, "access_token");
        BOOST_TEST(contains(exchange.expose(), code));
    }
    BOOST_TEST(watch.blocks() > 6u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
