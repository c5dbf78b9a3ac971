#include <coauth/protocol/client_authentication.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::client_credentials;
using coauth::detail::secure_bytes;

std::string body_of(const client_credentials& credentials)
{
    secure_bytes body;
    credentials.append_to(body);
    return {body.begin(), body.end()};
}

/// What stands in a Basic field, decoded.
std::string decoded(const client_credentials& credentials)
{
    const std::string_view field = credentials.authorization_field().expose();
    BOOST_TEST_REQUIRE(field.starts_with("Basic "));
    const std::string_view text = field.substr(6);
    std::string out(text.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    BOOST_TEST_REQUIRE(size >= 0);
    out.resize(static_cast<std::size_t>(size - std::count(text.begin(), text.end(), '=')));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_client_authentication)

BOOST_AUTO_TEST_CASE(the_example_of_RFC_6749_section_2_3_1)
{
    const client_credentials credentials("s6BhdRkqt3", client_secret_basic(secret("7Fjfp0ZBr1KtDRbnfVdmIw")));
    BOOST_TEST(credentials.authorization_field().expose() ==
               "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
    BOOST_TEST(credentials.method_name() == "client_secret_basic");
    BOOST_TEST(credentials.client_id() == "s6BhdRkqt3");
}

BOOST_AUTO_TEST_CASE(TE24_identifier_and_secret_are_form_encoded)
{
    const std::string all = all_bytes();
    BOOST_TEST(decoded({"a:b", client_secret_basic(secret("c:d+e f%\xc2\xa3"))}) ==
               "a%3Ab:c%3Ad%2Be%20f%25%C2%A3");
    const client_credentials odd("https://client.example/?a=b&c", client_secret_basic(secret(all)));
    const std::string pair = decoded(odd);
    BOOST_TEST(std::count(pair.begin(), pair.end(), ':') == 1);
    BOOST_TEST(pair.starts_with("https%3A%2F%2Fclient.example%2F%3Fa%3Db%26c:%00%01%02"));
    // Unreserved characters stay as they are, for servers that do not decode.
    BOOST_TEST(decoded({"a-b.c_d", client_secret_basic(secret("E-f.g_H0*"))}) == "a-b.c_d:E-f.g_H0*");
    for (std::size_t size = 0; size < 10; ++size)
        BOOST_TEST(decoded({"id", client_secret_basic(secret(std::string(size, 'x')))}) ==
                   "id:" + std::string(size, 'x'));
}

BOOST_AUTO_TEST_CASE(TE24_the_unencoded_form_is_as_it_is)
{
    const client_credentials credentials("a b",
                                         insecure::unencoded_client_secret_basic(secret("c:d+%\xc2\xa3")));
    BOOST_TEST(decoded(credentials) == "a b:c:d+%\xc2\xa3");
    BOOST_TEST(credentials.method_name() == "client_secret_basic");
    BOOST_TEST(body_of(credentials) == "");
    // Nothing in it can end the header field.
    BOOST_TEST(decoded({"a\r\n", insecure::unencoded_client_secret_basic(secret("b\r\nHost: c"))}) ==
               "a\r\n:b\r\nHost: c");
}

BOOST_AUTO_TEST_CASE(TE25_one_method_in_each_request)
{
    const client_credentials basic("id", client_secret_basic(secret("secret")));
    BOOST_TEST(!basic.authorization_field().empty());
    BOOST_TEST(body_of(basic) == "");

    const client_credentials post("id &", client_secret_post(secret("se cret&")));
    BOOST_TEST(post.authorization_field().empty());
    BOOST_TEST(body_of(post) == "client_id=id%20%26&client_secret=se%20cret%26");
    BOOST_TEST(post.method_name() == "client_secret_post");

    const client_credentials open("id", public_client());
    BOOST_TEST(open.authorization_field().empty());
    BOOST_TEST(body_of(open) == "client_id=id");
    BOOST_TEST(open.method_name() == "none");

    // RFC 6749 2.3.1: "The client MAY omit the parameter if the client secret is an empty string."
    BOOST_TEST(body_of({"id", client_secret_post(secret())}) == "client_id=id");
    BOOST_TEST(decoded({"id", client_secret_basic(secret())}) == "id:");
    BOOST_TEST(client_credentials().authorization_field().empty());
}

BOOST_AUTO_TEST_CASE(LG5_no_copy_of_the_secret_is_left)
{
    const std::string password = "7Fjfp0ZBr1KtDRbnfVdmIw-canary-0123456789";
    for (const std::string_view needle :
         {std::string_view(password), std::string_view("nVmRtSXctY2FuYXJ5")}) {
        const client_secret_basic basic{secret(std::string_view(password))};
        const client_secret_post post{secret(std::string_view(password))};
        const freed_memory_watch watch(needle);
        for (int i = 0; i < 2; ++i) {
            const client_credentials one("s6BhdRkqt3", basic);
            const client_credentials two("s6BhdRkqt3", post);
            secure_bytes body;
            two.append_to(body);
            BOOST_TEST(one.authorization_field().size() + body.size() > 60u);
        }
        BOOST_TEST(watch.blocks() > 6u);
        BOOST_TEST(watch.leaks() == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
