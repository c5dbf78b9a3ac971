// Floor 3. What calls a transport needs this, what hands one over coauth/policy/transport.hpp.
#ifndef COAUTH_POLICY_ANY_TRANSPORT_HPP
#define COAUTH_POLICY_ANY_TRANSPORT_HPP

#include <coauth/core/result.hpp>
#include <coauth/detail/callback.hpp>
#include <coauth/policy/http.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <utility>

namespace coauth::inline COAUTH_MODE {

namespace detail {

/// An exchange that does not depend on a waiting coroutine.
class running_exchange {
public:
    virtual ~running_exchange() = default;
    /// Ask it to end with `operation_aborted`. From any thread.
    virtual void stop() = 0;
};

class transport_interface {
public:
    using completion = callback<void(std::exception_ptr, result<http_response>)>;

    virtual ~transport_interface() = default;
    virtual boost::asio::awaitable<result<http_response>> send(http_request request) = 0;
    /// The completion is called once, on a strand of the executor's context, and never inside of this function.
    /// What is returned has expired when there is nothing left to stop.
    virtual std::weak_ptr<running_exchange> start(const boost::asio::any_io_executor& executor,
                                                  http_request request, completion complete) = 0;
};

/// In coauth/detail/transport_model.hpp, which only files that hand a transport over have to compile.
template <class T>
class transport_model;

} // namespace detail

/** What carries the client's requests.

    `send` performs one exchange and completes with the answer, whatever its status. It

    - follows no redirect, sends no cookie, repeats nothing of which a byte was written but http_request::repeatable()
      requests;
    - verifies the server's certificate and host name for https;
    - keeps to deadline and limits of the request, as errc::timed_out, errc::header_too_large, errc::body_too_large;
    - calls http_request::commit() before the first byte may leave, and never before it is connected; sends
      nothing if that returns false;
    - on terminal, partial and total cancellation completes with `operation_aborted` in the result;
    - may be called from any thread and many times at once, in a coroutine on any executor.
*/
template <class T>
concept transport = requires(T& object, http_request request) {
    { object.send(std::move(request)) } -> std::same_as<boost::asio::awaitable<result<http_response>>>;
};

/** Holds any transport. Copies share it. To make one of a transport include coauth/policy/transport.hpp.

    @par Thread safety Distinct and shared objects: safe for send(), as the transport has to be.
*/
class any_transport {
public:
    template <class T>
        requires(!std::same_as<T, any_transport> && transport<T>)
    any_transport(std::shared_ptr<T> object)
    {
        static_assert(
            requires { sizeof(detail::transport_model<T>); },
            "coauth: a file that hands a transport over has to include <coauth/policy/transport.hpp>");
        self_ = std::make_shared<detail::transport_model<T>>(std::move(object));
    }

    template <class T>
        requires(!std::same_as<T, any_transport> && transport<T> && std::movable<T>)
    any_transport(T object) : any_transport(std::make_shared<T>(std::move(object)))
    {
    }

    /** Perform one exchange; see the concept. */
    boost::asio::awaitable<result<http_response>> send(http_request request) const
    {
        return self_->send(std::move(request));
    }

    /** Begin an exchange that goes on whatever becomes of the caller. For the library's own use. */
    std::weak_ptr<detail::running_exchange> start(const boost::asio::any_io_executor& executor,
                                                  http_request request,
                                                  detail::transport_interface::completion complete) const
    {
        return self_->start(executor, std::move(request), std::move(complete));
    }

private:
    std::shared_ptr<detail::transport_interface> self_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
