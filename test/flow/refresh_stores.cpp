// Schedulers of several processes on one token store: leases, fences, and stores that fail.
#include "refreshing.hpp"

#include <functional>
#include <map>
#include <stdexcept>

using namespace coauth_test;
using coauth::condition;
using coauth::errc;
using coauth::result;
using coauth::server_errc;
using namespace std::chrono_literals;

namespace {

/// A token store between which and its user a test stands.
class meddled_store {
public:
    enum class fault { none, before, after, raise };
    /// What becomes of the next operations of this name.
    std::map<std::string, std::deque<fault>> faults;
    /// Where operations of this name wait, before they are done.
    std::map<std::string, std::shared_ptr<gate>> gates;
    std::vector<std::string> operations;
    /// Called for each operation; by default there are the faults above.
    std::function<fault(const std::string&)> choose;

    asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens)
    {
        return meddle("put", store_->put(std::move(key), std::move(tokens)));
    }
    asio::awaitable<result<coauth::grant_record>> load(std::string key, std::uint64_t known)
    {
        return meddle("load", store_->load(std::move(key), known));
    }
    asio::awaitable<result<coauth::lease>> acquire(std::string key, const coauth::random_value& owner,
                                                   std::chrono::milliseconds duration, std::uint64_t known,
                                                   unsigned tries)
    {
        return meddle("acquire", store_->acquire(std::move(key), owner, duration, known, tries));
    }
    asio::awaitable<result<void>> renew(std::string key, const coauth::random_value& owner,
                                        std::chrono::milliseconds duration)
    {
        return meddle("renew", store_->renew(std::move(key), owner, duration));
    }
    asio::awaitable<result<void>> begin_refresh(std::string key, const coauth::random_value& owner,
                                                std::uint64_t generation)
    {
        return meddle("begin", store_->begin_refresh(std::move(key), owner, generation));
    }
    asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key,
                                                            const coauth::random_value& owner,
                                                            std::uint64_t generation, shared_tokens tokens)
    {
        return meddle("complete",
                      store_->complete_refresh(std::move(key), owner, generation, std::move(tokens)));
    }
    asio::awaitable<result<void>> release(std::string key, const coauth::random_value& owner)
    {
        return meddle("release", store_->release(std::move(key), owner));
    }
    asio::awaitable<result<void>> erase(std::string key)
    {
        return meddle("erase", store_->erase(std::move(key)));
    }

    std::ptrdiff_t count(const std::string& name) const
    {
        return std::count(operations.begin(), operations.end(), name);
    }

private:
    template <class T>
    asio::awaitable<result<T>> meddle(std::string name, asio::awaitable<result<T>> operation)
    {
        operations.push_back(name);
        fault what = choose ? choose(name) : fault::none;
        if (auto& planned = faults[name]; !choose && !planned.empty()) {
            what = planned.front();
            planned.pop_front();
        }
        if (const auto held = gates[name])
            co_await held->pass();
        if (what == fault::raise)
            throw std::runtime_error("a store that throws");
        if (what == fault::before)
            co_return errc::token_store_failed;
        result<T> outcome = co_await std::move(operation);
        if (what == fault::after)
            co_return errc::token_store_failed;
        co_return std::move(outcome);
    }

    std::shared_ptr<manual_token_store> store_ = std::make_shared<manual_token_store>();
};
static_assert(coauth::token_store<meddled_store>);
using fault = meddled_store::fault;

/// A server, a store, and processes.
struct cluster {
    class process {
    public:
        process(cluster& of, std::uint64_t seed)
            : world(std::make_unique<manual_world>()),
              scheduler(std::make_shared<manual_scheduler>(
                  world->executor(), std::make_shared<client_source>(of.test.client, of.limits), of.store,
                  seed))
        {
            scheduler->on_event([this](const coauth::refresh_event& event) { events.push_back(event); });
        }
        ~process()
        {
            if (scheduler)
                scheduler->close();
            if (world)
                world->run_ready();
            scheduler.reset();
        }
        process(const process&) = delete;

        /// As by kill -9.
        void crash()
        {
            world.reset();
            scheduler.reset();
        }
        template <class T>
        pending<T> start(asio::awaitable<T> operation)
        {
            pending<T> out(world->context(), std::move(operation));
            world->run_ready();
            return out;
        }
        template <class T>
        T now(asio::awaitable<T> operation)
        {
            return start(std::move(operation)).outcome();
        }
        pending<result<shared_tokens>> want(grant_wish wish = grant_wish::usable)
        {
            return start(scheduler->obtain(grant_key, wish));
        }
        std::size_t count(event_kind what) const
        {
            return static_cast<std::size_t>(std::count_if(
                events.begin(), events.end(), [what](const auto& event) { return event.what() == what; }));
        }

