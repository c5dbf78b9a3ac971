#include <coauth/detail/clamped_limits.hpp>

#include <boost/test/unit_test.hpp>

namespace {

using coauth::limits;

/// Every duration of them, in the seconds or milliseconds in which it is counted.
template <class Function>
void for_each_duration(limits& bounds, Function&& visit)
{
    for (auto* one : {&bounds.exchange_deadline, &bounds.discovery_deadline, &bounds.resource_deadline,
                      &bounds.refresh_backoff, &bounds.refresh_longest_backoff, &bounds.refresh_lease})
        visit(*one);
    for (auto* one : {&bounds.pending_login_lifetime, &bounds.metadata_age, &bounds.metadata_retry_interval,
                      &bounds.key_set_age, &bounds.key_set_shortest_age, &bounds.key_set_longest_age,
                      &bounds.key_set_stale_if_error, &bounds.key_set_forced_interval,
                      &bounds.clock_tolerance, &bounds.id_token_age, &bounds.logout_token_age,
                      &bounds.early_expiry, &bounds.refresh_lead, &bounds.refresh_interval})
        visit(*one);
}

limits with_all(auto choose)
{
    limits out;
    for_each_duration(out, [&](auto& one) { one = choose(one); });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_clamped_limits)

BOOST_AUTO_TEST_CASE(usual_ones_stay_as_they_are)
{
    limits before;
    limits after = coauth::detail::clamped(before);
    std::vector<std::chrono::nanoseconds> expected, seen;
    for_each_duration(before, [&](auto& one) { expected.push_back(one); });
    for_each_duration(after, [&](auto& one) { seen.push_back(one); });
    BOOST_TEST((expected == seen));
}

BOOST_AUTO_TEST_CASE(two_of_the_longest_can_be_added_to_any_time)
{
    limits after = coauth::detail::clamped(with_all([](auto one) { return one.max(); }));
    for_each_duration(after, [](auto& one) {
        BOOST_TEST((one >= std::chrono::hours(24 * 36'500)));
        BOOST_TEST((one <= std::chrono::nanoseconds::max() / 2));
    });
}

BOOST_AUTO_TEST_CASE(none_is_below_zero)
{
    limits after = coauth::detail::clamped(with_all([](auto one) { return one.min(); }));
    for_each_duration(after, [](auto& one) { BOOST_TEST((one == one.zero())); });
}

BOOST_AUTO_TEST_SUITE_END()
