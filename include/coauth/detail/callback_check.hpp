// Floor 4. From a callback to an authorization code, whichever client it is for.
#ifndef COAUTH_DETAIL_CALLBACK_CHECK_HPP
#define COAUTH_DETAIL_CALLBACK_CHECK_HPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/client_interface.hpp>
#include <coauth/policy/state_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// Where the sign-in of a callback is: in the store, or in the cookie that came with it.
template <class Store>
class login_source {
public:
    login_source(std::shared_ptr<Store> store, std::string_view) : store_(std::move(store)) {}

    auto take(readable_callback& callback) const
    {
        return store_->take(callback.browser_binding, callback.state);
    }

private:
    std::shared_ptr<Store> store_;
};

template <sealing_state_store Store>
class login_source<Store> {
public:
    login_source(std::shared_ptr<Store> store, std::string_view cookie)
        : store_(std::move(store)), cookie_(cookie)
    {
    }

    result<pending_login> take(readable_callback& callback) const
    {
        auto login = store_->open(cookie_.expose(), callback.state);
        if (login) // who has the cookie is the browser
            callback.browser_binding = login->browser_binding();
        return login;
    }

private:
    std::shared_ptr<Store> store_;
    secret cookie_;
};

template <class Policy, class Route>
boost::asio::awaitable<result<authorization_code>>
run_callback_check(login_source<typename Policy::state_store> source, result<readable_callback> callback,
                   Route route)
{
    if (!callback)
        co_return callback.error();
    result<pending_login> login = errc::unknown_transaction;
    if constexpr (asynchronous_state_store<typename Policy::state_store>)
        login = co_await cancellation_as_error(source.take(*callback));
    else
        login = source.take(*callback);
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

    @param reader any client of those that the callback may be for
    @param from callback_parameters
    @param route gives the client's core for a client tag; null if there is none
*/
template <class Policy, class Parameters, class Route>
boost::asio::awaitable<result<authorization_code>>
check_callback(std::shared_ptr<typename Policy::state_store> store, const client_interface& reader,
               const Parameters& from, Route route)
{
    using store_type = typename Policy::state_store;
    // A sealed cookie tells the binding only when it is opened, for which the state has to be known.
    const random_value unknown;
    const random_value::encoded placeholder = unknown.encode();
    std::string_view binding = from.browser_binding;
    if constexpr (sealing_state_store<store_type>)
        binding = std::string_view(placeholder.data(), binding.empty() ? 0 : placeholder.size());
    login_source<store_type> source(std::move(store), from.browser_binding);
    auto check = run_callback_check<Policy>(
        std::move(source),
        reader.read_callback(from.parameters, binding, from.response_mode, from.redirect_uri),
        std::move(route));
    if constexpr (asynchronous_state_store<store_type>)
        return cancellation_as_error(std::move(check));
    else
        return check; // which waits for one thing at most
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
