// One client used by many threads, on every kind of executor; and the race for the point of no return.
#include "signing_server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <set>
#include <thread>

using namespace coauth_test;
using coauth::errc;
using coauth::result;

namespace {

/// A server that changes its keys in the middle of a test, and publishes the new one when it begins to use it.
class changing_keys {
public:
    explicit changing_keys(int tokens_with_the_first_key) : left_(tokens_with_the_first_key)
    {
        key_number(1); // made before there are threads
    }

    std::string sign(std::string_view nonce)
    {
        const std::size_t key = left_-- > 0 ? 0 : 1;
        if (key == 1)
            changed_ = true;
        return signed_id_token(good_claims(nonce), key);
    }
    std::string published() const { return changed_ ? key_set_of({0, 1}) : key_set_of({0}); }

private:
    std::atomic<int> left_;
    std::atomic<bool> changed_{false};
};

/// The codes of this server are the nonces of their sign-ins.
void answer_everything(scripted_transport& server, int tokens_with_the_first_key = 1)
{
    const auto answer = [](std::string body) {
        return [body = std::move(body)](const recorded_request& request) {
            scripted_exchange out(request.method(), request.url());
            out.answer(200, body);
            return out;
        };
    };
    const auto keys = std::make_shared<changing_keys>(tokens_with_the_first_key);
    server.always("POST", token_endpoint, [keys](const recorded_request& request) {
        scripted_exchange out(request.method(), request.url());
        const auto form = request.form();
        if (form.contains("code"))
            out.answer(200, token_response_with(keys->sign(only_value(form, "code"))));
        else
            out.answer(200, refresh_response_with(keys->sign("")));
        return out;
    });
    server.always("GET", jwks_uri, [keys](const recorded_request& request) {
        scripted_exchange out(request.method(), request.url());
        out.answer(200, keys->published());
        return out;
    });
    server.always("GET", userinfo_endpoint, answer(userinfo_body()));
    server.always("GET", resource_url, answer("[]"));
    server.always("POST", revocation_endpoint, answer(""));
}

/// A sign-in from begin to end.
/// @return how many of its operations went well: seven, if all did
asio::awaitable<int> sign_in_and_out(manual_client client)
{
    int good = 0;
    const auto request = co_await client.begin_authorization({.scope = "openid"});
    good += request.has_value();
    if (!request)
        co_return good;
    const std::string query = callback_query(*request, only_value(query_of(request->url()), "nonce"));
    auto code =
        co_await client.accept_callback({.parameters = query, .browser_binding = request->browser_binding()});
    good += code.has_value();
    if (!code)
        co_return good;
    const auto tokens = co_await client.exchange(std::move(*code));
    good += tokens.has_value() && tokens->id_token().subject() == "person-1";
    if (!tokens)
        co_return good;
    const auto who = co_await client.fetch_userinfo(*tokens);
    good += who.has_value();
    const auto orders = co_await client.fetch_resource(*tokens, {.url = resource_url});
    good += orders.has_value();
    const auto renewed = co_await client.refresh(*tokens);
    good += renewed.has_value();
    if (!renewed)
        co_return good;
    const auto revoked = co_await client.revoke(*renewed);
    good += revoked.has_value();
    co_return good;
}

constexpr int sign_ins = 100;

/// Many sign-ins at once, each on an executor that the function makes.
template <class MakeExecutor>
void sign_in_many_times(MakeExecutor make_executor)
{
    flow test;
    answer_everything(test.server, sign_ins);
    std::vector<std::future<int>> all;
    for (int i = 0; i < sign_ins; ++i)
        all.push_back(asio::co_spawn(make_executor(), sign_in_and_out(test.client), asio::use_future));
    for (auto& one : all) {
        BOOST_TEST_REQUIRE((one.wait_for(std::chrono::seconds(60)) == std::future_status::ready));
        BOOST_TEST(one.get() == 7);
    }
    // All wait for the same keys: those of the first token, and those after the change.
    const std::size_t fetches = count_requests(test.server, "GET", jwks_uri);
    BOOST_TEST((fetches == 1 || fetches == 2));
    BOOST_TEST(test.server.sent().size() == sign_ins * 6u + fetches);
    BOOST_TEST(test.store->size() == 0u);
}

void spin(int times)
{
    for (std::atomic<int> i = 0; i < times; ++i) {
    }
}

/// Races a cancellation against the commit of one request.
/// @param head_start of the cancellation; negative: of the commit
/// @return how it ended: 0 cancelled in time, 1 cancelled too late, 2 not cancelled
int race(asio::thread_pool& pool, int head_start)
{
    flow test;
    answer_everything(test.server);
    std::promise<void> ready;
    std::shared_future<void> go(ready.get_future());
    std::atomic<int> abandoned{0};
    std::promise<void> told;
    test.client.on_abandoned([&](coauth::abandoned_tokens tokens) {
        abandoned += tokens.outcome().has_value() ? 1 : 100;
        told.set_value();
    });
    test.server.expect("POST", token_endpoint)
        .before_commit(happening::call([go, head_start] {
            go.wait();
            spin(head_start);
        }))
        .answer(200, token_response_body());

    // As Asio wants it: the signal is emitted where the coroutine runs, which is not where the request is sent.
    auto strand = asio::make_strand(pool);
    asio::cancellation_signal signal;
    std::promise<result<coauth::token_set>> promise;
    auto future = promise.get_future();
    asio::co_spawn(strand, test.client.refresh(tokens_on_paper(), {.application_data = "whose"}),
                   asio::bind_cancellation_slot(signal.slot(), [&promise](std::exception_ptr failure,
                                                                          result<coauth::token_set> outcome) {
                       if (failure)
                           promise.set_exception(failure);
                       else
                           promise.set_value(std::move(outcome));
                   }));
    while (test.server.running() == 0)
        std::this_thread::yield();
    asio::post(strand, [&signal, go, head_start] {
        go.wait();
        spin(-head_start);
        signal.emit(asio::cancellation_type::terminal);
    });
    ready.set_value();

    const auto outcome = future.get();
    std::promise<void> strand_empty; // the signal is still used
    asio::post(strand, [&strand_empty] { strand_empty.set_value(); });
    strand_empty.get_future().get();
    if (outcome) {
        BOOST_TEST(test.server.sent().size() == 1u);
        while (test.server.running() != 0)
            std::this_thread::yield();
        BOOST_TEST(abandoned == 0);
        return 2;
    }
    BOOST_TEST((outcome.error() == boost::system::error_code(asio::error::operation_aborted)));
    if (outcome.error().grant_spent()) {
        BOOST_TEST_REQUIRE(
            (told.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready));
        BOOST_TEST(abandoned == 1);
        BOOST_TEST(test.server.sent().size() == 1u);
        while (test.server.running() != 0)
            std::this_thread::yield();
        return 1;
    }
    while (test.server.running() != 0)
        std::this_thread::yield();
    BOOST_TEST(test.server.sent().empty());
    BOOST_TEST(abandoned == 0);
    return 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(client)

BOOST_AUTO_TEST_CASE(thread_pool)
{
    asio::thread_pool pool(2);
    sign_in_many_times([&pool] { return pool.get_executor(); });
}

BOOST_AUTO_TEST_CASE(thread_pool_with_a_strand_each)
{
    asio::thread_pool pool(4);
    sign_in_many_times([&pool] { return asio::make_strand(pool); });
}

BOOST_AUTO_TEST_CASE(thread_pool_with_one_strand)
{
    asio::thread_pool pool(2);
    const auto strand = asio::make_strand(pool);
    sign_in_many_times([&strand] { return strand; });
}

BOOST_AUTO_TEST_CASE(system_executor_with_a_strand_each)
{
    sign_in_many_times([] { return asio::make_strand(asio::system_executor()); });
}

BOOST_AUTO_TEST_CASE(io_context_of_four_threads)
{
    asio::io_context context(4);
    auto work = asio::make_work_guard(context);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&context] { context.run(); });
    sign_in_many_times([&context] { return context.get_executor(); });
    work.reset();
    for (std::thread& thread : threads)
        thread.join();
}

