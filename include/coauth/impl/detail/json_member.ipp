// Floor 2. For other .ipp files: members of a JSON object.
#ifndef COAUTH_IMPL_DETAIL_JSON_MEMBER_IPP
#define COAUTH_IMPL_DETAIL_JSON_MEMBER_IPP

#include <coauth/detail/config.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// No value if the member is missing or no string.
inline std::optional<std::string_view> string_member(const boost::json::object& object, std::string_view name)
{
    const auto* member = object.if_contains(name);
    const auto* text = member ? member->if_string() : nullptr;
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

/// Missing, or null.
inline bool is_absent(const boost::json::object& object, std::string_view name)
{
    const auto* member = object.if_contains(name);
    return !member || member->is_null();
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
