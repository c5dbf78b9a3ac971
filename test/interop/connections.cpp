// The transport and the TLS server of Node.js: connections that are kept, sessions that are resumed, servers that go.
#include "relying_party.hpp"
#include "run.hpp"

#include <coauth/discover.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;

/// Asks for userinfo so many times, one after the other.
asio::awaitable<int> ask(coauth::client client, coauth::token_set tokens, int times)
{
    int answered = 0;
    for (int i = 0; i < times; ++i) {
        const coauth::result<coauth::userinfo> person = co_await client.fetch_userinfo(tokens);
        if (person)
            ++answered;
    }
    co_return answered;
}

asio::awaitable<coauth::result<coauth::token_set>>
refresh_after_a_break(coauth::client client, coauth::token_set tokens, std::chrono::milliseconds pause)
{
    const coauth::result<coauth::userinfo> person = co_await client.fetch_userinfo(tokens);
    if (!person)
        co_return person.error();
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
    coauth::result<coauth::token_set> fresh = co_await client.refresh(tokens);
    co_return fresh;
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_connections)

BOOST_AUTO_TEST_CASE(one_connection_serves_many_requests)
{
    provider& at = provider::shared();
    coauth::client client = make_client(at, clients::basic);
    const coauth::token_set tokens = sign_in(client);
    const auto before = at.report();
    BOOST_TEST(run(ask(client, tokens, 10)) == 10);
    const auto after = at.report();
    BOOST_TEST(after.requests("GET /me") == before.requests("GET /me") + 10);
    BOOST_TEST(after.connections == before.connections + 1);
}

BOOST_AUTO_TEST_CASE(a_new_connection_resumes_the_session)
{
    provider& at = provider::shared();
    const coauth::https_transport transport = make_transport();
    coauth::client client = make_client(at, clients::basic, transport);
    const coauth::token_set tokens = sign_in(client);
    const auto before = at.report();
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(run(ask(client, tokens, 1)) == 1);
        transport.close_idle_connections();
    }
    const auto after = at.report();
    BOOST_TEST(after.connections == before.connections + 3);
    // Each ticket is used once. Node.js gives two with a full handshake and none with a resumed one, so that one of
    // three handshakes is a full one.
    BOOST_TEST(after.resumed >= before.resumed + 2);

    // Another transport knows nothing of those sessions.
    coauth::client other = make_client(at, clients::basic);
    BOOST_TEST(outcome(run(other.begin_authorization())) == "ok");
    BOOST_TEST(at.report().connections == after.connections + 1);
    BOOST_TEST(at.report().resumed == after.resumed);
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_the_server_closed_is_not_used)
{
    // A POST must not be sent twice, so that it must not go to a dead connection at all.
    provider_settings settings;
    settings.keep_alive = 200ms; // and some versions of Node.js add a second
    provider at(settings);
    coauth::client client = make_client(at, clients::basic);
    const coauth::token_set tokens = sign_in(client);
    const auto before = at.report();
    const auto fresh = run(refresh_after_a_break(client, tokens, 2'000ms));
    BOOST_TEST(outcome(fresh) == "ok");
    const auto after = at.report();
    BOOST_TEST(after.connections == before.connections + 2);
    BOOST_TEST(after.requests("POST /token") == before.requests("POST /token") + 1);
}

BOOST_AUTO_TEST_CASE(an_authority_that_is_not_trusted)
{
    provider& at = provider::shared();
    const auto before = at.report();
    coauth::https_transport_settings settings;
    settings.trust_only_added_authorities().add_authorities(
        coauth::testing::certificate_authority().certificate_pem());
    const auto transport = coauth::https_transport::create(std::move(settings)).value();
    const auto server =
        run(coauth::discover_server_metadata(transport, coauth::issuer::parse(at.issuer()).value()));
    BOOST_TEST(outcome(server) == "coauth.client:certificate_rejected");
    const std::string metadata = "GET /.well-known/openid-configuration";
    BOOST_TEST(at.report().requests(metadata) == before.requests(metadata));
}

BOOST_AUTO_TEST_CASE(metadata_of_another_issuer)
{
    // The same server by another name: its certificate is good for both, its document is not.
    const std::string& issuer = provider::shared().issuer();
    const std::string by_name = "https://localhost" + issuer.substr(issuer.rfind(':'));
    const auto server =
        run(coauth::discover_server_metadata(make_transport(), coauth::issuer::parse(by_name).value()));
    BOOST_TEST(outcome(server) == "coauth.client:issuer_mismatch");
}

BOOST_AUTO_TEST_CASE(a_provider_that_is_gone)
{
    auto at = std::make_unique<provider>();
    coauth::client client = make_client(*at, clients::basic);
    const coauth::token_set tokens = sign_in(client);
    at.reset();
    const auto fresh = run(client.refresh(tokens));
    BOOST_REQUIRE(fresh.has_error());
    BOOST_TEST((fresh.error() == coauth::errc::connection_failed));
    // Nothing was sent: the refresh token is as good as before.
    BOOST_TEST(!fresh.error().grant_spent());
    BOOST_TEST((fresh.error() == coauth::condition::retryable));
}

BOOST_AUTO_TEST_SUITE_END()
