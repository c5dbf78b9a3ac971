// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_FORM_VALUES_HPP
#define COAUTH_TESTING_DETAIL_FORM_VALUES_HPP

#include <coauth/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing::detail {

/** The parameters of a query or a form. */
class form_values {
public:
    /// No value if it is not well-formed, or beyond 64 KiB or 64 parameters.
    static COAUTH_DECL std::optional<form_values> parse(std::string_view text);

    /// The first of that name; null if there is none. RFC 6749 3.1: one without a value counts as omitted.
    COAUTH_DECL const std::string* find(std::string_view name) const noexcept;
    /// Likewise; empty if there is none.
    COAUTH_DECL std::string_view get(std::string_view name) const noexcept;
    COAUTH_DECL bool repeated(std::string_view name) const noexcept;
    /// The first name that occurs twice; `resource` may (RFC 8707 2). Empty if there is none.
    COAUTH_DECL std::string_view first_repeated() const noexcept;

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/form_values.ipp>
#endif

#endif
