// Floor 2.
#ifndef COAUTH_PROTOCOL_USERINFO_RESPONSE_HPP
#define COAUTH_PROTOCOL_USERINFO_RESPONSE_HPP

#include <coauth/core/openid_registration.hpp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/protocol/token_response.hpp>
#include <coauth/protocol/userinfo.hpp>

#include <chrono>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// What an answer is measured by; views. Everything that is set is demanded.
struct userinfo_expectations {
    /// Whether this is OpenID Connect, where `sub` is required.
    bool needs_subject = false;
    std::string_view subject{}; ///< of the ID token; empty if there is none
    std::string_view issuer{};  ///< of the ID token, or else the server's
    std::string_view client_id{};
    /// Null for a provider without OpenID Connect: then there is plain JSON only.
    const openid_registration* registration = nullptr;
    /// Those accepted of ID tokens, for signed answers where no other was registered.
    signing_algorithms algorithms{};
    const jwk_set* keys = nullptr; ///< null: there are none yet
    std::chrono::system_clock::time_point now{};
};

/// Whether an answer is signed, so that reading it takes keys.
COAUTH_DECL bool is_signed_userinfo(const answer& from) noexcept;

/** Read the userinfo endpoint's answer: plain JSON, or JSON that is signed.

    @par Errors
    - errc::subject_missing: no `sub`, or no string of 1 to 255 characters without control characters
    - errc::subject_mismatch: about somebody else than the ID token
    - errc::userinfo_not_signed: plain, though a signature was agreed on
    - errc::claim_invalid, errc::id_token_issuer_mismatch, errc::audience_mismatch, errc::token_expired,
      errc::token_not_yet_valid, errc::token_type_mismatch: claims of a signed answer, as far as it has them
    - errc::unexpected_content_type
    - the errors of parse_error_response(), json_document::parse() and verify_jws()
    @par Specification OpenID Connect Core 5.3.2, 5.3.4
*/
COAUTH_LAZY result<userinfo> parse_userinfo(const answer& from, const userinfo_expectations& expected,
                                            const limits& bounds);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/userinfo_response.ipp>
#endif

#endif
