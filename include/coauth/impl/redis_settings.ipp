#ifndef COAUTH_IMPL_REDIS_SETTINGS_IPP
#define COAUTH_IMPL_REDIS_SETTINGS_IPP

#include <coauth/redis_settings.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <limits>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// All of it, and no sign or space around it.
template <class T>
bool read_number(std::string_view text, T& out) noexcept
{
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failure == std::errc() && end == text.data() + text.size();
}

} // namespace detail

COAUTH_DECL result<redis_settings> redis_settings::parse(std::string_view text)
{
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed)
        return errc::invalid_url;
    const boost::urls::url_view url = *parsed;
    const bool with_tls = url.scheme() == "rediss";
    if ((!with_tls && url.scheme() != "redis") || url.has_query() || url.has_fragment())
        return errc::invalid_url;

    std::string host = url.host_address();
    // The port's own accessor wraps around.
    const auto port_text = url.port();
    std::uint16_t port = 6379;
    if (url.has_port() && (!detail::read_number({port_text.data(), port_text.size()}, port) || port == 0))
        return errc::invalid_url;
    // The '%' stands before the zone of an address, see parse_absolute_uri().
    if (host.empty() || host.find('\0') != std::string::npos || host.find('%') != std::string::npos)
        return errc::invalid_url;
    redis_settings out(std::move(host), port);

    if (url.has_userinfo()) {
        std::string name = url.user();
        out.set_user(name.empty() ? "default" : std::move(name), secret(url.password()));
    }
    const std::string path = url.path();
    if (!path.empty() && !path.starts_with('/')) // Boost.URL 1.81 takes "//[::1]12" for an address and a path
        return errc::invalid_url;
    if (path.size() > 1) {
        unsigned index = 0;
        // The protocol's library has it as an int.
        if (!detail::read_number(std::string_view(path).substr(1), index) || index > 65'535)
            return errc::invalid_url;
        out.set_database(index);
    }
    if (with_tls)
        out.use_tls();
    return out;
}

} // namespace coauth::inline COAUTH_MODE

#endif
