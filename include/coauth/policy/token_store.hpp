// Floor 3.
#ifndef COAUTH_POLICY_TOKEN_STORE_HPP
#define COAUTH_POLICY_TOKEN_STORE_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/token_set.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/// Tokens as they are kept: shared, never changed.
using shared_tokens = std::shared_ptr<const token_set>;

/// A grant as a store has it.
class grant_record {
public:
    /// Of no grant. For Asio, which hands one over beside an exception.
    grant_record() = default;
    /** @param generation counts the times that the tokens were replaced; never 0
        @param tokens null to somebody who knows this generation
    */
    grant_record(std::uint64_t generation, shared_tokens tokens)
        : generation_(generation), tokens_(std::move(tokens))
    {
    }

    std::uint64_t generation() const noexcept { return generation_; }
    const shared_tokens& tokens() const noexcept { return tokens_; }

private:
    std::uint64_t generation_ = 0;
    shared_tokens tokens_;
};

/// What became of the wish to be the one that refreshes.
enum class lease_state {
    granted, ///< The caller may refresh until the lease ends.
    held,    ///< Somebody else may.
    /// Nobody may: the refresh token was sent, the lease of who sent it has ended, and what the server said is not
    /// known here. It may still become known.
    undecided,
};

/// The answer to that wish, and the grant as it is now.
class lease {
public:
    /// Held by nobody known. For Asio, which hands one over beside an exception.
    lease() = default;
    /// @param remaining how long somebody else's lease lasts, unless it is renewed
    lease(lease_state state, grant_record record, std::chrono::milliseconds remaining = {})
        : state_(state), record_(std::move(record)), remaining_(remaining)
    {
    }

    lease_state state() const noexcept { return state_; }
    const grant_record& record() const noexcept { return record_; }
    std::chrono::milliseconds remaining() const noexcept { return remaining_; }

private:
    lease_state state_ = lease_state::undecided;
    grant_record record_;
    std::chrono::milliseconds remaining_{};
};

/** Keeps the tokens of grants for many processes, and sees to it that one of them at a time refreshes a grant.

    A refresh token that rotates can be used once: a server takes the second use for theft and ends the grant.
    So before it is used, its user holds a lease and the store knows that it is about to be sent; and what comes
    back replaces exactly the generation that it was made of.

    A grant has a key, of 1 to 512 bytes of the application's choice; a generation; tokens; at most one lease with
    an owner and an end, by the store's clock; and the number of times that the refresh token of this generation
    was sent. Each refresh makes a random owner for itself. All operations are atomic, and complete with
    errc::token_store_failed if the store could not be reached: the operation may or may not have been done then,
    and is repeated with the same arguments, which changes nothing if it was done.

    - `put(key, tokens)`: a sign-in. Replaces tokens, lease and all. The new generation is greater than every one
      that this key had before, also if it was erased in between. The only operation that is not repeated: if it was
      done, somebody may have refreshed the tokens since, and the repetition would bring spent ones back.
    - `load(key, known)`: the record; its tokens are null if `known` is its generation.
    - `acquire(key, owner, duration, known, tries)`: lease_state::granted, if there is no lease of another owner
      that has not ended, and the refresh token was sent at most `tries` times (0, unless the server is known to
      tolerate repetition). Of the same owner: granted again, for the duration from now.
    - `renew(key, owner, duration)`: errc::lease_lost, unless the owner is the last one that was granted a lease,
      even if it has ended.
    - `begin_refresh(key, owner, generation)`: counts the sending, once for each owner. errc::lease_lost as
      renew() and also if the lease has ended or the generation is another.
    - `complete_refresh(key, owner, generation, tokens)`: replaces the tokens by those that the refresh brought,
      counts the generation up, and ends the lease. errc::lease_lost if the owner is not the last one that began a
      refresh of this generation; nothing has changed then. The lease may have ended long ago.
    - `release(key, owner)`: ends the lease of an owner whose refresh spent nothing, and takes back its
      begin_refresh(). Does nothing for another owner.
    - `erase(key)`: forgets the grant. That there is none is no error.

    All but put() and erase() fail with errc::grant_unknown if there is no such grant. Cancellation ends the
    waiting; the operation may have been done. All of it has to be safe to call from all threads.
    coauth/testing/check_token_store.hpp tests these rules.
*/
template <class T>
concept token_store =
    requires(T& store, std::string key, shared_tokens tokens, std::uint64_t generation,
             const random_value& owner, std::chrono::milliseconds duration, unsigned tries) {
        { store.put(key, tokens) } -> std::same_as<boost::asio::awaitable<result<std::uint64_t>>>;
        { store.load(key, generation) } -> std::same_as<boost::asio::awaitable<result<grant_record>>>;
        {
            store.acquire(key, owner, duration, generation, tries)
        } -> std::same_as<boost::asio::awaitable<result<lease>>>;
        { store.renew(key, owner, duration) } -> std::same_as<boost::asio::awaitable<result<void>>>;
        { store.begin_refresh(key, owner, generation) } -> std::same_as<boost::asio::awaitable<result<void>>>;
        {
            store.complete_refresh(key, owner, generation, tokens)
        } -> std::same_as<boost::asio::awaitable<result<std::uint64_t>>>;
        { store.release(key, owner) } -> std::same_as<boost::asio::awaitable<result<void>>>;
        { store.erase(key) } -> std::same_as<boost::asio::awaitable<result<void>>>;
    };

