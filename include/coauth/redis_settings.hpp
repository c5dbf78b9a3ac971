// Floor 5.
#ifndef COAUTH_REDIS_SETTINGS_HPP
#define COAUTH_REDIS_SETTINGS_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/https_transport_settings.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** Where a Redis or Valkey server is, as whom to log in, and how long to wait for it.

    As it is made: no TLS, the server's default user without a password, database 0.

    With a user of its own, this is all that it needs to be allowed to:
    @code
    user coauth on >the-password ~coauth:* +hello +ping +select +eval +evalsha +time +exists +del
         +hget +hgetall +hexists +hset +hdel +pexpire
    @endcode
*/
class redis_settings {
public:
    using milliseconds = std::chrono::milliseconds;

    /**
        @param host name or address, an IPv6 address without brackets
        @param port 1 to 65535
    */
    explicit redis_settings(std::string host = "127.0.0.1", std::uint16_t port = 6379)
        : host_(std::move(host)), port_(port)
    {
    }

    /** Read `redis://[[user]:password@]host[:port][/database]`; with `rediss://`, TLS is used.

        @par Errors errc::invalid_url: something else, or more than that; an address with a zone
    */
    static COAUTH_DECL result<redis_settings> parse(std::string_view url);

    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }

    /// Log in. The user `default` is the one who is meant by a server with a password and no users.
    redis_settings& set_user(std::string name, secret password)
    {
        user_ = std::move(name);
        password_ = std::move(password);
        return *this;
    }
    const std::string& user() const noexcept { return user_; }
    const secret& password() const noexcept { return password_; }

    /// Default 0, which is the only one of a cluster.
    redis_settings& set_database(unsigned index) noexcept
    {
        database_ = index;
        return *this;
    }
    unsigned database() const noexcept { return database_; }

    /** Speak TLS, of version 1.2 or newer. The certificate and its host name are verified.

        By the system's authorities, unless others are added; see https_transport_settings for each of these.
    */
    redis_settings& use_tls() noexcept
    {
        tls_ = true;
        return *this;
    }
    /// @copydoc use_tls()
    redis_settings& add_authorities(std::string pem)
    {
        trust_.add_authorities(std::move(pem));
        return use_tls();
    }
    /// @copydoc use_tls()
    redis_settings& add_authorities_file(std::string path)
    {
        trust_.add_authorities_file(std::move(path));
        return use_tls();
    }
    /// @copydoc use_tls()
    redis_settings& trust_only_added_authorities() noexcept
    {
        trust_.trust_only_added_authorities();
        return use_tls();
    }
    /// Present a certificate, which servers ask for unless they are told not to; see https_transport_settings.
    redis_settings& set_client_certificate(std::string chain_pem, secret private_key_pem)
    {
        trust_.set_client_certificate(std::move(chain_pem), std::move(private_key_pem));
        return use_tls();
    }
    bool tls() const noexcept { return tls_; }
    const https_transport_settings& trust() const noexcept { return trust_; }

    /** Longest time for one operation, default 2 s.

        It includes the wait for a connection that is being made, as when the server is restarted. Once the
        server has been out of reach for as long as that, operations fail at once until it is back.
    */
    redis_settings& set_timeout(milliseconds value) noexcept
    {
        timeout_ = value;
        return *this;
    }
    milliseconds timeout() const noexcept { return timeout_; }

    /// Longest time each for resolving, connecting and the TLS handshake; default 5 s.
    redis_settings& set_connect_timeout(milliseconds value) noexcept
    {
        connect_timeout_ = value;
        return *this;
    }
    milliseconds connect_timeout() const noexcept { return connect_timeout_; }

    /// Time between two attempts to connect, default 250 ms; less than 10 ms is 10 ms.
    redis_settings& set_reconnect_interval(milliseconds value) noexcept
    {
        reconnect_interval_ = value;
        return *this;
    }
    milliseconds reconnect_interval() const noexcept { return reconnect_interval_; }

    /// An idle connection is tried this often; one without an answer for twice as long is given up. Default 2 s.
    redis_settings& set_health_check_interval(milliseconds value) noexcept
    {
        health_check_interval_ = value;
        return *this;
    }
    milliseconds health_check_interval() const noexcept { return health_check_interval_; }

private:
    std::string host_;
    std::string user_ = "default";
    secret password_;
    https_transport_settings trust_;
    milliseconds timeout_{2'000};
    milliseconds connect_timeout_{5'000};
    milliseconds reconnect_interval_{250};
    milliseconds health_check_interval_{2'000};
    unsigned database_ = 0;
    std::uint16_t port_;
    bool tls_ = false;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/redis_settings.ipp>
#endif

#endif
