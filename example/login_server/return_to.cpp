#include "return_to.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace login_server {
namespace {

constexpr std::size_t most_characters = 2048;

bool visible_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

/// Decoded, spaces and letters of other scripts may come up: in the Location they stay encoded.
bool harmless(std::string_view decoded)
{
    return decoded.find("//") == decoded.npos && std::all_of(decoded.begin(), decoded.end(), [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\';
           });
}

} // namespace

bool stays_on_site(std::string_view return_to)
{
    if (return_to.size() > most_characters || !return_to.starts_with('/') || !visible_ascii(return_to))
        return false;
    const auto relative = boost::urls::parse_origin_form({return_to.data(), return_to.size()});
    if (relative.has_error())
        return false;
    // What a proxy or a browser could see once it decodes, maybe more than once.
    std::string path(relative->encoded_path().data(), relative->encoded_path().size());
    for (int round = 0; round < 3; ++round) {
        const auto parsed = boost::urls::parse_origin_form(path);
        if (parsed.has_error())
            break; // nothing left to decode
        const std::string decoded = parsed->path();
        if (!harmless(decoded))
            return false;
        if (decoded == path)
            break;
        path = decoded;
    }
    // And to be sure: resolved as RFC 3986 5 has it, it is still here.
    const boost::urls::url_view here("https://here.example/callback");
    boost::urls::url resolved;
    return boost::urls::resolve(here, *relative, resolved).has_value() &&
           resolved.encoded_origin() == here.encoded_origin() &&
           resolved.encoded_path().find("//") == std::string_view::npos;
}

std::optional<std::string> return_to_in(std::string_view query)
{
    const std::string reference = '?' + std::string(query);
    const auto parsed = boost::urls::parse_relative_ref(reference);
    if (parsed.has_error())
        return std::string();
    std::optional<std::string> out;
    for (const auto& each : parsed->params()) {
        if (each.key != "return_to")
            continue;
        if (out)
            return std::string();
        out = each.value;
    }
    return out;
}

} // namespace login_server
