// Floor 2.
#ifndef COAUTH_PROTOCOL_USERINFO_HPP
#define COAUTH_PROTOCOL_USERINFO_HPP

#include <coauth/detail/claim_set.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** What the userinfo endpoint says of the person who signed in.

    The subject, together with the issuer, is who the person is. An e-mail address is not: providers let
    people change it, and give it to others later.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe. Copies share.
    @par Specification OpenID Connect Core 5.3.2
*/
class userinfo {
public:
    /// Only to be assigned to: it has no claims to ask for.
    userinfo() = default;
    userinfo(detail::claim_set claims, std::string subject)
        : claims_(std::move(claims)), subject_(std::move(subject))
    {
    }

    /// `sub`. Empty only for a provider without OpenID Connect.
    const std::string& subject() const noexcept { return subject_; }

    /// All members. Include <boost/json/object.hpp> to read them.
    const boost::json::object& claims() const noexcept { return claims_.object(); }

    /// A member that is a string; empty if it is missing or something else.
    std::string_view claim(std::string_view name) const { return claims_.text(name); }

private:
    detail::claim_set claims_;
    std::string subject_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
