// Floor 4.
#ifndef COAUTH_REFRESH_SCHEDULER_HPP
#define COAUTH_REFRESH_SCHEDULER_HPP

#include <coauth/client.hpp>
#include <coauth/detail/scheduler_interface.hpp>
#include <coauth/managed_grant.hpp>
#include <coauth/policy/security_policy.hpp>
#include <coauth/policy/token_store.hpp>
#include <coauth/refresh_event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// The part of a client that a scheduler uses.
class client_refresh_source final : public refresh_source {
public:
    client_refresh_source(std::shared_ptr<client_interface> of,
                          std::chrono::system_clock::time_point (*clock)(),
                          result<void> (*random)(std::span<unsigned char>))
        : client_(std::move(of)), now_(clock), fill_(random)
    {
    }

    const limits& bounds() const noexcept override { return client_->bounds(); }
    std::chrono::system_clock::time_point now() const override { return now_(); }
    result<void> fill_random(std::span<unsigned char> out) override { return fill_(out); }
    boost::asio::awaitable<result<token_set>> refresh(const token_set& current,
                                                      std::shared_ptr<refresh_trace> trace) override
    {
        return client_->refresh(current, {}, {}, std::move(trace));
    }
    boost::asio::awaitable<result<void>> revoke(const token_set& tokens) override
    {
        return client_->revoke(tokens);
    }
    boost::asio::awaitable<result<resource_response>>
    fetch_resource(const token_set& tokens, const resource_parameters& parameters) override
    {
        return client_->fetch_resource(tokens, parameters);
    }

private:
    std::shared_ptr<client_interface> client_;
    std::chrono::system_clock::time_point (*now_)();
    result<void> (*fill_)(std::span<unsigned char>);
};

} // namespace detail

/** Keeps people signed in: holds grants, and refreshes their tokens before they expire.

    Of each grant there is one refresh at a time, however many coroutines, threads and, with a token store, processes
    want one. New tokens replace the old ones, in the store and by the hook of on_persist(), before anybody sees them.
    While a server is busy or out of reach, tokens that are still of use go on being used.

    A refresh token that the server made new is kept whatever is wrong with the rest of the answer. A grant ends by the word
    of the server: an error with condition::reauthorization_required, or an ID token that is another server's, person's,
    client's or sign-in's; tokens that come with that are revoked. After eight errors in a row that time does not mend, or 21
    that may not be the server's own, the refresh token is not sent any more: errc::refresh_refused. Tokens that a new sign-in
    replaces are not revoked, as some servers would end the new sign-in with them. If nobody knows what came of a request, it is
    made again, and the grant stays: see limits::refresh_retries_of_unknown_outcome.

    A refresh depends on nobody who waits for it. Once sent it goes on to its end, also if the scheduler is destroyed:
    its tokens are stored then, and waiters get `operation_aborted`. A process that ends waits for that in stop().

    @par Thread safety Distinct objects: safe. Shared objects: all operations are safe; the functions that
    configure (on_event(), on_persist()) are not, and come first.
    @par Specification RFC 6749 6, RFC 9700 4.14
*/
class refresh_scheduler {
public:
    /**
        @param executor runs the refreshes; each on a strand of its own
        @param grants_of whose grants these are, one server's; the limits of the client hold here, too
        @param store where the tokens are kept, and shared with other processes that have a scheduler of the same
        client; without one they are in memory only, see on_persist()
        @throws coauth::exception errc::random_source_failed
    */
    template <security_policy Policy>
    refresh_scheduler(const boost::asio::any_io_executor& executor, const basic_client<Policy>& grants_of,
                      any_token_store store = {})
    {
        static_assert(detail::scheduler_is_implemented<Policy>,
                      "coauth: a file that makes a refresh_scheduler, and not only uses one, has to include "
                      "<coauth/refresh_scheduler_implementation.hpp>");
        unsigned char bytes[sizeof(std::uint64_t)];
        if (const result<void> filled = Policy::random_source::fill(bytes); !filled)
            throw exception(filled.error());
        std::uint64_t seed = 0;
        std::memcpy(&seed, bytes, sizeof seed);
        self_ = detail::make_scheduler(
            executor,
            std::make_shared<detail::client_refresh_source>(
                detail::client_access::core(grants_of),
                +[]() -> std::chrono::system_clock::time_point { return Policy::clock::now(); },
                +[](std::span<unsigned char> out) -> result<void> {
                    return Policy::random_source::fill(out);
                }),
            std::move(store), seed);
    }
    refresh_scheduler(refresh_scheduler&&) = default;
    refresh_scheduler& operator=(refresh_scheduler&& other) noexcept
    {
        std::swap(self_, other.self_);
        return *this;
    }
    ~refresh_scheduler()
    {
        if (self_)
            self_->let_go();
    }

