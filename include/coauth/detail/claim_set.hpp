// Floor 2. A JSON object, for headers that do not see JSON.
#ifndef COAUTH_DETAIL_CLAIM_SET_HPP
#define COAUTH_DETAIL_CLAIM_SET_HPP

#include <coauth/detail/config.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace coauth::detail {

/// Copies share.
class claim_set {
public:
    claim_set() = default;
    explicit claim_set(std::shared_ptr<const boost::json::object> object) noexcept
        : object_(std::move(object))
    {
    }

    COAUTH_DECL const boost::json::object& object() const noexcept;
    /// A member that is a string; empty if it is missing or something else.
    COAUTH_DECL std::string_view text(std::string_view name) const;

private:
    std::shared_ptr<const boost::json::object> object_;
};

} // namespace coauth::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/claim_set.ipp>
#endif

#endif
