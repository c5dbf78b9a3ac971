// Floor 2.
#ifndef COAUTH_PROTOCOL_ID_TOKEN_HPP
#define COAUTH_PROTOCOL_ID_TOKEN_HPP

#include <coauth/core/secret.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {
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

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/id_token.ipp>
#endif

#endif