        std::unique_ptr<manual_world> world;
        std::vector<coauth::refresh_event> events;
        std::shared_ptr<manual_scheduler> scheduler;
    };

    explicit cluster(const coauth::limits& bounds = {}) : limits(bounds), test(server_on_paper(), bounds)
    {
        for (auto& each : processes)
            each = std::make_unique<process>(*this, ++seed);
        first().now(first().scheduler->manage(grant_key, fresh_tokens())).value();
        second().now(second().scheduler->find(grant_key)).value();
    }
    ~cluster()
    {
        store->gates.clear();
        store->choose = nullptr;
        store->faults.clear();
        for (auto& each : processes)
            each.reset();
    }

    process& first() { return *processes[0]; }
    process& second() { return *processes[1]; }

    void pass(std::chrono::nanoseconds time)
    {
        // A little for each in turn: they share the clock.
        const auto end = manual_steady_clock::now() + time;
        while (manual_steady_clock::now() < end) {
            const auto step = std::min<std::chrono::nanoseconds>(end - manual_steady_clock::now(), 20ms);
            manual_steady_clock::advance(step);
            manual_wall_clock::advance(step);
            run_ready();
        }
    }
    void run_ready()
    {
        for (int round = 0; round < 3; ++round)
            for (auto& each : processes)
                if (each->world)
                    each->world->pass(0s);
    }
    scripted_exchange& expect_refresh(const std::string& number)
    {
        return test.server.expect("POST", token_endpoint).answer(200, refreshed_body(number));
    }
    std::size_t requests() const { return test.server.requests().size(); }

    coauth::limits limits;
    flow test;
    std::shared_ptr<meddled_store> store = std::make_shared<meddled_store>();
    std::uint64_t seed = 0;
    std::array<std::unique_ptr<process>, 2> processes;
};

/// To jump over the time in which tokens are of use.
void expire(std::chrono::nanoseconds time = 2h)
{
    manual_steady_clock::advance(time);
    manual_wall_clock::advance(time);
}

} // namespace

BOOST_AUTO_TEST_SUITE(refresh_stores)

