#include <coauth/core/client_registration.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;

struct not_a_method {
    std::string_view method_name = "not static";
};

} // namespace

BOOST_AUTO_TEST_SUITE(core_client_registration)

static_assert(client_authentication_method<client_secret_basic> &&
              client_authentication_method<client_secret_post> &&
              client_authentication_method<public_client> &&
              client_authentication_method<insecure::unencoded_client_secret_basic>);
static_assert(!client_authentication_method<not_a_method> && !client_authentication_method<secret>);
static_assert(client_secret_basic::conforming && client_secret_post::conforming &&
              public_client::conforming && !insecure::unencoded_client_secret_basic::conforming);

BOOST_AUTO_TEST_CASE(the_methods_have_the_names_of_RFC_7591)
{
    BOOST_TEST(client_secret_basic::method_name == "client_secret_basic");
    BOOST_TEST(client_secret_post::method_name == "client_secret_post");
    BOOST_TEST(public_client::method_name == "none");
    BOOST_TEST(insecure::unencoded_client_secret_basic::method_name == "client_secret_basic");
}

BOOST_AUTO_TEST_CASE(it_holds_what_it_was_given)
{
    const client_registration registration("s6BhdRkqt3", client_secret_post(secret("7Fjfp0ZBr1KtDRbnfVdmIw")),
                                           redirect_uri::parse("https://client.example.com/cb").value());
    BOOST_TEST(registration.client_id() == "s6BhdRkqt3");
    BOOST_TEST(registration.authentication().value.expose() == "7Fjfp0ZBr1KtDRbnfVdmIw");
    BOOST_TEST(registration.redirect_uri().string() == "https://client.example.com/cb");
}

BOOST_AUTO_TEST_SUITE_END()
