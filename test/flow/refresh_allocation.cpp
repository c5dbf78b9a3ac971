// What a refresh scheduler allocates, and what becomes of a refresh when memory runs out.
#include "allocation_faults.hpp"
#include "refreshing.hpp"

#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <map>
#include <new>

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(refresh_allocation)

asio::awaitable<bool> look_often(coauth::managed_grant grant, bool& through)
{
    for (int i = 0; i < 100; ++i) { // so that Asio has what it keeps for the next time
        const auto warm = co_await grant.token();
        BOOST_TEST_REQUIRE(warm.has_value());
    }
    const auto before = allocation_faults::count();
    bool good = true;
    for (int i = 0; i < 1000; ++i) {
        good = good && grant.current() != nullptr;
        const auto hot = co_await grant.token();
        good = good && hot;
    }
    const auto after = allocation_faults::count();
    BOOST_TEST(after == before);
    through = true;
    co_return good;
}

BOOST_AUTO_TEST_CASE(a_valid_token_costs_no_allocation_and_no_suspension)
{
    flow test;
    asio::io_context context(1);
    coauth::refresh_scheduler scheduler(context.get_executor(), test.client);
    auto grant = run(scheduler.manage(grant_key, fresh_tokens())).value();
    bool through = false;
    pending<bool> looks(context, look_often(grant, through));
    // One handler: it begins, and goes through to the end.
    context.poll_one();
    BOOST_TEST(through);
    context.poll();
    BOOST_TEST(looks.outcome());
}

/// Refreshes while the k-th allocation is refused.
/// @return whether there was a k-th
bool refresh_with_refusal(std::size_t k, bool stored, const coauth::limits& bounds, int& lost)
{
    refreshing test(bounds, stored);
    auto grant = test.manage();
    test.world.pass(2h);
    std::map<std::string, int> used;
    int answers = 0;
    test.test.server.always("POST", token_endpoint, [&](const recorded_request& request) {
        scripted_exchange out(request.method(), request.url());
        out.answer(200, refreshed_body(std::to_string(++answers)));
        return out;
    });
    test.test.server.always("POST", revocation_endpoint, [](const recorded_request& request) {
        scripted_exchange out(request.method(), request.url());
        out.answer(200, "");
        return out;
    });
    for (int i = 0; i < 4000; ++i) // see allocation.cpp
        asio::make_strand(test.world.context());
    std::optional<pending<coauth::result<shared_tokens>>> waits;
    bool threw = false;
    allocation_faults::refuse_after(k);
    try {
        waits.emplace(test.world.context(), test.scheduler->obtain(grant, grant_wish::usable, nullptr));
    } catch (const std::bad_alloc&) {
        threw = true;
    }
    for (bool again = true; again;) {
        try {
            test.world.run_ready();
            again = false;
        } catch (const std::bad_alloc&) {
            threw = true;
        }
    }
    allocation_faults::allow_all();
    const bool refused = allocation_faults::refused();
    test.world.pass(1min);
    if (waits && !waits->done())
        BOOST_TEST(threw); // never in silence
    // Whatever happened, it goes on: with tokens, or, where nothing is sent twice, a clear word that there are none.
    const auto next = test.want(grant);
    test.world.pass(1min);
    BOOST_TEST_REQUIRE(next.done());
    if (!next.outcome()) {
        BOOST_TEST((next.outcome().error() == coauth::condition::reauthorization_required));
        ++lost;
    }
    for (const auto& request : test.test.server.sent())
        if (request.url() == token_endpoint)
            ++used[only_value(request.form(), "refresh_token")];
    const int most = 1 + static_cast<int>(bounds.refresh_retries_of_unknown_outcome);
    for (const auto& [token, times] : used)
        BOOST_TEST(times <= most, token << " was used " << times << " times");
    if (!refused) {
        BOOST_TEST(access_token_of(waits->outcome()) == "access-1");
        BOOST_TEST(access_token_of(next.outcome()) == "access-1");
    }
    return refused;
}

BOOST_AUTO_TEST_CASE(RF6_DO5_refused_at_every_allocation_of_a_refresh)
{
    for (const bool stored : {false, true}) {
        for (const coauth::limits& bounds : {coauth::limits(), sent_once()}) {
            int lost = 0;
            std::size_t k = 0;
            for (bool refused = true; refused; ++k)
                BOOST_TEST_CONTEXT("allocation " << k << (stored ? ", with a store" : ""))
            refused = refresh_with_refusal(k, stored, bounds, lost);
            BOOST_TEST_MESSAGE(k << " allocations, " << lost << " grants lost");
            BOOST_TEST(k > 50u);
            // An exception from the client may mean that the refresh token was sent.
            BOOST_TEST(lost < static_cast<int>(k) - 20);
            if (bounds.refresh_retries_of_unknown_outcome != 0)
                BOOST_TEST(lost == 0);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
