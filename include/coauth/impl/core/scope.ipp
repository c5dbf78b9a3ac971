#ifndef COAUTH_IMPL_CORE_SCOPE_IPP
#define COAUTH_IMPL_CORE_SCOPE_IPP

#include <coauth/core/scope.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline bool scope_reader::separates(char c) const noexcept { return c == ' ' || c == separator_; }

/// @param token that begins at `begin`
inline bool scope_reader::is_repeated(std::string_view token, std::size_t begin) const noexcept
{
    const std::string_view before = text_.substr(0, begin); // ends with what separates
    for (std::size_t at = before.find(token); at != before.npos; at = before.find(token, at + 1))
        if ((at == 0 || separates(before[at - 1])) && separates(before[at + token.size()]))
            return true;
    return false;
}

COAUTH_DECL std::string_view scope_reader::next() noexcept
{
    for (;;) {
        while (at_ < text_.size() && separates(text_[at_]))
            ++at_;
        const std::size_t begin = at_;
        while (at_ < text_.size() && !separates(text_[at_]))
            ++at_;
        const std::string_view token = text_.substr(begin, at_ - begin);
        if (token.empty() || !is_repeated(token, begin))
            return token;
    }
}

COAUTH_DECL bool is_scope_token(std::string_view token) noexcept
{
    return !token.empty() && std::none_of(token.begin(), token.end(), [](char c) {
        return c < 0x21 || c > 0x7e || c == '"' || c == '\\';
    });
}

COAUTH_DECL bool scope_contains(std::string_view text, std::string_view token) noexcept
{
    scope_reader tokens(text);
    for (std::string_view one = tokens.next(); !one.empty(); one = tokens.next())
        if (one == token)
            return true;
    return false;
}

} // namespace detail

COAUTH_DECL result<scope> scope::parse(std::string_view text, char separator)
{
    scope out;
    detail::scope_reader tokens(text, separator);
    for (std::string_view token = tokens.next(); !token.empty(); token = tokens.next()) {
        if (!detail::is_scope_token(token))
            return errc::invalid_parameter;
        if (out.tokens_.empty())
            out.tokens_.reserve(4); // few scopes have more
        out.tokens_.emplace_back(token);
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

} // namespace coauth::inline COAUTH_MODE

#endif
