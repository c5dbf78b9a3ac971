// Memory is refused at each point at which it is asked for, one after the other. What comes of it is std::bad_alloc, and
// everything that was there before is still there and sound. Leaks are for the sanitizer to find.
#include <coauth/policy/memory_state_store.hpp>
#include <coauth/protocol/authorization_request.hpp>
#include <coauth/protocol/authorization_response.hpp>
#include <coauth/protocol/discovery.hpp>
#include <coauth/protocol/token_request.hpp>
#include <coauth/protocol/token_response.hpp>
#include <coauth/protocol/userinfo_response.hpp>
#include <coauth/resource.hpp>

#include "expect.hpp"
#include "memory.hpp"
#include "policy/logins.hpp"

#include <boost/test/unit_test.hpp>

#include <new>
#include <sstream>

namespace {

using namespace coauth;
using namespace coauth::test;

/// @param operation says whether it succeeded
/// @return how often it asked for memory
template <class Operation>
std::size_t refuse_each(const Operation& operation)
{
    for (std::size_t granted = 0; granted < 5000; ++granted) {
        bool refused = false;
        bool succeeded = false;
        {
            const allocation_limit limit(granted);
            try {
                succeeded = operation();
            } catch (const std::bad_alloc&) {
                refused = true;
            }
        }
        if (!refused) {
            BOOST_TEST(succeeded, "after " << granted << " allocations");
            return granted;
        }
    }
    BOOST_ERROR("it never succeeds");
    return 0;
}

const std::string long_text(2000, 'x');

} // namespace

BOOST_AUTO_TEST_SUITE(DO5_refused_memory)

BOOST_AUTO_TEST_CASE(the_limit_refuses)
{
    BOOST_TEST(refuse_each([] {
                   std::vector<std::unique_ptr<int>> held;
                   held.reserve(3);
                   for (int i = 0; i < 3; ++i)
                       held.push_back(std::make_unique<int>(i));
                   return held.size() == 3;
               }) == 4u);
}

BOOST_AUTO_TEST_CASE(errors)
{
    BOOST_TEST(refuse_each([] {
                   error one(server_errc::unrecognized);
                   one.set_description(long_text).set_server_error(long_text).set_http_status(400);
                   const error copy = one;
                   return copy.message().size() > 1000 && !copy.qualified_name().empty();
               }) > 5u);
    BOOST_TEST(refuse_each([] {
                   error one(errc::timed_out);
                   one.set_description(long_text);
                   const result<int> outcome = one;
                   try {
                       outcome.value();
                   } catch (const exception& thrown) {
                       return std::string_view(thrown.what()).size() > 1000;
                   }
                   return false;
               }) > 3u);
}

BOOST_AUTO_TEST_CASE(words)
{
    BOOST_TEST(refuse_each([] {
                   const auto url = endpoint_url::parse("https://[2001:db8::1]:8443/" + long_text + "?a=b");
                   const auto uri = redirect_uri::parse("https://client.example/" + long_text);
                   const auto name = issuer::parse("https://as.example/" + long_text);
                   return url && uri && name && !url->origin().empty() && !url->host_header().empty();
               }) > 5u);
    BOOST_TEST(refuse_each([] {
                   const auto one = scope::parse("openid https://scope.example/a/rather/long/one email");
                   return one && one->to_string().size() == 52;
               }) > 3u);
    BOOST_TEST(refuse_each([] {
                   const secret one{std::string(long_text)};
                   secret copy = one;
                   copy = secret("x");
                   return copy.size() == 1;
               }) > 3u);
}

BOOST_AUTO_TEST_CASE(requests)
{
    const auto endpoint =
        endpoint_url::parse("https://as.example/authorize?tenant=a-rather-long-name-of-a-tenant").value();
    const parameter extra[] = {{"access_type", "offline"},
                               {"resource", "https://api.example/a/rather/long/path"}};
    const authorization_parameters parameters{
        .scope = "openid email", .prompt = "login", .max_age = std::chrono::seconds(1), .extra = extra};
    BOOST_TEST(refuse_each([&] {
                   const auto prefix = detail::authorization_url_prefix::make(endpoint, "a-client-identifier",
                                                                              "https://client.example/cb");
                   const auto url = prefix->build(parameters, numbered(1), numbered(2), numbered(3));
                   return url && url->ends_with("path");
               }) > 4u);
    BOOST_TEST(refuse_each([] {
                   const detail::client_credentials basic("a-client-identifier",
                                                          client_secret_basic(secret("password")));
                   const detail::client_credentials post("a-client-identifier",
                                                         client_secret_post(secret("password")));
                   const secret body =
                       detail::authorization_code_request(post, long_text, "https://client.example/cb", "v");
                   const secret refresh = detail::refresh_request(basic, long_text, "a b");
                   return body.size() > 2000 && refresh.size() > 2000 && !basic.authorization_field().empty();
               }) > 4u);
    BOOST_TEST(refuse_each([&] {
                   const parameter fields[] = {{"X-A-Header-Field-With-A-Name", long_text}};
                   const auto request = detail::make_resource_request({.url = "https://api.example/",
                                                                       .content_type = "text/plain",
                                                                       .body = long_text,
                                                                       .fields = fields},
                                                                      false);
                   return request && request->fields().size() == 3;
               }) > 4u);
}

