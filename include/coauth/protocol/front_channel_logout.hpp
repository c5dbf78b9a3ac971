// Floor 2.
#ifndef COAUTH_PROTOCOL_FRONT_CHANNEL_LOGOUT_HPP
#define COAUTH_PROTOCOL_FRONT_CHANNEL_LOGOUT_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>

#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// What a front-channel logout is measured by: the session of the browser that it came with. Views.
struct front_channel_logout_expectations {
    std::string_view issuer{};     ///< of the session's ID token
    std::string_view session_id{}; ///< `sid` of it; empty if it had none
    bool session_required = false; ///< as registered
};

/** Whether a front-channel logout is meant for this browser's session.

    Any page can load the logout URI, and without `iss` and `sid` nothing tells it from the provider's. So
    nothing but the browser's session may be ended on the word of it: no token is to be revoked.

    @param query of the URI that was loaded
    @par Errors
    - errc::callback_too_large, errc::malformed_callback: as parse_form()
    - errc::duplicate_parameter: `iss` or `sid` occurs twice
    - errc::session_unidentified: one of them without the other, or neither though the registration requires
      them; another session than this
    - errc::issuer_mismatch
    @par Specification OpenID Connect Front-Channel Logout 1.0 2
*/
COAUTH_LAZY result<void> check_front_channel_logout(std::string_view query,
                                                    const front_channel_logout_expectations& expected,
                                                    const limits& bounds);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/front_channel_logout.ipp>
#endif

#endif
