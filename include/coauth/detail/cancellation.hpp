// Floor 4. Outcomes of operations: cancellation as a value, and what is known beforehand.
#ifndef COAUTH_DETAIL_CANCELLATION_HPP
#define COAUTH_DETAIL_CANCELLATION_HPP

#include <coauth/core/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>

#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

inline error aborted() noexcept { return error(error_code(boost::asio::error::operation_aborted)); }

/** Wait for an operation, and make an error in its result of a cancellation.

    An awaitable throws at the first co_await after a cancellation, wherever in the operation that is.
*/
template <class T>
boost::asio::awaitable<result<T>> cancellation_as_error(boost::asio::awaitable<result<T>> operation)
{
    try {
        result<T> outcome = co_await std::move(operation);
        co_return std::move(outcome);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return aborted();
}

/// An operation whose outcome is known before it begins.
template <class T>
boost::asio::awaitable<result<T>> settled(result<T> outcome)
{
    co_return std::move(outcome);
}

/// An operation that fails before it begins.
template <class T>
boost::asio::awaitable<result<T>> failed(error reason)
{
    co_return std::move(reason);
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
