// Floor 2.
#ifndef COAUTH_DETAIL_REFRESH_TRACE_HPP
#define COAUTH_DETAIL_REFRESH_TRACE_HPP

#include <coauth/core/secret.hpp>

#include <atomic>

namespace coauth::inline COAUTH_MODE::detail {

/// What is known of a refresh besides its outcome, for whoever keeps the tokens.
struct refresh_trace {
    /// Set when the request may have left: then what an exception means is not known.
    std::atomic<bool> committed{false};
    /** Beside an error: the server took the refresh token, answered with a JSON object, and this is the refresh token that
        goes on; the one that was sent, if the answer has none. Empty: the server refused, or what it did is not known.
    */
    secret next_refresh_token;
    /// Beside that: the ID token of the answer is another server's, person's, client's or sign-in's, and this is the access
    /// token that came with it. Else empty.
    secret access_token_of_somebody_else;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
