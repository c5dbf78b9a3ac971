// Servers that go and come back, that are not whom they should be, and that let not everybody do everything.
#include "redis_machine.hpp"

#include <coauth/testing/certificate_authority.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;
using coauth::errc;

coauth::shared_tokens tokens(std::string_view name)
{
    return std::make_shared<const coauth::token_set>(coauth::secret(name), "Bearer", coauth::scope());
}

const std::vector<std::string> durable = {"appendonly yes", "appendfsync always"};

/// A store on a connection of its own.
struct client {
    explicit client(const coauth::redis_settings& settings, unsigned threads = 1)
        : threads_of(threads),
          connection(threads_of.connect(settings)),
          grants(connection, ring(), "the issuer")
    {
    }
    static coauth::seal_key_ring ring()
    {
        static const coauth::seal_key_ring one = coauth::seal_key_ring::generate().value();
        return one;
    }
    coauth::error ping()
    {
        const auto outcome = threads_of.run(connection.ping());
        return outcome ? coauth::error() : outcome.error();
    }
    coauth::error put(std::string key)
    {
        const auto outcome = threads_of.run(grants.put(std::move(key), tokens("1")));
        return outcome ? coauth::error() : outcome.error();
    }

    machine threads_of;
    coauth::redis_connection connection;
    coauth::redis_token_store grants;
};

BOOST_AUTO_TEST_SUITE(redis_connection)

BOOST_AUTO_TEST_CASE(answers)
{
    const redis_server server;
    client one(server.settings());
    BOOST_TEST(!one.ping().code());
    BOOST_TEST(!one.put("alice").code());
}

BOOST_AUTO_TEST_CASE(databases_are_apart)
{
    const redis_server server;
    client first(server.settings());
    client second(server.settings().set_database(3));
    BOOST_TEST(!second.put("alice").code());
    BOOST_TEST((first.threads_of.run(first.grants.load("alice", 0)).error() == errc::grant_unknown));
    BOOST_TEST(second.threads_of.run(second.grants.load("alice", 0)).has_value());
}

BOOST_AUTO_TEST_CASE(tls)
{
    const redis_server server({{}, true});
    auto trusting = server.settings();
    trusting.add_authorities(redis_server::authority()).trust_only_added_authorities();
    client one(trusting);
    BOOST_TEST(!one.ping().code());
    BOOST_TEST(!one.put("alice").code());
}

BOOST_AUTO_TEST_CASE(tls_of_somebody_else)
{
    const redis_server server({{}, true});
    const coauth::testing::certificate_authority stranger;
    auto suspicious = server.settings();
    suspicious.add_authorities(stranger.certificate_pem()).trust_only_added_authorities().set_timeout(500ms);
    client one(suspicious);
    BOOST_TEST((one.put("alice") == errc::token_store_failed));

    auto plain = server.settings();
    plain.set_timeout(500ms);
    client two(plain);
    BOOST_TEST((two.put("alice") == errc::token_store_failed));

    auto unreadable = server.settings();
    unreadable.add_authorities("nonsense");
    machine threads;
    const auto outcome = coauth::redis_connection::create(threads.executor(), unreadable);
    BOOST_REQUIRE(!outcome);
    BOOST_TEST((outcome.error() == errc::invalid_configuration));
}

BOOST_AUTO_TEST_CASE(tls_for_another_host)
{
    // An address that the certificate does not name, of the same machine.
    const redis_server server({{"bind 127.0.0.1 127.0.0.2"}, true});
    coauth::redis_settings elsewhere("127.0.0.2", server.port());
    elsewhere.add_authorities(redis_server::authority()).trust_only_added_authorities().set_timeout(500ms);
    client one(elsewhere);
    BOOST_TEST((one.ping() == errc::token_store_failed));
    coauth::redis_settings here("127.0.0.1", server.port()); // which it names
    here.add_authorities(redis_server::authority()).trust_only_added_authorities();
    client two(here);
    BOOST_TEST(!two.ping().code());
}

