// Floor 4. For tests.
#ifndef COAUTH_TESTING_CERTIFICATE_AUTHORITY_HPP
#define COAUTH_TESTING_CERTIFICATE_AUTHORITY_HPP

#include <coauth/detail/config.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/// The key that a certificate is made with.
enum class certificate_key { p256, rsa_2048 };

/** What a certificate shall say. As it is made, it names nobody and is valid from an hour ago until tomorrow.
 */
class certificate_request {
public:
    using time_point = std::chrono::system_clock::time_point;

    const std::string& common_name() const noexcept { return common_name_; }
    certificate_request& set_common_name(std::string name)
    {
        common_name_ = std::move(name);
        return *this;
    }

    /// The subjectAltName entries. Without any the certificate has no such extension.
    const std::vector<std::string>& dns_names() const noexcept { return dns_names_; }
    certificate_request& add_dns_name(std::string name)
    {
        dns_names_.push_back(std::move(name));
        return *this;
    }
    const std::vector<std::string>& ip_addresses() const noexcept { return ip_addresses_; }
    /// `127.0.0.1` or `::1`.
    certificate_request& add_ip_address(std::string address)
    {
        ip_addresses_.push_back(std::move(address));
        return *this;
    }

    time_point not_before() const noexcept { return not_before_; }
    time_point not_after() const noexcept { return not_after_; }
    certificate_request& set_validity(time_point not_before, time_point not_after) noexcept
    {
        not_before_ = not_before;
        not_after_ = not_after;
        return *this;
    }

    certificate_key key() const noexcept { return key_; }
    certificate_request& set_key(certificate_key key) noexcept
    {
        key_ = key;
        return *this;
    }

private:
    std::string common_name_;
    std::vector<std::string> dns_names_;
    std::vector<std::string> ip_addresses_;
    time_point not_before_ = std::chrono::system_clock::now() - std::chrono::hours(1);
    time_point not_after_ = std::chrono::system_clock::now() + std::chrono::hours(24);
    certificate_key key_ = certificate_key::p256;
};

/** A certificate authority of its own, for servers that tests talk to over real TLS.

    Its key never leaves it and lives as long as the object and its copies.

    @warning For tests. Whoever trusts it trusts everything that this process issues.
    @par Thread safety Distinct and shared objects: safe.
*/
class certificate_authority {
public:
    /// A certificate and its key, for a server (or client) to present.
    class certificate {
    public:
        certificate(std::string chain, std::string private_key)
            : chain_pem(std::move(chain)), private_key_pem(std::move(private_key))
        {
        }

        std::string chain_pem;
        std::string private_key_pem; ///< PKCS #8, not encrypted
    };
    using certificate_request = testing::certificate_request;

    /** Make a P-256 key and a root certificate for it, valid for a day.
        @throws std::runtime_error if OpenSSL fails
    */
    COAUTH_DECL certificate_authority();

    /// The root certificate, for a client to trust.
    COAUTH_DECL const std::string& certificate_pem() const noexcept;

    /** Make a key and sign a certificate for it, for servers and clients.
        @throws std::runtime_error if OpenSSL fails or an address is not one
    */
    COAUTH_DECL certificate issue(const certificate_request& request) const;

    /// The same, signed by its own key: nobody has a reason to trust it.
    static COAUTH_DECL certificate issue_self_signed(const certificate_request& request);

    /// For `https://127.0.0.1`, `https://[::1]` and `https://localhost`.
    COAUTH_DECL certificate issue_for_loopback() const;

private:
    struct state;
    std::shared_ptr<const state> state_;
};

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/certificate_authority.ipp>
#endif

#endif
