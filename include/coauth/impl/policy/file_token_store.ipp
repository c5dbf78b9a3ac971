#ifndef COAUTH_IMPL_POLICY_FILE_TOKEN_STORE_IPP
#define COAUTH_IMPL_POLICY_FILE_TOKEN_STORE_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/private_file.hpp>
#include <coauth/impl/detail/token_file.ipp>
#include <coauth/policy/file_token_store.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <thread>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {
namespace detail {

using token_file_pointer = std::shared_ptr<const token_file>;
inline constexpr std::chrono::seconds file_lock_patience{5};
inline constexpr std::chrono::milliseconds longest_file_lock_pause{20};

/// The lock; waits for it with a timer, as this is somebody's I/O thread.
inline boost::asio::awaitable<result<file_descriptor>> lock_token_file(token_file_pointer file)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    const auto end = std::chrono::steady_clock::now() + file_lock_patience;
    std::chrono::milliseconds pause(1);
    for (;;) {
        result<file_descriptor> lock = file->file().try_lock();
        if (!lock || *lock)
            co_return std::move(lock);
        if (std::chrono::steady_clock::now() >= end)
            co_return errc::token_store_failed;
        timer.expires_after(pause);
        co_await timer.async_wait(boost::asio::use_awaitable);
        pause = std::min(pause * 2, longest_file_lock_pause);
    }
}

inline boost::asio::awaitable<result<std::uint64_t>> run_file_put(token_file_pointer file, std::string key,
                                                                  shared_tokens tokens)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->put(key, tokens);
}
inline boost::asio::awaitable<result<grant_record>> run_file_load(token_file_pointer file, std::string key,
                                                                  std::uint64_t known)
{
    co_return file->load(key, known); // the file is always a whole one
}
inline boost::asio::awaitable<result<lease>> run_file_acquire(token_file_pointer file, std::string key,
                                                              random_value owner,
                                                              std::chrono::milliseconds duration,
                                                              std::uint64_t known, unsigned tries)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->acquire(key, owner, duration, known, tries);
}
inline boost::asio::awaitable<result<void>> run_file_renew(token_file_pointer file, std::string key,
                                                           random_value owner,
                                                           std::chrono::milliseconds duration)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->renew(key, owner, duration);
}
inline boost::asio::awaitable<result<void>> run_file_begin(token_file_pointer file, std::string key,
                                                           random_value owner, std::uint64_t generation)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->begin_refresh(key, owner, generation);
}
inline boost::asio::awaitable<result<std::uint64_t>> run_file_complete(token_file_pointer file,
                                                                       std::string key, random_value owner,
                                                                       std::uint64_t generation,
                                                                       shared_tokens tokens)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->complete_refresh(key, owner, generation, tokens);
}
inline boost::asio::awaitable<result<void>> run_file_release(token_file_pointer file, std::string key,
                                                             random_value owner)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->release(key, owner);
}
inline boost::asio::awaitable<result<void>> run_file_erase(token_file_pointer file, std::string key)
{
    const result<file_descriptor> lock = co_await lock_token_file(file);
    if (!lock)
        co_return lock.error();
    co_return file->erase(key);
}

} // namespace detail

COAUTH_DECL file_token_store::file_token_store(std::string path, seal_key_ring keys, std::string purpose,
                                               std::size_t most_bytes)
    : file_(std::make_shared<const detail::token_file>(detail::private_file(std::move(path), most_bytes),
                                                       std::move(keys), std::move(purpose)))
{
}

COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> file_token_store::put(std::string key,
                                                                                shared_tokens tokens)
{
    return detail::cancellation_as_error(detail::run_file_put(file_, std::move(key), std::move(tokens)));
}
COAUTH_DECL boost::asio::awaitable<result<grant_record>> file_token_store::load(std::string key,
                                                                                std::uint64_t known)
{
    return detail::run_file_load(file_, std::move(key), known);
}
COAUTH_DECL boost::asio::awaitable<result<lease>>
file_token_store::acquire(std::string key, const random_value& owner, std::chrono::milliseconds duration,
                          std::uint64_t known, unsigned tries)
{
    return detail::cancellation_as_error(
        detail::run_file_acquire(file_, std::move(key), owner, duration, known, tries));
}
COAUTH_DECL boost::asio::awaitable<result<void>>
file_token_store::renew(std::string key, const random_value& owner, std::chrono::milliseconds duration)
{
    return detail::cancellation_as_error(detail::run_file_renew(file_, std::move(key), owner, duration));
}
COAUTH_DECL boost::asio::awaitable<result<void>>
file_token_store::begin_refresh(std::string key, const random_value& owner, std::uint64_t generation)
{
    return detail::cancellation_as_error(detail::run_file_begin(file_, std::move(key), owner, generation));
}
COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>>
file_token_store::complete_refresh(std::string key, const random_value& owner, std::uint64_t generation,
                                   shared_tokens tokens)
{
    return detail::cancellation_as_error(
        detail::run_file_complete(file_, std::move(key), owner, generation, std::move(tokens)));
}
COAUTH_DECL boost::asio::awaitable<result<void>> file_token_store::release(std::string key,
                                                                           const random_value& owner)
{
    return detail::cancellation_as_error(detail::run_file_release(file_, std::move(key), owner));
}
COAUTH_DECL boost::asio::awaitable<result<void>> file_token_store::erase(std::string key)
{
    return detail::cancellation_as_error(detail::run_file_erase(file_, std::move(key)));
}

COAUTH_DECL result<seal_key_ring> load_or_make_seal_keys(const std::string& path)
{
    const detail::private_file file(path, 1024 * 1024);
    const auto end = std::chrono::steady_clock::now() + detail::file_lock_patience;
    for (;;) {
        const auto text = file.read();
        if (!text)
            return text.error();
        if (*text)
            return seal_key_ring::parse({(*text)->data(), (*text)->size()});
        const auto lock = file.try_lock();
        if (!lock)
            return lock.error();
        if (*lock) {
            // Somebody may have made one before the lock was ours.
            const auto made = file.read();
            if (!made || *made)
                continue;
            const auto key = seal_key_ring::make_key_text();
            if (!key)
                return key.error();
            const std::string_view line = key->expose();
            if (const result<void> written = file.replace(line); !written)
                return written.error();
            return seal_key_ring::parse(line);
        }
        if (std::chrono::steady_clock::now() >= end)
            return errc::token_store_failed;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
