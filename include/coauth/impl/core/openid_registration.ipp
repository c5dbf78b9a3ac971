#ifndef COAUTH_IMPL_CORE_OPENID_REGISTRATION_IPP
#define COAUTH_IMPL_CORE_OPENID_REGISTRATION_IPP

#include <coauth/core/error.hpp>
#include <coauth/core/openid_registration.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline constexpr std::string_view tenant_placeholder = "{tenantid}";

} // namespace detail

COAUTH_DECL multi_tenant_issuer::multi_tenant_issuer(std::string issuer_template,
                                                     std::vector<std::string> tenants)
    : template_(std::move(issuer_template)), tenants_(std::move(tenants))
{
    const auto at = template_.find(detail::tenant_placeholder);
    // With an empty list everybody may sign in; a list with an empty name in it was meant to be shorter.
    if (at == std::string::npos || template_.find(detail::tenant_placeholder, at + 1) != std::string::npos ||
        std::find(tenants_.begin(), tenants_.end(), std::string()) != tenants_.end())
        throw exception(errc::invalid_configuration);
}

COAUTH_DECL bool multi_tenant_issuer::matches(std::string_view token_issuer,
                                              std::string_view tenant) const noexcept
{
    // A tenant with other characters could make one issuer's text of another's.
    const bool usable = !tenant.empty() && tenant.size() <= 64 &&
                        tenant.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"
                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == std::string_view::npos;
    if (!usable ||
        (!tenants_.empty() && std::find(tenants_.begin(), tenants_.end(), tenant) == tenants_.end()))
        return false;
    const std::string_view text = template_;
    const auto at = text.find(detail::tenant_placeholder);
    const std::string_view before = text.substr(0, at);
    const std::string_view after = text.substr(at + detail::tenant_placeholder.size());
    return token_issuer.size() == before.size() + tenant.size() + after.size() &&
           token_issuer.starts_with(before) && token_issuer.ends_with(after) &&
           token_issuer.substr(before.size(), tenant.size()) == tenant;
}

COAUTH_DECL openid_registration& openid_registration::set_id_token_signed_response_alg(hmac_key value)
{
    algorithms_ = signing_algorithms();
    id_token_secret_ = std::make_shared<const hmac_key>(std::move(value));
    return *this;
}

} // namespace coauth::inline COAUTH_MODE

#endif
