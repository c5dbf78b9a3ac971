#ifndef COAUTH_IMPL_DETAIL_CLAIM_SET_IPP
#define COAUTH_IMPL_DETAIL_CLAIM_SET_IPP

#include <coauth/detail/claim_set.hpp>
#include <coauth/impl/detail/json_member.ipp>

#include <boost/json/object.hpp>

namespace coauth::detail {

COAUTH_DECL const boost::json::object& claim_set::object() const noexcept
{
    static const boost::json::object none;
    return object_ ? *object_ : none;
}

COAUTH_DECL std::string_view claim_set::text(std::string_view name) const
{
    return string_member(object(), name).value_or(std::string_view());
}

} // namespace coauth::detail

#endif
