// Floor 3. What any_transport holds.
#ifndef COAUTH_DETAIL_TRANSPORT_MODEL_HPP
#define COAUTH_DETAIL_TRANSPORT_MODEL_HPP

#include <coauth/core/result.hpp>
#include <coauth/policy/any_transport.hpp>
#include <coauth/policy/http.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <memory>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// Tell who began an exchange how it ended.
inline void report(const transport_interface::completion& complete, std::exception_ptr thrown,
                   result<http_response>&& answer)
{
    if (!thrown) {
        try {
            complete(nullptr, std::move(answer));
            return;
        } catch (...) { // no memory to take the answer; that has to be said, too
            thrown = std::current_exception();
        }
    }
    complete(thrown, errc::connection_lost);
}

/** A transport behind the interface.

    The coroutine that lets an exchange run on its own is here, as a template, so that only files that
    hand a transport over compile it, and not every file that uses a client.
*/
template <class T>
class transport_model final : public transport_interface {
public:
    explicit transport_model(std::shared_ptr<T> object) : object_(std::move(object)) {}

    boost::asio::awaitable<result<http_response>> send(http_request request) override
    {
        return object_->send(std::move(request));
    }

    std::weak_ptr<running_exchange> start(const boost::asio::any_io_executor& executor, http_request request,
                                          completion complete) override
    {
        // A transport of the library's own needs no coroutine around it.
        if constexpr (requires { object_->start(executor, std::move(request), std::move(complete)); })
            return object_->start(executor, std::move(request), std::move(complete));
        else
            return start_coroutine(executor, std::move(request), std::move(complete));
    }

private:
    std::weak_ptr<running_exchange> start_coroutine(const boost::asio::any_io_executor& executor,
                                                    http_request request, completion complete)
    {
        const auto exchange = std::make_shared<running>(executor);
        // It may end at once, which is inside of start().
        auto on_end = [exchange, complete](std::exception_ptr failure, result<http_response> answer) {
            boost::asio::post(exchange->strand, [complete, failure, answer = std::move(answer)]() mutable {
                report(complete, failure, std::move(answer));
            });
        };
        boost::asio::co_spawn(
            exchange->strand, drive(object_, std::move(request)),
            boost::asio::bind_cancellation_slot(exchange->signal.slot(), std::move(on_end)));
        return exchange;
    }

    struct running final : running_exchange, std::enable_shared_from_this<running> {
        explicit running(const boost::asio::any_io_executor& executor)
            : strand(boost::asio::make_strand(executor))
        {
        }
        void stop() override
        {
            boost::asio::dispatch(strand, [self = this->shared_from_this()] {
                self->signal.emit(boost::asio::cancellation_type::terminal);
            });
        }
        boost::asio::any_io_executor strand; // its type forgotten: one kind of executor less to compile for
        boost::asio::cancellation_signal signal;
    };

    static boost::asio::awaitable<result<http_response>> drive(std::shared_ptr<T> object,
                                                               http_request request)
    {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
        result<http_response> response = co_await object->send(std::move(request));
        co_return std::move(response);
    }

    std::shared_ptr<T> object_;
};

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
