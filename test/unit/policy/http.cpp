#include <coauth/policy/http.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;

http_request request_for(std::string method)
{
    return http_request(std::move(method), endpoint_url::parse("https://as.example/token").value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_http)

BOOST_AUTO_TEST_CASE(a_request_holds_what_it_was_given)
{
    http_request request = request_for("POST");
    BOOST_TEST(request.method() == "POST");
    BOOST_TEST(request.url().host() == "as.example");
    BOOST_TEST(request.fields().empty());
    BOOST_TEST(request.body().empty());
    // The defaults are those of limits.
    BOOST_TEST((request.deadline() == std::chrono::seconds(30)));
    BOOST_TEST(request.response_header_bytes() == 32u * 1024);
    BOOST_TEST(request.response_body_bytes() == 1024u * 1024);
    request.add_field("Accept", secret("application/json"))
        .add_field("Authorization", secret("Bearer x"))
        .set_body(secret("a=b"))
        .set_deadline(std::chrono::milliseconds(5))
        .set_response_limits(1, 2);
    BOOST_TEST_REQUIRE(request.fields().size() == 2u);
    BOOST_TEST(request.fields()[1].name == "Authorization");
    BOOST_TEST(request.fields()[1].value.expose() == "Bearer x");
    BOOST_TEST(request.body().expose() == "a=b");
    BOOST_TEST((request.deadline() == std::chrono::milliseconds(5)));
    BOOST_TEST(request.response_header_bytes() == 1u);
    BOOST_TEST(request.response_body_bytes() == 2u);
}

BOOST_AUTO_TEST_CASE(TL18_only_GET_may_be_sent_again)
{
    BOOST_TEST(request_for("GET").repeatable());
    for (const char* method : {"POST", "PUT", "DELETE", "HEAD", "PATCH", "get", ""})
        BOOST_TEST(!request_for(method).repeatable(), method);
}

BOOST_AUTO_TEST_CASE(TE23_commit_asks_whoever_wants_to_be_asked)
{
    http_request request = request_for("POST");
    BOOST_TEST(request.commit());
    int asked = 0;
    bool answer = true;
    request.set_on_commit([&] {
        ++asked;
        return answer;
    });
    const http_request copy = request;
    BOOST_TEST(copy.commit());
    answer = false;
    BOOST_TEST(!request.commit());
    BOOST_TEST(asked == 2);
    request.set_on_commit(nullptr);
    BOOST_TEST(request.commit());
}

BOOST_AUTO_TEST_CASE(TE30_a_response_finds_its_fields)
{
    http_response response(200);
    response.add_field("Content-Type", "application/json")
        .add_field("Set-Cookie", "a=b")
        .add_field("content-type", "text/html")
        .add_field("Empty", "")
        .set_body(secret("{}"));
    BOOST_TEST(response.status() == 200u);
    BOOST_TEST(response.field_value("Content-Type") == "application/json"); // the first
    BOOST_TEST(response.field_value("CONTENT-TYPE") == "application/json");
    BOOST_TEST(response.field_value("Empty") == "");
    BOOST_TEST(response.field_value("Missing") == "");
    BOOST_TEST(response.field_value("") == "");
    BOOST_TEST(response.field_value("Content-Typ") == "");
    BOOST_TEST(response.fields().size() == 4u);
    BOOST_TEST(response.body().expose() == "{}");
    BOOST_TEST(http_response().status() == 0u);
}

BOOST_AUTO_TEST_CASE(LG5_bodies_and_credentials_are_wiped)
{
    const std::string_view canary = "2YotnFZFEjr1zCsicMWpAA-canary-0123456789";
    const freed_memory_watch watch(canary);
    {
        http_request request = request_for("POST");
        for (int i = 0; i < 5; ++i) // the list of fields grows
            request.add_field("Authorization", secret(canary));
        request.set_body(secret(canary));
        const http_request copy = request;
        http_response response(200);
        response.set_body(secret(canary));
        response.set_body(secret("shorter"));
    }
    BOOST_TEST(watch.blocks() > 10u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
