#ifndef COAUTH_IMPL_DETAIL_SHARED_FETCH_IPP
#define COAUTH_IMPL_DETAIL_SHARED_FETCH_IPP

#include <coauth/detail/shared_fetch.hpp>
#include <coauth/detail/waiting.hpp>

#include <boost/asio/post.hpp>

namespace coauth::inline COAUTH_MODE::detail {

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
            mine = enlist({with_work(executor), std::move(complete)});
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
            mine = enlist({with_work(executor), std::exchange(complete, nullptr), false});
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
    const result<shared_document> news =
        outcome ? result<shared_document>(outcome->value) : result<shared_document>(outcome.error());
    for (waiter& each : waiters) {
        try {
            boost::asio::post(each.executor,
                              [complete = std::move(each.complete),
                               told = each.takes_stale && stale ? result<shared_document>(stale) : news] {
                                  complete(told);
                              });
        } catch (...) { // no memory for one; the others are told all the same
        }
    }
}

COAUTH_LAZY_DECL boost::asio::awaitable<result<shared_document>>
get_document(std::shared_ptr<shared_fetch<>> from)
{
    return wait<shared_document>([from = std::move(from)](std::shared_ptr<waiting<shared_document>> waiter) {
        from->get(waiter->executor(),
                  [waiter](result<shared_document> outcome) { waiter->complete(std::move(outcome)); });
    });
}

COAUTH_LAZY_DECL boost::asio::awaitable<result<shared_document>>
get_newer_document(std::shared_ptr<shared_fetch<>> from, shared_document than, std::uint64_t begun_before)
{
    return wait<shared_document>([from = std::move(from), than = std::move(than),
                                  begun_before](std::shared_ptr<waiting<shared_document>> waiter) {
        from->get_newer(waiter->executor(), than, begun_before,
                        [waiter](result<shared_document> outcome) { waiter->complete(std::move(outcome)); });
    });
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
