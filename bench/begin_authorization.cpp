// begin_authorization: state, nonce, PKCE and binding, the URL with nine parameters, and the pending sign-in in a store of
// 10 000 that is full, so that the oldest gives way.
#include "floor/authorization_url.hpp"
#include "support/measure.hpp"
#include "support/sign_in.hpp"

namespace {

using namespace bench;

boost::asio::awaitable<void> begin_sign_ins(benchmark::State& state, coauth::client& client)
{
    const coauth::authorization_parameters parameters{.scope = scope, .prompt = prompt};
    for (std::size_t i = 0; i < coauth::limits().pending_logins; ++i) {
        auto request = co_await client.begin_authorization(parameters);
        require(request.has_value(), "begin_authorization");
    }
    const std::uint64_t before = allocations();
    for (auto _ : state) {
        auto request = co_await client.begin_authorization(parameters);
        benchmark::DoNotOptimize(request->url().data());
    }
    set_allocations(state, before);
}

void coauth_begin(benchmark::State& state)
{
    coauth::client client = make_client();
    run(begin_sign_ins(state, client));
}

void floor_begin(benchmark::State& state)
{
    const coauth::limits bounds;
    floor::pending_slab store(bounds.pending_logins, bounds.pending_logins_per_browser,
                              bounds.pending_login_lifetime);
    floor::authorization_url url("https://accounts.provider.example/authorize", client_id, redirect_uri);
    const auto begin = [&] {
        floor::authorization_request request;
        require(url.begin(store, scope, prompt, request), "floor of begin_authorization");
        benchmark::DoNotOptimize(request.url.data());
    };
    for (std::size_t i = 0; i < bounds.pending_logins; ++i)
        begin();
    const std::uint64_t before = allocations();
    for (auto _ : state)
        begin();
    set_allocations(state, before);
}

BENCHMARK(coauth_begin)->Name("begin_authorization/coauth");
BENCHMARK(floor_begin)->Name("begin_authorization/floor");

} // namespace
