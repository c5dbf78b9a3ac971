// Floor 3.
#ifndef COAUTH_POLICY_PENDING_LOGIN_HPP
#define COAUTH_POLICY_PENDING_LOGIN_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/detail/login_texts.hpp>
#include <coauth/protocol/authorization_request.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coauth::inline COAUTH_MODE {

/** What is kept of a sign-in between the authorization request and the callback.

    Move-only, as each is used once. Four random values and room for short texts, with no memory beside it for
    those: a store can hold millions. Everything in it is secret.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class pending_login {
public:
    pending_login() = default;

    /** @param client_tag tells clients apart that share a store; see basic_client */
    pending_login(const random_value& state, const random_value& browser_binding, const random_value& nonce,
                  const random_value& code_verifier, std::uint64_t client_tag, coauth::response_mode mode,
                  std::string_view scope, std::string_view application_data,
                  std::optional<std::chrono::seconds> max_age = {},
                  std::string_view required_acr_values = {});

    pending_login(pending_login&&) = default;
    pending_login& operator=(pending_login&&) = default;

    const random_value& state() const noexcept { return state_; }
    const random_value& browser_binding() const noexcept { return browser_binding_; }
    const random_value& nonce() const noexcept { return nonce_; }
    /// The verifier itself is the base64url text of these bytes.
    const random_value& code_verifier() const noexcept { return code_verifier_; }
    std::uint64_t client_tag() const noexcept { return client_tag_; }
    coauth::response_mode response_mode() const noexcept { return response_mode_; }

    /// The scope that was asked for.
    std::string_view scope() const noexcept { return texts_.scope(); }
    std::string_view application_data() const noexcept { return texts_.data(); }

    /// How long ago the person may have signed in, for the ID token's auth_time; no value: any time.
    std::optional<std::chrono::seconds> max_age() const noexcept
    {
        return max_age_ == any_age ? std::nullopt : std::optional(std::chrono::seconds(max_age_));
    }
    /// Of which the ID token's `acr` has to be one; empty: any.
    std::string_view required_acr_values() const noexcept { return texts_.acr_values(); }

private:
    static constexpr std::uint32_t any_age = UINT32_MAX;

    /// Whoever allows more than a century allows what there is since the epoch.
    static std::uint32_t packed(std::optional<std::chrono::seconds> max_age) noexcept
    {
        if (!max_age || max_age->count() < 0)
            return any_age;
        return max_age->count() < any_age ? static_cast<std::uint32_t>(max_age->count()) : any_age - 1;
    }

    random_value state_;
    random_value browser_binding_;
    random_value nonce_;
    random_value code_verifier_;
    std::uint64_t client_tag_ = 0;
    [[no_unique_address]] detail::login_texts texts_; // what follows uses its padding
    coauth::response_mode response_mode_{};
    std::uint32_t max_age_ = any_age;
};

inline pending_login::pending_login(const random_value& state, const random_value& browser_binding,
                                    const random_value& nonce, const random_value& code_verifier,
                                    std::uint64_t client_tag, coauth::response_mode mode,
                                    std::string_view scope, std::string_view application_data,
                                    std::optional<std::chrono::seconds> max_age,
                                    std::string_view required_acr_values)
    : state_(state),
      browser_binding_(browser_binding),
      nonce_(nonce),
      code_verifier_(code_verifier),
      client_tag_(client_tag),
      texts_(scope, required_acr_values, application_data),
      response_mode_(mode),
      max_age_(packed(max_age))
{
}

} // namespace coauth::inline COAUTH_MODE

#endif
