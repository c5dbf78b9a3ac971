// The rules of both concepts, kept by a real server's scripts; and what is there to be read in it.
#include "redis_machine.hpp"

#include <coauth/policy/random_source.hpp>
#include <coauth/testing/check_state_store.hpp>
#include <coauth/testing/check_token_store.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;
using coauth::errc;
using coauth::pending_login;
using coauth::random_value;

random_value random()
{
    std::array<unsigned char, random_value::size_bytes> bytes{};
    coauth::openssl_random_source::fill(bytes).value();
    return random_value(bytes);
}

/// A sign-in and what a callback brings of it.
struct begun {
    random_value state = random();
    random_value binding = random();
    random_value nonce = random();
    random_value verifier = random();

    pending_login login(std::string_view data = "the application's") const
    {
        return pending_login(state, binding, nonce, verifier, 7, coauth::response_mode::form_post,
                             "openid email", data, 300s, "gold silver");
    }
};

coauth::shared_tokens tokens(std::string_view name)
{
    coauth::token_set out(coauth::secret("access-token-" + std::string(name)), "Bearer",
                          coauth::scope::parse("openid").value());
    out.set_refresh_token(coauth::secret("refresh-token-" + std::string(name)));
    out.set_received_at(std::chrono::system_clock::now());
    return std::make_shared<const coauth::token_set>(std::move(out));
}

std::string refresh_token_of(const coauth::grant_record& record)
{
    return record.tokens() ? std::string(record.tokens()->refresh_token().expose()) : "none";
}

/// A store of sign-ins and one of tokens, on a connection of their own: one process.
struct process {
    explicit process(const redis_server& server, const coauth::seal_key_ring& ring,
                     const coauth::redis_store_settings& settings = {}, unsigned threads = 1)
        : threads_of(threads),
          connection(threads_of.connect(server.settings())),
          logins(std::make_shared<coauth::redis_state_store>(connection, ring, coauth::limits(), settings)),
          grants(std::make_shared<coauth::redis_token_store>(connection, ring, "https://issuer.example",
                                                             settings))
    {
    }
    template <class T>
    T run(asio::awaitable<T> operation)
    {
        return threads_of.run(std::move(operation));
    }

    machine threads_of;
    coauth::redis_connection connection;
    std::shared_ptr<coauth::redis_state_store> logins;
    std::shared_ptr<coauth::redis_token_store> grants;
};

struct fixture {
    redis_server server;
    coauth::seal_key_ring ring = coauth::seal_key_ring::generate().value();
};

void check_none(const std::vector<std::string>& broken_rules)
{
    for (const std::string& rule : broken_rules)
        BOOST_ERROR(rule);
}

BOOST_AUTO_TEST_SUITE(redis_store)

BOOST_FIXTURE_TEST_CASE(state_store_keeps_the_rules, fixture)
{
    process only(server, ring, {}, 2);
    auto store = std::make_shared<coauth::redis_state_store>(only.connection, ring);
    check_none(only.run(coauth::testing::check_state_store(store)));
}

BOOST_FIXTURE_TEST_CASE(token_store_keeps_the_rules, fixture)
{
    process only(server, ring, {}, 2);
    coauth::testing::store_check_settings settings;
    settings.set_short_lease(200ms);
    check_none(only.run(coauth::testing::check_token_store(only.grants, settings)));
}

BOOST_FIXTURE_TEST_CASE(all_of_a_sign_in_comes_back_in_another_process, fixture)
{
    process here(server, ring);
    process there(server, ring);
    const begun one;
    BOOST_REQUIRE(here.run(here.logins->put(one.login(), 60s)));
    const auto found = there.run(there.logins->take(one.binding, one.state));
    BOOST_REQUIRE(found);
    BOOST_TEST(found->state().equals(one.state));
    BOOST_TEST(found->browser_binding().equals(one.binding));
    BOOST_TEST(found->nonce().equals(one.nonce));
    BOOST_TEST(found->code_verifier().equals(one.verifier));
    BOOST_TEST(found->client_tag() == 7u);
    BOOST_TEST((found->response_mode() == coauth::response_mode::form_post));
    BOOST_TEST(found->scope() == "openid email");
    BOOST_TEST(found->application_data() == "the application's");
    BOOST_TEST((found->max_age() == 300s));
    BOOST_TEST(found->required_acr_values() == "gold silver");
    BOOST_TEST((here.run(here.logins->take(one.binding, one.state)).error() == errc::unknown_transaction));
}

