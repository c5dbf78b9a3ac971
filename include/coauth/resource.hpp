// Floor 4.
#ifndef COAUTH_RESOURCE_HPP
#define COAUTH_RESOURCE_HPP

#include <coauth/core/result.hpp>
#include <coauth/policy/http.hpp>
#include <coauth/protocol/bearer_challenge.hpp>
#include <coauth/protocol/form.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** A request to a protected resource. Views: they have to live until the operation was called. */
struct resource_parameters {
    /// Absolute; its origin must be allowed, see basic_client::allow_resource_origin().
    std::string_view url{};
    /// In upper case.
    std::string_view method = "GET";
    std::string_view accept = "application/json";
    /// Of the body; left out if empty.
    std::string_view content_type{};
    std::string_view body{};
    /// More header fields. Those that carry credentials or frame the message are refused.
    std::span<const parameter> fields{};
};
static_assert(std::is_trivially_copyable_v<resource_parameters> &&
              std::is_trivially_destructible_v<resource_parameters>);

/** What a protected resource answered, whatever its status.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class resource_response {
public:
    resource_response() = default;
    explicit resource_response(http_response response) : response_(std::move(response)) {}

    unsigned status() const noexcept { return response_.status(); }
    std::string_view content_type() const noexcept { return response_.field_value("Content-Type"); }
    std::string_view field_value(std::string_view name) const noexcept { return response_.field_value(name); }
    std::string_view body() const noexcept { return response_.body().expose(); }

    /** What the resource finds wrong with the token; no value if it does not say.
        @par Specification RFC 6750 3
    */
    COAUTH_DECL std::optional<bearer_challenge> challenge() const;

private:
    http_response response_;
};

namespace detail {

/** Make the request, without its Authorization field.

    @par Errors
    - errc::invalid_url, errc::insecure_url
    - errc::invalid_parameter: the method, or a field's name or value, would not be HTTP
    - errc::reserved_parameter: a field that carries credentials or frames the message
*/
COAUTH_LAZY result<http_request> make_resource_request(const resource_parameters& parameters,
                                                       bool loopback_http_allowed);

COAUTH_DECL std::optional<bearer_challenge> challenge_in(const http_response& response);

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/resource.ipp>
#endif

#endif