namespace detail {

class token_store_interface {
public:
    virtual ~token_store_interface() = default;
    virtual boost::asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens) = 0;
    virtual boost::asio::awaitable<result<grant_record>> load(std::string key, std::uint64_t known) = 0;
    virtual boost::asio::awaitable<result<lease>> acquire(std::string key, const random_value& owner,
                                                          std::chrono::milliseconds duration,
                                                          std::uint64_t known, unsigned tries) = 0;
    virtual boost::asio::awaitable<result<void>> renew(std::string key, const random_value& owner,
                                                       std::chrono::milliseconds duration) = 0;
    virtual boost::asio::awaitable<result<void>> begin_refresh(std::string key, const random_value& owner,
                                                               std::uint64_t generation) = 0;
    virtual boost::asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key,
                                                                           const random_value& owner,
                                                                           std::uint64_t generation,
                                                                           shared_tokens tokens) = 0;
    virtual boost::asio::awaitable<result<void>> release(std::string key, const random_value& owner) = 0;
    virtual boost::asio::awaitable<result<void>> erase(std::string key) = 0;
};

template <class T>
class token_store_model final : public token_store_interface {
public:
    explicit token_store_model(std::shared_ptr<T> object) : object_(std::move(object)) {}

    boost::asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens) override
    {
        return object_->put(std::move(key), std::move(tokens));
    }
    boost::asio::awaitable<result<grant_record>> load(std::string key, std::uint64_t known) override
    {
        return object_->load(std::move(key), known);
    }
    boost::asio::awaitable<result<lease>> acquire(std::string key, const random_value& owner,
                                                  std::chrono::milliseconds duration, std::uint64_t known,
                                                  unsigned tries) override
    {
        return object_->acquire(std::move(key), owner, duration, known, tries);
    }
    boost::asio::awaitable<result<void>> renew(std::string key, const random_value& owner,
                                               std::chrono::milliseconds duration) override
    {
        return object_->renew(std::move(key), owner, duration);
    }
    boost::asio::awaitable<result<void>> begin_refresh(std::string key, const random_value& owner,
                                                       std::uint64_t generation) override
    {
        return object_->begin_refresh(std::move(key), owner, generation);
    }
    boost::asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key, const random_value& owner,
                                                                   std::uint64_t generation,
                                                                   shared_tokens tokens) override
    {
        return object_->complete_refresh(std::move(key), owner, generation, std::move(tokens));
    }
    boost::asio::awaitable<result<void>> release(std::string key, const random_value& owner) override
    {
        return object_->release(std::move(key), owner);
    }
    boost::asio::awaitable<result<void>> erase(std::string key) override
    {
        return object_->erase(std::move(key));
    }

private:
    std::shared_ptr<T> object_;
};

} // namespace detail

/** Holds any token store. Copies share it; one made without holds none.

    The arguments of an operation are copied before it returns its awaitable.
*/
class any_token_store {
public:
    any_token_store() = default;

    template <token_store T>
    any_token_store(std::shared_ptr<T> object)
        : self_(std::make_shared<detail::token_store_model<T>>(std::move(object)))
    {
    }

    explicit operator bool() const noexcept { return self_ != nullptr; }
    detail::token_store_interface* operator->() const noexcept { return self_.get(); }

private:
    std::shared_ptr<detail::token_store_interface> self_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
