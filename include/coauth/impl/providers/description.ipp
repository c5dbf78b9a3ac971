#ifndef COAUTH_IMPL_PROVIDERS_DESCRIPTION_IPP
#define COAUTH_IMPL_PROVIDERS_DESCRIPTION_IPP

#include <coauth/providers/description.hpp>

#include <boost/json/object.hpp>
#include <boost/url/grammar/alnum_chars.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline constexpr std::string_view base_url = "base_url";

/// RFC 3986 2.3, but for the two segments that mean other ones (3.3).
inline bool is_plain_segment(std::string_view text)
{
    return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), [](char c) {
        return boost::urls::grammar::alnum_chars(c) || c == '-' || c == '.' || c == '_' || c == '~';
    });
}

/// A URL that further segments can be appended to.
inline bool is_base_url(std::string_view text) { return issuer::parse(text) && !text.ends_with('/'); }

/// The text with values for its placeholders. Counts in `used`, one for each value, where it was put.
inline result<std::string> filled_in(std::string_view text, std::initializer_list<parameter> values,
                                     std::vector<bool>& used)
{
    std::string out;
    while (true) {
        const std::size_t open = text.find('{');
        out += text.substr(0, open);
        if (open == text.npos)
            return out;
        text.remove_prefix(open + 1);
        const std::size_t close = text.find('}');
        if (close == text.npos)
            return errc::invalid_parameter;
        const std::string_view name = text.substr(0, close);
        text.remove_prefix(close + 1);
        const auto value = std::find_if(values.begin(), values.end(),
                                        [name](const parameter& one) { return one.name == name; });
        if (value == values.end() ||
            !(name == base_url ? is_base_url(value->value) : is_plain_segment(value->value)))
            return errc::invalid_parameter;
        used[static_cast<std::size_t>(value - values.begin())] = true;
        out += value->value;
    }
}

inline bool all(const std::vector<bool>& used)
{
    return std::find(used.begin(), used.end(), false) == used.end();
}

} // namespace detail

COAUTH_LAZY_DECL result<issuer> provider_issuer(const provider_description& provider,
                                                std::initializer_list<parameter> values)
{
    if (provider.issuer.empty())
        return errc::invalid_configuration;
    std::vector<bool> used(values.size());
    const auto text = detail::filled_in(provider.issuer, values, used);
    if (!text)
        return text.error();
    if (!detail::all(used))
        return errc::invalid_parameter;
    return issuer::parse(*text);
}

COAUTH_LAZY_DECL result<server_metadata> provider_metadata(const provider_description& provider,
                                                           std::initializer_list<parameter> values)
{
    if (provider.is_discovered())
        return errc::invalid_configuration;
    std::vector<bool> used(values.size());
    const auto url = [&](std::string_view pattern) -> result<endpoint_url> {
        if (pattern.empty())
            return endpoint_url();
        const auto text = detail::filled_in(pattern, values, used);
        if (!text)
            return text.error();
        return endpoint_url::parse(*text);
    };
    auto authorization = url(provider.endpoints.authorization);
    auto token = url(provider.endpoints.token);
    auto about = url(provider.endpoints.userinfo);
    auto revocation = url(provider.endpoints.revocation);
    auto jwks = url(provider.endpoints.jwks);
    for (const auto* each : {&authorization, &token, &about, &revocation, &jwks})
        if (!*each)
            return each->error();
    server_metadata out(std::move(*authorization), std::move(*token));
    if (!provider.issuer.empty()) {
        const auto text = detail::filled_in(provider.issuer, values, used);
        if (!text)
            return text.error();
        auto name = issuer::parse(*text);
        if (!name)
            return name.error();
        out.set_issuer(std::move(*name));
    }
    if (!detail::all(used))
        return errc::invalid_parameter;
    out.set_userinfo_endpoint(std::move(*about))
        .set_revocation_endpoint(std::move(*revocation))
        .set_jwks_uri(std::move(*jwks))
        .set_token_endpoint_authentication_methods(
            {provider.authentication_methods.begin(), provider.authentication_methods.end()});
    return out;
}

COAUTH_LAZY_DECL openid_registration provider_registration(const provider_description& provider,
                                                           std::vector<std::string> tenants)
{
    openid_registration out;
    if (!provider.issuer_template.empty())
        out.set_multi_tenant_issuer(
            multi_tenant_issuer(std::string(provider.issuer_template), std::move(tenants)));
    return out;
}

COAUTH_LAZY_DECL result<std::string> person_identifier(const provider_description& provider,
                                                       const userinfo& about)
{
    const boost::json::value* member = about.claims().if_contains(provider.person_member);
    if (member && member->is_string() && !member->get_string().empty())
        return std::string(member->get_string());
    if (member && member->is_int64())
        return std::to_string(member->get_int64());
    if (member && member->is_uint64())
        return std::to_string(member->get_uint64());
    return errc::subject_missing;
}

} // namespace coauth::inline COAUTH_MODE

#endif
