// Floor 2. For other .ipp files: claims of a JSON document.
#ifndef COAUTH_IMPL_DETAIL_JSON_CLAIMS_IPP
#define COAUTH_IMPL_DETAIL_JSON_CLAIMS_IPP

#include <coauth/detail/claim_set.hpp>
#include <coauth/impl/detail/json_member.ipp>

#include <boost/json/object.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

class json_claims final : public claims_interface {
public:
    explicit json_claims(std::shared_ptr<const boost::json::object> object) noexcept
        : object_(std::move(object))
    {
    }
    const boost::json::object& object() const noexcept override { return *object_; }
    std::string_view text(std::string_view name) const override
    {
        return string_member(*object_, name).value_or(std::string_view());
    }

private:
    std::shared_ptr<const boost::json::object> object_;
};

inline claim_set share_claims(std::shared_ptr<const boost::json::object> object)
{
    return claim_set(std::make_shared<json_claims>(std::move(object)));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
