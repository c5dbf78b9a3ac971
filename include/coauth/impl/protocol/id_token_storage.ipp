// Floor 2. For other .ipp files: what a verified_id_token holds.
#ifndef COAUTH_IMPL_PROTOCOL_ID_TOKEN_STORAGE_IPP
#define COAUTH_IMPL_PROTOCOL_ID_TOKEN_STORAGE_IPP

#include <coauth/detail/claim_set.hpp>
#include <coauth/protocol/id_token.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/// `aud`: a string, or an array of strings. Views.
struct audience_claim {
    std::string_view only;
    std::vector<std::string_view> several;

    std::span<const std::string_view> list() const noexcept
    {
        return several.empty() ? std::span<const std::string_view>(&only, 1) : several;
    }
};

/// The views are of the claims.
struct id_token_storage {
    claim_set claims;
    secret encoded;
    std::string_view issuer;
    std::string_view subject;
    audience_claim audience;
    std::string_view authorized_party;
    std::string_view authentication_context;
    std::string_view session_id;
    std::chrono::system_clock::time_point expires_at{};
    std::chrono::system_clock::time_point issued_at{};
    std::optional<std::chrono::system_clock::time_point> authenticated_at;
    /// Of a refreshed token that of the sign-in, which may say more than those in between; else null.
    std::shared_ptr<const id_token_storage> sign_in;
};

class id_token_access {
public:
    static verified_id_token make(std::shared_ptr<const id_token_storage> storage) noexcept
    {
        return verified_id_token(std::move(storage));
    }
    static std::shared_ptr<const id_token_storage> sign_in_of(const verified_id_token& token) noexcept
    {
        return token.storage_->sign_in ? token.storage_->sign_in : token.storage_;
    }
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