/// With no more rights than redis_settings says are needed.
BOOST_AUTO_TEST_CASE(a_user_who_may_do_little)
{
    const redis_server server(
        {{"user default off",
          "user coauth on >the-password ~coauth:* +hello +ping +select +eval +evalsha +time "
          "+exists +del +hget +hgetall +hexists +hset +hdel +pexpire"}});
    auto settings = server.settings();
    settings.set_user("coauth", coauth::secret("the-password"));
    client one(settings);
    BOOST_TEST(!one.ping().code());
    BOOST_TEST(!one.put("alice").code());
    coauth::random_value owner;
    const auto generation = one.threads_of.run(one.grants.load("alice", 0)).value().generation();
    BOOST_TEST(one.threads_of.run(one.grants.acquire("alice", owner, 10s, 0, 0)).has_value());
    BOOST_TEST(one.threads_of.run(one.grants.begin_refresh("alice", owner, generation)).has_value());
    BOOST_TEST(one.threads_of.run(one.grants.renew("alice", owner, 10s)).has_value());
    BOOST_TEST(one.threads_of.run(one.grants.release("alice", owner)).has_value());
    BOOST_TEST(one.threads_of.run(one.grants.erase("alice")).has_value());
    coauth::redis_state_store logins(one.connection, client::ring());
    coauth::pending_login login(owner, owner, owner, owner, 1, coauth::response_mode::query, "", "");
    BOOST_TEST(one.threads_of.run(logins.put(std::move(login), 60s)).has_value());
    BOOST_TEST(one.threads_of.run(logins.take(owner, owner)).has_value());

    // Not where it has no right to be.
    coauth::redis_token_store outside(one.connection, client::ring(), "the issuer",
                                      coauth::redis_store_settings().set_prefix("other"));
    const auto refused = one.threads_of.run(outside.put("alice", tokens("1")));
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error() == errc::token_store_failed));
    BOOST_TEST(refused.error().description() == "Redis said NOPERM");
}

BOOST_AUTO_TEST_CASE(a_wrong_password)
{
    const redis_server server({{"requirepass the-password"}});
    auto settings = server.settings();
    settings.set_user("default", coauth::secret("not-the-password")).set_timeout(700ms);
    client one(settings);
    const coauth::error refused = one.put("alice");
    BOOST_TEST((refused == errc::token_store_failed));
    BOOST_TEST(refused.message().find("password") == std::string::npos);
    BOOST_TEST(refused.message().find("alice") == std::string::npos);
    client without(server.settings().set_timeout(700ms));
    BOOST_TEST((without.put("alice") == errc::token_store_failed));
    client with(server.settings().set_user("default", coauth::secret("the-password")));
    BOOST_TEST(!with.put("alice").code());
}

/// In time, and once that is known, at once.
BOOST_AUTO_TEST_CASE(no_server)
{
    redis_server server;
    const auto settings = server.settings().set_timeout(600ms);
    server.kill();
    client one(settings);
    coauth::error failed;
    const auto first = time_of([&] { failed = one.put("alice"); });
    BOOST_TEST((failed == errc::token_store_failed));
    BOOST_TEST((failed == coauth::condition::retryable));
    BOOST_TEST((first < 30s), first.count() << " ms");
    std::this_thread::sleep_for(600ms);
    const auto second = shortest_time_of(400ms, [&] { failed = one.put("alice"); });
    BOOST_TEST((failed == errc::token_store_failed));
    BOOST_TEST((second < 400ms), second.count() << " ms");

    coauth::redis_state_store logins(one.connection, client::ring());
    const coauth::random_value any;
    const auto taken = one.threads_of.run(logins.take(any, any));
    BOOST_TEST((taken.error() == errc::state_store_failed));

    server.start();
    BOOST_TEST(!retried([&] { return one.put("alice"); }).code());
}

BOOST_AUTO_TEST_CASE(a_restart_is_waited_for)
{
    redis_server server({durable});
    client one(server.settings().set_timeout(1min));
    BOOST_TEST(!one.put("before").code());
    server.kill();
    auto waiting = one.threads_of.begin(one.grants.put("meanwhile", tokens("1")));
    BOOST_TEST((waiting.wait_for(200ms) == std::future_status::timeout));
    server.start();
    BOOST_TEST(waiting.get().has_value());
    BOOST_TEST(one.threads_of.run(one.grants.load("before", 0)).has_value());
    BOOST_TEST(one.threads_of.run(one.grants.load("meanwhile", 0)).has_value());
}

