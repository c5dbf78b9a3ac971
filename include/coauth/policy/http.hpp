// Floor 3. What a transport carries.
#ifndef COAUTH_POLICY_HTTP_HPP
#define COAUTH_POLICY_HTTP_HPP

#include <coauth/core/secret.hpp>
#include <coauth/core/url.hpp>
#include <coauth/detail/callback.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/** One HTTP request of the client, with what bounds its answer.

    Header fields that every request needs (Host, Content-Length, Accept-Encoding, User-Agent,
    Connection) are the transport's business and are not in the list.
*/
class http_request {
public:
    struct field {
        std::string name;
        secret value;
    };

    http_request(std::string method, endpoint_url url) : method_(std::move(method)), url_(std::move(url)) {}

    /// Upper-case token, as `GET`.
    const std::string& method() const noexcept { return method_; }
    const endpoint_url& url() const noexcept { return url_; }

    const std::vector<field>& fields() const noexcept { return fields_; }
    /// Precondition: the name is a token and the value has no CR, LF or NUL.
    http_request& add_field(std::string name, secret value)
    {
        if (fields_.empty())
            fields_.reserve(4);
        fields_.push_back({std::move(name), std::move(value)});
        return *this;
    }

    const secret& body() const noexcept { return body_; }
    http_request& set_body(secret body) noexcept
    {
        body_ = std::move(body);
        return *this;
    }

    /// The whole exchange, connecting included, ends by this; then errc::timed_out.
    std::chrono::milliseconds deadline() const noexcept { return deadline_; }
    http_request& set_deadline(std::chrono::milliseconds value) noexcept
    {
        deadline_ = value;
        return *this;
    }
    std::size_t response_header_bytes() const noexcept { return response_header_bytes_; }
    std::size_t response_body_bytes() const noexcept { return response_body_bytes_; }
    http_request& set_response_limits(std::size_t header_bytes, std::size_t body_bytes) noexcept
    {
        response_header_bytes_ = header_bytes;
        response_body_bytes_ = body_bytes;
        return *this;
    }

    /** Whether it may be sent a second time on a new connection if a kept-alive one turns out dead.

        Only GET requests: RFC 9110 9.2.2 forbids to repeat others automatically.
    */
    bool repeatable() const noexcept { return method_ == "GET"; }

    /** To be called by the transport right before the first byte of the request may leave.

        From then on the request cannot be taken back: cancellation no longer stops it, and an exchange
        that breaks off counts as errc::outcome_unknown if the request spends a code or token.

        @return false if the caller has given up in the meantime: nothing may be sent then, and the
        exchange ends with `operation_aborted`
        @par Thread safety Safe.
    */
    [[nodiscard]] bool commit() const { return !on_commit_ || on_commit_(); }
    http_request& set_on_commit(std::function<bool()> function)
    {
        on_commit_ = std::move(function);
        return *this;
    }

private:
    std::string method_;
    endpoint_url url_;
    std::vector<field> fields_;
    secret body_;
    std::chrono::milliseconds deadline_{30'000};
    std::size_t response_header_bytes_ = 32 * 1024;
    std::size_t response_body_bytes_ = 1024 * 1024;
    detail::callback<bool()> on_commit_;
};

/** The final answer to an http_request: complete, within the limits, with no coding applied. */
class http_response {
public:
    struct field {
        std::string name;
        std::string value;
    };

    http_response() = default;
    explicit http_response(unsigned status) noexcept : status_(status) {}

    unsigned status() const noexcept { return status_; }

    const std::vector<field>& fields() const noexcept { return fields_; }
    http_response& add_field(std::string name, std::string value)
    {
        if (fields_.empty())
            fields_.reserve(12);
        fields_.push_back({std::move(name), std::move(value)});
        return *this;
    }
    /// The value of the first field of that name, compared without case; empty if there is none.
    COAUTH_DECL std::string_view field_value(std::string_view name) const noexcept;

    /// Wiped on destruction, as it may hold tokens.
    const secret& body() const noexcept { return body_; }
    http_response& set_body(secret body) noexcept
    {
        body_ = std::move(body);
        return *this;
    }

private:
    unsigned status_ = 0;
    std::vector<field> fields_;
    secret body_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/http.ipp>
#endif

#endif
