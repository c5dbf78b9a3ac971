#include <coauth/detail/refresh_pace.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <limits>

namespace {

using namespace coauth;
using namespace coauth::detail;
using namespace std::chrono_literals;

limits four_at_once()
{
    limits out;
    out.parallel_refreshes = 4;
    out.refresh_backoff = 1s;
    return out;
}

const error no_answer(errc::timed_out);

error busy(std::chrono::seconds wanted)
{
    error out(errc::server_unavailable);
    return out.set_http_status(429).set_retry_after(wanted);
}

/// How many more may be under way.
std::size_t allowed(refresh_pace pace, steady_time now)
{
    std::size_t out = 0;
    for (; pace.may_begin(now) && out < 100; ++out)
        pace.begun();
    return out;
}

BOOST_AUTO_TEST_SUITE(refresh_pace_)

BOOST_AUTO_TEST_CASE(as_many_at_once_as_were_allowed)
{
    refresh_pace pace(four_at_once(), 1);
    BOOST_TEST(allowed(pace, 0s) == 4u);
    pace.begun();
    BOOST_TEST(allowed(pace, 0s) == 3u);
    pace.ended();
    for (int i = 0; i < 10; ++i)
        pace.answered();
    BOOST_TEST(allowed(pace, 0s) == 4u);
    limits any;
    any.parallel_refreshes = std::numeric_limits<std::size_t>::max();
    refresh_pace without_end(any, 1);
    without_end.answered();
    BOOST_TEST(allowed(without_end, 0s) == 100u);
    limits none;
    none.parallel_refreshes = 0;
    BOOST_TEST(allowed(refresh_pace(none, 1), 0s) == 1u);
}

BOOST_AUTO_TEST_CASE(RF30_a_retry_after_is_for_all)
{
    refresh_pace pace(four_at_once(), 1);
    BOOST_TEST(pace.failed(busy(120s), 10s));
    BOOST_TEST((pace.pause_end() == 130s));
    BOOST_TEST(allowed(pace, 130s - 1ns) == 0u);
    BOOST_TEST((pace.reason(10s) == condition::retryable));
    BOOST_TEST((pace.reason(10s) == errc::server_unavailable));
    BOOST_TEST((pace.reason(10s).retry_after() == 120s));
    BOOST_TEST((pace.reason(130s - 1ns).retry_after() == 1s));
    // A shorter one does not end it sooner, and a longer one counts.
    BOOST_TEST(!pace.failed(busy(5s), 20s));
    BOOST_TEST((pace.pause_end() == 130s));
    BOOST_TEST(!pace.failed(busy(200s), 30s));
    BOOST_TEST((pace.pause_end() == 230s));
    // Then one, and one more with each answer.
    BOOST_TEST(allowed(pace, 230s) == 1u);
    for (const std::size_t most : {2u, 3u, 4u, 4u}) {
        pace.answered();
        BOOST_TEST(allowed(pace, 230s) == most);
    }
}

BOOST_AUTO_TEST_CASE(RF30_three_failures_in_a_row_are_a_pause_and_each_further_one_a_longer_one)
{
    refresh_pace pace(four_at_once(), 1);
    BOOST_TEST(!pace.failed(no_answer, 0s));
    BOOST_TEST(allowed(pace, 0s) == 2u);
    BOOST_TEST(!pace.failed(no_answer, 0s));
    BOOST_TEST(allowed(pace, 0s) == 1u);
    steady_time now{};
    for (const auto longest : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
        BOOST_TEST(pace.failed(no_answer, now));
        const steady_time length = pace.pause_end() - now;
        BOOST_TEST((length > steady_time(longest) / 2 && length <= longest));
        BOOST_TEST(!pace.failed(no_answer, now)); // of those under way
        BOOST_TEST((pace.pause_end() - now == length));
        BOOST_TEST(allowed(pace, now) == 0u);
        now = pace.pause_end();
        BOOST_TEST(allowed(pace, now) == 1u);
    }
    pace.answered();
    BOOST_TEST(!pace.failed(no_answer, now)); // the first in a row
    BOOST_TEST(allowed(pace, now) == 1u);
}

BOOST_AUTO_TEST_CASE(RF30_answers_in_between_and_no_pause)
{
    refresh_pace pace(four_at_once(), 1);
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST(!pace.failed(no_answer, 0s));
        BOOST_TEST(!pace.failed(no_answer, 0s));
        pace.answered();
    }
    BOOST_TEST(allowed(pace, 0s) == 2u); // but fewer at once
}

BOOST_AUTO_TEST_CASE(what_tells_of_trouble)
{
    for (const errc code : {errc::timed_out, errc::connection_failed, errc::name_resolution_failed,
                            errc::connection_lost, errc::server_unavailable, errc::tls_handshake_failed})
        BOOST_TEST(tells_of_trouble(code));
    BOOST_TEST(tells_of_trouble(error(errc::malformed_http).set_grant_spent(true)));
    BOOST_TEST(tells_of_trouble(server_errc::temporarily_unavailable));
    BOOST_TEST(!tells_of_trouble(error(server_errc::invalid_grant).set_grant_spent(true)));
    BOOST_TEST(!tells_of_trouble(server_errc::invalid_client));
    BOOST_TEST(!tells_of_trouble(errc::unexpected_status));
    // What those are told who were not even sent.
    refresh_pace pace(four_at_once(), 1);
    pace.failed(error(errc::malformed_http).set_grant_spent(true).set_retry_after(9s), 0s);
    BOOST_TEST((pace.reason(0s) == errc::outcome_unknown));
    BOOST_TEST((pace.reason(0s) == condition::retryable));
    BOOST_TEST(!pace.reason(0s).grant_spent());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
