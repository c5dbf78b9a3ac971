// How the client proves who it is: once, by one method, and never to find out which one works.
#include "flow_fixture.hpp"

#include <openssl/evp.h>

using namespace coauth_test;
using coauth::errc;

namespace {

std::string basic(std::string_view credentials)
{
    std::string out((credentials.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(credentials.data()),
                                     static_cast<int>(credentials.size()));
    out.resize(static_cast<std::size_t>(size));
    return "Basic " + out;
}

/// The request that a client registered like this refreshes with.
template <class Policy = manual_policy, class Authentication>
recorded_request request_of(std::string client_id, Authentication authentication,
                            coauth::server_metadata metadata = server_on_paper())
{
    scripted_transport server;
    server.expect("POST", token_endpoint).answer(200, refresh_response_body());
    coauth::basic_client<Policy> client(
        std::move(metadata),
        coauth::client_registration(std::move(client_id), std::move(authentication),
                                    coauth::redirect_uri::parse(callback_url).value()),
        server);
    BOOST_TEST(run(client.refresh(tokens_on_paper())).has_value());
    return server.sent().at(0);
}

coauth::client_secret_basic basic_secret(const char* text)
{
    return coauth::client_secret_basic(coauth::secret(text));
}

} // namespace

BOOST_AUTO_TEST_SUITE(client_authentication)

BOOST_AUTO_TEST_CASE(TE24_credentials_are_form_encoded_before_base64)
{
    BOOST_TEST(request_of("client", basic_secret("secret")).field("Authorization") == basic("client:secret"));
    // RFC 6749 2.3.1 and Appendix B
    BOOST_TEST(request_of("a:b c", basic_secret("p+q/%\xc3\xa9~")).field("Authorization") ==
               basic("a%3Ab%20c:p%2Bq%2F%25%C3%A9%7E"));
}

BOOST_AUTO_TEST_CASE(TE24_unencoded_only_by_its_name)
{
    const coauth::insecure::unencoded_client_secret_basic quirk(coauth::secret("p+q"));
    BOOST_TEST(request_of<manual_compatible_policy>("a b", quirk).field("Authorization") == basic("a b:p+q"));
    static_assert(!manual_policy::permits_authentication<coauth::insecure::unencoded_client_secret_basic>);
}

BOOST_AUTO_TEST_CASE(TE25_one_method_in_one_request)
{
    const auto in_header = request_of("client", basic_secret("secret"));
    BOOST_TEST(in_header.form().count("client_secret") == 0u);
    BOOST_TEST(in_header.form().count("client_id") == 0u);

    const auto in_body = request_of("client", coauth::client_secret_post(coauth::secret("s&cret=1")));
    BOOST_TEST(in_body.field("Authorization").empty());
    BOOST_TEST(only_value(in_body.form(), "client_id") == "client");
    BOOST_TEST(only_value(in_body.form(), "client_secret") == "s&cret=1");

    const auto without = request_of("client", coauth::public_client());
    BOOST_TEST(without.field("Authorization").empty());
    BOOST_TEST(without.form().count("client_secret") == 0u);
    // RFC 6749 3.2.1: "A client MAY use the "client_id" request parameter to identify itself"; a public one has to.
    BOOST_TEST(only_value(without.form(), "client_id") == "client");
}

BOOST_AUTO_TEST_CASE(TE25_no_other_method_is_tried)
{
    flow test;
    test.server.expect("POST", token_endpoint).answer(401, R"({"error":"invalid_client"})");
    check_refused(run(test.client.exchange(test.signed_in())), coauth::server_errc::invalid_client);
    BOOST_TEST(test.server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(TE26_method_that_the_server_does_not_list)
{
    scripted_transport server;
    const auto make = [&server](std::vector<std::string> methods, auto authentication) {
        manual_client(server_on_paper().set_token_endpoint_authentication_methods(std::move(methods)),
                      coauth::client_registration("client", authentication,
                                                  coauth::redirect_uri::parse(callback_url).value()),
                      server);
    };
    const auto unsupported = [](const coauth::exception& e) {
        return e.reason() == errc::client_authentication_unsupported;
    };
    BOOST_CHECK_EXCEPTION(make({"private_key_jwt"}, basic_secret("s")), coauth::exception, unsupported);
    BOOST_CHECK_EXCEPTION(make({"client_secret_post"}, basic_secret("s")), coauth::exception, unsupported);
    BOOST_CHECK_EXCEPTION(make({"client_secret_basic"}, coauth::client_secret_post(coauth::secret("s"))),
                          coauth::exception, unsupported);
    BOOST_CHECK_NO_THROW(make({"client_secret_basic"}, basic_secret("s")));
    BOOST_CHECK_NO_THROW(make({"private_key_jwt"}, coauth::public_client()));
    BOOST_TEST(server.requests().empty());
}

BOOST_AUTO_TEST_CASE(configurations_that_cannot_work)
{
    const auto invalid = [](const coauth::exception& e) { return e.reason() == errc::invalid_configuration; };
    const auto redirect = coauth::redirect_uri::parse(callback_url).value();
    const scripted_transport server;
    BOOST_CHECK_EXCEPTION(
        manual_client(coauth::server_metadata(),
                      coauth::client_registration("client", coauth::public_client(), redirect), server),
        coauth::exception, invalid);
    BOOST_CHECK_EXCEPTION(manual_client(server_on_paper(),
                                        coauth::client_registration("", coauth::public_client(), redirect),
                                        server),
                          coauth::exception, invalid);
    BOOST_CHECK_EXCEPTION(
        manual_client(server_on_paper(),
                      coauth::client_registration("client", coauth::public_client(), coauth::redirect_uri()),
                      server),
        coauth::exception, invalid);
    // CB7: an issuer is demanded in the responses, and none is known.
    coauth::server_metadata nameless(server_on_paper().authorization_endpoint(),
                                     server_on_paper().token_endpoint());
    nameless.set_sends_issuer_in_response(true);
    BOOST_CHECK_EXCEPTION(
        manual_client(nameless, coauth::client_registration("client", coauth::public_client(), redirect),
                      server),
        coauth::exception, invalid);
}

BOOST_AUTO_TEST_SUITE_END()
