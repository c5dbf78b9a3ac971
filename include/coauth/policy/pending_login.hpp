// Floor 3.
#ifndef COAUTH_POLICY_PENDING_LOGIN_HPP
#define COAUTH_POLICY_PENDING_LOGIN_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/protocol/authorization_request.hpp>

#include <cstdint>
#include <memory>
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
                  std::string_view scope, std::string_view application_data);

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
    std::string_view application_data() const noexcept { return texts_.expose().substr(scope_size_); }

private:
    random_value state_;
    random_value browser_binding_;
    random_value nonce_;
    random_value code_verifier_;
    std::uint64_t client_tag_ = 0;
    secret texts_; // the scope, then the application's data
    std::uint32_t scope_size_ = 0;
    coauth::response_mode response_mode_{};
};

inline pending_login::pending_login(const random_value& state, const random_value& browser_binding,
                                    const random_value& nonce, const random_value& code_verifier,
                                    std::uint64_t client_tag, coauth::response_mode mode,
                                    std::string_view scope, std::string_view application_data)
    : state_(state),
      browser_binding_(browser_binding),
      nonce_(nonce),
      code_verifier_(code_verifier),
      client_tag_(client_tag),
      scope_size_(static_cast<std::uint32_t>(scope.size())),
      response_mode_(mode)
{
    detail::secure_bytes texts;
    texts.reserve(scope.size() + application_data.size());
    texts.insert(texts.end(), scope.begin(), scope.end());
    texts.insert(texts.end(), application_data.begin(), application_data.end());
    texts_ = secret(std::move(texts));
}

} // namespace coauth

#endif
