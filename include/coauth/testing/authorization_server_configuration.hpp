// Floor 4. For tests.
#ifndef COAUTH_TESTING_AUTHORIZATION_SERVER_CONFIGURATION_HPP
#define COAUTH_TESTING_AUTHORIZATION_SERVER_CONFIGURATION_HPP

#include <coauth/testing/certificate_authority.hpp>
#include <coauth/testing/server_jwt.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/// Whether authorization responses carry `iss`, and the metadata says so (RFC 9207).
enum class response_issuer { sent, left_out };

/// Whether ID tokens carry `c_hash`, which the code flow does not ask for (OpenID Connect Core 3.3.2.11).
enum class code_hash { left_out, sent };

/// What becomes of refresh tokens.
enum class refresh_tokens {
    rotated, ///< Each use gives a new one; a used one that comes again revokes the grant (RFC 9700 4.14.2).
    kept,    ///< The first one stays good, and refreshing sends none back.
    none,    ///< None are issued.
};

/** How a testing::authorization_server behaves. As it is made, it follows the rules of OAuth 2.1. */
class authorization_server_configuration {
public:
    using clock_function = std::function<std::chrono::system_clock::time_point()>;

    /// What stands at the top of the pages.
    const std::string& name() const noexcept { return name_; }
    authorization_server_configuration& set_name(std::string value)
    {
        name_ = std::move(value);
        return *this;
    }

    /// A note on the login page, for example whom to sign in as; none if empty.
    const std::string& sign_in_note() const noexcept { return sign_in_note_; }
    authorization_server_configuration& set_sign_in_note(std::string value)
    {
        sign_in_note_ = std::move(value);
        return *this;
    }

    /// Where the server is before it listens, and for in-process transports: scheme, host and port.
    const std::string& origin() const noexcept { return origin_; }
    authorization_server_configuration& set_origin(std::string value)
    {
        origin_ = std::move(value);
        return *this;
    }

    /// What the issuer has after the origin, as `/tenant`; all endpoints are below it. May be empty.
    const std::string& issuer_path() const noexcept { return issuer_path_; }
    authorization_server_configuration& set_issuer_path(std::string value)
    {
        issuer_path_ = std::move(value);
        return *this;
    }

    /// Where to listen on 127.0.0.1; zero picks a free port.
    std::uint16_t port() const noexcept { return port_; }
    authorization_server_configuration& set_port(std::uint16_t value) noexcept
    {
        port_ = value;
        return *this;
    }

    /// Who signs the server's certificate; without one, the server makes an authority of its own.
    const std::optional<certificate_authority>& authority() const noexcept { return authority_; }
    authorization_server_configuration& set_authority(certificate_authority value)
    {
        authority_ = std::move(value);
        return *this;
    }

    /// The certificate to present instead of a good one: an expired one, one for somebody else ...
    const std::optional<certificate_authority::certificate>& certificate() const noexcept
    {
        return certificate_;
    }
    authorization_server_configuration& set_certificate(certificate_authority::certificate value)
    {
        certificate_ = std::move(value);
        return *this;
    }

    /// The time, for everything that expires. Called from any thread; must not call the server.
    const clock_function& clock() const noexcept { return clock_; }
    authorization_server_configuration& set_clock(clock_function value)
    {
        clock_ = std::move(value);
        return *this;
    }

    std::chrono::seconds code_lifetime() const noexcept { return code_lifetime_; }
    authorization_server_configuration& set_code_lifetime(std::chrono::seconds value) noexcept
    {
        code_lifetime_ = value;
        return *this;
    }
    std::chrono::seconds access_token_lifetime() const noexcept { return access_token_lifetime_; }
    authorization_server_configuration& set_access_token_lifetime(std::chrono::seconds value) noexcept
    {
        access_token_lifetime_ = value;
        return *this;
    }
    std::chrono::seconds refresh_token_lifetime() const noexcept { return refresh_token_lifetime_; }
    authorization_server_configuration& set_refresh_token_lifetime(std::chrono::seconds value) noexcept
    {
        refresh_token_lifetime_ = value;
        return *this;
    }
    std::chrono::seconds id_token_lifetime() const noexcept { return id_token_lifetime_; }
    authorization_server_configuration& set_id_token_lifetime(std::chrono::seconds value) noexcept
    {
        id_token_lifetime_ = value;
        return *this;
    }
    /// How long a person stays signed in at the server itself.
    std::chrono::seconds session_lifetime() const noexcept { return session_lifetime_; }
    authorization_server_configuration& set_session_lifetime(std::chrono::seconds value) noexcept
    {
        session_lifetime_ = value;
        return *this;
    }

