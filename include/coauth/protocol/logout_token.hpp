// Floor 2.
#ifndef COAUTH_PROTOCOL_LOGOUT_TOKEN_HPP
#define COAUTH_PROTOCOL_LOGOUT_TOKEN_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/jose/jwk_set.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace coauth {
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

namespace detail {

/// What a logout token is measured by; views.
struct logout_token_expectations {
    const openid_registration* registration = nullptr; ///< never null
    std::string_view issuer{};                         ///< the server's
    std::string_view client_id{};
    signing_algorithms algorithms{}; ///< those accepted of ID tokens
    /// The keys of the server; null: there are none yet.
    const jwk_set* keys = nullptr;
    std::chrono::system_clock::time_point now{};
};

/** Check a logout token: form, algorithm, key, signature, and every claim.

    Whether it was used before is another question.

    @par Errors
    - the errors of verify_jws()
    - errc::claim_missing, errc::claim_invalid: a required claim is missing; one has a wrong type or value
    - errc::id_token_issuer_mismatch, errc::audience_mismatch
    - errc::token_expired, errc::token_not_yet_valid, errc::token_too_old
    - errc::token_type_mismatch: the header says that it is something else
    - errc::logout_event_missing, errc::nonce_in_logout_token: it is something else
    - errc::session_unidentified: neither `sub` nor `sid`; no `sid` though the registration requires one
    @par Specification OpenID Connect Back-Channel Logout 1.0 2.6
*/
COAUTH_LAZY result<logout_token> verify_logout_token(std::string_view compact,
                                                     const logout_token_expectations& expected,
                                                     const limits& bounds);

/// From when on verify_logout_token() refuses the token, whoever brings it again: how long to remember it.
COAUTH_DECL logout_token::time_point replayable_until(const logout_token& token,
                                                      const limits& bounds) noexcept;

/** The token in the body of a back-channel logout request.

    @par Errors
    - errc::unexpected_content_type: not application/x-www-form-urlencoded
    - errc::callback_too_large, errc::malformed_callback: as parse_form(); also without a token
    - errc::duplicate_parameter: more than one token
    @par Specification OpenID Connect Back-Channel Logout 1.0 2.5
*/
COAUTH_LAZY result<secret> parse_logout_request(std::string_view content_type, std::string_view body,
                                                const limits& bounds);

} // namespace detail
} // namespace coauth

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/logout_token.ipp>
#endif

#endif
