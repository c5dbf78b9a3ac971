// Floor 2.
#ifndef COAUTH_PROTOCOL_LOGOUT_TOKEN_HPP
#define COAUTH_PROTOCOL_LOGOUT_TOKEN_HPP

#include <coauth/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE {
namespace detail {
class logout_token_reader;
} // namespace detail

/** A provider's order to end sessions, its signature and claims all checked.

    With a session_id() it means that session of the issuer and no other. Without one it means all sessions
    of the subject(). Look sessions up by issuer and session, or by issuer and subject: another issuer's are
    not meant.

    There is no other way to one that names somebody than through a client's check of it.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
    @par Specification OpenID Connect Back-Channel Logout 1.0 2.4
*/
class logout_token {
public:
    using time_point = std::chrono::system_clock::time_point;

    /// Names nobody. For Asio, which hands one over beside an exception.
    logout_token() = default;

    /// `iss`
    const std::string& issuer() const noexcept { return issuer_; }
    /// `sub`; empty if only the session is named.
    const std::string& subject() const noexcept { return subject_; }
    /// `sid`; empty if all sessions of the subject are meant.
    const std::string& session_id() const noexcept { return session_id_; }
    /// `jti`: no two logout tokens of an issuer have the same.
    const std::string& token_id() const noexcept { return token_id_; }
    /// `iat`
    time_point issued_at() const noexcept { return issued_at_; }
    /// `exp`; no value if the token has none, as before the errata of the specification.
    std::optional<time_point> expires_at() const noexcept { return expires_at_; }

private:
    friend class detail::logout_token_reader;

    std::string issuer_;
    std::string subject_;
    std::string session_id_;
    std::string token_id_;
    time_point issued_at_{};
    std::optional<time_point> expires_at_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
