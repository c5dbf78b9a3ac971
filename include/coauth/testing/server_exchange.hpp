// Floor 4. For tests. What a testing::authorization_server got, and what it answers.
#ifndef COAUTH_TESTING_SERVER_EXCHANGE_HPP
#define COAUTH_TESTING_SERVER_EXCHANGE_HPP

#include <coauth/detail/config.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/// What of the server a request is for.
enum class endpoint {
    metadata,      ///< `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`
    jwks,          ///< `/jwks`
    authorization, ///< `/authorize`
    login,         ///< `/login`, where the login page's form goes
    consent,       ///< `/consent`, the page and where its form goes
    token,         ///< `/token`
    userinfo,      ///< `/userinfo`
    revocation,    ///< `/revoke`
    end_session,   ///< `/end_session`
    api,           ///< `/api/hello`, a protected resource
    other,         ///< anything else: 404
};

struct http_field {
    http_field(std::string field_name, std::string field_value)
        : name(std::move(field_name)), value(std::move(field_value))
    {
    }
    std::string name;
    std::string value;
};

/** A request as the server got it. */
class server_request {
public:
    using time_point = std::chrono::system_clock::time_point;

    server_request(std::string method, std::string target)
        : method_(std::move(method)), target_(std::move(target))
    {
    }

    const std::string& method() const noexcept { return method_; }
    /// Path and query, as on the request line.
    const std::string& target() const noexcept { return target_; }
    std::string_view path() const noexcept { return std::string_view(target_).substr(0, target_.find('?')); }
    /// What follows the question mark.
    COAUTH_DECL std::string_view query() const noexcept;

    const std::vector<http_field>& fields() const noexcept { return fields_; }
    /// The first field of that name, compared without case; empty if there is none.
    COAUTH_DECL std::string_view field_value(std::string_view name) const noexcept;
    server_request& add_field(std::string name, std::string value)
    {
        fields_.emplace_back(std::move(name), std::move(value));
        return *this;
    }

    const std::string& body() const noexcept { return body_; }
    server_request& set_body(std::string value)
    {
        body_ = std::move(value);
        return *this;
    }

    /** The decoded value of a parameter of the form in the body, or of the query if the method is GET.

        @return no value if it is missing; the first one if there are several
    */
    COAUTH_DECL std::optional<std::string> parameter(std::string_view name) const;

    testing::endpoint endpoint() const noexcept { return endpoint_; }
    server_request& set_endpoint(testing::endpoint value) noexcept
    {
        endpoint_ = value;
        return *this;
    }
    /// When it came, by the server's clock.
    time_point time() const noexcept { return time_; }
    server_request& set_time(time_point value) noexcept
    {
        time_ = value;
        return *this;
    }

private:
    std::string method_;
    std::string target_;
    std::vector<http_field> fields_;
    std::string body_;
    time_point time_{};
    testing::endpoint endpoint_ = testing::endpoint::other;
};

/** An answer, with what can be wrong with it.

    Content-Length, Date and Connection are added when it is sent, unless they are set here.
*/
class server_answer {
public:
    explicit server_answer(unsigned status = 200) noexcept : status_(status) {}

    /// An answer with `application/json` in its body.
    static COAUTH_DECL server_answer json(unsigned status, std::string body);

    unsigned status() const noexcept { return status_; }
    server_answer& set_status(unsigned value) noexcept
    {
        status_ = value;
        return *this;
    }

    const std::vector<http_field>& fields() const noexcept { return fields_; }
    /// The first field of that name, compared without case; empty if there is none.
    COAUTH_DECL std::string_view field_value(std::string_view name) const noexcept;
    server_answer& add_field(std::string name, std::string value)
    {
        fields_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    COAUTH_DECL server_answer& remove_field(std::string_view name);
    server_answer& set_field(std::string name, std::string value)
    {
        remove_field(name);
        return add_field(std::move(name), std::move(value));
    }

    const std::string& body() const noexcept { return body_; }
    server_answer& set_body(std::string value)
    {
        body_ = std::move(value);
        return *this;
    }

    /// Send these bytes instead of status, fields and body, then close the connection.
    server_answer& set_raw(std::string bytes)
    {
        raw_ = std::move(bytes);
        return *this;
    }
    const std::optional<std::string>& raw() const noexcept { return raw_; }

    /// Wait, with the request handled, before the first byte is sent.
    server_answer& set_delay(std::chrono::milliseconds value) noexcept
    {
        delay_ = value;
        return *this;
    }
    std::chrono::milliseconds delay() const noexcept { return delay_; }

    /// Send this many bytes, then close the connection without a TLS close_notify. Zero closes at once.
    server_answer& set_truncation(std::size_t bytes) noexcept
    {
        truncation_ = bytes;
        return *this;
    }
    std::optional<std::size_t> truncation() const noexcept { return truncation_; }

    /// Send every byte by itself, with a pause after it; zero is no pause.
    server_answer& set_byte_by_byte(std::chrono::milliseconds pause = {}) noexcept
    {
        byte_pause_ = pause;
        return *this;
    }
    std::optional<std::chrono::milliseconds> byte_pause() const noexcept { return byte_pause_; }

private:
    std::vector<http_field> fields_;
    std::string body_;
    std::optional<std::string> raw_;
    std::optional<std::size_t> truncation_;
    std::optional<std::chrono::milliseconds> byte_pause_;
    std::chrono::milliseconds delay_{};
    unsigned status_;
};

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/server_exchange.ipp>
#endif

#endif
