// One test for each misbehaviour that has a name: what the client says, and what it asks the server for afterwards.
#include "relying_party.hpp"

#include <coauth/testing/misbehaviours.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace coauth_test {

using coauth::testing::authorization_server;
using coauth::testing::client_duty;
using coauth::testing::endpoint;
using coauth::testing::misbehaviour;

namespace {

const expectation* find_expectation(std::string_view name)
{
    const auto all = expectations();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const expectation& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

/// The most requests that may have come by then, so that one too many is seen.
void check_requests(const authorization_server& server, const relying_party& party,
                    const expectation& expected)
{
    const stage last = expected.last;
    const bool userinfo_asked = last == stage::userinfo || (last == stage::refresh && !expected.reason);
    BOOST_TEST(server.count(endpoint::authorization) ==
               (last == stage::begin && expected.reason                               ? 0u
                : last == stage::second_sign_in || last == stage::second_logout_token ? 2u
                                                                                      : 1u));
    BOOST_TEST(server.count(endpoint::token) == party.token_requests());
    BOOST_TEST(server.count(endpoint::userinfo) == (userinfo_asked ? 1u : 0u));
    BOOST_TEST(server.count(endpoint::revocation) == 0u);
    // Where misbehaviours lead that are redirects, or addresses that nobody asked to be fetched.
    BOOST_TEST(server.count(endpoint::api) == 0u);
    BOOST_TEST(server.count(endpoint::other) == 0u);
    BOOST_TEST(server.count(endpoint::metadata) <= 2u); // the second one is RFC 8414's
    BOOST_TEST(server.count(endpoint::jwks) <= 3u);     // a retry, and a forced fetch
}

void check_what_is_known(const relying_party& party, const expectation& expected)
{
    if (expected.last == stage::begin)
        return;
    BOOST_TEST_REQUIRE(party.tokens().has_id_token());
    const auto& token = party.tokens().id_token();
    if (expected.name != "id27-sub-as-long-as-can-be")
        BOOST_TEST(token.subject() == person);
    BOOST_TEST(!token.session_id().empty());
    if (expected.last == stage::userinfo) {
        BOOST_TEST(party.userinfo()->subject() == person);
        BOOST_TEST(party.userinfo()->claim("name") == "Ada");
        BOOST_TEST(party.userinfo()->claim("email") == "ada@example.com");
    }
    if (expected.last == stage::logout_token) {
        BOOST_TEST(party.logout_token()->issuer() == token.issuer());
        const auto& sub = party.logout_token()->subject();
        const auto& sid = party.logout_token()->session_id();
        BOOST_TEST((sub.empty() || sub == person));
        BOOST_TEST((sid.empty() || sid == token.session_id()));
        BOOST_TEST((!sub.empty() || !sid.empty()));
    }
}

void check(const misbehaviour& of, coauth::response_mode mode)
{
    const expectation* const expected = find_expectation(of.name);
    BOOST_TEST_REQUIRE(expected != nullptr, "nobody says what a client has to make of it");
    BOOST_TEST_REQUIRE((of.duty == client_duty::accept) == !expected->reason);
    authorization_server& server = fresh_server();
    server.misbehave(of.name);
    relying_party party(server, expected->wanted, mode);
    const coauth::error outcome = party.live_until(expected->last);
    BOOST_TEST(outcome.code() == expected->reason, outcome.message());
    check_requests(server, party, *expected);
    if (!expected->reason && !outcome.code())
        check_what_is_known(party, *expected);
    server.behave();
}

bool is_in_form_post_plan(const misbehaviour& each)
{
    const expectation* const expected = find_expectation(each.name);
    return each.name.starts_with("oidcc-client-test") && each.at != endpoint::end_session &&
           expected != nullptr && expected->last != stage::begin;
}

/// Fills the test tree before main(), as the macros for tests do.
class registration {
public:
    registration()
    {
        using boost::unit_test::make_test_case;
        auto* const plain = BOOST_TEST_SUITE("misbehaviour");
        auto* const form_post = BOOST_TEST_SUITE("misbehaviour_form_post");
        for (const misbehaviour& each : coauth::testing::misbehaviours()) {
            const std::string name(each.name);
            plain->add(make_test_case([&each] { check(each, coauth::response_mode::query); }, name, __FILE__,
                                      __LINE__));
            if (is_in_form_post_plan(each))
                form_post->add(make_test_case([&each] { check(each, coauth::response_mode::form_post); },
                                              name, __FILE__, __LINE__));
        }
        boost::unit_test::framework::master_test_suite().add(plain);
        boost::unit_test::framework::master_test_suite().add(form_post);
    }
};
const registration registered;

} // namespace

BOOST_AUTO_TEST_SUITE(hostile_table)

BOOST_AUTO_TEST_CASE(expects_nothing_that_does_not_exist)
{
    for (const expectation& each : expectations())
        BOOST_TEST((coauth::testing::find_misbehaviour(each.name) != nullptr), each.name);
    BOOST_TEST(expectations().size() == coauth::testing::misbehaviours().size());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
