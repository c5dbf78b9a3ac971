#ifndef COAUTH_IMPL_TESTING_CHECK_TOKEN_STORE_IPP
#define COAUTH_IMPL_TESTING_CHECK_TOKEN_STORE_IPP

#include <coauth/impl/testing/detail/refresh_scenarios.ipp>
#include <coauth/testing/check_token_store.hpp>

#include <array>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

inline boost::asio::awaitable<std::vector<std::string>> run_token_store_check(any_token_store store,
                                                                              store_check_settings settings)
{
    refresh_scenarios checker(std::move(store), std::move(settings));
    using scenario_function = boost::asio::awaitable<void> (refresh_scenarios::*)();
    constexpr std::array<scenario_function, 19> scenarios{
        &refresh_scenarios::put_and_load,
        &refresh_scenarios::keys,
        &refresh_scenarios::put_again,
        &refresh_scenarios::erase,
        &refresh_scenarios::unknown_grant,
        &refresh_scenarios::one_lease,
        &refresh_scenarios::lease_ends,
        &refresh_scenarios::renewal,
        &refresh_scenarios::beginning,
        &refresh_scenarios::sending_once,
        &refresh_scenarios::sending_is_counted,
        &refresh_scenarios::completion,
        &refresh_scenarios::late_completion,
        &refresh_scenarios::completion_by_others,
        &refresh_scenarios::completion_again,
        &refresh_scenarios::put_during_refresh,
        &refresh_scenarios::release,
        &refresh_scenarios::release_takes_back,
        &refresh_scenarios::many_at_once,
    };
    for (const scenario_function scenario : scenarios) {
        auto running = (checker.*scenario)();
        auto watched = run_scenario(std::move(running), checker.rules());
        co_await std::move(watched);
    }
    auto cleaning = run_scenario(checker.clean(), checker.rules());
    co_await std::move(cleaning);
    co_return checker.rules().take();
}

} // namespace detail

COAUTH_DECL boost::asio::awaitable<std::vector<std::string>> check_token_store(any_token_store store,
                                                                               store_check_settings settings)
{
    return detail::run_token_store_check(std::move(store), std::move(settings));
}

} // namespace coauth::inline COAUTH_MODE::testing

COAUTH_COROUTINES_END

#endif
