// accept_callback: parse what the browser brought, take the pending sign-in out of a store that holds 5000, check state,
// binding and issuer.
#include "floor/authorization_url.hpp"
#include "floor/callback.hpp"
#include "support/measure.hpp"
#include "support/sign_in.hpp"

#include <string>
#include <vector>

namespace {

using namespace bench;

constexpr int batch = 1000;
constexpr int others = 4000;

struct callback {
    std::string query;
    std::string binding;
};

callback answer_to(std::string_view url, std::string_view binding)
{
    const std::size_t state = url.find("&state=") + 1;
    std::string query = "code=4%2F0AX4XfWhCkuGcX2bpF1i6m3nVqTsYzR8aLdUoEwBvJ9KhNfQpMgSxZtIyDcOrPlA&";
    query += url.substr(state, std::string_view("state=").size() + 43);
    query += "&iss=https%3A%2F%2Faccounts.provider.example&scope=openid+email+profile";
    return {std::move(query), std::string(binding)};
}

boost::asio::awaitable<void> accept_callbacks(benchmark::State& state, coauth::client& client)
{
    const coauth::authorization_parameters parameters{.scope = scope, .prompt = prompt};
    for (int i = 0; i < others; ++i) {
        auto request = co_await client.begin_authorization(parameters);
        require(request.has_value(), "begin_authorization");
    }
    std::uint64_t allocated = 0;
    while (state.KeepRunningBatch(batch)) {
        state.PauseTiming();
        std::vector<callback> callbacks;
        for (int i = 0; i < batch; ++i) {
            auto request = co_await client.begin_authorization(parameters);
            callbacks.push_back(answer_to(request->url(), request->browser_binding()));
        }
        const std::uint64_t before = allocations();
        state.ResumeTiming();
        for (const callback& one : callbacks) {
            const coauth::callback_parameters arrived{.parameters = one.query,
                                                      .browser_binding = one.binding};
            auto code = co_await client.accept_callback(arrived);
            if (!code)
                require(false, "accept_callback");
        }
        allocated += allocations() - before;
    }
    set_allocations(state, allocations() - allocated);
}

void coauth_accept(benchmark::State& state)
{
    coauth::client client = make_client();
    run(accept_callbacks(state, client));
}

void floor_accept(benchmark::State& state)
{
    const coauth::limits bounds;
    floor::pending_slab store(bounds.pending_logins, bounds.pending_logins_per_browser,
                              bounds.pending_login_lifetime);
    floor::authorization_url url("https://accounts.provider.example/authorize", client_id, redirect_uri);
    floor::authorization_request request;
    for (int i = 0; i < others; ++i)
        require(url.begin(store, scope, prompt, request), "floor of begin_authorization");
    while (state.KeepRunningBatch(batch)) {
        state.PauseTiming();
        std::vector<callback> callbacks;
        for (int i = 0; i < batch; ++i) {
            require(url.begin(store, scope, prompt, request), "floor of begin_authorization");
            callbacks.push_back(
                answer_to(request.url, {request.browser_binding.data(), request.browser_binding.size()}));
        }
        state.ResumeTiming();
        for (const callback& one : callbacks) {
            floor::accepted_code code;
            if (!floor::accept(store, one.query, one.binding, issuer, code))
                require(false, "floor of accept_callback");
            benchmark::DoNotOptimize(code.code.data());
        }
    }
}

BENCHMARK(coauth_accept)->Name("accept_callback/coauth");
BENCHMARK(floor_accept)->Name("accept_callback/floor");

} // namespace
