#ifndef COAUTH_IMPL_DETAIL_GRANT_OPERATION_IPP
#define COAUTH_IMPL_DETAIL_GRANT_OPERATION_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/grant_operation.hpp>
#include <coauth/detail/identity_check.hpp>
#include <coauth/detail/waiting.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_LAZY_DECL boost::asio::awaitable<result<http_response>> send_request(any_transport transport,
                                                                            http_request request)
{
    // An awaitable throws at the first co_await after a cancellation. This is the one place where that, too,
    // becomes a value.
    try {
        result<http_response> response = co_await transport.send(std::move(request));
        co_return std::move(response);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return aborted();
}

class grant_operation : public std::enable_shared_from_this<grant_operation> {
public:
    using completion = callback<void(std::exception_ptr, result<token_set>&&, manner)>;

    grant_operation(any_transport transport, http_request request, std::unique_ptr<grant_context> context)
        : transport_(std::move(transport)), request_(std::move(request)), context_(std::move(context))
    {
    }

    grant_operation(const grant_operation&) = delete;

    /// The caller is released also if the exchange was destroyed: Asio does that to a coroutine for whose next
    /// step there is no memory.
    ~grant_operation()
    {
        try {
            if (complete_ && !released_)
                release(nullptr, broken_off(errc::connection_lost), manner::later);
        } catch (...) {
        }
    }

    void start(const boost::asio::any_io_executor& executor, completion complete)
    {
        complete_ = std::move(complete);
        executor_ = executor;
        try {
            // Weak, as a transport may keep the request. The completion keeps this object.
            request_.set_on_commit([weak = weak_from_this()] {
                const auto self = weak.lock();
                return self && self->commit();
            });
            running_ = transport_.start(
                executor, std::move(request_),
                [self = shared_from_this()](std::exception_ptr failure, result<http_response> response) {
                    if (failure)
                        self->fail(failure);
                    else if (!response)
                        self->finish(nullptr, self->broken_off(response.error()));
                    else
                        self->read(*response);
                });
        } catch (...) {
            // Nothing was sent. Thrown from here, the exception would destroy the waiting coroutine instead of
            // reaching it.
            release(std::current_exception(), aborted(), manner::later);
        }
    }

    /// From any thread.
    void cancel()
    {
        if (!advance(phase::cancelled)) {
            if (!release(nullptr, aborted().set_grant_spent(true), manner::later))
                withdrawn_ = true;
        } else if (const auto running = running_.lock()) {
            running->stop();
        }
    }

    /// Makes of the outcome what the caller is given in the end: if it was cancelled while the outcome was on its
    /// way, it may not look at it any more, as the losing side of `||` does not.
    void hand_over(result<token_set>& outcome)
    {
        const bool known = outcome || outcome.error() != error_code(boost::asio::error::operation_aborted);
        if (!withdrawn_ || !known || !context_->abandoned)
            return;
        context_->abandoned(std::move(outcome));
        outcome = aborted().set_grant_spent(true);
    }

private:
    enum class phase { waiting, sent, cancelled };

    /// One of commit and cancel comes first, and the other one learns that it lost.
    bool advance(phase to) noexcept
    {
        phase from = phase::waiting;
        return phase_.compare_exchange_strong(from, to) || from == to;
    }

    bool commit() noexcept
    {
        const bool may_leave = advance(phase::sent);
        if (may_leave && context_->trace)
            context_->trace->committed = true;
        return may_leave;
    }

    /// An exception of the transport. What was not committed by now is not sent any more.
    void fail(std::exception_ptr failure)
    {
        advance(phase::cancelled);
        finish(failure, aborted());
    }

    error broken_off(error reason) const
    {
        const bool sent = phase_ == phase::sent;
        // RFC 6749 4.1.2: a code "MUST NOT be used more than once", so there is no second try.
        if (sent && reason == errc::connection_lost)
            reason = errc::outcome_unknown;
        return reason.set_grant_spent(sent);
    }

    /// Whether it is not the server that answered, but somebody before it, who cannot know what it did: 500, 502, 504 and
    /// their like. 503 with a time to come again says that nothing was done.
    static bool may_be_a_gateway(unsigned status, const error& reason) noexcept
    {
        return status >= 500 && reason.server_error().empty() && !(status == 503 && reason.retry_after());
    }

    void read(const http_response& response)
    {
        const answer from = answer_of(response);
        // Taken out of the context: what it waits with refers back to this object.
        const std::shared_ptr<identity_check> identity = std::move(context_->identity);
        secret id_token;
        auto tokens = parse_token_response(from,
                                           {context_->requested_scope, identity && identity->required(),
                                            context_->now(), context_->tolerated},
                                           context_->bounds, id_token);
        if (!tokens && from.status / 100 == 2 && tokens.error().server_error().empty()) {
            if (context_->trace)
                if (auto next = refresh_token_in(from, context_->bounds))
                    note_next(std::move(*next));
            return finish(nullptr, tokens.error().set_grant_spent(true));
        }
        // Who refreshes without a scheduler decides what to do about it, and is not told to give the grant up.
        const bool counts = context_->trace || context_->previous_refresh_token.empty();
        if (!tokens && counts && may_be_a_gateway(from.status, tokens.error()))
            return finish(nullptr, tokens.error().set_grant_spent(true));
        // RFC 6749 6: the server "MAY issue a new refresh token"; if not, the old one goes on.
        if (tokens && tokens->refresh_token().empty())
            tokens->set_refresh_token(std::move(context_->previous_refresh_token));
        if (!tokens || !identity)
            return finish(nullptr, std::move(tokens));
        if (id_token.empty()) {
            // OpenID Connect Core 12.2: the response to a refresh "might not contain an id_token".
            tokens->set_id_token(identity->previous());
            return finish(nullptr, std::move(tokens));
        }
        // Before the call: arguments are evaluated in any order, and one of them moves the tokens away.
        const secret access_token(tokens->access_token().expose());
        identity->run(executor_, std::move(id_token), access_token.expose(),
                      [self = shared_from_this(), kept = std::move(*tokens)](
                          result<std::shared_ptr<const verified_id_token>> verified) mutable {
                          // Tokens of somebody who is not known to be anybody are nobody's.
                          if (!verified) {
                              if (self->context_->trace && is_of_somebody_else(verified.error()))
                                  self->context_->trace->access_token_of_somebody_else = kept.access_token();
                              self->note_next(kept.refresh_token());
                              return self->finish(nullptr, verified.error().set_grant_spent(true));
                          }
                          kept.set_id_token(std::move(*verified));
                          self->finish(nullptr, std::move(kept));
                      });
    }

    /// Whatever is wrong with an answer, the refresh token in it is the one that goes on.
    void note_next(secret refresh_token)
    {
        if (!context_->trace)
            return;
        if (refresh_token.empty())
            refresh_token = std::move(context_->previous_refresh_token);
        context_->trace->next_refresh_token = std::move(refresh_token);
    }

    void finish(std::exception_ptr failure, result<token_set>&& outcome)
    {
        if (!release(failure, std::move(outcome), manner::at_once) && !failure && context_->abandoned)
            context_->abandoned(std::move(outcome));
    }

    /// @return false if the caller was released before; the outcome is left alone then
    bool release(std::exception_ptr failure, result<token_set>&& outcome, manner how)
    {
        if (released_.exchange(true))
            return false;
        try {
            complete_(failure, std::move(outcome), how);
        } catch (...) {
            // No memory to say so. The exception ends the exchange, and with that comes here once more.
            released_ = false;
            throw;
        }
        return true;
    }

    any_transport transport_;
    http_request request_;
    std::unique_ptr<grant_context> context_;
    std::weak_ptr<running_exchange> running_;
    completion complete_;
    boost::asio::any_io_executor executor_;
    std::atomic<phase> phase_{phase::waiting};
    std::atomic<bool> released_{false}; // whoever sets it completes the caller
    std::atomic<bool> withdrawn_{false};
};

/// A class, as g++ 12 copies lambdas bitwise in expressions with co_await.
class grant_initiation {
public:
    explicit grant_initiation(std::shared_ptr<grant_operation> operation) : operation_(std::move(operation))
    {
    }

    template <class Handler>
    void operator()(Handler&& handler)
    {
        // The waiting coroutine owns this object, and is owned by the operation from here on: no cycle.
        const auto operation = std::move(operation_);
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const boost::asio::any_io_executor executor = boost::asio::get_associated_executor(handler);
        if (slot.is_connected()) {
            // Weak, as the slot belongs to the coroutine that the operation's completion keeps alive.
            slot.assign([weak = std::weak_ptr(operation)](boost::asio::cancellation_type) {
                if (const auto locked = weak.lock())
                    locked->cancel();
            });
        }
        const caller<std::decay_t<Handler>> waits(std::forward<Handler>(handler), executor);
        operation->start(executor, [waits, weak = std::weak_ptr(operation)](
                                       std::exception_ptr failure, result<token_set>&& outcome, manner how) {
            waits.go_on(
                how, [operation = weak.lock(), failure, outcome = std::move(outcome)](auto&& target) mutable {
                    if (operation && !failure)
                        operation->hand_over(outcome);
                    std::move(target)(failure, std::move(outcome));
                });
        });
    }

private:
    std::shared_ptr<grant_operation> operation_;
};

COAUTH_LAZY_DECL boost::asio::awaitable<result<token_set>>
run_grant(any_transport transport, http_request request, std::unique_ptr<grant_context> context)
{
    using token = const boost::asio::use_awaitable_t<>;
    grant_initiation initiation(
        std::make_shared<grant_operation>(std::move(transport), std::move(request), std::move(context)));
    try {
        result<token_set> outcome =
            co_await boost::asio::async_initiate<token, void(std::exception_ptr, result<token_set>)>(
                std::move(initiation), boost::asio::use_awaitable);
        co_return std::move(outcome);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return aborted();
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
