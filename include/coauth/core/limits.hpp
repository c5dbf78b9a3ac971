// Floor 1.
#ifndef COAUTH_CORE_LIMITS_HPP
#define COAUTH_CORE_LIMITS_HPP

#include <chrono>
#include <cstddef>

namespace coauth {

/** Everything that is bounded, with its default.

    A size of zero lets nothing through, a duration of zero has passed when it begins. No value means
    "without limit".
*/
struct limits {
    /// Total deadline of one exchange with the token, userinfo or revocation endpoint: connecting, TLS, writing and reading.
    std::chrono::milliseconds exchange_deadline{30'000};
    /// Total deadline of one fetch of a metadata document.
    std::chrono::milliseconds discovery_deadline{5'000};
    /// Total deadline of one request to a protected resource.
    std::chrono::milliseconds resource_deadline{30'000};

    /// Largest header of an answer, status line included.
    std::size_t response_header_bytes = 32 * 1024;
    /// Largest body of an answer from the token, userinfo or revocation endpoint.
    std::size_t response_body_bytes = 1024 * 1024;
    /// Largest metadata document.
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

    /// A token counts as expired this much, but at most a tenth of its life, before it does expire.
    std::chrono::seconds early_expiry{30};
};

} // namespace coauth

#endif
