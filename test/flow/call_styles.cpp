// Every operation in every style of calling it. g++ 12 destroys some temporaries of awaited expressions twice, and
// views dangle easily: the address sanitizer is what makes these tests sharp.
#include "flow_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <future>
#include <variant>

using namespace coauth_test;
using namespace asio::experimental::awaitable_operators;
using coauth::errc;

namespace {

// Too long for the small buffer of a string: what dangles is seen.
const std::string long_scope = "profile email address phone offline_access and:something:longer:than:that";
const std::string long_data =
    "application data that does not fit into a small buffer either, whatever the library";

asio::awaitable<int> finish_with_value(asio::awaitable<void> body)
{
    co_await std::move(body);
    co_return 1;
}

/// Runs a coroutine to its end; an exception fails the test.
void run_coroutine(asio::awaitable<void> body) { BOOST_TEST(run(finish_with_value(std::move(body))) == 1); }

/// A flow whose server answers everything, any number of times.
struct generous_flow : flow {
    generous_flow()
    {
        for (const auto& [method, url, body] :
             std::initializer_list<std::tuple<std::string, std::string, std::string>>{
                 {"POST", token_endpoint, token_response_body()},
                 {"GET", userinfo_endpoint, userinfo_body()},
                 {"POST", resource_url, "[]"},
                 {"POST", revocation_endpoint, ""},
                 {"GET", server_issuer + "/.well-known/openid-configuration",
                  R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
                  R"("token_endpoint":"https://as.example/token"})"}})
            server.always(method, url, [method = method, url = url, body = body](const recorded_request&) {
                scripted_exchange out(method, url);
                out.answer(200, body);
                return out;
            });
    }
};

/// What begins in a test with long parameters looks like this.
void check_begun(const coauth::result<coauth::authorization_request>& request)
{
    BOOST_TEST_REQUIRE(request.has_value());
    BOOST_TEST(only_value(query_of(request->url()), "scope") == long_scope);
    BOOST_TEST(only_value(query_of(request->url()), "audience") == long_data);
}

asio::awaitable<void> temporaries(manual_client& client)
{
    auto request =
        co_await client.begin_authorization({.scope = std::string(long_scope),
                                             .prompt = "consent",
                                             .extra = std::array{coauth::parameter{"audience", long_data}},
                                             .application_data = std::string(long_data)});
    check_begun(request);
    auto code = co_await client.accept_callback(
        {.parameters = callback_query(*request), .browser_binding = std::string(request->browser_binding())});
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(code->application_data() == long_data);
    auto tokens = co_await client.exchange(std::move(*code));
    BOOST_TEST_REQUIRE(tokens.has_value());
    auto who = co_await client.fetch_userinfo(coauth::token_set(*tokens));
    BOOST_TEST(who.has_value());
    auto orders = co_await client.fetch_resource(
        coauth::token_set(*tokens),
        {.url = std::string(resource_url),
         .method = std::string("POST"),
         .content_type = std::string("application/json;charset=something-long-enough"),
         .body = std::string(long_data),
         .fields = std::array{coauth::parameter{"X-Long-Field-Name-Of-The-Test", long_data}}});
    BOOST_TEST(orders.has_value());
    auto renewed =
        co_await client.refresh(coauth::token_set(*tokens), {.scope = std::string("openid profile"),
                                                             .application_data = std::string(long_data)});
    BOOST_TEST(renewed.has_value());
    auto revoked = co_await client.revoke(coauth::token_set(*renewed));
    BOOST_TEST(revoked.has_value());
}

asio::awaitable<void> named_aggregates(manual_client& client)
{
    const std::array extra{coauth::parameter{"audience", long_data}};
    const coauth::authorization_parameters parameters{.scope = long_scope, .extra = extra};
    const auto request = co_await client.begin_authorization(parameters);
    check_begun(request);
    const std::string query = callback_query(*request);
    const coauth::callback_parameters callback{.parameters = query,
                                               .browser_binding = request->browser_binding()};
    auto code = co_await client.accept_callback(callback);
    BOOST_TEST_REQUIRE(code.has_value());
    const auto tokens = co_await client.exchange(std::move(*code));
    const auto who = co_await client.fetch_userinfo(*tokens);
    BOOST_TEST(who.has_value());
    const coauth::resource_parameters resource{.url = resource_url, .method = "POST", .body = long_data};
    const auto orders = co_await client.fetch_resource(*tokens, resource);
    BOOST_TEST(orders.has_value());
    const coauth::refresh_parameters narrowed{.scope = "openid", .application_data = long_data};
    const auto renewed = co_await client.refresh(*tokens, narrowed);
    BOOST_TEST(renewed.has_value());
    const auto revoked = co_await client.revoke(*renewed);
    BOOST_TEST(revoked.has_value());
}

asio::awaitable<void> no_parameters_and_nested_calls(manual_client& client)
{
    const auto plain = co_await client.begin_authorization();
    BOOST_TEST(plain.has_value());
    const std::string query = callback_query(*plain);
    coauth::token_set tokens =
        (co_await client.exchange((co_await client.accept_callback(
                                       {.parameters = query, .browser_binding = plain->browser_binding()}))
                                      .value()))
            .value();
    tokens = (co_await client.refresh(tokens)).value();
    BOOST_TEST((co_await client.fetch_userinfo(tokens)).has_value());
    for (int i = 0; i < 3; ++i)
        tokens = (co_await client.refresh(std::move(tokens), {.scope = std::string(40, 's')})).value();
    if ((co_await client.revoke(tokens)).has_error())
        BOOST_ERROR("not revoked");
}

/// Makes the awaitables, and destroys what they were made from before they are awaited.
asio::awaitable<void> awaited_later(manual_client& client)
{
    using coauth::result;
    std::optional<asio::awaitable<result<coauth::authorization_request>>> beginning;
    {
        auto scope = std::make_unique<std::string>(long_scope);
        auto data = std::make_unique<std::string>(long_data);
        auto extra =
            std::make_unique<std::vector<coauth::parameter>>(1, coauth::parameter{"audience", *data});
        auto parameters = std::make_unique<coauth::authorization_parameters>();
        parameters->scope = *scope;
        parameters->extra = *extra;
        parameters->application_data = *data;
        beginning.emplace(client.begin_authorization(*parameters));
    }
    const auto request = co_await std::move(*beginning);
    check_begun(request);

    std::optional<asio::awaitable<result<coauth::authorization_code>>> accepting;
    {
        auto query = std::make_unique<std::string>(callback_query(*request));
        auto binding = std::make_unique<std::string>(request->browser_binding());
        accepting.emplace(client.accept_callback({.parameters = *query, .browser_binding = *binding}));
    }
    auto code = co_await std::move(*accepting);
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST(code->application_data() == long_data);

    std::optional<asio::awaitable<result<coauth::token_set>>> exchanging;
    {
        auto moved = std::make_unique<coauth::authorization_code>(std::move(*code));
        exchanging.emplace(client.exchange(std::move(*moved)));
    }
    const auto tokens = co_await std::move(*exchanging);
    BOOST_TEST_REQUIRE(tokens.has_value());

    std::optional<asio::awaitable<result<coauth::userinfo>>> asking;
    std::optional<asio::awaitable<result<coauth::resource_response>>> calling;
    std::optional<asio::awaitable<result<coauth::token_set>>> renewing;
    std::optional<asio::awaitable<result<void>>> revoking;
    {
        auto copy = std::make_unique<coauth::token_set>(*tokens);
        auto text = std::make_unique<std::string>(long_data);
        auto url = std::make_unique<std::string>(resource_url);
        auto fields =
            std::make_unique<std::vector<coauth::parameter>>(1, coauth::parameter{"X-Field", *text});
        asking.emplace(client.fetch_userinfo(*copy));
        calling.emplace(
            client.fetch_resource(*copy, {.url = *url, .method = "POST", .body = *text, .fields = *fields}));
        renewing.emplace(client.refresh(*copy, {.application_data = *text}));
        revoking.emplace(client.revoke(*copy));
    }
    const auto who = co_await std::move(*asking);
    BOOST_TEST(who.has_value());
    const auto orders = co_await std::move(*calling);
    BOOST_TEST(orders.has_value());
    const auto renewed = co_await std::move(*renewing);
    BOOST_TEST(renewed.has_value());
    const auto revoked = co_await std::move(*revoking);
    BOOST_TEST(revoked.has_value());
}

asio::awaitable<void> beside_others(manual_client& client)
{
    asio::steady_timer late(co_await asio::this_coro::executor);
    late.expires_after(std::chrono::hours(1));

    auto begun = co_await (client.begin_authorization({.scope = std::string(long_scope)}) ||
                           late.async_wait(asio::use_awaitable));
    BOOST_TEST_REQUIRE(begun.index() == 0u);
    const auto request = std::get<0>(std::move(begun));
    const std::string query = callback_query(*request);
    auto accepted = co_await (
        client.accept_callback({.parameters = query, .browser_binding = request->browser_binding()}) ||
        late.async_wait(asio::use_awaitable));
    auto code = std::get<0>(std::move(accepted));
    auto exchanged = co_await (client.exchange(std::move(*code)) || late.async_wait(asio::use_awaitable));
    BOOST_TEST_REQUIRE(exchanged.index() == 0u);
    const auto tokens = std::get<0>(std::move(exchanged));
    BOOST_TEST_REQUIRE(tokens.has_value());

    auto both =
        co_await (client.fetch_userinfo(*tokens) &&
                  client.fetch_resource(*tokens, {.url = std::string(resource_url), .method = "POST"}));
    BOOST_TEST(std::get<0>(both).has_value());
    BOOST_TEST(std::get<1>(both).has_value());
    auto three = co_await (client.refresh(*tokens, {.application_data = std::string(long_data)}) &&
                           client.fetch_userinfo(*tokens) && client.revoke(*tokens));
    BOOST_TEST(std::get<0>(three).has_value());
    BOOST_TEST(std::get<1>(three).has_value());
    BOOST_TEST(std::get<2>(three).has_value());
}

asio::awaitable<void> spawned_with_tokens(manual_client& client)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto request = co_await asio::co_spawn(
        executor, client.begin_authorization({.scope = std::string(long_scope)}), asio::use_awaitable);
    BOOST_TEST_REQUIRE(request.has_value());
    const std::string query = callback_query(*request);
    auto code = co_await asio::co_spawn(
        executor,
        client.accept_callback({.parameters = query, .browser_binding = request->browser_binding()}),
        asio::use_awaitable);
    BOOST_TEST_REQUIRE(code.has_value());
    const auto tokens =
        co_await asio::co_spawn(executor, client.exchange(std::move(*code)), asio::use_awaitable);
    BOOST_TEST_REQUIRE(tokens.has_value());
    const std::tuple<std::exception_ptr, coauth::result<coauth::userinfo>> who = co_await asio::co_spawn(
        executor, client.fetch_userinfo(*tokens), asio::as_tuple(asio::use_awaitable));
    BOOST_TEST((std::get<0>(who) == nullptr));
    BOOST_TEST(std::get<1>(who).has_value());
    auto later = asio::co_spawn(executor, client.refresh(*tokens), asio::deferred);
    const auto renewed = co_await std::move(later)(asio::use_awaitable);
    BOOST_TEST(renewed.has_value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(call_styles)

BOOST_AUTO_TEST_CASE(co_await_with_temporaries)
{
    generous_flow test;
    run_coroutine(temporaries(test.client));
    const auto forms = test.server.sent();
    BOOST_TEST_REQUIRE(forms.size() == 6u);
    BOOST_TEST(forms[2].body() == long_data);
    BOOST_TEST(forms[2].field("X-Long-Field-Name-Of-The-Test") == long_data);
}

BOOST_AUTO_TEST_CASE(co_await_with_named_aggregates)
{
    generous_flow test;
    run_coroutine(named_aggregates(test.client));
    BOOST_TEST(test.server.sent().size() == 6u);
}

BOOST_AUTO_TEST_CASE(co_await_inside_of_expressions)
{
    generous_flow test;
    run_coroutine(no_parameters_and_nested_calls(test.client));
}

BOOST_AUTO_TEST_CASE(awaitables_awaited_after_their_parameters_are_gone)
{
    generous_flow test;
    run_coroutine(awaited_later(test.client));
    BOOST_TEST(test.server.sent().size() == 6u);
}

BOOST_AUTO_TEST_CASE(awaitable_operators)
{
    generous_flow test;
    run_coroutine(beside_others(test.client));
    BOOST_TEST(test.server.sent().size() == 7u);
}

BOOST_AUTO_TEST_CASE(co_spawn_inside_of_a_coroutine)
{
    generous_flow test;
    run_coroutine(spawned_with_tokens(test.client));
}

BOOST_AUTO_TEST_CASE(co_spawn_with_use_future)
{
    generous_flow test;
    asio::io_context context;
    const auto get = [&context](auto future) {
        context.restart();
        context.run();
        return future.get();
    };
    const auto request = get(asio::co_spawn(
        context, test.client.begin_authorization({.scope = std::string(long_scope)}), asio::use_future));
    BOOST_TEST_REQUIRE(request.has_value());
    const std::string query = callback_query(*request);
    auto code = get(
        asio::co_spawn(context,
                       test.client.accept_callback(
                           {.parameters = query, .browser_binding = std::string(request->browser_binding())}),
                       asio::use_future));
    BOOST_TEST_REQUIRE(code.has_value());
    const auto tokens =
        get(asio::co_spawn(context, test.client.exchange(std::move(*code)), asio::use_future));
    BOOST_TEST_REQUIRE(tokens.has_value());
    BOOST_TEST(
        get(asio::co_spawn(context, test.client.fetch_userinfo(*tokens), asio::use_future)).has_value());
    BOOST_TEST(get(asio::co_spawn(
                       context, test.client.fetch_resource(*tokens, {.url = resource_url, .method = "POST"}),
                       asio::use_future))
                   .has_value());
    BOOST_TEST(get(asio::co_spawn(context, test.client.refresh(*tokens), asio::use_future)).has_value());
    BOOST_TEST(get(asio::co_spawn(context, test.client.revoke(*tokens), asio::use_future)).has_value());
    BOOST_TEST(get(asio::co_spawn(context,
                                  coauth::discover_server_metadata(
                                      test.server, coauth::issuer::parse(server_issuer).value()),
                                  asio::use_future))
                   .has_value());
}

BOOST_AUTO_TEST_CASE(co_spawn_with_callbacks)
{
    generous_flow test;
    asio::io_context context;
    int called = 0;
    const auto callback = [&called](std::exception_ptr failure, const auto& outcome) {
        ++called;
        BOOST_TEST((failure == nullptr));
        BOOST_TEST(outcome.has_value());
    };
    const coauth::token_set tokens = tokens_on_paper();
    asio::co_spawn(context, test.client.begin_authorization({.scope = std::string(long_scope)}), callback);
    asio::co_spawn(context, test.client.exchange(test.signed_in()), callback);
    asio::co_spawn(context, test.client.refresh(tokens, {.application_data = std::string(long_data)}),
                   callback);
    asio::co_spawn(context, test.client.fetch_userinfo(tokens), callback);
    asio::co_spawn(context, test.client.fetch_resource(tokens, {.url = resource_url, .method = "POST"}),
                   callback);
    asio::co_spawn(context, test.client.revoke(tokens), callback);
    context.run();
    BOOST_TEST(called == 6);
}

BOOST_AUTO_TEST_CASE(co_spawn_detached)
{
    generous_flow test;
    asio::io_context context;
    asio::co_spawn(context, test.client.refresh(tokens_on_paper()), asio::detached);
    asio::co_spawn(context, test.client.revoke(tokens_on_paper()), asio::detached);
    context.run();
    BOOST_TEST(test.server.sent().size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
