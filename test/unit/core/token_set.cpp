#include <coauth/core/token_set.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using std::chrono::milliseconds;
using std::chrono::seconds;

const token_set::time_point epoch(std::chrono::hours(500'000));

token_set living_for(seconds life)
{
    token_set out(secret("access"), "Bearer", {});
    out.set_received_at(epoch).set_expires_at(epoch + life);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_token_set)

BOOST_AUTO_TEST_CASE(it_holds_what_it_was_given)
{
    token_set one(secret("access"), "bearer", scope::parse("a b").value());
    BOOST_TEST(one.access_token().expose() == "access");
    BOOST_TEST(one.token_type() == "bearer");
    BOOST_TEST(one.scope().to_string() == "a b");
    BOOST_TEST(one.refresh_token().empty());
    BOOST_TEST(!one.scope_assumed());
    BOOST_TEST(!one.expires_at().has_value());
    one.set_refresh_token(secret("refresh")).set_scope_assumed(true).set_received_at(epoch);
    BOOST_TEST(one.refresh_token().expose() == "refresh");
    BOOST_TEST(one.scope_assumed());
    BOOST_TEST((one.received_at() == epoch));
    BOOST_TEST(token_set().access_token().empty());
}

BOOST_AUTO_TEST_CASE(TE13_without_a_known_end_it_does_not_expire)
{
    const token_set one(secret("access"), "Bearer", {});
    BOOST_TEST(!one.expired(epoch, seconds(30)));
    BOOST_TEST(!one.expired(token_set::time_point::max(), seconds::zero()));
}

BOOST_AUTO_TEST_CASE(RF17_it_expires_a_margin_early)
{
    const token_set one = living_for(seconds(3600));
    BOOST_TEST(!one.expired(epoch, seconds(30)));
    BOOST_TEST(!one.expired(epoch + seconds(3570) - milliseconds(1), seconds(30)));
    BOOST_TEST(one.expired(epoch + seconds(3570), seconds(30)));
    BOOST_TEST(!one.expired(epoch + seconds(3600) - milliseconds(1), seconds(0)));
    BOOST_TEST(one.expired(epoch + seconds(3600), seconds(0)));
    BOOST_TEST(one.expired(epoch + seconds(100'000), seconds(0)));
}

BOOST_AUTO_TEST_CASE(CB25_ID39_nobody_signed_in_until_somebody_did)
{
    for (const token_set& one : {token_set(), token_set(secret("access"), "Bearer", {})}) {
        BOOST_TEST(!one.has_id_token());
        BOOST_CHECK_EXCEPTION(one.id_token(), exception, [](const exception& thrown) {
            return thrown.reason() == errc::id_token_missing;
        });
    }
    token_set emptied(secret("access"), "Bearer", {});
    emptied.set_id_token(nullptr);
    BOOST_TEST(!emptied.has_id_token());
    BOOST_CHECK_THROW(emptied.id_token(), exception);
}

BOOST_AUTO_TEST_CASE(RF17_the_margin_is_at_most_a_tenth_of_the_life)
{
    const token_set one = living_for(seconds(100));
    BOOST_TEST(!one.expired(epoch + seconds(90) - milliseconds(1), seconds(30)));
    BOOST_TEST(one.expired(epoch + seconds(90), seconds(30)));
    BOOST_TEST(!living_for(seconds(300)).expired(epoch + seconds(270) - milliseconds(1), seconds(30)));
    BOOST_TEST(living_for(seconds(300)).expired(epoch + seconds(270), seconds(30)));
    // A margin for a service whose tokens live a day.
    BOOST_TEST(
        !living_for(seconds(86'400)).expired(epoch + seconds(77'759), seconds::max() / 1'000'000'000 / 4));
    BOOST_TEST(
        living_for(seconds(86'400)).expired(epoch + seconds(77'760), seconds::max() / 1'000'000'000 / 4));
}

BOOST_AUTO_TEST_CASE(TE16_it_may_be_expired_when_it_comes)
{
    BOOST_TEST(living_for(seconds(0)).expired(epoch, seconds(30)));
    BOOST_TEST(living_for(seconds(0)).expired(epoch, seconds(0)));
    BOOST_TEST(!living_for(seconds(1)).expired(epoch, seconds(30)));
    BOOST_TEST(living_for(seconds(1)).expired(epoch + milliseconds(900), seconds(30)));
}

BOOST_AUTO_TEST_CASE(RF18_an_odd_end_or_margin_never_makes_it_live_longer)
{
    // Put together by somebody whose clock jumped between the two.
    const token_set one = living_for(seconds(-1000));
    BOOST_TEST(one.expired(epoch - seconds(1000), seconds(30)));
    BOOST_TEST(one.expired(epoch - seconds(999), seconds(30)));
    BOOST_TEST(!one.expired(epoch - seconds(1001), seconds(0)));
    BOOST_TEST(living_for(seconds(100)).expired(epoch + seconds(100), seconds(-30)));
    // With received_at left at its default the life is long, and the margin counts.
    token_set undated(secret("access"), "Bearer", {});
    undated.set_expires_at(epoch);
    BOOST_TEST(!undated.expired(epoch - seconds(31), seconds(30)));
    BOOST_TEST(undated.expired(epoch - seconds(30), seconds(30)));
    undated.set_expires_at(token_set::time_point::max());
    BOOST_TEST(!undated.expired(epoch, seconds(30)));
}

BOOST_AUTO_TEST_SUITE_END()
