// Floor 4. A token request and its point of no return.
#ifndef COAUTH_DETAIL_GRANT_OPERATION_HPP
#define COAUTH_DETAIL_GRANT_OPERATION_HPP

#include <coauth/core/token_set.hpp>
#include <coauth/detail/callback.hpp>
#include <coauth/detail/http_messages.hpp>
#include <coauth/detail/refresh_trace.hpp>
#include <coauth/policy/any_transport.hpp>
#include <coauth/protocol/token_response.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace coauth::inline COAUTH_MODE::detail {

class identity_check;

/// What a token request needs besides the HTTP request itself.
struct grant_context {
    coauth::limits bounds;
    leniencies tolerated;
    std::chrono::system_clock::time_point (*now)() = nullptr;
    std::string requested_scope;
    secret previous_refresh_token;
    /// Null: an ID token is of no interest.
    std::shared_ptr<identity_check> identity;
    /// May be null.
    std::shared_ptr<refresh_trace> trace;
    /// Called with the outcome if the caller was cancelled after the request left; may be empty.
    callback<void(result<token_set>)> abandoned;
};

/** Send a request that spends a code or refresh token.

    It can be cancelled until the transport commits it. From then on it runs to its end, on a strand of
    its own: a cancelled caller is released at once, and the outcome goes to grant_context::abandoned.
*/
COAUTH_LAZY boost::asio::awaitable<result<token_set>> run_grant(any_transport transport, http_request request,
                                                                std::unique_ptr<grant_context> context);

/// Send a request that may be dropped at any time; cancellation becomes an error in the result.
COAUTH_LAZY boost::asio::awaitable<result<http_response>> send_request(any_transport transport,
                                                                       http_request request);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/grant_operation.ipp>
#endif

#endif