/// Two at once and more: one of all processes gets it.
BOOST_FIXTURE_TEST_CASE(CB5_a_sign_in_is_taken_once_by_all_processes, fixture)
{
    process first(server, ring, {}, 2);
    process second(server, ring, {}, 2);
    for (int round = 0; round < 20; ++round) {
        const begun one;
        BOOST_REQUIRE(first.run(first.logins->put(one.login(), 60s)));
        std::vector<std::future<coauth::result<pending_login>>> takes;
        for (int i = 0; i < 16; ++i)
            for (process* each : {&first, &second})
                takes.push_back(each->threads_of.begin(each->logins->take(one.binding, one.state)));
        int taken = 0;
        for (auto& each : takes) {
            const auto outcome = each.get();
            taken += outcome ? 1 : 0;
            if (!outcome)
                BOOST_TEST((outcome.error() == errc::unknown_transaction));
        }
        BOOST_TEST(taken == 1);
    }
}

BOOST_FIXTURE_TEST_CASE(CB6_what_is_wrong_with_a_callback_is_told, fixture)
{
    process only(server, ring);
    const begun one;
    const begun other;
    BOOST_REQUIRE(only.run(only.logins->put(one.login(), 60s)));
    BOOST_TEST((only.run(only.logins->take(one.binding, other.state)).error() == errc::state_mismatch));
    BOOST_TEST((only.run(only.logins->take(other.binding, one.state)).error() == errc::unknown_transaction));
    // That it came too late is known for a while only, which a busy machine may miss.
    coauth::error late;
    for (int i = 0; i < 10 && late != errc::expired_transaction; ++i) {
        BOOST_REQUIRE(only.run(only.logins->put(other.login(), 1s)));
        std::this_thread::sleep_for(1200ms);
        late = only.run(only.logins->take(other.binding, other.state)).error();
        BOOST_TEST((late == errc::expired_transaction || late == errc::unknown_transaction));
    }
    BOOST_TEST((late == errc::expired_transaction));
    BOOST_TEST(
        (only.run(only.logins->take(other.binding, other.state)).error() == errc::unknown_transaction));
    BOOST_TEST(only.run(only.logins->take(one.binding, one.state)).has_value());
}

