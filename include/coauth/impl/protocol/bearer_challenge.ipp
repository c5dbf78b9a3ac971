#ifndef COAUTH_IMPL_PROTOCOL_BEARER_CHALLENGE_IPP
#define COAUTH_IMPL_PROTOCOL_BEARER_CHALLENGE_IPP

#include <coauth/protocol/bearer_challenge.hpp>

#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE {

/** Reads RFC 9110 11.6.1: `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`.

    A list of challenges is separated by the same commas as the parameters of one challenge: a token that
    a `=` follows is a parameter, one that a space or the end follows is a scheme.
*/
class challenge_parser {
public:
    explicit challenge_parser(std::string_view text) noexcept : rest_(text) {}

    std::optional<bearer_challenge> find_bearer(std::size_t& challenges_left)
    {
        std::optional<bearer_challenge> found;
        bool in_bearer = false;
        for (;;) {
            skip(" \t,");
            const std::string_view word = token();
            if (word.empty())
                return found; // the end, or something that is no challenge
            skip(" \t");
            if (!rest_.starts_with('=')) { // a new scheme
                if (in_bearer || challenges_left == 0)
                    return found;
                --challenges_left;
                in_bearer = boost::urls::grammar::ci_is_equal(word, "Bearer");
                if (in_bearer)
                    found.emplace();
                skip_token68();
                continue;
            }
            rest_.remove_prefix(1);
            skip(" \t");
            auto value = rest_.starts_with('"') ? quoted() : std::optional<std::string>(token());
            if (!value)
                return found;
            if (in_bearer && found->parameters_.size() < 32 && found->parameter(word).empty())
                found->parameters_.push_back({std::string(word), std::move(*value)});
        }
    }

private:
    static bool is_tchar(char c) noexcept
    {
        constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != marks.npos;
    }
    bool skip(std::string_view characters) noexcept
    {
        const auto first = std::min(rest_.find_first_not_of(characters), rest_.size());
        rest_.remove_prefix(first);
        return first != 0;
    }
    std::string_view token() noexcept
    {
        std::size_t size = 0;
        while (size < rest_.size() && is_tchar(rest_[size]))
            ++size;
        const std::string_view out = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return out;
    }
    /// Credentials in place of parameters: up to a comma or the end.
    void skip_token68() noexcept
    {
        constexpr std::string_view more =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/";
        const auto end = std::min(rest_.find_first_not_of(more), rest_.size());
        const auto after = std::min(rest_.find_first_not_of('=', end), rest_.size());
        const auto comma = rest_.find_first_not_of(" \t", after);
        if (comma == rest_.npos || rest_[comma] == ',')
            rest_.remove_prefix(after);
    }
    std::optional<std::string> quoted()
    {
        std::string out;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return out;
            }
            if (rest_[i] == '\\' && ++i == rest_.size())
                break;
            out += rest_[i];
        }
        return std::nullopt; // unterminated
    }

    std::string_view rest_;
};

COAUTH_DECL std::optional<bearer_challenge>
bearer_challenge::parse(const std::vector<std::string_view>& field_values)
{
    std::size_t bytes_left = 8 * 1024;
    std::size_t challenges_left = 16;
    for (const std::string_view value : field_values) {
        if (value.size() > bytes_left)
            return std::nullopt;
        bytes_left -= value.size();
        if (auto found = challenge_parser(value).find_bearer(challenges_left))
            return found;
    }
    return std::nullopt;
}

COAUTH_DECL std::string_view bearer_challenge::parameter(std::string_view name) const noexcept
{
    for (const field& one : parameters_)
        if (boost::urls::grammar::ci_is_equal(one.name, name))
            return one.value;
    return {};
}

COAUTH_DECL std::optional<error> bearer_challenge::reason() const
{
    const std::string_view text = parameter("error");
    if (text.empty())
        return std::nullopt;
    error out(server_error_from(text));
    out.set_server_error(text).set_description(parameter("error_description"));
    return out;
}

} // namespace coauth::inline COAUTH_MODE

#endif
