#ifndef COAUTH_IMPL_CORE_URL_IPP
#define COAUTH_IMPL_CORE_URL_IPP

#include <coauth/core/url.hpp>

#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline std::string_view to_sv(boost::core::string_view text) noexcept { return {text.data(), text.size()}; }

inline bool names_loopback(const boost::urls::url_view& url)
{
    switch (url.host_type()) {
    case boost::urls::host_type::ipv4:
        return url.host_ipv4_address().is_loopback();
    case boost::urls::host_type::ipv6:
        return url.host_ipv6_address().is_loopback();
    case boost::urls::host_type::name:
        return to_sv(url.encoded_host()) == "localhost";
    default:
        return false;
    }
}

inline bool is_host_name_character(char c) noexcept
{
    return boost::urls::grammar::alnum_chars(c) || c == '-' || c == '.' || c == '_';
}

/** No fragment, which an absolute-URI has none of, and no `%` in the host. The view is over `text`.

    A `%` stands before the zone of an address (RFC 6874), which names an interface of this machine and means nothing
    to others: Boost.URL 1.81 refuses zones by itself, 1.88 and newer takes them for a part of the address. In a name
    it stands for characters that no name in the DNS has.
*/
inline std::optional<boost::urls::url_view> parse_absolute_uri(std::string_view text)
{
    const auto parsed = boost::urls::parse_absolute_uri(text);
    if (parsed.has_error() || to_sv(parsed->encoded_host()).find('%') != std::string_view::npos)
        return std::nullopt;
    return *parsed;
}

/// What endpoints and redirect URIs have in common. The view is over `text`.
inline std::optional<boost::urls::url_view> parse_authority_url(std::string_view text)
{
    const auto parsed = parse_absolute_uri(text);
    if (!parsed)
        return std::nullopt;
    const boost::urls::url_view url = *parsed;
    const std::string_view host = to_sv(url.encoded_host());
    if (!url.has_authority() || url.has_userinfo() || url.host_type() == boost::urls::host_type::ipvfuture)
        return std::nullopt;
    // RFC 3986 also lets the likes of $(;) be a name. No host in the DNS is called so.
    if (url.host_type() == boost::urls::host_type::name &&
        (host.empty() || !std::all_of(host.begin(), host.end(), is_host_name_character)))
        return std::nullopt;
    // RFC 3986 3.3: "If a URI contains an authority component, then the path component must either be empty or
    // begin with a slash". Boost.URL 1.81 takes "//127.0.0.1.example" for the host 127.0.0.1 and a path.
    const std::string_view path = to_sv(url.encoded_path());
    if (!path.empty() && !path.starts_with('/'))
        return std::nullopt;
    return url;
}

/// 0 for an impossible one: Boost.URL's port_number() wraps around at 65536, and ":" counts as a port.
inline std::uint16_t port_of(const boost::urls::url_view& url, std::uint16_t default_port)
{
    if (!url.has_port())
        return default_port;
    const std::string_view digits = to_sv(url.port());
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return failure == std::errc() && end == digits.data() + digits.size() ? port : std::uint16_t(0);
}

inline std::string lower(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

} // namespace detail

COAUTH_DECL result<endpoint_url> endpoint_url::parse(std::string_view text)
{
    auto url = parse(text, insecure::http_to_loopback);
    if (url && !url->https_)
        return errc::insecure_url;
    return url;
}

COAUTH_DECL result<endpoint_url> endpoint_url::parse(std::string_view text, insecure::http_to_loopback_t)
{
    const auto parsed = detail::parse_authority_url(text);
    if (!parsed)
        return errc::invalid_url;
    const boost::urls::url_view& url = *parsed;
    endpoint_url out;
    out.https_ = url.scheme_id() == boost::urls::scheme::https;
    if (!out.https_) {
        if (url.scheme_id() != boost::urls::scheme::http)
            return errc::invalid_url;
        if (!detail::names_loopback(url))
            return errc::insecure_url;
    }
    out.port_ = detail::port_of(url, out.https_ ? 443 : 80);
    if (out.port_ == 0)
        return errc::invalid_url;
    out.text_ = text;
    out.host_ = detail::lower(detail::to_sv(url.encoded_host()));
    if (url.host_type() == boost::urls::host_type::ipv6)
        out.host_ = out.host_.substr(1, out.host_.size() - 2);
    out.target_ = detail::to_sv(url.encoded_target());
    if (!out.target_.starts_with('/'))
        out.target_.insert(out.target_.begin(), '/');
    return out;
}

COAUTH_DECL std::string endpoint_url::origin() const
{
    const bool ipv6 = host_.find(':') != host_.npos;
    return (https_ ? "https://" : "http://") + (ipv6 ? '[' + host_ + ']' : host_) + ':' +
           std::to_string(port_);
}

COAUTH_DECL std::string endpoint_url::host_header() const
{
    std::string out = host_.find(':') != host_.npos ? '[' + host_ + ']' : host_;
    if (port_ != (https_ ? 443 : 80))
        out += ':' + std::to_string(port_);
    return out;
}

COAUTH_DECL result<redirect_uri> redirect_uri::parse(std::string_view text)
{
    redirect_uri out;
    out.text_ = text;
    const auto parsed = detail::parse_absolute_uri(text);
    if (!parsed) // RFC 6749 3.1.2: "The endpoint URI MUST NOT include a fragment component."
        return errc::invalid_url;
    const auto scheme = parsed->scheme_id();
    if (scheme == boost::urls::scheme::unknown) {
        // RFC 8252 7.1: a private-use scheme is a reversed domain name. The dot keeps javascript: and data: out.
        if (detail::to_sv(parsed->scheme()).find('.') == std::string_view::npos)
            return errc::invalid_url;
        return out;
    }
    if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https)
        return errc::invalid_url;
    const auto url = detail::parse_authority_url(text);
    if (!url || detail::port_of(*url, 1) == 0)
        return errc::invalid_url;
    if (scheme == boost::urls::scheme::http && !detail::names_loopback(*url))
        return errc::insecure_url;
    return out;
}

COAUTH_DECL result<issuer> issuer::parse(std::string_view text)
{
    auto out = parse(text, insecure::http_to_loopback);
    if (out && !out->url_.is_https())
        return errc::insecure_url;
    return out;
}

COAUTH_DECL result<issuer> issuer::parse(std::string_view text, insecure::http_to_loopback_t)
{
    auto url = endpoint_url::parse(text, insecure::http_to_loopback);
    if (!url)
        return url.error();
    if (url->has_query()) // RFC 8414 2: "has no query or fragment components"
        return errc::invalid_url;
    issuer out;
    out.url_ = std::move(*url);
    return out;
}

} // namespace coauth::inline COAUTH_MODE

#endif
