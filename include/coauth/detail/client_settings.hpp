// Floor 2.
#ifndef COAUTH_DETAIL_CLIENT_SETTINGS_HPP
#define COAUTH_DETAIL_CLIENT_SETTINGS_HPP

#include <coauth/core/leniencies.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/url.hpp>
#include <coauth/detail/clamped_limits.hpp>
#include <coauth/protocol/client_authentication.hpp>

#include <chrono>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// What was said when the client was made. Shared by all that runs for it.
struct client_settings {
    client_settings(client_credentials who, redirect_uri back, openid_registration registered,
                    const coauth::limits& all_limits, const leniencies& tolerance,
                    std::chrono::system_clock::time_point (*clock)())
        : credentials(std::move(who)),
          redirect(std::move(back)),
          openid(std::move(registered)),
          bounds(clamped(all_limits)),
          tolerated(tolerance),
          now(clock)
    {
    }

    client_credentials credentials;
    redirect_uri redirect;
    openid_registration openid;
    coauth::limits bounds;
    leniencies tolerated;
    std::chrono::system_clock::time_point (*now)();
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
