// Floor 1.
#ifndef COAUTH_CORE_LIMITS_HPP
#define COAUTH_CORE_LIMITS_HPP

#include <coauth/detail/config.hpp>

#include <chrono>
#include <cstddef>

namespace coauth::inline COAUTH_MODE {

/** Everything that is bounded, with its default.

    A size of zero lets nothing through. A zero duration expires immediately, and so does one below zero; one of a century
    or more, such as `std::chrono::seconds::max()`, never does.
*/
struct limits {
    /// Total deadline of one exchange with the token, userinfo or revocation endpoint: connecting, TLS, writing and reading.
    std::chrono::milliseconds exchange_deadline{30'000};
    /// Total deadline of one fetch of a metadata document or key set.
    std::chrono::milliseconds discovery_deadline{5'000};
    /// Total deadline of one request to a protected resource.
    std::chrono::milliseconds resource_deadline{30'000};

    /// Largest header of an answer, status line included.
    std::size_t response_header_bytes = 32 * 1024;
    /// Largest body of an answer from the token, userinfo or revocation endpoint.
    std::size_t response_body_bytes = 1024 * 1024;
    /// Largest metadata document, and largest key set.
    std::size_t discovery_body_bytes = 256 * 1024;
    /// Largest body of an answer from a protected resource.
    std::size_t resource_body_bytes = 1024 * 1024;

    /// Deepest nesting of a JSON document; 1 is an object of plain values.
    std::size_t json_depth = 32;
    /// Most values and member names in a JSON document.
    std::size_t json_nodes = 20'000;

    /// Largest query or form body of a callback, still encoded.
    std::size_t callback_bytes = 64 * 1024;
    /// Most parameters of a callback.
    std::size_t callback_parameters = 64;
    /// Longest `code`, decoded.
    std::size_t code_bytes = 8 * 1024;
    /// Longest access, refresh or ID token.
    std::size_t token_bytes = 128 * 1024;
    /// Longest `scope` of a token response.
    std::size_t scope_bytes = 16 * 1024;

    /// How long a sign-in may take, from the authorization request to the callback.
    std::chrono::seconds pending_login_lifetime{300};
    /// Most sign-ins that are pending at once; the oldest gives way.
    std::size_t pending_logins = 10'000;
    /// Most sign-ins that are pending at once in one browser; its oldest gives way.
    std::size_t pending_logins_per_browser = 7;

    /// How long discovered metadata is used before it is fetched again.
    std::chrono::seconds metadata_age{std::chrono::hours(12)};
    /// The least time between two fetches of metadata, successful or not, while there are some to use.
    std::chrono::seconds metadata_retry_interval{300};

    /// How long a key set is used before it is fetched again; a Cache-Control of the server counts within
    /// key_set_shortest_age and key_set_longest_age.
    std::chrono::seconds key_set_age{600};
    std::chrono::seconds key_set_shortest_age{60};
    std::chrono::seconds key_set_longest_age{std::chrono::hours(24)};
    /// How much longer it is used if it cannot be fetched.
    std::chrono::seconds key_set_stale_if_error{std::chrono::hours(1)};
    /// A token with an unknown key makes the key set be fetched at once, but not twice within this time.
    std::chrono::seconds key_set_forced_interval{60};
    /// Most keys in a key set.
    std::size_t key_set_keys = 100;

    /// Largest header of a JWT, decoded.
    std::size_t jwt_header_bytes = 8 * 1024;
    /// Largest signature of a JWT, decoded.
    std::size_t jwt_signature_bytes = 1024;
    /// How far the server's clock may be off, either way.
    std::chrono::seconds clock_tolerance{30};
    /// How old an ID token may be when it is issued.
    std::chrono::seconds id_token_age{600};
    /// How old a logout token without `exp` may be.
    std::chrono::seconds logout_token_age{300};
    /// Most logout tokens that are remembered to know a second use; the oldest gives way.
    std::size_t logout_tokens = 10'000;

    /// A token counts as expired this much, but at most a tenth of its life, before it does expire.
    std::chrono::seconds early_expiry{30};

    /// A managed grant is refreshed this much, but at most a fifth of its life, before its token counts as expired,
    /// and up to half as much earlier, at random, so that many that were issued together do not come together.
    std::chrono::seconds refresh_lead{120};
    /// The least time between two refreshes of one grant.
    std::chrono::seconds refresh_interval{5};
    /// Most refreshes of one scheduler at once; the others wait. 0 counts as 1. Fewer while the server fails: none in a pause
    /// that it asks for, or after three failures in a row, then one, then one more with each answer.
    std::size_t parallel_refreshes = 16;
    /// After a failure it is tried again after this time, then twice as much and so on, each shortened by up to
    /// half at random; a Retry-After of the server counts instead if it is longer. While the tokens of some grant cannot be
    /// kept, no other one is refreshed for the longest of these times.
    std::chrono::milliseconds refresh_backoff{1'000};
    std::chrono::milliseconds refresh_longest_backoff{300'000};
    /// How long a process that refreshes a grant keeps others from it, unless it renews the lease.
    std::chrono::milliseconds refresh_lease{15'000};
    /** How often a scheduler sends a refresh token again after 1 to 2 s if no answer came, or a gateway's; later it does so
        when the access token is of no more use, until the server has said something.

        Most servers bear it: they do not rotate, or have a grace period for this. One that rotates without it ends the
        grant, which is lost without an answer anyway. 0: never, not later either, and only a new sign-in helps then. That
        is for servers that end more than the one grant.
    */
    unsigned refresh_retries_of_unknown_outcome = 1;
    /// Most grants of one scheduler.
    std::size_t managed_grants = 10'000'000;
};

} // namespace coauth::inline COAUTH_MODE

#endif