BOOST_AUTO_TEST_CASE(answers)
{
    BOOST_TEST(
        refuse_each([] {
            const auto response = detail::parse_authorization_response(
                "code=%53plxlOBeZQQYbYS6WxSbIA-and-more&state=ZWVlNDBlYzA1NjdkMDNhYjg3ZjUxZjAyNGQzMTM2NzI"
                "&iss=https%3A%2F%2Fhonest.as.example&error_description=a+rather+long+description",
                {});
            return response && response->issuer == "https://honest.as.example";
        }) > 4u);
    const std::string body =
        "{\"access_token\":\"" + long_text + "\",\"token_type\":\"Bearer\",\"expires_in\":\"3600\"," +
        "\"refresh_token\":\"" + long_text + "\",\"scope\":\"openid a-rather-long-scope-token\"," +
        "\"x\":[1,{\"y\":[\"" + long_text + "\"]}]}";
    BOOST_TEST(refuse_each([&] {
                   secret id_token;
                   const auto tokens =
                       detail::parse_token_response({200, "application/json", "", body}, {}, {}, id_token);
                   return tokens && tokens->access_token().size() == 2000;
               }) > 5u);
    BOOST_TEST(refuse_each([] {
                   const std::string_view refusal =
                       R"({"error":"out_of_cheese_and_of_bread","error_description":"come back later"})";
                   const auto reason =
                       detail::parse_error_response({429, "application/json", "7", refusal}, {});
                   return reason == errc::server_unavailable && reason.description() == "come back later";
               }) > 3u);
    const issuer from = issuer::parse("https://as.example/a/rather/long/path").value();
    BOOST_TEST(refuse_each([&] {
                   const auto server = detail::parse_server_metadata(
                       {200, "application/json", "", R"({"issuer":"https://as.example/a/rather/long/path",
                           "authorization_endpoint":"https://as.example/authorize","token_endpoint":"https://as.example/token",
                           "token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]})"},
                       from, nullptr, {});
                   return server && server->token_endpoint().host() == "as.example" &&
                          !detail::oauth_metadata_url(from).empty() &&
                          !detail::openid_configuration_url(from).empty();
               }) > 4u);
    detail::userinfo_expectations expected;
    expected.needs_subject = true;
    BOOST_TEST(refuse_each([&] {
                   const auto info = detail::parse_userinfo(
                       {200, "application/json", "",
                        R"({"sub":"a-rather-long-subject-identifier","email":"jane@example.com"})"},
                       expected, {});
                   const auto copy = *info;
                   return copy.claim("email") == "jane@example.com";
               }) > 3u);
    BOOST_TEST(refuse_each([] {
                   const auto found = bearer_challenge::parse(
                       {"Basic realm=\"b\", Bearer realm=\"a-rather-long-name-of-a-realm\", "
                        "error=\"invalid_token\""});
                   return found && found->reason() == server_errc::invalid_token;
               }) > 3u);
}

BOOST_AUTO_TEST_CASE(a_store_survives)
{
    limits bounds;
    bounds.pending_logins = 100;
    BOOST_TEST(refuse_each([&] {
                   memory_state_store store(bounds);
                   return store.put(numbered_login(1, 1, long_text), std::chrono::seconds(300)).has_value() &&
                          store.take(browser_number(1), state_number(1)).has_value();
               }) > 3u);
    // At every size at which the table grows: what was in it can still be taken, and it goes on as before.
    for (const std::uint64_t before : {0, 1, 16, 32, 64, 99, 100}) {
        for (std::size_t granted = 0; granted < 8; ++granted) {
            memory_state_store store(bounds);
            for (std::uint64_t i = 0; i < before; ++i)
                store.put(numbered_login(i, i), std::chrono::seconds(300)).value();
            pending_login added = numbered_login(1000, 1000);
            bool refused = false;
            {
                const allocation_limit limit(granted);
                try {
                    store.put(std::move(added), std::chrono::seconds(300)).value();
                } catch (const std::bad_alloc&) {
                    refused = true;
                }
            }
            BOOST_TEST(store.take(browser_number(1000), state_number(1000)).has_value() == !refused);
            const std::size_t lost = before == bounds.pending_logins ? 1 : 0; // made room for it, in any case
            BOOST_TEST(store.size() == before - lost);
            store.put(numbered_login(2000, 2000), std::chrono::seconds(300)).value();
            BOOST_TEST(store.take(browser_number(2000), state_number(2000)).has_value());
            for (std::uint64_t i = lost; i < before; ++i)
                BOOST_TEST(store.take(browser_number(i), state_number(i)).has_value(),
                           before << ' ' << granted << ' ' << i);
            if (!refused && granted > 0)
                break;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
