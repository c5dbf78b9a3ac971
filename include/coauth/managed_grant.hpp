// Floor 4.
#ifndef COAUTH_MANAGED_GRANT_HPP
#define COAUTH_MANAGED_GRANT_HPP

#include <coauth/core/token_set.hpp>
#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/coarse_clock.hpp>
#include <coauth/detail/scheduler_interface.hpp>
#include <coauth/policy/token_store.hpp>
#include <coauth/resource.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** A grant that a refresh_scheduler keeps usable: a handle, cheap to copy.

    Tokens count as usable until limits::early_expiry before they expire, by a steady clock, and always if the server
    did not say when they do. A resource that refuses them earlier, as after a computer slept, is what
    replace_rejected() and fetch_resource() are for.

    Handles may outlive the scheduler; all that they give then is `operation_aborted`.

    @par Thread safety Distinct objects, also copies: safe. Shared objects: unsafe; give each thread, or each
    coroutine, a copy.
*/
class managed_grant {
public:
    /// To be assigned to; nothing else may be done with it.
    managed_grant() = default;
    /// From refresh_scheduler::manage() and refresh_scheduler::find().
    managed_grant(std::shared_ptr<detail::scheduler_interface> scheduler, detail::grant_pointer grant)
        : scheduler_(std::move(scheduler)), grant_(std::move(grant))
    {
    }

    const std::string& key() const noexcept { return grant_->key; }

    /** The tokens, if they are of use now.

        Without suspending or allocating, and without a lock, except the first time after they were replaced: then
        one that nobody holds while waiting for anything.

        @return null if token() has to be asked. Valid until the next call on this handle.
    */
    const token_set* current() noexcept
    {
        if (const auto version = grant_->version.load(std::memory_order_acquire); version != known_.version)
            known_ = scheduler_->look(*grant_);
        return known_.tokens && detail::coarse_clock::since_epoch() < known_.usable_until
                   ? known_.tokens.get()
                   : nullptr;
    }

    /** Get tokens that are of use.

        Those that are there, or those of one refresh for all who wait.

        @par Completion At once and without allocating if there are tokens to use. Else after a refresh: one POST
        request to the token endpoint, unless another process made it.
        @par Errors
        - errc::refresh_token_missing: they have expired, and there is no refresh token; nothing was sent
        - errc::refreshed_too_recently: the server issues tokens that expire at once; see error::retry_after()
        - those of basic_client::refresh(). After one that is retryable the next request is made when
          limits::refresh_backoff and Retry-After allow it; until then the error is repeated and nothing is sent.
        - errc::outcome_unknown, errc::timed_out, errc::server_unavailable: also if the refresh token may be spent, here or in
          another process, and what came of it is not known. It is retryable: the grant goes on when the server has answered.
          With limits::refresh_retries_of_unknown_outcome = 0 it is condition::reauthorization_required.
        - server_errc::invalid_grant: the grant has ended
        - errc::grant_unknown: it was forgotten, here or in another process
        - errc::token_store_failed: nothing was sent
        - `operation_aborted`: also if the scheduler is gone
        @par Per-operation cancellation terminal, partial and total: ends the waiting only.
        @par Specification RFC 6749 6
    */
    [[nodiscard]] boost::asio::awaitable<result<shared_tokens>> token()
    {
        if (current())
            return detail::settled<shared_tokens>(known_.tokens);
        return scheduler_->obtain(grant_, detail::grant_wish::usable, nullptr);
    }

    /** Refresh, also if the tokens are still of use.

        Within limits::refresh_interval of the last refresh, and if one is under way, no other one is made.

        @par Errors as token()
        @par Per-operation cancellation as token()
    */
    [[nodiscard]] boost::asio::awaitable<result<shared_tokens>> refresh_now()
    {
        return scheduler_->obtain(grant_, detail::grant_wish::newer, nullptr);
    }

    /** Get other tokens than those that a resource rejected as invalid.

        If there are others already, nothing is sent.

        @par Errors as token(); errc::refreshed_too_recently also if the resource rejects them right after a refresh
        @par Per-operation cancellation as token()
        @par Specification RFC 6750 3.1
    */
    [[nodiscard]] boost::asio::awaitable<result<shared_tokens>> replace_rejected(const token_set& rejected)
    {
        return scheduler_->obtain(grant_, detail::grant_wish::other,
                                  std::make_shared<const token_set>(rejected));
    }

    /** Call a protected resource with tokens that are of use.

        If the resource answers 401 with the error `invalid_token`, there is one refresh and one repetition; the
        second answer is given back as it is. So is the first one, if a refresh is not possible: no refresh token,
        or limits::refresh_interval has not passed.

        @par Completion One or two requests, and what token() and replace_rejected() need.
        @par Errors those of basic_client::fetch_resource() and of token()
        @par Per-operation cancellation terminal, partial and total; the resource may have acted
        @par Specification RFC 6750 3.1
    */
    [[nodiscard]] boost::asio::awaitable<result<resource_response>>
    fetch_resource(const resource_parameters& parameters)
    {
        return scheduler_->fetch_resource(grant_, detail::kept_resource_parameters(parameters));
    }

private:
    std::shared_ptr<detail::scheduler_interface> scheduler_;
    detail::grant_pointer grant_;
    detail::grant_snapshot known_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
