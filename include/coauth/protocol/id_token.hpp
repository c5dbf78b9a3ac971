// Floor 2.
#ifndef COAUTH_PROTOCOL_ID_TOKEN_HPP
#define COAUTH_PROTOCOL_ID_TOKEN_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/jose/jwk_set.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coauth {
namespace detail {
struct id_token_storage;
class id_token_access;
} // namespace detail

/** Who signed in: an ID token whose signature and claims were all checked.

    There is no other way to one than through basic_client::exchange() and basic_client::refresh(): no default
    constructor, and none from a text. Whoever holds one holds the word of the provider.

    A person is the pair of issuer() and subject(), and nothing else is. An e-mail address is not: people
    change it, providers give it to others later, some let anybody claim any, and `email_verified` says only
    that the provider once looked (OpenID Connect Core 5.7).

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe. Copies share.
    @par Specification OpenID Connect Core 2, 3.1.3.7
*/
class verified_id_token {
public:
    using time_point = std::chrono::system_clock::time_point;

    /// `iss`. With a multi-tenant provider, that of the person's tenant.
    COAUTH_DECL std::string_view issuer() const noexcept;
    /// `sub`: who, for this issuer. 1 to 255 characters.
    COAUTH_DECL std::string_view subject() const noexcept;
    /// `aud`; the client's identifier is among them.
    COAUTH_DECL std::span<const std::string_view> audience() const noexcept;
    /// `azp`; empty if the token has none.
    COAUTH_DECL std::string_view authorized_party() const noexcept;
    /// `exp`. Not for how long the person may stay signed in, but how long the token may be handed around.
    COAUTH_DECL time_point expires_at() const noexcept;
    /// `iat`
    COAUTH_DECL time_point issued_at() const noexcept;
    /// `auth_time`: when the person last proved who they are.
    COAUTH_DECL std::optional<time_point> authenticated_at() const noexcept;
    /// `acr`: how. Empty if the token has none.
    COAUTH_DECL std::string_view authentication_context() const noexcept;
    /// `sid`: the person's session at the provider, for logout. Empty if the token has none.
    COAUTH_DECL std::string_view session_id() const noexcept;

    /// All claims. Include <boost/json/object.hpp> to read them.
    COAUTH_DECL const boost::json::object& claims() const noexcept;
    /// A claim that is a string; empty if it is missing or something else.
    COAUTH_DECL std::string_view claim(std::string_view name) const;

    /// The token as it was sent, to be handed back to the provider as `id_token_hint`.
    COAUTH_DECL const secret& encoded() const noexcept;

private:
    friend class detail::id_token_access;
    explicit verified_id_token(std::shared_ptr<const detail::id_token_storage> storage) noexcept
        : storage_(std::move(storage))
    {
    }

    std::shared_ptr<const detail::id_token_storage> storage_;
};

namespace detail {

/// What an ID token is measured by; views. Everything that is set is demanded.
struct id_token_expectations {
    const openid_registration* registration = nullptr; ///< never null
    std::string_view issuer{};                         ///< the server's
    std::string_view client_id{};
    signing_algorithms algorithms{}; ///< those accepted, cut to what the server announces
    /// The keys of the server; null: there are none yet.
    const jwk_set* keys = nullptr;

    /// Of the authorization request; null: none was sent, and the token must not have one.
    const random_value* nonce = nullptr;
    std::string_view access_token{}; ///< for `at_hash`, if the token has it
    std::string_view code{};         ///< for `c_hash`, likewise
    std::optional<std::chrono::seconds> max_age{};
    /// Contexts of authentication with spaces between them, one of which it must be; empty: any.
    std::string_view required_acr{};
    /// At a refresh, the token of the sign-in. nonce, max_age and required_acr are of no meaning then.
    const verified_id_token* previous = nullptr;

    std::chrono::system_clock::time_point now{};
};

/** Check an ID token: form, algorithm, key, signature, and every claim.

    @par Errors
    - errc::malformed_jwt, errc::malformed_json, errc::duplicate_member: not one acceptable JWS of an object
    - errc::critical_header: `crit`, `b64` or `zip` in the header
    - errc::algorithm_not_allowed: none, unknown, or not among those accepted
    - errc::signing_key_unknown: no key of that identifier, kind and use; fetching the key set again may help
    - errc::signing_key_ambiguous: the token names no key, and several would do
    - errc::signature_invalid
    - errc::claim_missing, errc::claim_invalid: a required claim is missing; one has a wrong type or value
    - errc::id_token_issuer_mismatch, errc::audience_mismatch, errc::authorized_party_mismatch
    - errc::token_expired, errc::token_not_yet_valid, errc::token_too_old
    - errc::nonce_mismatch, errc::token_hash_mismatch, errc::token_type_mismatch
    - errc::authentication_too_old, errc::authentication_context_mismatch
    - errc::subject_mismatch, errc::authentication_changed: not the person or the sign-in of the token before
    @par Specification OpenID Connect Core 3.1.3.7, 3.1.3.8, 12.2; RFC 7515 5.2; RFC 8725 3
*/
COAUTH_LAZY result<verified_id_token>
verify_id_token(std::string_view compact, const id_token_expectations& expected, const limits& bounds);

} // namespace detail
} // namespace coauth

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/id_token.ipp>
#endif

#endif
