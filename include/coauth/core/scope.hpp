// Floor 1.
#ifndef COAUTH_CORE_SCOPE_HPP
#define COAUTH_CORE_SCOPE_HPP

#include <coauth/core/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/** Goes through the tokens of a scope in its wire form, each the first time that it occurs. */
class scope_reader {
public:
    explicit scope_reader(std::string_view text, char separator = ' ') noexcept
        : text_(text), separator_(separator)
    {
    }
    /// The next token, checked or not; empty at the end.
    COAUTH_DECL std::string_view next() noexcept;

private:
    bool separates(char c) const noexcept;
    bool is_repeated(std::string_view token, std::size_t begin) const noexcept;

    std::string_view text_;
    std::size_t at_ = 0;
    char separator_;
};

/// RFC 6749 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
COAUTH_DECL bool is_scope_token(std::string_view token) noexcept;

/// Whether a scope in its wire form has this token.
COAUTH_DECL bool scope_contains(std::string_view text, std::string_view token) noexcept;

} // namespace detail

/** A scope: a set of scope tokens (RFC 6749 3.3).

    The order in which the tokens were given is kept for sending and does not count in comparisons.
    Tokens are case-sensitive.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class scope {
public:
    scope() = default;

    /** Read a scope from its wire form.

        @par Errors
        - errc::invalid_parameter: a character outside of %x21 / %x23-5B / %x5D-7E. Spaces separate
          tokens; several in a row, and at the ends, are taken as one.
        @par Specification RFC 6749 3.3
        @param text the tokens; empty is the empty scope
        @param separator what stands between tokens, for servers that separate with commas as well
    */
    static COAUTH_DECL result<scope> parse(std::string_view text, char separator = ' ');

    bool empty() const noexcept { return tokens_.empty(); }
    const std::vector<std::string>& tokens() const noexcept { return tokens_; }
    COAUTH_DECL bool contains(std::string_view token) const noexcept;

    /// Whether every token of the other is in this one.
    COAUTH_DECL bool includes(const scope& other) const noexcept;

    /// The wire form: the tokens with a space between them.
    COAUTH_DECL std::string to_string() const;

    friend bool operator==(const scope& left, const scope& right) noexcept
    {
        return left.tokens_.size() == right.tokens_.size() && left.includes(right);
    }

private:
    std::vector<std::string> tokens_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/core/scope.ipp>
#endif

#endif
