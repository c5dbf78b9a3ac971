// Floor 5.
#ifndef COAUTH_HTTPS_TRANSPORT_SETTINGS_HPP
#define COAUTH_HTTPS_TRANSPORT_SETTINGS_HPP

#include <coauth/address_policy.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/// The oldest version of TLS that is spoken. Older ones than 1.2 cannot be had (RFC 9325 3.1.1).
enum class tls_version { tls1_2, tls1_3 };

/** Turns a host name into addresses, in the order of preference.

    It runs in a coroutine of the exchange that needs it and is cancelled when that exchange ends. An
    empty list is errc::name_resolution_failed, as is any error or exception. Literal addresses do not
    come here.
*/
using host_resolver =
    std::function<boost::asio::awaitable<result<std::vector<boost::asio::ip::address>>>(std::string host)>;

/** An HTTP proxy that opens tunnels (CONNECT). It sees host names and ports, and nothing that is sent.

    @par Specification RFC 9110 9.3.6
*/
class http_proxy {
public:
    /**
        @param host name or address, an IPv6 address without brackets
        @param port 1 to 65535
    */
    http_proxy(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

    /// Authenticate with the Basic scheme (RFC 7617). The user name has no colon in it.
    http_proxy& set_credentials(std::string user_name, secret password)
    {
        user_name_ = std::move(user_name);
        password_ = std::move(password);
        return *this;
    }

    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }
    const std::string& user_name() const noexcept { return user_name_; }
    const secret& password() const noexcept { return password_; }
    bool has_credentials() const noexcept { return !user_name_.empty() || !password_.empty(); }

private:
    std::string host_;
    std::uint16_t port_;
    std::string user_name_;
    secret password_;
};

/** What an https_transport trusts, how long it waits, and how much it keeps.

    As it is made: the system's authorities, TLS 1.2 or newer, no proxy, all addresses. Environment
    variables for proxies are not looked at. A duration of zero has passed when it begins, a count of
    zero keeps nothing; no value means "without limit", and more than a day is a day.
*/
class https_transport_settings {
public:
    using milliseconds = std::chrono::milliseconds;

    /// Trust the certificates of this PEM text as well. Without any certificate in it no transport can be
    /// made.
    https_transport_settings& add_authorities(std::string pem)
    {
        authorities_.push_back(std::move(pem));
        return *this;
    }
    /// Trust the authorities in a file, too. https_transport::create() reads it with read_secret_file(), and fails if the
    /// file cannot be read or has more than 1 MiB.
    https_transport_settings& add_authorities_file(std::string path)
    {
        authority_files_.push_back(std::move(path));
        return *this;
    }
    /// Do not trust the system's authorities, only those that are added here.
    https_transport_settings& trust_only_added_authorities() noexcept
    {
        system_authorities_ = false;
        return *this;
    }
    const std::vector<std::string>& authorities() const noexcept { return authorities_; }
    const std::vector<std::string>& authority_files() const noexcept { return authority_files_; }
    bool system_authorities() const noexcept { return system_authorities_; }

    /** Present a certificate to servers that ask for one (mutual TLS, RFC 8705).
        @param chain_pem the certificate, then what leads to its authority
        @param private_key_pem its key, not encrypted; a key that does not fit: no transport can be made
    */
    https_transport_settings& set_client_certificate(std::string chain_pem, secret private_key_pem)
    {
        client_certificate_ = std::move(chain_pem);
        client_key_ = std::move(private_key_pem);
        return *this;
    }
    const std::string& client_certificate() const noexcept { return client_certificate_; }
    const secret& client_key() const noexcept { return client_key_; }

    https_transport_settings& set_oldest_tls(tls_version version) noexcept
    {
        oldest_tls_ = version;
        return *this;
    }
    tls_version oldest_tls() const noexcept { return oldest_tls_; }

    /// Tunnel every https request through this proxy. Plain http, which is loopback only, never goes through
    /// it.
    https_transport_settings& set_proxy(http_proxy proxy)
    {
        proxy_ = std::move(proxy);
        return *this;
    }
    const std::optional<http_proxy>& proxy() const noexcept { return proxy_; }

    /** Connect only to addresses that the policy lets pass, as public_addresses_only().

        What is judged is the very address that the connection goes to. With a proxy, only hosts that are
        literal addresses can be judged: the proxy resolves the names. The proxy's own address is not judged.
    */
    https_transport_settings& set_address_policy(coauth::address_policy policy)
    {
        address_policy_ = std::move(policy);
        return *this;
    }
    const coauth::address_policy& address_policy() const noexcept { return address_policy_; }

    /// Resolve host names by this function in place of the system's resolver.
    https_transport_settings& set_resolver(host_resolver resolver)
    {
        resolver_ = std::move(resolver);
        return *this;
    }
    const host_resolver& resolver() const noexcept { return resolver_; }

    /// Longest time for resolving and connecting, and again for a proxy's tunnel; default 5 s. The request's
    /// deadline stands.
    https_transport_settings& set_connect_timeout(milliseconds value) noexcept
    {
        connect_timeout_ = value;
        return *this;
    }
    milliseconds connect_timeout() const noexcept { return connect_timeout_; }

    /// Longest time for the TLS handshake; default 5 s. The request's deadline stands.
    https_transport_settings& set_handshake_timeout(milliseconds value) noexcept
    {
        handshake_timeout_ = value;
        return *this;
    }
    milliseconds handshake_timeout() const noexcept { return handshake_timeout_; }

    /** Most connections that are kept open without a request; beyond it the one idle longest is closed.
        @param per_origin default 8; zero: every request has its own connection
        @param total for all origins; default 64
    */
    https_transport_settings& set_idle_connections(std::size_t per_origin, std::size_t total) noexcept
    {
        idle_per_origin_ = per_origin;
        idle_total_ = total;
        return *this;
    }
    std::size_t idle_per_origin() const noexcept { return idle_per_origin_; }
    std::size_t idle_total() const noexcept { return idle_total_; }

    /// A connection without a request for longer than this is not used again; default 30 s. For less if the server says in
    /// the field Keep-Alive that it closes it earlier; and what is not a GET takes one that was used within 3 s, or a new one.
    https_transport_settings& set_idle_time(milliseconds value) noexcept
    {
        idle_time_ = value;
        return *this;
    }
    milliseconds idle_time() const noexcept { return idle_time_; }

    /// Value of the User-Agent field, default `coauth`; empty: the field is left out.
    https_transport_settings& set_user_agent(std::string value)
    {
        user_agent_ = std::move(value);
        return *this;
    }
    const std::string& user_agent() const noexcept { return user_agent_; }

private:
    std::vector<std::string> authorities_;
    std::vector<std::string> authority_files_;
    std::string client_certificate_;
    secret client_key_;
    std::optional<http_proxy> proxy_;
    coauth::address_policy address_policy_;
    host_resolver resolver_;
    std::string user_agent_ = "coauth";
    milliseconds connect_timeout_{5'000};
    milliseconds handshake_timeout_{5'000};
    milliseconds idle_time_{30'000};
    std::size_t idle_per_origin_ = 8;
    std::size_t idle_total_ = 64;
    tls_version oldest_tls_ = tls_version::tls1_2;
    bool system_authorities_ = true;
};

} // namespace coauth::inline COAUTH_MODE

#endif
