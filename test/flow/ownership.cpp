// Whatever an operation comes to, run() returns by itself and nothing of the operation stays owned: not its coroutine,
// not the transport, not the application's handlers. A transport may even keep the requests that it was given.
#include "operations.hpp"
#include "signing_server.hpp"

#include <coauth/policy/memory_token_store.hpp>
#include <coauth/refresh_event.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>

using namespace coauth_test;
using coauth::errc;
using coauth::result;
using namespace std::chrono_literals;

// Its names are as short as those of the files that it may be compiled together with.
namespace ownership_test {
namespace {

const std::string configuration_url = server_issuer + "/.well-known/openid-configuration";

/// Something that has owners.
class owned_mark {
public:
    std::shared_ptr<const int> owner() const { return mark_.lock(); }
    static std::pair<owned_mark, std::shared_ptr<const int>> make()
    {
        auto owner = std::make_shared<const int>(0);
        owned_mark out;
        out.mark_ = owner;
        return {out, std::move(owner)};
    }
    long owners() const noexcept { return mark_.use_count(); }

private:
    std::weak_ptr<const int> mark_;
};

/// Keeps every request that it was given, in a place that outlives all operations.
class keeping_transport {
public:
    using requests = std::vector<coauth::http_request>;

    keeping_transport(scripted_transport inner, std::shared_ptr<const int> mark,
                      std::shared_ptr<requests> kept)
        : inner_(std::move(inner)), mark_(std::move(mark)), kept_(std::move(kept))
    {
    }
    asio::awaitable<result<coauth::http_response>> send(coauth::http_request request)
    {
        kept_->push_back(request);
        return inner_.send(std::move(request));
    }

private:
    scripted_transport inner_;
    std::shared_ptr<const int> mark_;
    std::shared_ptr<requests> kept_;
};

std::string configuration()
{
    return boost::json::serialize(
        boost::json::object{{"issuer", server_issuer},
                            {"authorization_endpoint", authorization_endpoint},
                            {"token_endpoint", token_endpoint},
                            {"userinfo_endpoint", userinfo_endpoint},
                            {"revocation_endpoint", revocation_endpoint},
                            {"end_session_endpoint", end_session_endpoint},
                            {"jwks_uri", jwks_uri},
                            {"id_token_signing_alg_values_supported", boost::json::array{"ES256"}},
                            {"authorization_response_iss_parameter_supported", true}});
}

/// How one of an operation's requests ends.
struct ending {
    std::string_view name;
    void (*apply)(scripted_exchange&);
};

constexpr ending endings[] = {
    {"a good response", [](scripted_exchange&) {}},
    {"a refusal", [](scripted_exchange& to) { to.answer(400, R"({"error":"invalid_grant"})"); }},
    {"an error of the server", [](scripted_exchange& to) { to.answer(503, "busy", "text/plain"); }},
    {"a response that is none", [](scripted_exchange& to) { to.answer(200, "nonsense"); }},
    {"no connection",
     [](scripted_exchange& to) { to.before_commit(happening::fail(errc::connection_failed)); }},
    {"a lost connection",
     [](scripted_exchange& to) { to.after_commit(happening::fail(errc::connection_lost)); }},
    {"an exception before it is sent",
     [](scripted_exchange& to) {
         to.before_commit(happening::raise(std::make_exception_ptr(std::domain_error("of the transport"))));
     }},
    {"an exception after it was sent",
     [](scripted_exchange& to) {
         to.after_commit(happening::raise(std::make_exception_ptr(std::domain_error("of the transport"))));
     }},
};

/// A client whose parts are marked, and a server that answers everything well, but for one request.
struct marked_flow : flow {
    explicit marked_flow(bool discovers, const ending& how = endings[0], std::size_t which = 0)
    {
        auto [transport_mark, transport_owner] = owned_mark::make();
        transport = transport_mark;
        keeping_transport marked(server, std::move(transport_owner), kept);
        other_transport.emplace(marked);
        if (discovers)
            client = client_type(coauth::issuer::parse(server_issuer).value(), registration_on_paper(),
                                 std::move(marked), store);
        else
            client = client_type(server_on_paper().set_end_session_endpoint(endpoint(end_session_endpoint)),
                                 registration_on_paper(), std::move(marked), store);
        client.allow_resource_origin(endpoint("https://api.example"));
        auto [handler_mark, handler_owner] = owned_mark::make();
        handler = handler_mark;
        client.on_abandoned([owner = std::move(handler_owner)](coauth::abandoned_tokens) {});

        // By reference: the script is destroyed with this object.
        const auto answer = [this, &how, which](unsigned status, const std::string& body,
                                                std::string_view type) {
            return [this, &how, which, status, body, type](const recorded_request& request) {
                scripted_exchange out(request.method(), request.url());
                out.answer(status, request.url() == token_endpoint ? token_body : body, type);
                if (requests++ == which)
                    how.apply(out);
                return out;
            };
        };
        server.always("GET", configuration_url, answer(200, configuration(), "application/json"));
        server.always("GET", jwks_uri, answer(200, key_set_of({0}), "application/jwk-set+json"));
        server.always("POST", token_endpoint, answer(200, "", "application/json"));
        server.always("GET", userinfo_endpoint, answer(200, userinfo_body(), "application/json"));
        server.always("GET", resource_url, answer(200, "[]", "application/json"));
        server.always("POST", revocation_endpoint, answer(200, "", ""));
    }

