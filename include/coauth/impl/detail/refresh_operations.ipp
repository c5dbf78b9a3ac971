// Floor 4. For basic_refresh_scheduler.ipp: what its users wait for.
#ifndef COAUTH_IMPL_DETAIL_REFRESH_OPERATIONS_IPP
#define COAUTH_IMPL_DETAIL_REFRESH_OPERATIONS_IPP

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/detail/cancellation.hpp>

#include <boost/asio/awaitable.hpp>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

inline bool is_grant_key(const std::string& key) noexcept
{
    return !key.empty() && key.size() <= string_hash::longest;
}

template <class Clock, class Timer>
boost::asio::awaitable<result<grant_pointer>> basic_refresh_scheduler<Clock, Timer>::manage(std::string key,
                                                                                            token_set tokens)
{
    if (closed_)
        return failed<grant_pointer>(aborted());
    if (!is_grant_key(key))
        return failed<grant_pointer>(errc::invalid_parameter);
    auto shared = std::make_shared<const token_set>(std::move(tokens));
    if (!store_)
        return settled<grant_pointer>(keep(std::move(key), std::move(shared), 0, nullptr, false));
    return cancellation_as_error(put(this->shared_from_this(), std::move(key), std::move(shared)));
}

template <class Clock, class Timer>
boost::asio::awaitable<result<grant_pointer>>
basic_refresh_scheduler<Clock, Timer>::put(self_pointer self, std::string key, shared_tokens tokens)
{
    const lookup mine(*self, key);
    auto putting = self->store_->put(key, tokens);
    result<std::uint64_t> generation = co_await std::move(putting);
    if (!generation)
        co_return generation.error();
    result<grant_pointer> kept = self->keep(key, std::move(tokens), *generation, &mine, false);
    if (kept || kept.error() != errc::lease_lost)
        co_return std::move(kept);
    // It may have been this one that was forgotten, before or after the store took the tokens.
    auto loading = load(self, std::move(key));
    kept = co_await std::move(loading);
    co_return std::move(kept);
}

template <class Clock, class Timer>
boost::asio::awaitable<result<grant_pointer>> basic_refresh_scheduler<Clock, Timer>::find(std::string key)
{
    if (closed_)
        return failed<grant_pointer>(aborted());
    if (!is_grant_key(key))
        return failed<grant_pointer>(errc::invalid_parameter);
    if (grant_pointer known = find_here(key))
        return settled<grant_pointer>(std::move(known));
    if (!store_)
        return failed<grant_pointer>(errc::grant_unknown);
    return cancellation_as_error(load(this->shared_from_this(), std::move(key)));
}

template <class Clock, class Timer>
grant_pointer basic_refresh_scheduler<Clock, Timer>::find_here(const std::string& key) const
{
    const std::uint32_t hash = hash_(key);
    const shard& in = shard_of(hash);
    const std::lock_guard lock(in.mutex);
    return in.grants.find(hash, key);
}

template <class Clock, class Timer>
boost::asio::awaitable<result<grant_pointer>> basic_refresh_scheduler<Clock, Timer>::load(self_pointer self,
                                                                                          std::string key)
{
    // Again if the grant was forgotten meanwhile: a sign-in may have put it there anew.
    for (int tries = 0; tries < 16; ++tries) {
        const lookup mine(*self, key);
        auto loading = self->store_->load(key, 0);
        result<grant_record> record = co_await std::move(loading);
        if (!record)
            co_return record.error();
        if (!record->tokens() || has_ended(*record->tokens()))
            co_return errc::grant_unknown;
        result<grant_pointer> kept = self->keep(key, record->tokens(), record->generation(), &mine, true);
        if (kept || kept.error() != errc::lease_lost)
            co_return std::move(kept);
    }
    co_return errc::grant_unknown; // it was forgotten all the while
}

template <class Clock, class Timer>
boost::asio::awaitable<result<void>> basic_refresh_scheduler<Clock, Timer>::forget(std::string key)
{
    if (!is_grant_key(key))
        return failed<void>(errc::invalid_parameter);
    drop(key);
    if (!store_)
        return settled<void>({});
    return cancellation_as_error(erase(this->shared_from_this(), std::move(key)));
}