/// Killed at any time, with many commands under way: what was said to be done is done.
BOOST_AUTO_TEST_CASE(what_is_done_stays_done)
{
    redis_server server({durable});
    client one(server.settings().set_timeout(1min), 2);
    for (int round = 0; round < 5; ++round) {
        std::vector<std::future<coauth::result<std::uint64_t>>> puts;
        for (int i = 0; i < 50; ++i)
            puts.push_back(one.threads_of.begin(one.grants.put(
                "round " + std::to_string(round) + " grant " + std::to_string(i), tokens("1"))));
        std::this_thread::sleep_for(std::chrono::milliseconds(round * 3));
        server.kill();
        server.start();
        for (std::size_t i = 0; i < puts.size(); ++i) {
            const auto put = puts[i].get();
            BOOST_REQUIRE(put);
            const auto found = one.threads_of.run(
                one.grants.load("round " + std::to_string(round) + " grant " + std::to_string(i), 0));
            BOOST_REQUIRE(found);
            BOOST_TEST(found->generation() == *put);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_server_that_says_nothing)
{
    redis_server server;
    client one(server.settings().set_timeout(1s).set_health_check_interval(1s));
    BOOST_TEST(!retried([&] { return one.put("alice"); }).code());
    server.pause();
    coauth::error failed;
    const auto waited = time_of([&] { failed = one.put("bob"); });
    BOOST_TEST((failed == errc::token_store_failed));
    BOOST_TEST((waited >= 900ms && waited < 30s), waited.count() << " ms");
    // Until the connection is given up others are not made to wait for longer than that, and then not at all.
    std::this_thread::sleep_for(1200ms);
    const auto again = shortest_time_of(600ms, [&] { failed = one.put("bob"); });
    BOOST_TEST((failed == errc::token_store_failed));
    BOOST_TEST((again < 600ms), again.count() << " ms");
    server.go_on();
    BOOST_TEST(!retried([&] { return one.put("alice"); }).code());
}

/// A sign-in whose answer got lost may be spent: it is not asked for again.
BOOST_AUTO_TEST_CASE(a_take_is_not_repeated)
{
    redis_server server({durable});
    client one(server.settings().set_timeout(1min));
    coauth::redis_state_store logins(one.connection, client::ring());
    const coauth::random_value value;
    coauth::pending_login login(value, value, value, value, 1, coauth::response_mode::query, "", "");
    BOOST_REQUIRE(one.threads_of.run(logins.put(std::move(login), 60s)));
    server.pause();
    auto taking = one.threads_of.begin(logins.take(value, value));
    BOOST_TEST((taking.wait_for(300ms) == std::future_status::timeout));
    server.kill();
    server.start();
    BOOST_TEST((taking.get().error() == errc::state_store_failed));
}

BOOST_AUTO_TEST_CASE(RF9_a_cancelled_command)
{
    redis_server server;
    client one(server.settings().set_timeout(1min));
    BOOST_TEST(!one.put("alice").code());
    server.pause();
    asio::cancellation_signal signal;
    std::promise<coauth::error> promise;
    auto outcome = promise.get_future();
    asio::co_spawn(one.threads_of.executor(), one.grants.load("alice", 0),
                   asio::bind_cancellation_slot(
                       signal.slot(), [&](std::exception_ptr, coauth::result<coauth::grant_record> record) {
                           promise.set_value(record ? coauth::error() : record.error());
                       }));
    BOOST_TEST((outcome.wait_for(200ms) == std::future_status::timeout));
    asio::post(one.threads_of.executor(), [&] { signal.emit(asio::cancellation_type::terminal); });
    BOOST_REQUIRE((outcome.wait_for(2min) == std::future_status::ready));
    BOOST_TEST((outcome.get().code() == coauth::error_code(asio::error::operation_aborted)));
    server.go_on();
    // The others go on with the same connection.
    BOOST_TEST(one.threads_of.run(one.grants.load("alice", 0)).has_value());
}

/// With commands that wait for an answer, or for a server; the connection outlives it, or does not.
BOOST_AUTO_TEST_CASE(RF10_the_context_goes_with_commands_under_way)
{
    for (const bool connection_goes_first : {false, true}) {
        for (const bool with_server : {false, true}) {
            redis_server server;
            if (!with_server)
                server.kill();
            std::optional<coauth::redis_connection> connection;
            std::optional<coauth::redis_token_store> grants;
            bool completed = false;
            {
                asio::io_context context;
                connection =
                    coauth::redis_connection::create(context.get_executor(), server.settings()).value();
                grants.emplace(*connection, client::ring(), "the issuer");
                context.run_for(200ms);
                if (with_server)
                    server.pause();
                for (int i = 0; i < 3; ++i)
                    asio::co_spawn(
                        context, grants->load("alice", 0),
                        [&](std::exception_ptr, coauth::result<coauth::grant_record>) { completed = true; });
                context.run_for(100ms);
                if (connection_goes_first) {
                    grants.reset();
                    connection.reset();
                }
            }
            BOOST_TEST(!completed);
        }
    }
}

/// Whoever is done with it does not keep the context running.
BOOST_AUTO_TEST_CASE(without_connection_the_context_has_nothing_to_do)
{
    const redis_server server;
    asio::io_context context;
    std::optional<coauth::redis_connection> connection =
        coauth::redis_connection::create(context.get_executor(), server.settings()).value();
    bool answered = false;
    asio::co_spawn(context, connection->ping(), [&](std::exception_ptr, coauth::result<void> outcome) {
        answered = outcome.has_value();
        connection.reset();
    });
    context.run_for(2min);
    BOOST_TEST(answered);
    BOOST_TEST(context.stopped());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
