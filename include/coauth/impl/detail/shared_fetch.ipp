#ifndef COAUTH_IMPL_DETAIL_SHARED_FETCH_IPP
#define COAUTH_IMPL_DETAIL_SHARED_FETCH_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/shared_fetch.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>

namespace coauth::detail {

/** One fetch, as long as it is under way.

    Whoever drops it last ends it: if a context is destroyed in the middle of a fetch, those who wait on
    another one are told.
*/
template <class Void>
class shared_fetch<Void>::flight {
public:
    flight() = default;
    flight(const flight&) = delete;
    ~flight() { finish(errc::connection_lost); }
    void begin(std::shared_ptr<shared_fetch<>> of) noexcept { of_ = std::move(of); }
    void finish(result<document_source::document> outcome)
    {
        if (const auto of = std::exchange(of_, nullptr))
            of->finish(std::move(outcome));
    }

    bool asked_instead = false;

private:
    std::shared_ptr<shared_fetch<>> of_;
};

template <class Void>
shared_fetch<Void>::shared_fetch(any_transport transport, std::unique_ptr<document_source> source,
                                 wall_clock now, const ages& times)
    : transport_(std::move(transport)), source_(std::move(source)), now_(now), times_(times)
{
}

/// A clock that was set back makes nothing younger.
template <class Void>
bool shared_fetch<Void>::within(time_point since, std::chrono::seconds age) const noexcept
{
    const auto passed = now_() - since;
    return passed >= passed.zero() && passed < age;
}

template <class Void>
shared_document shared_fetch<Void>::usable_locked() const
{
    const bool fresh = within(fetched_at_, age_);
    const bool waits_after_failure = failed_at_ && within(*failed_at_, times_.retry_interval) &&
                                     within(fetched_at_, age_ + times_.stale_if_error);
    return value_ && (fresh || waits_after_failure) ? value_ : nullptr;
}

template <class Void>
shared_document shared_fetch<Void>::usable() const
{
    const std::lock_guard lock(mutex_);
    return usable_locked();
}

template <class Void>
shared_document shared_fetch<Void>::latest() const
{
    const std::lock_guard lock(mutex_);
    return value_;
}

template <class Void>
std::uint64_t shared_fetch<Void>::begun() const
{
    const std::lock_guard lock(mutex_);
    return begun_;
}

template <class Void>
void shared_fetch<Void>::get(const boost::asio::any_io_executor& executor, completion complete)
{
    shared_document known;
    std::shared_ptr<flight> mine;
    {
        const std::lock_guard lock(mutex_);
        known = usable_locked();
        if (!known)
            mine = enlist({std::move(complete)});
    }
    if (known)
        complete(std::move(known));
    else if (mine)
        send(executor, source_->request(), std::move(mine));
}

template <class Void>
void shared_fetch<Void>::get_newer(const boost::asio::any_io_executor& executor, const shared_document& than,
                                   std::uint64_t begun_before, completion complete)
{
    result<shared_document> known = errc::signing_key_unknown;
    std::shared_ptr<flight> mine;
    {
        const std::lock_guard lock(mutex_);
        // Counted from forced fetches only: keys may be changed a moment after a scheduled one.
        const bool too_soon = forced_at_ && within(*forced_at_, times_.forced_interval);
        const bool may_force = begun_ == begun_before && !too_soon;
        if (value_ && value_ != than) {
            known = value_;
        } else if (in_flight_ || may_force) {
            if (!in_flight_)
                forced_at_ = now_();
            mine = enlist({std::exchange(complete, nullptr), false});
        }
    }
    if (complete)
        complete(std::move(known));
    else if (mine)
        send(executor, source_->request(), std::move(mine));
}

/// @return the fetch to begin with, if none is under way
template <class Void>
std::shared_ptr<typename shared_fetch<Void>::flight> shared_fetch<Void>::enlist(waiter who)
{
    auto mine = in_flight_ ? nullptr : std::make_shared<flight>();
    waiters_.push_back(std::move(who));
    if (mine) {
        mine->begin(this->shared_from_this());
        in_flight_ = true;
        ++begun_;
    }
    return mine;
}

template <class Void>
void shared_fetch<Void>::send(const boost::asio::any_io_executor& executor, http_request request,
                              std::shared_ptr<flight> of)
{
    transport_.start(executor, std::move(request),
                     [self = this->shared_from_this(), executor, of](std::exception_ptr failure,
                                                                     result<http_response> answer) {
                         if (failure || !answer) {
                             of->finish(answer ? error(errc::connection_lost) : answer.error());
                             return;
                         }
                         if (answer->status() == 404 && !std::exchange(of->asked_instead, true))
                             if (auto other = self->source_->request_instead()) {
                                 self->send(executor, std::move(*other), of);
                                 return;
                             }
                         of->finish(self->source_->read(*answer));
                     });
}

template <class Void>
void shared_fetch<Void>::finish(result<document_source::document> outcome)
{
    std::vector<waiter> waiters;
    shared_document stale;
    {
        const std::lock_guard lock(mutex_);
        waiters.swap(waiters_);
        in_flight_ = false;
        if (outcome) {
            value_ = outcome->value;
            age_ = outcome->age;
            fetched_at_ = now_();
            failed_at_.reset();
        } else {
            failed_at_ = now_();
            stale = usable_locked();
        }
    }
    for (const waiter& each : waiters) {
        try {
            if (outcome)
                each.complete(outcome->value);
            else if (each.takes_stale && stale)
                each.complete(stale);
            else
                each.complete(outcome.error());
        } catch (...) { // no memory for one; the others are told all the same
        }
    }
}

/// The coroutine that waits: completed once, by the fetch or by its cancellation.
template <class Handler>
class document_waiter : public std::enable_shared_from_this<document_waiter<Handler>> {
public:
    document_waiter(Handler&& handler, boost::asio::any_io_executor executor)
        : handler_(std::move(handler)), executor_(std::move(executor)), work_(executor_)
    {
    }