template <class Clock, class Timer>
boost::asio::awaitable<result<void>> basic_refresh_scheduler<Clock, Timer>::erase(self_pointer self,
                                                                                  std::string key)
{
    auto erasing = self->store_->erase(key);
    result<void> outcome = co_await std::move(erasing);
    self->drop(key); // for those who looked into the store before it was erased
    co_return std::move(outcome);
}

template <class Clock, class Timer>
boost::asio::awaitable<result<shared_tokens>>
basic_refresh_scheduler<Clock, Timer>::obtain(grant_pointer grant, grant_wish wish, shared_tokens rejected)
{
    {
        const std::lock_guard lock(shard_of(*grant).mutex);
        if (auto known = answer(*grant, wish, rejected))
            return settled<shared_tokens>(std::move(*known));
    }
    return wait<shared_tokens>([self = this->shared_from_this(), grant = std::move(grant), wish,
                                rejected = std::move(rejected)](token_waiter waiter) {
        self->enlist(grant, wish, rejected, std::move(waiter));
    });
}

template <class Clock, class Timer>
boost::asio::awaitable<result<shared_tokens>> basic_refresh_scheduler<Clock, Timer>::obtain(std::string key,
                                                                                            grant_wish wish)
{
    if (grant_pointer known = find_here(key))
        return obtain(std::move(known), wish, nullptr);
    return find_and_obtain(this->shared_from_this(), std::move(key), wish);
}

template <class Clock, class Timer>
boost::asio::awaitable<result<shared_tokens>>
basic_refresh_scheduler<Clock, Timer>::find_and_obtain(self_pointer self, std::string key, grant_wish wish)
{
    auto finding = self->find(std::move(key));
    result<grant_pointer> grant = co_await std::move(finding);
    if (!grant)
        co_return grant.error();
    auto obtaining = self->obtain(std::move(*grant), wish, nullptr);
    result<shared_tokens> tokens = co_await std::move(obtaining);
    co_return std::move(tokens);
}

template <class Clock, class Timer>
boost::asio::awaitable<result<resource_response>>
basic_refresh_scheduler<Clock, Timer>::fetch_resource(grant_pointer grant,
                                                      kept_resource_parameters parameters)
{
    return cancellation_as_error(
        call_resource(this->shared_from_this(), std::move(grant), std::move(parameters)));
}

/// RFC 6750 3.1: after invalid_token the client "MAY request a new access token and retry the protected resource
/// request".
inline bool rejects_token(const resource_response& response)
{
    if (response.status() != 401)
        return false;
    const auto challenge = response.challenge();
    const auto reason = challenge ? challenge->reason() : std::optional<error>();
    return reason && *reason == server_errc::invalid_token;
}

template <class Clock, class Timer>
boost::asio::awaitable<result<resource_response>>
basic_refresh_scheduler<Clock, Timer>::call_resource(self_pointer self, grant_pointer grant,
                                                     kept_resource_parameters parameters)
{
    auto obtaining = self->obtain(grant, grant_wish::usable, nullptr);
    result<shared_tokens> tokens = co_await std::move(obtaining);
    if (!tokens)
        co_return tokens.error();
    auto calling = self->source_->fetch_resource(**tokens, parameters.view());
    result<resource_response> response = co_await std::move(calling);
    if (!response || !rejects_token(*response))
        co_return std::move(response);
    auto replacing = self->obtain(std::move(grant), grant_wish::other, *tokens);
    result<shared_tokens> others = co_await std::move(replacing);
    if (!others &&
        (others.error() == errc::refresh_token_missing || others.error() == errc::refreshed_too_recently))
        co_return std::move(response);
    if (!others)
        co_return others.error();
    auto repeating = self->source_->fetch_resource(**others, parameters.view());
    result<resource_response> second = co_await std::move(repeating);
    co_return std::move(second);
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
