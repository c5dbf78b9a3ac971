#ifndef COAUTH_IMPL_TESTING_DETAIL_FORM_VALUES_IPP
#define COAUTH_IMPL_TESTING_DETAIL_FORM_VALUES_IPP

#include <coauth/protocol/form.hpp>
#include <coauth/testing/detail/form_values.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing::detail {

COAUTH_DECL std::optional<form_values> form_values::parse(std::string_view text)
{
    form_values out;
    if (text.empty())
        return out;
    auto fields = coauth::detail::parse_form(text, limits());
    if (!fields)
        return std::nullopt;
    for (auto& field : *fields)
        out.values_.emplace_back(std::move(field.name), std::string(field.value.expose()));
    return out;
}

COAUTH_DECL const std::string* form_values::find(std::string_view name) const noexcept
{
    for (const auto& [key, value] : values_)
        if (key == name)
            return value.empty() ? nullptr : &value;
    return nullptr;
}

COAUTH_DECL std::string_view form_values::get(std::string_view name) const noexcept
{
    const std::string* found = find(name);
    return found == nullptr ? std::string_view() : std::string_view(*found);
}

COAUTH_DECL bool form_values::repeated(std::string_view name) const noexcept
{
    return std::count_if(values_.begin(), values_.end(),
                         [&](const auto& value) { return value.first == name; }) > 1;
}

COAUTH_DECL std::string_view form_values::first_repeated() const noexcept
{
    for (const auto& value : values_)
        if (value.first != "resource" && repeated(value.first))
            return value.first;
    return {};
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
