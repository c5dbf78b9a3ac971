// Floor 2.
#ifndef COAUTH_PROTOCOL_USERINFO_HPP
#define COAUTH_PROTOCOL_USERINFO_HPP

#include <coauth/detail/json_document.hpp>
#include <coauth/protocol/token_response.hpp>

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace coauth {

/** What the userinfo endpoint says of the person who signed in.

    The subject, together with the issuer, is who the person is. An e-mail address is not: providers let
    people change it, and give it to others later.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe. Copies share.
    @par Specification OpenID Connect Core 5.3.2
*/
class userinfo {
public:
    userinfo() = default;
    userinfo(detail::json_document claims, std::string subject)
        : claims_(std::move(claims)), subject_(std::move(subject))
    {
    }

    /// `sub`. Empty only for a provider without OpenID Connect.
    const std::string& subject() const noexcept { return subject_; }

    /// All members. Include <boost/json/object.hpp> to read them.
    const boost::json::object& claims() const noexcept { return claims_.object(); }

    /// A member that is a string; empty if it is missing or something else.
    COAUTH_DECL std::string_view claim(std::string_view name) const;

private:
    detail::json_document claims_;
    std::string subject_;
};

namespace detail {

/** Read the userinfo endpoint's answer.

    @param needs_subject whether this is OpenID Connect, where `sub` is required
    @par Errors
    - errc::subject_missing: no `sub`, or no string of 1 to 255 characters without control characters
    - the errors of parse_error_response() and json_document::parse(), errc::unexpected_content_type
*/
COAUTH_LAZY result<userinfo> parse_userinfo(const answer& from, bool needs_subject, const limits& bounds);

} // namespace detail
} // namespace coauth

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/userinfo.ipp>
#endif

#endif
