// Floor 2. A JSON object, for headers that do not see JSON.
#ifndef COAUTH_DETAIL_CLAIM_SET_HPP
#define COAUTH_DETAIL_CLAIM_SET_HPP

#include <coauth/detail/config.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// Virtual, so that in header-only mode as well only files that parse claims compile Boost.JSON.
class claims_interface {
public:
    virtual ~claims_interface() = default;
    virtual const boost::json::object& object() const noexcept = 0;
    /// A member that is a string; empty if it is missing or something else.
    virtual std::string_view text(std::string_view name) const = 0;
};

/// Copies share. Made by share_claims(); one made without is there only to be assigned to.
class claim_set {
public:
    claim_set() = default;
    explicit claim_set(std::shared_ptr<const claims_interface> claims) noexcept : claims_(std::move(claims))
    {
    }

    const boost::json::object& object() const noexcept { return claims_->object(); }
    std::string_view text(std::string_view name) const { return claims_->text(name); }

private:
    std::shared_ptr<const claims_interface> claims_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
