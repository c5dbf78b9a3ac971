// Floor 3.
#ifndef COAUTH_POLICY_PENDING_LOGIN_HPP
#define COAUTH_POLICY_PENDING_LOGIN_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/protocol/authorization_request.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coauth {

/** What is kept of a sign-in between the authorization request and the callback.

    Move-only, as each is used once. Four random values and one block for the two texts: a store can
    hold millions. Everything in it is secret.

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
    std::string_view scope() const noexcept { return texts_.expose().substr(0, scope_size_); }
    std::string_view application_data() const noexcept
    {
        return texts_.expose().substr(scope_size_ + acr_size_);
    }

    /// How long ago the person may have signed in, for the ID token's auth_time; no value: any time.
    std::optional<std::chrono::seconds> max_age() const noexcept
    {
        return max_age_ < 0 ? std::nullopt : std::optional(std::chrono::seconds(max_age_));
    }
    /// Of which the ID token's `acr` has to be one; empty: any.
    std::string_view required_acr_values() const noexcept
    {
        return texts_.expose().substr(scope_size_, acr_size_);
    }

private:
    random_value state_;
    random_value browser_binding_;
    random_value nonce_;
    random_value code_verifier_;
    std::uint64_t client_tag_ = 0;
    secret texts_; // the scope, the required acr values, then the application's data
    std::int64_t max_age_ = -1;
    std::uint32_t scope_size_ = 0;
    std::uint32_t acr_size_ = 0;
    coauth::response_mode response_mode_{};
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
      max_age_(max_age ? max_age->count() : -1),
      scope_size_(static_cast<std::uint32_t>(scope.size())),
      acr_size_(static_cast<std::uint32_t>(required_acr_values.size())),
      response_mode_(mode)
{
    detail::secure_bytes texts;
    texts.reserve(scope.size() + required_acr_values.size() + application_data.size());
    texts.insert(texts.end(), scope.begin(), scope.end());
    texts.insert(texts.end(), required_acr_values.begin(), required_acr_values.end());
    texts.insert(texts.end(), application_data.begin(), application_data.end());
    texts_ = secret(std::move(texts));
}

} // namespace coauth

#endif
