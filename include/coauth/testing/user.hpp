// Floor 4. For tests.
#ifndef COAUTH_TESTING_USER_HPP
#define COAUTH_TESTING_USER_HPP

#include <coauth/detail/config.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/// A claim about a user: OpenID Connect Core 5.1.
class user_claim {
public:
    using value_type = std::variant<std::string, bool, std::int64_t>;

    user_claim(std::string name, value_type value) : name_(std::move(name)), value_(std::move(value)) {}

    const std::string& name() const noexcept { return name_; }
    const value_type& value() const noexcept { return value_; }

private:
    std::string name_;
    value_type value_;
};

/** Somebody who can sign in at a testing::authorization_server.

    Claims are handed out as OpenID Connect Core 5.4 sorts them under the scopes profile, email, address
    and phone; all that it does not know goes with profile.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class user {
public:
    /// The name, which one types in to sign in, becomes the subject and the claim preferred_username.
    user(std::string name, std::string password)
        : name_(std::move(name)), password_(std::move(password)), subject_(name_)
    {
        set_claim("preferred_username", name_);
    }

    const std::string& name() const noexcept { return name_; }
    const std::string& password() const noexcept { return password_; }

    /// `sub`: what clients know the user by.
    const std::string& subject() const noexcept { return subject_; }
    user& set_subject(std::string value)
    {
        subject_ = std::move(value);
        return *this;
    }

    const std::vector<user_claim>& claims() const noexcept { return claims_; }
    user& set_claim(std::string name, std::string value)
    {
        return replace_claim(user_claim(std::move(name), std::move(value)));
    }
    /// A number, or true or false.
    template <std::integral T>
    user& set_claim(std::string name, T value)
    {
        if constexpr (std::same_as<T, bool>)
            return replace_claim(user_claim(std::move(name), value));
        else
            return replace_claim(user_claim(std::move(name), static_cast<std::int64_t>(value)));
    }

private:
    user& replace_claim(user_claim claim)
    {
        std::erase_if(claims_, [&](const user_claim& old) { return old.name() == claim.name(); });
        claims_.push_back(std::move(claim));
        return *this;
    }

    std::string name_;
    std::string password_;
    std::string subject_;
    std::vector<user_claim> claims_;
};

} // namespace coauth::inline COAUTH_MODE::testing

#endif