BOOST_AUTO_TEST_CASE(io_contexts_of_their_own)
{
    flow test;
    answer_everything(test.server, sign_ins);
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < sign_ins / 4; ++k)
                good += run(sign_in_and_out(test.client));
        });
    for (std::thread& thread : threads)
        thread.join();
    BOOST_TEST(good == sign_ins * 7);
}

BOOST_AUTO_TEST_CASE(DS28_keys_fetched_by_one_thread_for_all)
{
    // Each thread with a context of its own; the fetch runs on that of whoever asks first.
    for (int round = 0; round < 20; ++round) {
        flow test;
        answer_everything(test.server, 2);
        std::atomic<int> waiting{0};
        std::atomic<int> good{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                ++waiting;
                while (waiting < 4)
                    std::this_thread::yield();
                good += run(sign_in_and_out(test.client));
            });
        for (std::thread& thread : threads)
            thread.join();
        BOOST_TEST(good == 4 * 7);
        BOOST_TEST(count_requests(test.server, "GET", jwks_uri) <= 2u);
    }
}

BOOST_AUTO_TEST_CASE(DS28_discovery_by_one_thread_for_all)
{
    for (int round = 0; round < 20; ++round) {
        flow test;
        answer_everything(test.server, 2);
        test.server.always("GET", server_issuer + "/.well-known/openid-configuration",
                           [](const recorded_request& request) {
                               scripted_exchange out(request.method(), request.url());
                               out.answer(200, R"({"issuer":"https://as.example",)"
                                               R"("authorization_endpoint":"https://as.example/authorize",)"
                                               R"("token_endpoint":"https://as.example/token",)"
                                               R"("userinfo_endpoint":"https://as.example/userinfo",)"
                                               R"("revocation_endpoint":"https://as.example/revoke",)"
                                               R"("jwks_uri":"https://as.example/jwks"})");
                               return out;
                           });
        manual_client client(coauth::issuer::parse(server_issuer).value(), registration_on_paper(),
                             test.server);
        client.allow_resource_origin(endpoint("https://api.example"));
        asio::thread_pool pool(4);
        std::vector<std::future<int>> all;
        for (int i = 0; i < 8; ++i)
            all.push_back(asio::co_spawn(asio::make_strand(pool), sign_in_and_out(client), asio::use_future));
        for (auto& one : all) {
            BOOST_TEST_REQUIRE((one.wait_for(std::chrono::seconds(60)) == std::future_status::ready));
            BOOST_TEST(one.get() == 7);
        }
        BOOST_TEST(count_requests(test.server, "GET", server_issuer + "/.well-known/openid-configuration") ==
                   1u);
    }
}

BOOST_AUTO_TEST_CASE(DS28_whoever_fetches_is_cancelled_in_another_thread)
{
    asio::thread_pool pool(4);
    for (int round = 0; round < 100; ++round) {
        flow test;
        answer_everything(test.server, 1000);
        auto strand = asio::make_strand(pool);
        asio::cancellation_signal signal;
        std::promise<void> ended;
        asio::co_spawn(strand, sign_in_and_out(test.client),
                       asio::bind_cancellation_slot(
                           signal.slot(), [&ended](std::exception_ptr, int) { ended.set_value(); }));
        auto other = asio::co_spawn(asio::make_strand(pool), sign_in_and_out(test.client), asio::use_future);
        asio::post(strand, [&signal, round] {
            spin(round * 50);
            signal.emit(asio::cancellation_type::terminal);
        });
        BOOST_TEST_REQUIRE((other.wait_for(std::chrono::seconds(60)) == std::future_status::ready));
        BOOST_TEST(other.get() == 7);
        ended.get_future().get();
        std::promise<void> strand_empty; // the signal is still used
        asio::post(strand, [&strand_empty] { strand_empty.set_value(); });
        strand_empty.get_future().get();
        while (test.server.running() != 0)
            std::this_thread::yield();
    }
}

BOOST_AUTO_TEST_CASE(CB5_one_callback_accepted_by_many_threads_at_once)
{
    flow test;
    for (int round = 0; round < 100; ++round) {
        const auto request = test.begin();
        const std::string query = callback_query(request);
        std::atomic<int> accepted{0};
        std::atomic<int> refused{0};
        std::atomic<int> waiting{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                ++waiting;
                while (waiting < 4)
                    std::this_thread::yield();
                const auto code = run(test.client.accept_callback(
                    {.parameters = query, .browser_binding = request.browser_binding()}));
                if (code)
                    ++accepted;
                else
                    refused += code.error() == errc::unknown_transaction;
            });
        for (std::thread& thread : threads)
            thread.join();
        BOOST_TEST(accepted == 1);
        BOOST_TEST(refused == 3);
    }
}