/// Of one browser the oldest gives way, and everything goes in time by itself.
BOOST_FIXTURE_TEST_CASE(AR16_sign_ins_take_bounded_memory, fixture)
{
    process only(server, ring);
    const begun browser;
    std::vector<begun> all(10);
    for (begun& each : all) {
        each.binding = browser.binding;
        BOOST_REQUIRE(only.run(only.logins->put(each.login(), 60s)));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto found = only.run(only.logins->take(browser.binding, all[i].state));
        BOOST_TEST(found.has_value() == (i >= all.size() - coauth::limits().pending_logins_per_browser));
        kept += found ? 1 : 0;
    }
    BOOST_TEST(kept == coauth::limits().pending_logins_per_browser);
    BOOST_TEST(server.ask("DBSIZE").starts_with(":0\r\n"));

    BOOST_REQUIRE(only.run(only.logins->put(browser.login(), 1min)));
    BOOST_TEST(server.ask("DBSIZE").starts_with(":1\r\n"));
    BOOST_REQUIRE(only.run(only.logins->take(browser.binding, browser.state)));
    BOOST_REQUIRE(only.run(only.logins->put(browser.login(), 1s)));
    const auto end = std::chrono::steady_clock::now() + 2min;
    while (!server.ask("DBSIZE").starts_with(":0\r\n") && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(50ms);
    BOOST_TEST(server.ask("DBSIZE").starts_with(":0\r\n"));
}

BOOST_AUTO_TEST_CASE(a_full_server_is_a_store_that_failed)
{
    const redis_server server({{"maxmemory 2mb", "maxmemory-policy noeviction"}});
    process only(server, coauth::seal_key_ring::generate().value());
    coauth::error last;
    for (int i = 0; i < 200 && !last.code(); ++i) {
        const auto outcome = only.run(only.logins->put(begun().login(std::string(20'000, 'x')), 60s));
        if (!outcome)
            last = outcome.error();
    }
    BOOST_TEST((last == errc::state_store_failed));
    BOOST_TEST(last.description() == "Redis said OOM");
}

BOOST_FIXTURE_TEST_CASE(one_refreshes_and_the_others_adopt, fixture)
{
    process here(server, ring);
    process there(server, ring);
    const random_value mine = random();
    const random_value theirs = random();
    const std::uint64_t first = here.run(here.grants->put("alice", tokens("1"))).value();
    BOOST_TEST((here.run(here.grants->acquire("alice", mine, 10s, first, 0)).value().state() ==
                coauth::lease_state::granted));
    const auto held = there.run(there.grants->acquire("alice", theirs, 10s, 0, 0)).value();
    BOOST_TEST((held.state() == coauth::lease_state::held));
    BOOST_TEST((held.remaining() > 5s && held.remaining() <= 10s));
    BOOST_TEST(refresh_token_of(held.record()) == "refresh-token-1");
    BOOST_REQUIRE(here.run(here.grants->begin_refresh("alice", mine, first)));
    const auto second = here.run(here.grants->complete_refresh("alice", mine, first, tokens("2")));
    BOOST_REQUIRE(second);
    BOOST_TEST(*second > first);
    const auto adopted = there.run(there.grants->load("alice", first)).value();
    BOOST_TEST(adopted.generation() == *second);
    BOOST_TEST(refresh_token_of(adopted) == "refresh-token-2");
    // Fenced: whoever is still busy with the old generation changes nothing.
    BOOST_TEST((there.run(there.grants->begin_refresh("alice", theirs, first)).error() == errc::lease_lost));
    BOOST_TEST((there.run(there.grants->complete_refresh("alice", theirs, first, tokens("x"))).error() ==
                errc::lease_lost));
}

/// 4 threads in each of 2 processes want the lease of each of 20 grants: one gets it.
BOOST_FIXTURE_TEST_CASE(one_lease_for_all_who_ask_at_once, fixture)
{
    process first(server, ring, {}, 4);
    process second(server, ring, {}, 4);
    for (int grant = 0; grant < 20; ++grant) {
        const std::string key = "grant " + std::to_string(grant);
        BOOST_REQUIRE(first.run(first.grants->put(key, tokens("1"))));
        std::vector<std::future<coauth::result<coauth::lease>>> wishes;
        for (int i = 0; i < 16; ++i)
            for (process* each : {&first, &second})
                wishes.push_back(each->threads_of.begin(each->grants->acquire(key, random(), 30s, 0, 0)));
        int granted = 0;
        for (auto& each : wishes)
            granted += each.get().value().state() == coauth::lease_state::granted ? 1 : 0;
        BOOST_TEST(granted == 1);
    }
}

BOOST_FIXTURE_TEST_CASE(generations_grow_over_erasing, fixture)
{
    process only(server, ring);
    std::uint64_t last = 0;
    for (int i = 0; i < 3; ++i) {
        const auto put = only.run(only.grants->put("alice", tokens("1")));
        BOOST_REQUIRE(put);
        BOOST_TEST(*put > last);
        last = *put;
        BOOST_REQUIRE(only.run(only.grants->erase("alice")));
        BOOST_TEST((only.run(only.grants->load("alice", 0)).error() == errc::grant_unknown));
    }
    // The clock of the server was set back: what was erased is remembered all the same.
    const std::string keys = server.ask("KEYS *");
    const auto at = keys.find("coauth:grant:{");
    BOOST_REQUIRE(at != std::string::npos);
    const std::string key = keys.substr(at, keys.find('\r', at) - at);
    server.ask("HSET " + key + " g 9000000000000000");
    BOOST_TEST(only.run(only.grants->put("alice", tokens("1"))).value() == 9000000000000001u);
}

BOOST_FIXTURE_TEST_CASE(grants_stay_as_long_as_they_are_told_to, fixture)
{
    process brief(server, ring, coauth::redis_store_settings().set_retention(1s).set_prefix("brief"));
    process forever(server, ring, coauth::redis_store_settings().set_retention(0s).set_prefix("forever"));
    BOOST_REQUIRE(brief.run(brief.grants->put("alice", tokens("1"))));
    BOOST_REQUIRE(forever.run(forever.grants->put("alice", tokens("1"))));
    std::this_thread::sleep_for(1300ms);
    BOOST_TEST((brief.run(brief.grants->load("alice", 0)).error() == errc::grant_unknown));
    BOOST_TEST(forever.run(forever.grants->load("alice", 0)).has_value());
    BOOST_CHECK_THROW(coauth::redis_token_store(brief.connection, ring, "https://issuer.example",
                                                coauth::redis_store_settings().set_prefix("a{b}")),
                      coauth::exception);
}

/// Neither what is in it, nor what was said to it, tells anything to who reads the server's disk or log.
BOOST_AUTO_TEST_CASE(nothing_secret_is_in_the_server)
{
    const redis_server server({{"appendonly yes", "appendfsync always", "slowlog-log-slower-than 0",
                                "slowlog-max-len 1000", "requirepass the-password"}});
    const auto ring = coauth::seal_key_ring::generate().value();
    machine threads;
    auto settings = server.settings();
    settings.set_user("default", coauth::secret("the-password"));
    const auto connection = threads.connect(settings);
    coauth::redis_state_store logins(connection, ring);
    coauth::redis_token_store grants(connection, ring, "https://issuer.example");
    const begun one;
    const begun two;
    BOOST_REQUIRE(threads.run(logins.put(one.login("data of the application"), 60s)));
    BOOST_REQUIRE(threads.run(logins.put(two.login(), 60s)));
    BOOST_REQUIRE(threads.run(logins.take(two.binding, two.state)));
    const auto generation = threads.run(grants.put("alice@example.com", tokens("1"))).value();
    const random_value owner = random();
    BOOST_REQUIRE(threads.run(grants.acquire("alice@example.com", owner, 10s, 0, 0)));
    BOOST_REQUIRE(threads.run(grants.begin_refresh("alice@example.com", owner, generation)));
    BOOST_REQUIRE(threads.run(grants.complete_refresh("alice@example.com", owner, generation, tokens("2"))));

    const std::string log = server.ask("AUTH the-password\r\nSLOWLOG GET 1000");
    BOOST_TEST(log.find("EVALSHA") != std::string::npos);
    const std::string disk = server.disk();
    BOOST_TEST(disk.find("coauth:grant:{") != std::string::npos);
    for (const std::string& text :
         {std::string("access-token"), std::string("refresh-token"), std::string("alice"),
          std::string("data of the"), std::string("openid")}) {
        BOOST_TEST(disk.find(text) == std::string::npos, text + " is on the disk");
        BOOST_TEST(log.find(text) == std::string::npos, text + " is in the log");
    }
    for (const random_value* each : {&one.state, &one.binding, &one.nonce, &one.verifier}) {
        BOOST_TEST(disk.find(each->view()) == std::string::npos);
        BOOST_TEST(disk.find(each->to_string()) == std::string::npos);
        BOOST_TEST(log.find(each->to_string()) == std::string::npos);
    }
    BOOST_TEST(server.ask("AUTH the-password\r\nSLOWLOG GET 1000\r\nCLIENT LIST").find("name=coauth") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_is_in_the_server_is_not_trusted, fixture)
{
    process here(server, ring);
    process stranger(server, coauth::seal_key_ring::generate().value());
    BOOST_REQUIRE(here.run(here.grants->put("alice", tokens("1"))));
    // Another ring.
    BOOST_TEST((stranger.run(stranger.grants->load("alice", 0)).error() == errc::seal_broken));
    const begun one;
    BOOST_REQUIRE(here.run(here.logins->put(one.login(), 60s)));
    BOOST_TEST((stranger.run(stranger.logins->take(one.binding, one.state)).error() == errc::seal_broken));
    // Another issuer is another grant.
    coauth::redis_token_store other(here.connection, ring, "https://other.example");
    BOOST_TEST((here.run(other.load("alice", 0)).error() == errc::grant_unknown));

    // Somebody gives the tokens of one to the other.
    const std::string alice = server.ask("KEYS coauth:grant:*");
    const auto begin = alice.find("coauth:grant:{");
    BOOST_REQUIRE(begin != std::string::npos);
    const std::string key_of_alice = alice.substr(begin, alice.find('\r', begin) - begin);
    BOOST_REQUIRE(here.run(here.grants->put("mallory", tokens("2"))));
    const std::string both = server.ask("KEYS coauth:grant:*");
    std::set<std::string> keys;
    for (auto at = both.find("coauth:grant:{"); at != std::string::npos;
         at = both.find("coauth:grant:{", at + 1))
        keys.insert(both.substr(at, both.find('\r', at) - at));
    BOOST_REQUIRE(keys.erase(key_of_alice) == 1u);
    BOOST_REQUIRE(keys.size() == 1u);
    server.ask("RENAME " + key_of_alice + ' ' + *keys.begin());
    BOOST_TEST((here.run(here.grants->load("mallory", 0)).error() == errc::seal_broken));
    // And something else altogether.
    server.ask("SET " + key_of_alice + " nonsense");
    BOOST_TEST((here.run(here.grants->load("alice", 0)).error() == errc::token_store_failed));
    server.ask("DEL " + key_of_alice + "\r\nHSET " + key_of_alice + " g nonsense t nonsense");
    BOOST_TEST((here.run(here.grants->load("alice", 0)).error() == errc::token_store_failed));
    server.ask("DEL " + key_of_alice + "\r\nHSET " + key_of_alice + " g 5 t nonsense");
    BOOST_TEST((here.run(here.grants->load("alice", 0)).error() == errc::seal_broken));
}

BOOST_FIXTURE_TEST_CASE(scripts_that_the_server_forgot_are_said_again, fixture)
{
    process only(server, ring);
    BOOST_REQUIRE(only.run(only.grants->put("alice", tokens("1"))));
    server.ask("SCRIPT FLUSH");
    BOOST_TEST(only.run(only.grants->load("alice", 0)).has_value());
    BOOST_TEST(server.ask("INFO commandstats").find("cmdstat_evalsha") != std::string::npos);
}

/// On a cluster a script may touch what belongs to one slot only, and only keys that it was given.
BOOST_AUTO_TEST_CASE(scripts_run_on_a_cluster)
{
    const redis_server server({{"cluster-enabled yes", "cluster-config-file nodes.conf"}});
    server.ask("CLUSTER ADDSLOTSRANGE 0 16383");
    for (int i = 0; server.ask("CLUSTER INFO").find("cluster_state:ok") == std::string::npos; ++i) {
        BOOST_REQUIRE(i < 2400); // two minutes
        std::this_thread::sleep_for(50ms);
    }
    process only(server, coauth::seal_key_ring::generate().value());
    coauth::testing::store_check_settings settings;
    settings.set_short_lease(200ms);
    check_none(only.run(coauth::testing::check_token_store(only.grants, settings)));
    check_none(only.run(coauth::testing::check_state_store(only.logins)));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
