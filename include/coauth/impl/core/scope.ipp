#ifndef COAUTH_IMPL_CORE_SCOPE_IPP
#define COAUTH_IMPL_CORE_SCOPE_IPP

#include <coauth/core/scope.hpp>

#include <algorithm>

namespace coauth {

COAUTH_DECL result<scope> scope::parse(std::string_view text, char separator)
{
    scope out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.find(separator));
        const std::string_view token = text.substr(0, end);
        // RFC 6749 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        if (std::any_of(token.begin(), token.end(),
                        [](char c) { return c < 0x21 || c > 0x7e || c == '"' || c == '\\'; }))
            return errc::invalid_parameter;
        if (!token.empty() && !out.contains(token))
            out.tokens_.emplace_back(token);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return out;
}

COAUTH_DECL bool scope::contains(std::string_view token) const noexcept
{
    return std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end();
}

COAUTH_DECL bool scope::includes(const scope& other) const noexcept
{
    return std::all_of(other.tokens_.begin(), other.tokens_.end(),
                       [this](const std::string& token) { return contains(token); });
}

COAUTH_DECL std::string scope::to_string() const
{
    std::string out;
    for (const std::string& token : tokens_) {
        if (!out.empty())
            out += ' ';
        out += token;
    }
    return out;
}

} // namespace coauth

#endif