BOOST_AUTO_TEST_CASE(random_values_are_different_in_all_threads)
{
    coauth::client client(server_on_paper(), registration_on_paper(), scripted_transport());
    std::mutex mutex;
    std::set<std::string> states;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < 100; ++k) {
                const auto request = run(client.begin_authorization({.scope = "openid"}));
                const std::lock_guard lock(mutex);
                states.insert(state_of(*request));
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    BOOST_TEST(states.size() == 400u);
}

BOOST_AUTO_TEST_CASE(cancellation_races_with_commit)
{
    // How often either of them wins is the machine's business; that nothing is lost is checked each time. What
    // comes of an early and of a late cancellation is tested without a race in flow/point_of_no_return.cpp.
    asio::thread_pool pool(3);
    int ended[3]{};
    for (int i = 0; i < 600; ++i)
        ++ended[race(pool, (i % 61 - 30) * 100)];
    BOOST_TEST_MESSAGE("cancelled in time " << ended[0] << ", too late " << ended[1] << ", not at all "
                                            << ended[2]);
}

BOOST_AUTO_TEST_CASE(pool_destroyed_while_operations_run)
{
    for (int i = 0; i < 20; ++i) {
        flow test;
        int completed = 0;
        {
            asio::thread_pool pool(2);
            for (const bool sent : {false, true}) {
                scripted_exchange& exchange = test.server.expect("POST", token_endpoint);
                if (sent)
                    exchange.after_commit(happening::hang());
                else
                    exchange.before_commit(happening::hang());
                asio::co_spawn(
                    asio::make_strand(pool), test.client.refresh(tokens_on_paper()),
                    [&completed](std::exception_ptr, const result<coauth::token_set>&) { ++completed; });
            }
            while (test.server.requests().size() != 2)
                std::this_thread::yield();
            if (i % 2)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            pool.stop();
        }
        BOOST_TEST(completed == 0);
        BOOST_TEST(test.server.running() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(client_destroyed_in_another_thread)
{
    asio::thread_pool pool(2);
    for (int i = 0; i < 100; ++i) {
        flow test;
        answer_everything(test.server);
        auto client = std::make_unique<manual_client>(test.client);
        auto future =
            asio::co_spawn(asio::make_strand(pool), client->refresh(tokens_on_paper()), asio::use_future);
        client.reset();
        BOOST_TEST(future.get().has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
