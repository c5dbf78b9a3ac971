// Floor 1.
#ifndef COAUTH_CORE_TOKEN_SET_HPP
#define COAUTH_CORE_TOKEN_SET_HPP

#include <coauth/core/error.hpp>
#include <coauth/core/scope.hpp>
#include <coauth/core/secret.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE {

class verified_id_token; // coauth/protocol/id_token.hpp

/** What the token endpoint issued: an access token, what it is good for, and how to get the next one.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
    @par Specification RFC 6749 5.1
*/
class token_set {
public:
    using time_point = std::chrono::system_clock::time_point;

    token_set() = default;

    /** Put a token set together, for example from a store of your own.

        @param access_token as the server issued it; empty if only the refresh token was kept
        @param token_type as the server wrote it
        @param granted what the access token is good for
    */
    token_set(secret access_token, std::string token_type, scope granted)
        : access_token_(std::move(access_token)),
          token_type_(std::move(token_type)),
          scope_(std::move(granted))
    {
    }

    const secret& access_token() const noexcept { return access_token_; }
    /// `Bearer`, in the letters that the server chose.
    const std::string& token_type() const noexcept { return token_type_; }

    /// The granted scope. It may be narrower or wider than the requested one: check it before relying on it.
    const coauth::scope& scope() const noexcept { return scope_; }

    /// True if the server did not name the granted scope, which means the requested one (RFC 6749 5.1).
    bool scope_assumed() const noexcept { return scope_assumed_; }
    token_set& set_scope_assumed(bool value) noexcept
    {
        scope_assumed_ = value;
        return *this;
    }

    /// Empty if the server issued none.
    const secret& refresh_token() const noexcept { return refresh_token_; }
    token_set& set_refresh_token(secret value) noexcept
    {
        refresh_token_ = std::move(value);
        return *this;
    }

    /// Whether it is known who signed in: with OpenID Connect, yes.
    bool has_id_token() const noexcept { return id_token_ != nullptr; }
    /** Who signed in. After a refresh without a new ID token, still that of the sign-in.
        @throws coauth::exception errc::id_token_missing if there is none
    */
    const verified_id_token& id_token() const
    {
        if (!id_token_)
            throw exception(errc::id_token_missing);
        return *id_token_;
    }
    token_set& set_id_token(std::shared_ptr<const verified_id_token> value) noexcept
    {
        id_token_ = std::move(value);
        return *this;
    }

    /// When the answer came, by the client's clock.
    time_point received_at() const noexcept { return received_at_; }
    token_set& set_received_at(time_point value) noexcept
    {
        received_at_ = value;
        return *this;
    }

    /// No value: the server did not say when the access token expires.
    std::optional<time_point> expires_at() const noexcept { return expires_at_; }
    token_set& set_expires_at(std::optional<time_point> value) noexcept
    {
        expires_at_ = value;
        return *this;
    }

    /** Whether the access token is, or is about to be, of no use.

        @param now the wall clock's time
        @param margin counts as expired this much before the end, but at most a tenth of the token's life
        @return false if the server did not say when the token expires
    */
    bool expired(time_point now, std::chrono::seconds margin) const noexcept
    {
        if (!expires_at_)
            return false;
        const time_point::duration tenth = (*expires_at_ - received_at_) / 10;
        const time_point::duration early = margin < tenth ? margin : tenth;
        return now >= (early > early.zero() ? *expires_at_ - early : *expires_at_);
    }

private:
    secret access_token_;
    secret refresh_token_;
    std::shared_ptr<const verified_id_token> id_token_;
    std::string token_type_;
    coauth::scope scope_;
    time_point received_at_{};
    std::optional<time_point> expires_at_;
    bool scope_assumed_ = false;
};

} // namespace coauth::inline COAUTH_MODE

#endif
