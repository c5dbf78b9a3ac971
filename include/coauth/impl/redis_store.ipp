#ifndef COAUTH_IMPL_REDIS_STORE_IPP
#define COAUTH_IMPL_REDIS_STORE_IPP

#include <coauth/detail/redis/link.hpp>
#include <coauth/detail/redis/script.hpp>
#include <coauth/redis_store.hpp>

#include <coauth/impl/detail/redis/key.ipp>
#include <coauth/impl/detail/redis/state_core.ipp>
#include <coauth/impl/detail/redis/token_core.ipp>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL result<redis_connection> redis_connection::create(const boost::asio::any_io_executor& executor,
                                                              const redis_settings& settings)
{
    result<boost::asio::ssl::context> tls = detail::make_redis_tls(settings);
    if (!tls)
        return tls.error();
    auto link = std::make_shared<detail::redis_link>(executor, settings, std::move(*tls));
    link->start();
    return redis_connection(std::make_shared<detail::redis_lifeline>(std::move(link)));
}

namespace detail {

COAUTH_DECL boost::asio::awaitable<result<void>> run_ping(std::shared_ptr<redis_lifeline> lifeline)
{
    auto call = std::make_shared<redis_call>(redis_repetition::harmless, errc::token_store_failed);
    result<redis_answer> answer = co_await execute(lifeline->link(), std::move(call));
    if (!answer)
        co_return answer.error();
    co_return result<void>();
}

} // namespace detail

COAUTH_DECL boost::asio::awaitable<result<void>> redis_connection::ping() const
{
    return detail::run_ping(lifeline_);
}

COAUTH_DECL redis_state_store::redis_state_store(const redis_connection& connection, seal_key_ring keys,
                                                 const limits& bounds, const redis_store_settings& settings)
    : core_(std::make_shared<detail::redis_state_core>(connection, std::move(keys), bounds, settings))
{
}

COAUTH_DECL boost::asio::awaitable<result<void>> redis_state_store::put(pending_login login,
                                                                        std::chrono::seconds lifetime)
{
    return detail::redis_state_core::put(core_, std::move(login), lifetime);
}

COAUTH_DECL boost::asio::awaitable<result<pending_login>>
redis_state_store::take(const random_value& browser_binding, const random_value& state)
{
    return detail::redis_state_core::take(core_, browser_binding, state);
}

COAUTH_DECL redis_token_store::redis_token_store(const redis_connection& connection, seal_key_ring keys,
                                                 std::string issuer, const redis_store_settings& settings)
    : core_(std::make_shared<detail::redis_token_core>(connection, std::move(keys), std::move(issuer),
                                                       settings))
{
}

COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> redis_token_store::put(std::string key,
                                                                                 shared_tokens tokens)
{
    return detail::redis_token_core::put(core_, std::move(key), std::move(tokens));
}

COAUTH_DECL boost::asio::awaitable<result<grant_record>> redis_token_store::load(std::string key,
                                                                                 std::uint64_t known)
{
    return detail::redis_token_core::load(core_, std::move(key), known);
}

COAUTH_DECL boost::asio::awaitable<result<lease>>
redis_token_store::acquire(std::string key, const random_value& owner, std::chrono::milliseconds duration,
                           std::uint64_t known, unsigned tries)
{
    return detail::redis_token_core::acquire(core_, std::move(key), owner, duration, known, tries);
}

COAUTH_DECL boost::asio::awaitable<result<void>>
redis_token_store::renew(std::string key, const random_value& owner, std::chrono::milliseconds duration)
{
    return detail::redis_token_core::renew(core_, std::move(key), owner, duration);
}

COAUTH_DECL boost::asio::awaitable<result<void>>
redis_token_store::begin_refresh(std::string key, const random_value& owner, std::uint64_t generation)
{
    return detail::redis_token_core::begin_refresh(core_, std::move(key), owner, generation);
}

COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>>
redis_token_store::complete_refresh(std::string key, const random_value& owner, std::uint64_t generation,
                                    shared_tokens tokens)
{
    return detail::redis_token_core::complete_refresh(core_, std::move(key), owner, generation,
                                                      std::move(tokens));
}

COAUTH_DECL boost::asio::awaitable<result<void>> redis_token_store::release(std::string key,
                                                                            const random_value& owner)
{
    return detail::redis_token_core::release(core_, std::move(key), owner);
}

COAUTH_DECL boost::asio::awaitable<result<void>> redis_token_store::erase(std::string key)
{
    return detail::redis_token_core::erase(core_, std::move(key));
}

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