    /** Manage the tokens of a sign-in. They replace what there is under this key.

        @par Completion When they are in the store; without one, at once. No HTTP request.
        @par Errors
        - errc::invalid_parameter: the key is empty or longer than 512 bytes
        - errc::too_many_grants: see limits::managed_grants
        - errc::token_store_failed: they are not managed
        @par Per-operation cancellation terminal, partial and total; the tokens may be in the store
        @param key whose tokens these are, as a session's identifier or `issuer subject`; not a secret
    */
    [[nodiscard]] boost::asio::awaitable<result<managed_grant>> manage(std::string_view key, token_set tokens)
    {
        return handle(self_, self_->manage(std::string(key), std::move(tokens)));
    }

    /** Find a grant that is managed here, or else is in the store.

        @par Completion At once if it is managed here; else after one operation of the store.
        @par Errors
        - errc::grant_unknown: it is nowhere; the person has to sign in
        - errc::invalid_parameter, errc::too_many_grants, errc::token_store_failed, as manage()
        @par Per-operation cancellation terminal, partial and total; nothing has changed then
    */
    [[nodiscard]] boost::asio::awaitable<result<managed_grant>> find(std::string_view key)
    {
        return handle(self_, self_->find(std::string(key)));
    }

    /** find() the grant and get tokens that are of use; see managed_grant::token(). */
    [[nodiscard]] boost::asio::awaitable<result<shared_tokens>> token(std::string_view key)
    {
        return self_->obtain(std::string(key), detail::grant_wish::usable);
    }

    /** find() the grant and refresh it; see managed_grant::refresh_now(). */
    [[nodiscard]] boost::asio::awaitable<result<shared_tokens>> refresh_now(std::string_view key)
    {
        return self_->obtain(std::string(key), detail::grant_wish::newer);
    }

    /** Forget a grant, as when a person signs out. That there is none is no error.

        Handles to it give errc::grant_unknown from now on. If a refresh was sent, its tokens are revoked when they
        come. Those that were managed are not: see basic_client::revoke().

        @par Completion When it is erased in the store.
        @par Errors errc::token_store_failed: it is forgotten here, but may be in the store; call again
        @par Per-operation cancellation terminal, partial and total; it is forgotten here, and maybe in the store
    */
    [[nodiscard]] boost::asio::awaitable<result<void>> forget(std::string_view key)
    {
        return self_->forget(std::string(key));
    }

    /** Refresh grants before they expire, until this is cancelled or the scheduler stopped or destroyed.

        limits::refresh_lead before tokens count as expired, at most limits::parallel_refreshes at once. Without it
        they are refreshed when somebody asks for them.

        @par Per-operation cancellation terminal, partial and total; refreshes that are under way go on
    */
    [[nodiscard]] boost::asio::awaitable<void> run() { return self_->run(); }

    /** Stop, as before the process ends, and wait until nothing can be lost.

        From the call on no refresh is begun, and none that is under way sends its request: as after destruction,
        waiters and later operations get `operation_aborted`, and run() ends. Handles go on giving tokens that are of
        use.

        @par Completion When the refreshes that had been sent have ended, at the latest after their deadlines, their
        tokens are persisted and stored, or revoked, and leases are released. While the store or the hook fails,
        that is tried again and again, as the tokens are nowhere else: without end, so limit the waiting, as with
        `scheduler.stop() || timer.async_wait(asio::use_awaitable)`. May be called again, also meanwhile.
        @par Per-operation cancellation terminal, partial and total: ends the waiting only, without an error.
        @par Thread safety As all operations; also if the scheduler is destroyed meanwhile.
    */
    [[nodiscard]] boost::asio::awaitable<void> stop() { return self_->stop(); }

    /** Be told what happens. The handler is called on strands of the executor, of several grants at once. It may call
        everything here; what it throws is dropped. The destructor destroys it, and it is not called any more.

        Precondition: no operation has begun.
    */
    void on_event(std::function<void(const refresh_event&)> handler) { self_->on_event(std::move(handler)); }

    /** Keep new tokens in a place of your own: what a refresh brought is given to the hook, and nobody sees it before
        the hook has completed. If only the refresh token of an answer is of use, it comes with the access token of before. If it fails or throws, it is called again, later and later, for ever. The destructor
        destroys it: stop() before that, or the tokens of a refresh that is under way are lost unless a store has them.

        Precondition: no operation has begun.
    */
    void on_persist(
        std::function<boost::asio::awaitable<result<void>>(std::string key, shared_tokens tokens)> hook)
    {
        self_->on_persist(std::move(hook));
    }

    /// How many grants are managed here.
    std::size_t size() const noexcept { return self_->size(); }

private:
    static boost::asio::awaitable<result<managed_grant>>
    handle(std::shared_ptr<detail::scheduler_interface> self,
           boost::asio::awaitable<result<detail::grant_pointer>> operation)
    {
        result<detail::grant_pointer> grant = co_await std::move(operation);
        if (!grant)
            co_return grant.error();
        co_return managed_grant(std::move(self), std::move(*grant));
    }

    std::shared_ptr<detail::scheduler_interface> self_;
};

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
