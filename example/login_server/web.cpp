#include "web.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace login_server {

std::string_view web_request::field(std::string_view name) const noexcept
{
    for (const web_field& each : fields_)
        if (boost::beast::iequals(each.name, name))
            return each.value;
    return {};
}

bool web_request::has_field(std::string_view name) const noexcept
{
    return std::any_of(fields_.begin(), fields_.end(),
                       [name](const web_field& each) { return boost::beast::iequals(each.name, name); });
}

std::vector<std::string_view> web_request::cookies() const
{
    std::vector<std::string_view> out;
    for (const web_field& each : fields_) {
        if (!boost::beast::iequals(each.name, "Cookie"))
            continue;
        // RFC 6265 4.2.1: cookie-pair *( ";" SP cookie-pair )
        std::string_view rest = each.value;
        while (!rest.empty()) {
            std::string_view pair = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
            pair.remove_prefix(std::min(pair.size(), pair.find_first_not_of(" \t")));
            if (pair.find('=') != pair.npos)
                out.push_back(pair);
        }
    }
    return out;
}

std::string_view web_request::cookie(std::string_view name) const
{
    for (const std::string_view pair : cookies())
        if (pair.substr(0, pair.find('=')) == name)
            return pair.substr(name.size() + 1);
    return {};
}

bool web_request::wants_json() const noexcept
{
    const std::string_view accept = field("Accept");
    const auto json = std::min(accept.find("application/json"), accept.find("application/problem+json"));
    return json != accept.npos && json < accept.find("text/html");
}

web_answer web_answer::redirect(std::string_view to)
{
    web_answer out(302);
    out.add_field("Location", std::string(to))
        .add_field("Cache-Control", "no-store")
        .add_field("Referrer-Policy", "no-referrer")
        .add_field("X-Content-Type-Options", "nosniff");
    return out;
}

web_answer web_answer::json(unsigned status, std::string body, std::string_view content_type)
{
    web_answer out(status);
    out.add_field("Content-Type", std::string(content_type))
        .add_field("Cache-Control", "no-store")
        .add_field("Referrer-Policy", "no-referrer")
        .add_field("X-Content-Type-Options", "nosniff")
        .add_field("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .set_body(std::move(body));
    return out;
}

} // namespace login_server
