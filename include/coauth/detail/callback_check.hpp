// Floor 4. From a callback to an authorization code, whichever client it is for.
#ifndef COAUTH_DETAIL_CALLBACK_CHECK_HPP
#define COAUTH_DETAIL_CALLBACK_CHECK_HPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/client_interface.hpp>
#include <coauth/policy/state_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <utility>

namespace coauth::detail {

template <class Policy, class Route>
boost::asio::awaitable<result<authorization_code>>
run_callback_check(std::shared_ptr<typename Policy::state_store> store, result<readable_callback> callback,
                   Route route)
{
    if (!callback)
        co_return callback.error();
    result<pending_login> login = errc::unknown_transaction;
    if constexpr (synchronous_state_store<typename Policy::state_store>)
        login = store->take(callback->browser_binding, callback->state);
    else
        login = co_await cancellation_as_error(store->take(callback->browser_binding, callback->state));
    if (!login)
        co_return login.error();
    // The store may have found it by a hash.
    if (!Policy::comparison::equal(login->state().view(), callback->state.view()) ||
        !Policy::comparison::equal(login->browser_binding().view(), callback->browser_binding.view()))
        co_return errc::state_mismatch;
    const std::shared_ptr<client_interface> core = route(login->client_tag());
    if (!core)
        co_return errc::issuer_mismatch;
    if (!core->server()) { // begun by another process
        result<void> known = co_await core->discover();
        if (!known)
            co_return known.error();
    }
    co_return core->complete_callback(std::move(*callback), std::move(*login));
}

/** Take the pending sign-in of a callback, and let its client check the rest.

    @param route gives the client's core for a client tag; null if there is none
*/
template <class Policy, class Route>
boost::asio::awaitable<result<authorization_code>>
check_callback(std::shared_ptr<typename Policy::state_store> store, result<readable_callback> callback,
               Route route)
{
    auto check = run_callback_check<Policy>(std::move(store), std::move(callback), std::move(route));
    if constexpr (synchronous_state_store<typename Policy::state_store>)
        return check; // which waits for one thing at most
    else
        return cancellation_as_error(std::move(check));
}

} // namespace coauth::detail

#endif
