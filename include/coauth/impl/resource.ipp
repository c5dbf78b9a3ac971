#ifndef COAUTH_IMPL_RESOURCE_IPP
#define COAUTH_IMPL_RESOURCE_IPP

#include <coauth/resource.hpp>

#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>
#include <array>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL std::optional<bearer_challenge> resource_response::challenge() const
{
    return detail::challenge_in(response_);
}

namespace detail {

// Authorization is ours (RFC 6750 2: "Clients MUST NOT use more than one method to transmit the token");
// the others frame the message, or would turn this client into somebody's browser.
inline constexpr std::array<std::string_view, 14> reserved_fields{
    "Authorization",     "DPoP",           "Host",    "Content-Length",
    "Transfer-Encoding", "Connection",     "Upgrade", "TE",
    "Trailer",           "Cookie",         "Expect",  "Proxy-Authorization",
    "Proxy-Connection",  "Accept-Encoding"};

inline bool is_field_name(std::string_view text) noexcept
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [marks](char c) {
        return boost::urls::grammar::alnum_chars(c) || marks.find(c) != marks.npos;
    });
}

inline bool is_field_value(std::string_view text) noexcept
{
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

COAUTH_LAZY_DECL result<http_request> make_resource_request(const resource_parameters& parameters,
                                                            bool loopback_http_allowed)
{
    auto url = loopback_http_allowed ? endpoint_url::parse(parameters.url, insecure::http_to_loopback)
                                     : endpoint_url::parse(parameters.url);
    if (!url)
        return url.error();
    if (parameters.method.empty() || !std::all_of(parameters.method.begin(), parameters.method.end(),
                                                  [](char c) { return c >= 'A' && c <= 'Z'; }))
        return errc::invalid_parameter;
    // RFC 9110 9.3.8: "A client MUST NOT generate fields in a TRACE request containing sensitive data".
    if (parameters.method == "TRACE" || parameters.method == "CONNECT")
        return errc::invalid_parameter;
    http_request out(std::string(parameters.method), std::move(*url));
    const auto add = [&out](std::string_view name, std::string_view value) -> result<void> {
        if (!is_field_name(name) || !is_field_value(value))
            return errc::invalid_parameter;
        out.add_field(std::string(name), secret(value));
        return {};
    };
    for (const parameter& own :
         {parameter{"Accept", parameters.accept}, {"Content-Type", parameters.content_type}})
        if (!own.value.empty())
            if (auto added = add(own.name, own.value); !added)
                return added.error();
    for (const parameter& extra : parameters.fields) {
        if (std::any_of(reserved_fields.begin(), reserved_fields.end(), [&extra](std::string_view name) {
                return boost::urls::grammar::ci_is_equal(name, extra.name);
            }))
            return errc::reserved_parameter;
        if (auto added = add(extra.name, extra.value); !added)
            return added.error();
    }
    out.set_body(secret(parameters.body));
    return out;
}

COAUTH_DECL std::optional<bearer_challenge> challenge_in(const http_response& response)
{
    std::vector<std::string_view> values;
    for (const auto& field : response.fields())
        if (boost::urls::grammar::ci_is_equal(field.name, "WWW-Authenticate"))
            values.push_back(field.value);
    return bearer_challenge::parse(values);
}

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#endif
