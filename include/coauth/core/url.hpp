// Floor 1.
#ifndef COAUTH_CORE_URL_HPP
#define COAUTH_CORE_URL_HPP

#include <coauth/core/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE {

/// Ways to weaken a check, each by its name. None of them belongs into production.
namespace insecure {

/** Allow `http` URLs whose host is a loopback address, for development and tests.

    Everything that is sent can be read by whoever can read the loopback interface. The transport
    checks again that the address it connects to is a loopback address.
*/
struct http_to_loopback_t {
    explicit http_to_loopback_t() = default;
};
inline constexpr http_to_loopback_t http_to_loopback{};

} // namespace insecure

/** The URL of an endpoint: absolute, https, with nothing in it that could lead a request astray.

    Refused are other schemes, userinfo, fragments, hosts that are neither an address without a zone nor made
    of letters, digits, `.`, `-` and `_`, ports outside of 1..65535 and characters that RFC 3986 does not allow.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
    @par Specification RFC 6749 3.1, 3.2; RFC 3986
*/
class endpoint_url {
public:
    endpoint_url() = default;

    /** Read an https URL.

        @par Errors
        - errc::invalid_url: not a URL as described above
        - errc::insecure_url: the scheme is http
    */
    static COAUTH_DECL result<endpoint_url> parse(std::string_view text);

    /** Likewise, and let `http://` to 127.0.0.0/8, [::1] and localhost pass.
        @warning For development and tests only.
    */
    static COAUTH_DECL result<endpoint_url> parse(std::string_view text, insecure::http_to_loopback_t);

    bool empty() const noexcept { return text_.empty(); }
    /// As it was given.
    const std::string& string() const noexcept { return text_; }
    bool is_https() const noexcept { return https_; }
    /// Lower case; an IPv6 address without its brackets.
    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }
    /// Path and query, at least `/`: what stands in an HTTP request line.
    std::string_view target() const noexcept { return target_; }
    bool has_query() const noexcept { return target_.find('?') != std::string::npos; }
    /// `https://host:port`, the port always written: two URLs have the same origin if these are equal.
    COAUTH_DECL std::string origin() const;
    /// The value of a Host header field: the port is left out if it is the scheme's own.
    COAUTH_DECL std::string host_header() const;

    friend bool operator==(const endpoint_url& left, const endpoint_url& right) noexcept
    {
        return left.text_ == right.text_;
    }

private:
    std::string text_;
    std::string host_;
    std::string target_;
    std::uint16_t port_ = 0;
    bool https_ = true;
};

/** Where the authorization server sends the browser back to. Sent byte for byte as it was given.

    https, or http to a loopback address, or a private-use scheme with a dot in it for native
    applications; without a fragment.

    @par Specification RFC 6749 3.1.2, RFC 8252 7, RFC 9700 2.1
*/
class redirect_uri {
public:
    redirect_uri() = default;

    /** Read a redirect URI.

        @par Errors
        - errc::invalid_url: not absolute, with a fragment, with userinfo, or with a host that is encoded or has
          a zone
        - errc::insecure_url: http to something else than a loopback address
    */
    static COAUTH_DECL result<redirect_uri> parse(std::string_view text);

    bool empty() const noexcept { return text_.empty(); }
    const std::string& string() const noexcept { return text_; }

private:
    std::string text_;
};

/** The name of an authorization server: an https URL without query and fragment, compared as a string.

    @par Specification RFC 8414 2, RFC 9207 2.4
*/
class issuer {
public:
    issuer() = default;

    /** Read an issuer identifier.
        @par Errors as endpoint_url::parse(), and errc::invalid_url if there is a query
    */
    static COAUTH_DECL result<issuer> parse(std::string_view text);
    /// @copydoc endpoint_url::parse(std::string_view, insecure::http_to_loopback_t)
    static COAUTH_DECL result<issuer> parse(std::string_view text, insecure::http_to_loopback_t);

    bool empty() const noexcept { return url_.empty(); }
    const std::string& string() const noexcept { return url_.string(); }
    const endpoint_url& url() const noexcept { return url_; }

    /// RFC 9207 2.4 and RFC 8414 3.3 ask for simple string comparison.
    friend bool operator==(const issuer& left, std::string_view right) noexcept
    {
        return std::string_view(left.string()) == right;
    }

private:
    endpoint_url url_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/core/url.ipp>
#endif

#endif
