// Floor 3.
#ifndef COAUTH_POLICY_STATE_STORE_HPP
#define COAUTH_POLICY_STATE_STORE_HPP

#include <coauth/core/result.hpp>
#include <coauth/policy/pending_login.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** Keeps pending sign-ins, in this process.

    `put(login, lifetime)` keeps a sign-in under its browser binding and state. It may let an older one
    go to make room, and has to bound what it holds: anyone can begin sign-ins.

    `take(browser_binding, state)` finds it by **both** values, and what it gives out it no longer has:
    of two calls with the same values, at most one succeeds. It fails with
    - errc::expired_transaction if the sign-in is older than its lifetime;
    - errc::state_mismatch if this browser has sign-ins pending, but none with this state;
    - errc::unknown_transaction otherwise.
    A store that cannot tell these apart says errc::unknown_transaction.

    Both have to be safe to call from all threads. The client compares state and binding again, in
    constant time, so a store may look them up by hash.
*/
template <class T>
concept synchronous_state_store =
    requires(T& store, pending_login login, std::chrono::seconds lifetime, const random_value& value) {
        { store.put(std::move(login), lifetime) } -> std::same_as<result<void>>;
        { store.take(value, value) } -> std::same_as<result<pending_login>>;
    };

/** The same, over a network: both complete later, and fail with errc::state_store_failed if it is down. */
template <class T>
concept asynchronous_state_store =
    requires(T& store, pending_login login, std::chrono::seconds lifetime, const random_value& value) {
        { store.put(std::move(login), lifetime) } -> std::same_as<boost::asio::awaitable<result<void>>>;
        { store.take(value, value) } -> std::same_as<boost::asio::awaitable<result<pending_login>>>;
    };

/** Keeps nothing: hands each sign-in to the browser that began it, sealed.

    `seal(login, lifetime)` gives the value for the browser's binding cookie, of characters that a cookie may have.
    Nobody can read or change what is in it, or make one.

    `open(cookie, state)` gives the sign-in back. It fails with
    - errc::seal_broken if it is nothing that was sealed with these keys;
    - errc::expired_transaction if the sign-in is older than its lifetime;
    - errc::state_mismatch if it is the sign-in of another state, which can still be opened;
    - errc::unknown_transaction if it knows that the sign-in was opened before. It need not know.

    Both have to be safe to call from all threads.
*/
template <class T>
concept sealing_state_store = requires(T& store, const pending_login& login, std::chrono::seconds lifetime,
                                       std::string_view cookie, const random_value& state) {
    { store.seal(login, lifetime) } -> std::same_as<result<std::string>>;
    { store.open(cookie, state) } -> std::same_as<result<pending_login>>;
};

template <class T>
concept state_store = synchronous_state_store<T> || asynchronous_state_store<T> || sealing_state_store<T>;

} // namespace coauth::inline COAUTH_MODE

#endif
