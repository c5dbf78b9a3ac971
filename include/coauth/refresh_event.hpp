// Floor 1.
#ifndef COAUTH_REFRESH_EVENT_HPP
#define COAUTH_REFRESH_EVENT_HPP

#include <coauth/core/error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** What happened to a grant of a refresh_scheduler. Holds no secret: it can be logged. */
class refresh_event {
public:
    enum class kind {
        refreshed, ///< There are new tokens.
        adopted,   ///< There are new tokens, which another process got.
        retrying,  ///< A refresh failed, or was not to be sent in a pause; it is tried again.
        /// Only a new sign-in helps: the grant has ended, or its refresh token may be spent and its access token is
        /// of no use any more. Once for each grant.
        reauthorization_required,
        /// More grants are due than the server answers: this one's access token expired before its turn. Once, until all that
        /// are due have had theirs.
        falling_behind,
    };

    refresh_event(kind what, std::string key, error reason = {},
                  std::optional<std::chrono::milliseconds> next_try = {})
        : what_(what), key_(std::move(key)), reason_(std::move(reason)), next_try_(next_try)
    {
    }

    kind what() const noexcept { return what_; }
    const std::string& key() const noexcept { return key_; }
    /// Why: for retrying and reauthorization_required.
    const error& reason() const noexcept { return reason_; }
    /// From now; for retrying.
    std::optional<std::chrono::milliseconds> next_try() const noexcept { return next_try_; }

private:
    kind what_;
    std::string key_;
    error reason_;
    std::optional<std::chrono::milliseconds> next_try_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
