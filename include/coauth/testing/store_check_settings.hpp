// Floor 4.
#ifndef COAUTH_TESTING_STORE_CHECK_SETTINGS_HPP
#define COAUTH_TESTING_STORE_CHECK_SETTINGS_HPP

#include <coauth/detail/config.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <utility>

namespace coauth::inline COAUTH_MODE::testing {

/** How a store is to be checked: check_token_store(), check_state_store(). */
class store_check_settings {
public:
    using wait_function = std::function<boost::asio::awaitable<void>(std::chrono::milliseconds)>;

    /// How the time passes in which leases and sign-ins end: by moving the clock of a test, for example.
    const wait_function& wait() const noexcept { return wait_; }
    /// By default it is waited for.
    store_check_settings& set_wait(wait_function value)
    {
        wait_ = std::move(value);
        return *this;
    }

    /// How long a lease lasts that is meant to end. Twice as much is waited for its end.
    std::chrono::milliseconds short_lease() const noexcept { return short_lease_; }
    store_check_settings& set_short_lease(std::chrono::milliseconds value) noexcept
    {
        short_lease_ = value;
        return *this;
    }

private:
    wait_function wait_;
    std::chrono::milliseconds short_lease_{50};
};

} // namespace coauth::inline COAUTH_MODE::testing

#endif