    void complete(std::exception_ptr failure, result<shared_document> outcome)
    {
        if (done_.exchange(true))
            return;
        boost::asio::post(executor_,
                          [self = this->shared_from_this(), failure, outcome = std::move(outcome)]() mutable {
                              self->work_.reset();
                              Handler target = std::move(self->handler_);
                              std::move(target)(failure, std::move(outcome));
                          });
    }

private:
    Handler handler_;
    boost::asio::any_io_executor executor_;
    boost::asio::executor_work_guard<boost::asio::any_io_executor> work_;
    std::atomic<bool> done_{false};
};

/// What a coroutine waits for. A class, as g++ 12 copies lambdas bitwise in expressions with co_await.
class document_initiation {
public:
    explicit document_initiation(std::shared_ptr<shared_fetch<>> from) : from_(std::move(from)) {}
    document_initiation(std::shared_ptr<shared_fetch<>> from, shared_document than,
                        std::uint64_t begun_before)
        : from_(std::move(from)), than_(std::move(than)), begun_before_(begun_before)
    {
    }

    template <class Handler>
    void operator()(Handler&& handler)
    {
        using waiter = document_waiter<std::decay_t<Handler>>;
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const boost::asio::any_io_executor executor = boost::asio::get_associated_executor(handler);
        // The handler owns this object, too.
        const auto from = std::move(from_);
        const auto than = std::move(than_);
        const auto begun_before = begun_before_;
        const auto self = std::make_shared<waiter>(std::forward<Handler>(handler), executor);
        const auto complete = [self](result<shared_document> outcome) {
            self->complete(nullptr, std::move(outcome));
        };
        try {
            if (slot.is_connected())
                slot.assign([weak = std::weak_ptr(self)](boost::asio::cancellation_type) {
                    if (const auto locked = weak.lock())
                        locked->complete(nullptr, aborted());
                });
            if (begun_before)
                from->get_newer(executor, than, *begun_before, complete);
            else
                from->get(executor, complete);
        } catch (...) {
            // Thrown from here, it would destroy the waiting coroutine instead of reaching it.
            self->complete(std::current_exception(), aborted());
        }
    }

private:
    std::shared_ptr<shared_fetch<>> from_;
    shared_document than_;
    std::optional<std::uint64_t> begun_before_;
};

COAUTH_LAZY boost::asio::awaitable<result<shared_document>> wait_for_document(document_initiation initiation)
{
    using token = const boost::asio::use_awaitable_t<>;
    try {
        result<shared_document> outcome =
            co_await boost::asio::async_initiate<token, void(std::exception_ptr, result<shared_document>)>(
                std::move(initiation), boost::asio::use_awaitable);
        co_return std::move(outcome);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return aborted();
}

COAUTH_LAZY_DECL boost::asio::awaitable<result<shared_document>>
get_document(std::shared_ptr<shared_fetch<>> from)
{
    return wait_for_document(document_initiation(std::move(from)));
}

COAUTH_LAZY_DECL boost::asio::awaitable<result<shared_document>>
get_newer_document(std::shared_ptr<shared_fetch<>> from, shared_document than, std::uint64_t begun_before)
{
    return wait_for_document(document_initiation(std::move(from), std::move(than), begun_before));
}

} // namespace coauth::detail

#endif
