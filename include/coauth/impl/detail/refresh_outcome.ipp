#ifndef COAUTH_IMPL_DETAIL_REFRESH_OUTCOME_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_OUTCOME_IPP

#include <coauth/detail/refresh_outcome.hpp>

#include <limits>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL bool ends_grant(const error& reason) noexcept
{
    return reason.code().category() == server_category() && reason == condition::reauthorization_required;
}

inline bool refuses_grant(const error& reason) noexcept
{
    if (reason == errc::malformed_response) // `error` is there, and is no text
        return true;
    return reason.code().category() == server_category() && reason != condition::retryable &&
           reason != server_errc::invalid_client && reason != server_errc::unauthorized_client &&
           reason != server_errc::unsupported_grant_type;
}

/// Whether it may not be the authorization server that said so: a gateway, or a framework, has errors in JSON, too.
inline bool is_of_anybody(const error& reason) noexcept
{
    const unsigned status = reason.http_status();
    return (reason == server_errc::unrecognized || reason == errc::malformed_response) &&
           (status == 401 || status == 403 || status == 404);
}

/// Whether an answer may be of use another time without anybody doing anything to the grant.
inline bool is_of_use_later(const error& reason) noexcept
{
    return reason == condition::retryable || reason == errc::key_set_unavailable ||
           reason == errc::token_not_yet_valid; // a clock that is wrong is set right some day
}

COAUTH_DECL error of_doubt(error reason)
{
    reason.set_grant_spent(false);
    return reason == condition::retryable
               ? reason
               : error(errc::outcome_unknown).set_http_status(reason.http_status());
}

COAUTH_DECL unsigned most_in_a_row(const refresh_outcome& failure) noexcept
{
    constexpr unsigned few = 8; // with the waits in between, a minute or two
    constexpr unsigned many =
        21; // likewise, half an hour to an hour: who is there puts keys and servers right meanwhile
    constexpr unsigned always = std::numeric_limits<unsigned>::max();
    if (failure.what != refresh_outcome::kind::kept) {
        if (!refuses_grant(failure.reason))
            return always;
        return is_of_anybody(failure.reason) ? many : few;
    }
    if (failure.reason == errc::signing_key_unknown)
        return many;
    return is_of_use_later(failure.reason) ? always : few;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
