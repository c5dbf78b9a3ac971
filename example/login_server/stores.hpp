// Where pending sign-ins and tokens are kept, as the command line says.
#ifndef LOGIN_SERVER_STORES_HPP
#define LOGIN_SERVER_STORES_HPP

#include "options.hpp"

#include <coauth.hpp>
#include <coauth/policy/seal_key_ring.hpp>
#include <coauth/policy/token_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace login_server {

/// A store of pending sign-ins beyond this process. Derived classes know how to get there.
class distant_state_store {
public:
    virtual ~distant_state_store() = default;
    virtual boost::asio::awaitable<coauth::result<void>> put(coauth::pending_login login,
                                                             std::chrono::seconds lifetime) = 0;
    virtual boost::asio::awaitable<coauth::result<coauth::pending_login>>
    take(const coauth::random_value& browser_binding, const coauth::random_value& state) = 0;
};

struct stores {
    std::optional<coauth::seal_key_ring> keys;        // no value: nothing leaves this process
    std::shared_ptr<distant_state_store> state_store; // null: pending sign-ins are here, or in the browser
    coauth::any_token_store token_store;              // none: tokens are here only
};

/** Make what the command line names. Nothing is asked yet: a Redis that is down stops nothing but what needs it.
    @throws option_error if the keys cannot be used
*/
stores make_stores(const boost::asio::any_io_executor& executor, const options& from);

/// Whether this program was built with Boost.Redis.
bool redis_is_built_in() noexcept;

} // namespace login_server

#endif