    /// A sign-in that another process began, with the same store.
    std::pair<std::string, std::string> begun_elsewhere()
    {
        manual_client other(server_on_paper(), registration_on_paper(), scripted_transport(), store);
        const auto request = run(other.begin_authorization({.scope = "openid profile"})).value();
        token_body =
            token_response_with(signed_id_token(good_claims(only_value(query_of(request.url()), "nonce"))));
        return {callback_query(request), std::string(request.browser_binding())};
    }

    /// Checks that nothing owns what the client had once the client is destroyed.
    void check_nothing_is_owned()
    {
        other_transport.reset();
        client = client_type(server_on_paper(), registration_on_paper(), scripted_transport());
        BOOST_TEST(transport.owners() == 0);
        BOOST_TEST(handler.owners() == 0);
        BOOST_TEST(server.running() == 0u);
    }

    std::shared_ptr<keeping_transport::requests> kept = std::make_shared<keeping_transport::requests>();
    owned_mark transport;
    owned_mark handler;
    std::optional<keeping_transport> other_transport; // for operations that have no client
    std::string token_body = refresh_response_body();
    std::size_t requests = 0;
};

/// A coroutine that owns something as long as its frame is there.
asio::awaitable<result<void>> owning(std::shared_ptr<const int> owner,
                                     asio::awaitable<result<void>> operation)
{
    result<void> outcome = co_await std::move(operation);
    owner.reset();
    co_return std::move(outcome);
}

struct operation {
    std::string_view name;
    asio::awaitable<result<void>> (*start)(marked_flow&);
};

coauth::token_set expired_tokens()
{
    coauth::token_set out = tokens_on_paper("profile");
    out.set_received_at(manual_wall_clock::now() - 1h);
    out.set_expires_at(manual_wall_clock::now());
    return out;
}

/// What is done with a grant of a scheduler.
using use = asio::awaitable<void> (*)(coauth::refresh_scheduler&, coauth::managed_grant&);

template <use Use>
asio::awaitable<result<void>> scheduled(marked_flow& in)
{
    const auto executor = co_await asio::this_coro::executor;
    for (const bool stored : {false, true}) {
        coauth::any_token_store store;
        if (stored)
            store = coauth::any_token_store(std::make_shared<coauth::memory_token_store>());
        coauth::refresh_scheduler scheduler(executor, in.client, std::move(store));
        scheduler.on_event([owner = in.handler.owner()](const coauth::refresh_event&) {});
        scheduler.on_persist([owner = in.handler.owner()](std::string, coauth::shared_tokens)
                                 -> asio::awaitable<result<void>> { co_return result<void>(); });
        auto managed = co_await scheduler.manage("session-1", expired_tokens());
        if (!managed)
            co_return managed.error();
        coauth::managed_grant grant = std::move(*managed);
        co_await Use(scheduler, grant);
        co_await scheduler.stop();
    }
    co_return result<void>();
}

asio::awaitable<void> nothing(coauth::refresh_scheduler&, coauth::managed_grant&) { co_return; }
asio::awaitable<void> find(coauth::refresh_scheduler& scheduler, coauth::managed_grant&)
{
    const auto outcome = co_await scheduler.find("session-1");
    (void)outcome;
}
asio::awaitable<void> token(coauth::refresh_scheduler&, coauth::managed_grant& grant)
{
    const auto outcome = co_await grant.token();
    (void)outcome;
}
asio::awaitable<void> token_by_key(coauth::refresh_scheduler& scheduler, coauth::managed_grant&)
{
    const auto outcome = co_await scheduler.token("session-1");
    (void)outcome;
}
asio::awaitable<void> refresh_now(coauth::refresh_scheduler&, coauth::managed_grant& grant)
{
    const auto outcome = co_await grant.refresh_now();
    (void)outcome;
}
asio::awaitable<void> call_resource(coauth::refresh_scheduler&, coauth::managed_grant& grant)
{
    const auto outcome = co_await grant.fetch_resource({.url = resource_url});
    (void)outcome;
}
asio::awaitable<void> forget(coauth::refresh_scheduler& scheduler, coauth::managed_grant&)
{
    const auto outcome = co_await scheduler.forget("session-1");
    (void)outcome;
}
asio::awaitable<void> run_in_background(coauth::refresh_scheduler& scheduler, coauth::managed_grant& grant)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, scheduler.run(), asio::detached);
    const auto outcome = co_await grant.token();
    (void)outcome;
}