BOOST_AUTO_TEST_CASE(RF1_one_refresh_for_all_processes)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want();
    const auto waits = test.second().want();
    test.pass(2s);
    BOOST_TEST(!waits.done());
    BOOST_TEST(test.requests() == 1u);
    hold->open();
    test.pass(2s);
    BOOST_TEST(access_token_of(leads.outcome()) == "access-1");
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
    BOOST_TEST(test.first().count(event_kind::refreshed) == 1u);
    BOOST_TEST(test.second().count(event_kind::adopted) == 1u);
    // Right after it, nobody refreshes again.
    BOOST_TEST(access_token_of(test.first().want(grant_wish::newer).outcome()) == "access-1");
    BOOST_TEST(access_token_of(test.second().want(grant_wish::newer).outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF1_a_process_that_comes_later_takes_what_others_got)
{
    cluster test;
    expire();
    test.expect_refresh("1");
    test.first().want().outcome().value();
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
    BOOST_TEST(test.second().count(event_kind::adopted) == 1u);
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF1_a_lease_lasts_as_long_as_the_refresh)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want();
    const auto waits = test.second().want();
    test.store->faults["renew"] = {fault::none, fault::before, fault::after, fault::raise};
    test.pass(100s);
    BOOST_TEST(!waits.done());
    BOOST_TEST(test.store->count("renew") >= 18);
    hold->open();
    test.pass(2s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
    // And no longer.
    const auto renewals = test.store->count("renew");
    test.pass(60s);
    BOOST_TEST(test.store->count("renew") == renewals);
}

BOOST_AUTO_TEST_CASE(RF6_who_sent_the_refresh_token_crashes)
{
    cluster test;
    expire(50min);
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want(grant_wish::newer);
    BOOST_TEST(test.requests() == 1u);
    test.first().crash();
    const auto waits = test.second().want(grant_wish::newer);
    test.pass(20s);
    check_refused(waits.outcome(), errc::outcome_unknown);
    BOOST_TEST((waits.outcome().error() == condition::reauthorization_required));
    // Its tokens are of use as long as they last.
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-0");
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 0u);
    expire();
    for (int i = 0; i < 3; ++i) {
        const auto late = test.second().want();
        test.pass(1s);
        check_refused(late.outcome(), errc::outcome_unknown);
        expire();
    }
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 1u);
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF6_an_answer_that_comes_late_is_adopted_by_all)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.store->gates["renew"] = std::make_shared<gate>(); // as if it were suspended
    test.expect_refresh("1").after_commit(happening::hold(hold));
    const auto leads = test.first().want();
    const auto waits = test.second().want();
    test.pass(30s);
    check_refused(waits.outcome(), errc::outcome_unknown);
    BOOST_TEST(test.second().count(event_kind::reauthorization_required) == 1u);
    hold->open();
    test.store->gates["renew"]->open();
    test.pass(1s);
    BOOST_TEST(access_token_of(leads.outcome()) == "access-1");
    test.pass(5min);
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF6_who_had_not_sent_it_yet_crashes)
{
    cluster test;
    expire();
    test.store->gates["begin"] = std::make_shared<gate>();
    const auto leads = test.first().want();
    BOOST_TEST(test.store->count("begin") == 1);
    test.first().crash();
    test.store->gates.clear();
    test.expect_refresh("1");
    const auto waits = test.second().want();
    test.pass(10s);
    BOOST_TEST(!waits.done());
    test.pass(6s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(a_store_that_is_down_lets_nothing_be_sent)
{
    cluster test;
    expire(50min);
    test.store->choose = [](const std::string&) { return fault::before; };
    auto waits = test.first().want(grant_wish::newer);
    test.pass(3s);
    check_refused(waits.outcome(), errc::token_store_failed);
    BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-0");
    test.store->choose = [](const std::string&) { return fault::raise; };
    test.pass(10s);
    waits = test.first().want(grant_wish::newer);
    test.pass(3s);
    check_refused(waits.outcome(), errc::token_store_failed);
    BOOST_TEST(test.requests() == 0u);
    test.store->choose = nullptr;
    test.pass(10s);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.first().want(grant_wish::newer).outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(every_operation_of_the_store_fails_in_turn)
{
    bool reached = true;
    for (int k = 0; reached; ++k) {
        for (const fault what : {fault::before, fault::after, fault::raise}) {
            BOOST_TEST_CONTEXT("operation " << k << ", fault " << static_cast<int>(what))
            {
                cluster test;
                expire();
                int operations = 0;
                std::string failed;
                test.store->choose = [&](const std::string& name) {
                    if (operations++ != k)
                        return fault::none;
                    failed = name;
                    return what;
                };
                test.expect_refresh("1");
                const auto leads = test.first().want();
                test.pass(1s);
                const auto waits = test.second().want();
                test.pass(2s);
                BOOST_TEST_CONTEXT("it was " << failed)
                {
                    BOOST_TEST(access_token_of(leads.outcome()) == "access-1");
                    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
                    BOOST_TEST(test.requests() == 1u);
                }
                reached = !failed.empty();
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(RF2_no_waiter_before_the_store_has_the_tokens)
{
    cluster test;
    expire();
    test.store->faults["complete"] = {10, fault::before};
    test.expect_refresh("1");
    const auto waits = test.first().want();
    while (!test.store->faults["complete"].empty()) {
        BOOST_TEST_REQUIRE(!waits.done());
        test.pass(100ms);
    }
    test.pass(6s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-1");
    BOOST_TEST(test.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(RF19_a_sign_in_elsewhere_while_a_refresh_is_under_way)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    const auto waits = test.first().want();
    test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(1h, "new"))).value();
    hold->open();
    test.pass(1s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-new");
    BOOST_TEST(test.first().count(event_kind::adopted) == 1u);
    BOOST_TEST(only_value(test.test.server.requests()[1].form(), "token") == "refresh-1");
}

BOOST_AUTO_TEST_CASE(RF19_a_logout_elsewhere_while_a_refresh_is_under_way)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.expect_refresh("1").after_commit(happening::hold(hold));
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    const auto waits = test.first().want();
    test.second().now(test.second().scheduler->forget(grant_key)).value();
    hold->open();
    test.pass(1s);
    check_refused(waits.outcome(), errc::grant_unknown);
    BOOST_TEST(test.requests() == 3u);
    check_refused(test.first().now(test.first().scheduler->find(grant_key)), errc::grant_unknown);
    BOOST_TEST(test.first().count(event_kind::reauthorization_required) == 1u);
}

BOOST_AUTO_TEST_CASE(RF19_who_looks_into_the_store_while_a_grant_is_forgotten_does_not_find_it)
{
    cluster test;
    cluster::process third(test, 3);
    test.store->gates["load"] = std::make_shared<gate>();
    const auto looks = third.start(third.scheduler->find(grant_key));
    third.now(third.scheduler->forget(grant_key)).value();
    test.store->gates["load"]->open();
    third.world->run_ready();
    check_refused(looks.outcome(), errc::grant_unknown);
    BOOST_TEST(third.scheduler->size() == 0u);
}

BOOST_AUTO_TEST_CASE(RF5_the_server_refuses_what_was_replaced_meanwhile)
{
    cluster test;
    expire();
    const auto hold = std::make_shared<gate>();
    test.test.server.expect("POST", token_endpoint)
        .after_commit(happening::hold(hold))
        .answer(400, R"({"error":"invalid_grant"})");
    const auto waits = test.first().want();
    test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(1h, "new"))).value();
    hold->open();
    test.pass(1s);
    BOOST_TEST(access_token_of(waits.outcome()) == "access-new");
    BOOST_TEST(test.first().count(event_kind::reauthorization_required) == 0u);
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-new");
}

BOOST_AUTO_TEST_CASE(RF5_all_processes_learn_that_a_grant_has_ended)
{
    for (const std::string failing : {"", "load", "complete"}) {
        cluster test;
        expire();
        test.store->faults[failing] = {fault::before, fault::after};
        test.test.server.expect("POST", token_endpoint).answer(400, R"({"error":"invalid_grant"})");
        const auto leads = test.first().want();
        const auto waits = test.second().want();
        test.pass(3s);
        check_refused(leads.outcome(), server_errc::invalid_grant);
        check_refused(waits.outcome(), server_errc::invalid_grant);
        for (const auto& each : test.processes) {
            BOOST_TEST(each->count(event_kind::reauthorization_required) == 1u);
            BOOST_TEST(each->scheduler->size() == 0u);
            check_refused(each->want().outcome(), errc::grant_unknown);
        }
        BOOST_TEST(test.requests() == 1u);
        // Until somebody signs in.
        test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(1h, "new"))).value();
        BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-new");
    }
}

BOOST_AUTO_TEST_CASE(RF7_who_spent_nothing_lets_others_try)
{
    for (const fault what : {fault::none, fault::before, fault::after, fault::raise}) {
        cluster test;
        expire();
        test.store->faults["release"] = {what, what, what};
        test.test.server.expect("POST", token_endpoint).answer(503, "busy", "text/plain");
        check_refused(test.first().want().outcome(), errc::server_unavailable);
        test.expect_refresh("1");
        const auto other = test.second().want();
        test.pass(3s);
        BOOST_TEST(access_token_of(other.outcome()) == "access-1");
        BOOST_TEST(access_token_of(test.first().want().outcome()) == "access-1");
        BOOST_TEST(test.requests() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_lost_what_it_had_is_not_believed)
{
    cluster test;
    for (int i = 1; i < 3; ++i) {
        expire();
        test.expect_refresh(std::to_string(i));
        test.first().want().outcome().value();
    }
    // As after a restart without what was written last.
    *test.store = meddled_store();
    test.second().scheduler->close();
    test.processes[1] = std::make_unique<cluster::process>(test, 7);
    test.second().now(test.second().scheduler->manage(grant_key, fresh_tokens(0s, "old"))).value();
    expire();
    check_refused(test.first().want().outcome(), errc::grant_unknown);
    BOOST_TEST(test.requests() == 2u);
}

BOOST_AUTO_TEST_CASE(what_was_stopped_before_it_was_sent_holds_no_lease)
{
    cluster test;
    expire();
    test.store->gates["begin"] = std::make_shared<gate>();
    const auto leads = test.first().want();
    test.first().scheduler->close();
    test.store->gates["begin"]->open();
    test.first().world->run_ready();
    check_refused(leads.outcome(), boost::system::error_code(asio::error::operation_aborted));
    BOOST_TEST(test.store->count("release") == 1);
    test.store->gates.clear();
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.second().want().outcome()) == "access-1");
}

BOOST_AUTO_TEST_CASE(manage_and_find_say_what_the_store_says)
{
    cluster test;
    auto& process = test.first();
    test.store->choose = [](const std::string&) { return fault::before; };
    check_refused(process.now(process.scheduler->manage("k", fresh_tokens())), errc::token_store_failed);
    check_refused(process.now(process.scheduler->find("k")), errc::token_store_failed);
    check_refused(process.now(process.scheduler->forget(grant_key)), errc::token_store_failed);
    BOOST_TEST(process.scheduler->size() == 0u);
    test.store->choose = nullptr;
    check_refused(process.now(process.scheduler->find("k")), errc::grant_unknown);
    for (const std::string& key : {std::string(), std::string(513, 'k')}) {
        check_refused(process.now(process.scheduler->manage(key, fresh_tokens())), errc::invalid_parameter);
        check_refused(process.now(process.scheduler->find(key)), errc::invalid_parameter);
        check_refused(process.now(process.scheduler->forget(key)), errc::invalid_parameter);
    }
    BOOST_TEST(process.now(process.scheduler->manage(std::string(512, 'k'), fresh_tokens())).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
