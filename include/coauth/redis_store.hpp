// Floor 5. Opt-in: no other header includes it.
#ifndef COAUTH_REDIS_STORE_HPP
#define COAUTH_REDIS_STORE_HPP

#include <boost/version.hpp>

#if BOOST_VERSION < 108400
#error "coauth/redis_store.hpp needs Boost.Redis, which comes with Boost 1.84 and newer"
#endif

#include <coauth/core/limits.hpp>
#include <coauth/policy/seal_key_ring.hpp>
#include <coauth/policy/state_store.hpp>
#include <coauth/policy/token_store.hpp>
#include <coauth/redis_settings.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE {
namespace detail {
class redis_link;
class redis_lifeline;
class redis_state_core;
class redis_token_core;
} // namespace detail

/** A connection to a Redis server, version 7 or newer, or to Valkey, for any number of stores.

    It is made in the background, checked while idle, and made again whenever it breaks. All commands go through it
    without waiting for each other's answers. Copies share it; the last one to go, stores included, closes it.

    One file of a program includes `<boost/redis/src.hpp>`, as for any use of Boost.Redis; with CMake, linking
    `coauth::redis` does that.

    @par Lifetimes As long as it exists, the executor's context has work to do: `run()` does not return. The context
    may be destroyed before it.
    @par Thread safety Distinct and shared objects: safe.
*/
class redis_connection {
public:
    /** Check the settings and begin to connect. That there is a server nobody knows yet.

        @par Errors errc::invalid_configuration, described: an authority or client certificate cannot be read, or
        a key does not fit
    */
    static COAUTH_DECL result<redis_connection> create(const boost::asio::any_io_executor& executor,
                                                       const redis_settings& settings = redis_settings());

    /** Ask the server for an answer.

        @par Errors
        - errc::token_store_failed: there was none in time; the description says what is known
        - `operation_aborted`: cancelled
        @par Per-operation cancellation terminal, partial and total
    */
    COAUTH_DECL boost::asio::awaitable<result<void>> ping() const;

private:
    friend class detail::redis_state_core;
    friend class detail::redis_token_core;
    explicit redis_connection(std::shared_ptr<detail::redis_lifeline> lifeline) noexcept
        : lifeline_(std::move(lifeline))
    {
    }

    std::shared_ptr<detail::redis_lifeline> lifeline_;
};

/** What the keys in a Redis begin with, and how long grants stay in it. */
class redis_store_settings {
public:
    /// Default `coauth`. No braces: what stands in them says to which shard of a cluster a key belongs.
    redis_store_settings& set_prefix(std::string value)
    {
        prefix_ = std::move(value);
        return *this;
    }
    const std::string& prefix() const noexcept { return prefix_; }

    /** How long a grant stays without being replaced by a sign-in or a refresh; default 90 days.

        It should be longer than the server's refresh tokens live unused. Zero: for ever, until it is forgotten.
    */
    redis_store_settings& set_retention(std::chrono::seconds value) noexcept
    {
        retention_ = value;
        return *this;
    }
    std::chrono::seconds retention() const noexcept { return retention_; }

private:
    std::string prefix_ = "coauth";
    std::chrono::seconds retention_ = std::chrono::hours(24 * 90);
};

/** Keeps pending sign-ins in Redis, for any number of processes: an asynchronous_state_store.

    What take() gives out is gone for all of them. Sign-ins are sealed, under keys that tell nothing: who reads the
    server, its log or its disk learns neither state nor verifier. Of one browser limits::pending_logins_per_browser
    are kept. In all there are as many as were begun within a lifetime: give the server a memory limit without
    eviction (`maxmemory-policy noeviction`), and sign-ins fail closed beyond it.

    If the server cannot be reached, both operations fail with errc::state_store_failed within
    redis_settings::timeout(). A take() whose answer is lost may have spent the sign-in.

    @par Thread safety Distinct and shared objects: safe. Copies share.
*/
class redis_state_store {
public:
    /** @throws coauth::exception errc::invalid_configuration: braces in the prefix */
    COAUTH_DECL redis_state_store(const redis_connection& connection, seal_key_ring keys,
                                  const limits& bounds = {},
                                  const redis_store_settings& settings = redis_store_settings());

    COAUTH_DECL boost::asio::awaitable<result<void>> put(pending_login login, std::chrono::seconds lifetime);
    COAUTH_DECL boost::asio::awaitable<result<pending_login>> take(const random_value& browser_binding,
                                                                   const random_value& state);

private:
    std::shared_ptr<const detail::redis_state_core> core_;
};

/** Keeps tokens in Redis, for any number of processes: a token_store.

    The rules are the server's scripts, one atomic step each, and leases end by the server's clock. Tokens are
    sealed, under keys that tell nothing. A grant that was erased leaves its generation behind for a day.

    If the server cannot be reached, operations fail with errc::token_store_failed within redis_settings::timeout().
    Tokens that cannot be opened are errc::seal_broken; a key of no or more than 512 bytes, and no tokens,
    errc::invalid_parameter.

    A refresh token that was rotated is lost if the server forgets what it was told: run it with
    `appendonly yes`, and `appendfsync always` if it may be killed or lose power. Replicas receive changes later,
    so that a failover can bring a spent refresh token back; the authorization server then ends the grant.

    @par Thread safety Distinct and shared objects: safe. Copies share.
*/
class redis_token_store {
public:
    /** @param issuer whose tokens these are, or what else tells apart the clients that share a server; tokens of one
            do not open for another
        @throws coauth::exception errc::invalid_configuration: braces in the prefix
    */
    COAUTH_DECL redis_token_store(const redis_connection& connection, seal_key_ring keys, std::string issuer,
                                  const redis_store_settings& settings = redis_store_settings());

    COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens);
    COAUTH_DECL boost::asio::awaitable<result<grant_record>> load(std::string key, std::uint64_t known);
    COAUTH_DECL boost::asio::awaitable<result<lease>> acquire(std::string key, const random_value& owner,
                                                              std::chrono::milliseconds duration,
                                                              std::uint64_t known, unsigned tries);
    COAUTH_DECL boost::asio::awaitable<result<void>> renew(std::string key, const random_value& owner,
                                                           std::chrono::milliseconds duration);
    COAUTH_DECL boost::asio::awaitable<result<void>> begin_refresh(std::string key, const random_value& owner,
                                                                   std::uint64_t generation);
    COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key,
                                                                               const random_value& owner,
                                                                               std::uint64_t generation,
                                                                               shared_tokens tokens);
    COAUTH_DECL boost::asio::awaitable<result<void>> release(std::string key, const random_value& owner);
    COAUTH_DECL boost::asio::awaitable<result<void>> erase(std::string key);

private:
    std::shared_ptr<const detail::redis_token_core> core_;
};

static_assert(asynchronous_state_store<redis_state_store>);
static_assert(token_store<redis_token_store>);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/redis_store.ipp>
#endif

#endif