/// Every operation that is documented as one, the scheduler's included.
constexpr operation every_operation[] = {
    {"begin_authorization",
     [](marked_flow& in) {
         return without_value(in.client.begin_authorization({.scope = "openid profile"}));
     }},
    {"accept_callback",
     [](marked_flow& in) {
         const auto [query, binding] = in.begun_elsewhere();
         return without_value(in.client.accept_callback({.parameters = query, .browser_binding = binding}));
     }},
    {"exchange",
     [](marked_flow& in) {
         const auto [query, binding] = in.begun_elsewhere();
         manual_client other(server_on_paper(), registration_on_paper(), scripted_transport(), in.store);
         auto code = run(other.accept_callback({.parameters = query, .browser_binding = binding}));
         return without_value(in.client.exchange(std::move(code.value())));
     }},
    {"refresh",
     [](marked_flow& in) {
         in.token_body = refresh_response_with(signed_id_token(good_claims("")));
         return without_value(in.client.refresh(tokens_of_a_person()));
     }},
    {"fetch_userinfo",
     [](marked_flow& in) { return without_value(in.client.fetch_userinfo(tokens_on_paper())); }},
    {"fetch_resource",
     [](marked_flow& in) {
         return without_value(in.client.fetch_resource(tokens_on_paper(), {.url = resource_url}));
     }},
    {"revoke", [](marked_flow& in) { return in.client.revoke(tokens_on_paper()); }},
    {"begin_logout", [](marked_flow& in) { return without_value(in.client.begin_logout({})); }},
    {"accept_logout_token",
     [](marked_flow& in) {
         const std::string body = logout_body(good_logout_claims("one"));
         return without_value(in.client.accept_logout_token("application/x-www-form-urlencoded", body));
     }},
    {"discover_server_metadata",
     [](marked_flow& in) {
         return without_value(coauth::discover_server_metadata(
             *in.other_transport, coauth::issuer::parse(server_issuer).value(), in.client_limits));
     }},
    {"manage", scheduled<nothing>},
    {"find", scheduled<find>},
    {"token", scheduled<token>},
    {"token of a key", scheduled<token_by_key>},
    {"refresh_now", scheduled<refresh_now>},
    {"fetch_resource of a grant", scheduled<call_resource>},
    {"forget", scheduled<forget>},
    {"run", scheduled<run_in_background>},
};

/// An operation under way, and the mark of the coroutine that waits for it.
class marked_operation {
public:
    marked_operation(const operation& what, marked_flow& in)
    {
        auto [mark, owner] = owned_mark::make();
        caller_ = mark;
        running_.emplace(owning(std::move(owner), what.start(in)));
    }

    /// @return whether it had ended before
    bool run_steps(std::size_t k) { return running_->run_steps(k) < k; }
    void cancel() { running_->cancel(asio::cancellation_type::terminal); }
    /// Throws if run() does not return. @return whether the operation succeeded
    bool finish()
    {
        bool good = false;
        try {
            good = running_->finish().has_value();
        } catch (const std::domain_error&) { // of the transport, which the operation hands on
        } catch (const boost::system::system_error& failure) {
            BOOST_TEST((failure.code() == aborted)); // of this file's coroutines, at their next co_await
        }
        BOOST_TEST(running_->completions() == 1);
        BOOST_TEST(caller_.owners() == 0);
        return good;
    }
    void destroy_context()
    {
        running_.reset();
        BOOST_TEST(caller_.owners() == 0);
    }

private:
    owned_mark caller_;
    std::optional<stepped_operation<result<void>>> running_;
};

template <class Function>
void for_each_operation(Function function)
{
    for (const operation& what : every_operation)
        for (const bool discovers : {false, true})
            BOOST_TEST_CONTEXT(what.name << (discovers ? ", after discovery" : ""))
            {
                function(what, discovers);
            }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ownership)

BOOST_AUTO_TEST_CASE(DO13_nothing_stays_owned_however_a_request_ends)
{
    for_each_operation([](const operation& what, bool discovers) {
        for (const ending& how : endings) {
            std::size_t requests = 1;
            for (std::size_t which = 0; which < requests; ++which)
                BOOST_TEST_CONTEXT("request " << which << " ends with " << how.name)
                {
                    marked_flow test(discovers, how, which);
                    marked_operation running(what, test);
                    const bool good = running.finish();
                    BOOST_TEST((good || &how != &endings[0]));
                    requests = test.requests;
                    BOOST_TEST(test.kept->size() == requests);
                    test.check_nothing_is_owned();
                }
        }
    });
}

BOOST_AUTO_TEST_CASE(DO13_nothing_stays_owned_when_it_is_cancelled)
{
    for_each_operation([](const operation& what, bool discovers) {
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k)
            BOOST_TEST_CONTEXT("after " << k << " steps")
            {
                marked_flow test(discovers);
                marked_operation running(what, test);
                ended = running.run_steps(k);
                running.cancel();
                running.finish();
                test.check_nothing_is_owned();
            }
    });
}

BOOST_AUTO_TEST_CASE(DO13_nothing_stays_owned_when_the_context_is_destroyed)
{
    for_each_operation([](const operation& what, bool discovers) {
        bool ended = false;
        for (std::size_t k = 0; !ended; ++k)
            BOOST_TEST_CONTEXT("after " << k << " steps")
            {
                marked_flow test(discovers);
                marked_operation running(what, test);
                ended = running.run_steps(k);
                running.destroy_context();
                test.check_nothing_is_owned();
            }
    });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace ownership_test
