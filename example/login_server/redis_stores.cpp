#include "redis_stores.hpp"

#include <coauth/redis_store.hpp>

namespace asio = boost::asio;

namespace login_server {
namespace {

class redis_pending_logins final : public distant_state_store {
public:
    redis_pending_logins(const coauth::redis_connection& connection, const coauth::seal_key_ring& keys)
        : store_(connection, keys)
    {
    }

    asio::awaitable<coauth::result<void>> put(coauth::pending_login login,
                                              std::chrono::seconds lifetime) override
    {
        return store_.put(std::move(login), lifetime);
    }
    asio::awaitable<coauth::result<coauth::pending_login>> take(const coauth::random_value& browser_binding,
                                                                const coauth::random_value& state) override
    {
        return store_.take(browser_binding, state);
    }

private:
    coauth::redis_state_store store_;
};

coauth::redis_connection connect(const asio::any_io_executor& executor, const coauth::redis_settings& where)
{
    coauth::redis_settings settings = where;
    settings.set_timeout(std::chrono::seconds(1)); // somebody is waiting
    return coauth::redis_connection::create(executor, settings).value();
}

} // namespace

void add_redis_stores(const asio::any_io_executor& executor, const options& from, stores& to)
{
    std::optional<coauth::redis_connection> connection;
    if (from.state_redis) {
        connection = connect(executor, *from.state_redis);
        to.state_store = std::make_shared<redis_pending_logins>(*connection, *to.keys);
    }
    if (!from.token_redis)
        return;
    const bool the_same = connection && from.state_redis->host() == from.token_redis->host() &&
                          from.state_redis->port() == from.token_redis->port() &&
                          from.state_redis->database() == from.token_redis->database();
    if (!the_same)
        connection = connect(executor, *from.token_redis);
    const std::string whose = from.issuer.empty() ? from.token_endpoint.string() : from.issuer.string();
    to.token_store =
        std::make_shared<coauth::redis_token_store>(*connection, *to.keys, whose + ' ' + from.client_id);
}

} // namespace login_server