    response_issuer issuer_in_response() const noexcept { return issuer_in_response_; }
    authorization_server_configuration& set_issuer_in_response(response_issuer value) noexcept
    {
        issuer_in_response_ = value;
        return *this;
    }
    testing::refresh_tokens refresh_tokens() const noexcept { return refresh_tokens_; }
    authorization_server_configuration& set_refresh_tokens(testing::refresh_tokens value) noexcept
    {
        refresh_tokens_ = value;
        return *this;
    }

    /// What ID tokens are signed with, unless a client is registered with something else.
    token_algorithm id_token_algorithm() const noexcept { return id_token_algorithm_; }
    authorization_server_configuration& set_id_token_algorithm(token_algorithm value) noexcept
    {
        id_token_algorithm_ = value;
        return *this;
    }
    testing::code_hash code_hash() const noexcept { return code_hash_; }
    authorization_server_configuration& set_code_hash(testing::code_hash value) noexcept
    {
        code_hash_ = value;
        return *this;
    }
    /// Values of `acr` that people can sign in with: the first that a request asks for in `acr_values`, else the
    /// first of all. None: no `acr` in ID tokens.
    const std::vector<std::string>& authentication_contexts() const noexcept
    {
        return authentication_contexts_;
    }
    authorization_server_configuration& set_authentication_contexts(std::vector<std::string> value)
    {
        authentication_contexts_ = std::move(value);
        return *this;
    }

    /// Scope token that the protected resource wants.
    const std::string& api_scope() const noexcept { return api_scope_; }
    authorization_server_configuration& set_api_scope(std::string value)
    {
        api_scope_ = std::move(value);
        return *this;
    }

    /// Most codes, access tokens, refresh tokens, sessions and pending sign-ins, of each. The oldest go.
    std::size_t most_entries() const noexcept { return most_entries_; }
    authorization_server_configuration& set_most_entries(std::size_t value) noexcept
    {
        most_entries_ = value;
        return *this;
    }
    /// Most requests that are kept for requests(), with 64 MiB in all; the oldest are forgotten.
    /// Counting goes on.
    std::size_t most_recorded_requests() const noexcept { return most_recorded_requests_; }
    authorization_server_configuration& set_most_recorded_requests(std::size_t value) noexcept
    {
        most_recorded_requests_ = value;
        return *this;
    }
    /// How long one who connected may take for TLS and for each request.
    std::chrono::milliseconds request_deadline() const noexcept { return request_deadline_; }
    authorization_server_configuration& set_request_deadline(std::chrono::milliseconds value) noexcept
    {
        request_deadline_ = value;
        return *this;
    }

private:
    std::string name_ = "Development sign-in";
    std::string sign_in_note_;
    std::string origin_ = "https://authorization-server.test";
    std::string issuer_path_;
    std::string api_scope_ = "api";
    std::vector<std::string> authentication_contexts_{
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"};
    std::optional<certificate_authority> authority_;
    std::optional<certificate_authority::certificate> certificate_;
    clock_function clock_ = &std::chrono::system_clock::now;
    std::chrono::seconds code_lifetime_{60};
    std::chrono::seconds access_token_lifetime_{600};
    std::chrono::seconds refresh_token_lifetime_{30 * 24 * 3600};
    std::chrono::seconds id_token_lifetime_{600};
    std::chrono::seconds session_lifetime_{8 * 3600};
    std::chrono::milliseconds request_deadline_{30'000};
    std::size_t most_entries_ = 100'000;
    std::size_t most_recorded_requests_ = 10'000;
    token_algorithm id_token_algorithm_ = signing_algorithm::rs256;
    std::uint16_t port_ = 0;
    response_issuer issuer_in_response_ = response_issuer::sent;
    testing::code_hash code_hash_ = testing::code_hash::left_out;
    testing::refresh_tokens refresh_tokens_ = testing::refresh_tokens::rotated;
};

} // namespace coauth::inline COAUTH_MODE::testing

#endif
