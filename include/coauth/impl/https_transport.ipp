#ifndef COAUTH_IMPL_HTTPS_TRANSPORT_IPP
#define COAUTH_IMPL_HTTPS_TRANSPORT_IPP

#include <coauth/detail/https/connect.hpp>
#include <coauth/detail/https/exchange.hpp>
#include <coauth/detail/https/request_text.hpp>
#include <coauth/detail/https/response_reader.hpp>
#include <coauth/detail/waiting.hpp>
#include <coauth/https_transport.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {
namespace detail {

/** An exchange that runs: its connection, its answer, and whom to tell.

    Steps and not a coroutine, as for most exchanges there is one thing to wait for. Every step is on the strand.
*/
class https_exchange final : public exchange, public running_exchange {
public:
    https_exchange(std::shared_ptr<https_core> core, http_request&& request,
                   const boost::asio::any_io_executor& executor, transport_interface::completion&& complete)
        : exchange(std::move(core), std::move(request), executor), complete_(std::move(complete))
    {
    }

    void start()
    {
        boost::asio::dispatch(strand(), [self = self()] {
            self->starting_ = true;
            self->step([&] { self->begin(); });
            self->starting_ = false;
        });
    }

    void stop() override
    {
        boost::asio::dispatch(strand(), [self = self()] { self->cancel(); });
    }

private:
    std::shared_ptr<https_exchange> self()
    {
        return std::static_pointer_cast<https_exchange>(shared_from_this());
    }

    template <class Function>
    void step(Function function)
    {
        try {
            function();
        } catch (...) {
            end(errc::connection_lost, std::current_exception());
        }
    }

    void begin()
    {
        if (error wrong = check_request(request()); wrong.code())
            return end(wrong);
        if (request().deadline().count() <= 0)
            return end(errc::timed_out);
        if (is_interrupted())
            return end(interruption());
        set_limit(deadline());
        connection_ =
            core().pool->take(boost::asio::query(strand(), boost::asio::execution::context), request());
        was_kept_ = connection_ != nullptr;
        if (was_kept_)
            send();
        else
            connect_anew();
    }

    void connect_anew()
    {
        boost::asio::co_spawn(strand(), connect(*this),
                              [self = self()](std::exception_ptr thrown, result<connection_pointer> made) {
                                  self->step([&] { self->connected(thrown, std::move(made)); });
                              });
    }

    void connected(std::exception_ptr thrown, result<connection_pointer> made)
    {
        if (thrown)
            return end(errc::connection_lost, thrown);
        if (is_interrupted())
            return end(interruption());
        if (!made)
            return end(made.error());
        connection_ = std::move(*made);
        was_kept_ = false;
        set_limit(deadline());
        send();
    }

    void send()
    {
        attend_.emplace(*this, *connection_);
        append_request(connection_->request(), request(), settings().user_agent());
        if (!commit())
            return end(error_code(boost::asio::error::operation_aborted));
        reader_.emplace(request().response_header_bytes(), request().response_body_bytes(),
                        method_of(request()));
        if (connection_->send())
            write();
        else
            fail(errc::connection_lost);
    }

    void write()
    {
        switch (connection_->flush()) {
        case connection::status::done:
            return read();
        case connection::status::needs_output:
            return connection_->socket().async_wait(
                connection::socket_type::wait_write,
                boost::asio::bind_executor(strand(), [self = self()](const error_code& ec) {
                    self->step([&] { self->writable(ec); });
                }));
        default:
            return fail(errc::connection_lost);
        }
    }

    void writable(const error_code& ec)
    {
        if (is_interrupted())
            end(interruption());
        else if (ec)
            fail(errc::connection_lost);
        else
            write();
    }

    void read()
    {
        for (;;) {
            auto progress = response_reader::status::needs_more;
            switch (connection_->receive()) {
            case connection::status::done: {
                std::size_t consumed = 0;
                progress = reader_->read(connection_->received(), consumed);
                connection_->consume(consumed);
                break;
            }
            case connection::status::closed:
                progress = reader_->read_end();
                break;
            case connection::status::needs_input:
                // TLS may have something to answer by itself.
                if (connection_->flush() == connection::status::failed)
                    return fail(errc::connection_lost);
                return connection_->socket().async_read_some(
                    connection_->read_buffer(),
                    boost::asio::bind_executor(strand(),
                                               [self = self()](const error_code& ec, std::size_t size) {
                                                   self->step([&] { self->arrived(ec, size); });
                                               }));
            default:
                return fail(errc::connection_lost);
            }
            if (progress == response_reader::status::done)
                return succeed();
            if (progress == response_reader::status::failed)
                return fail(reader_->failure());
        }
    }

    void arrived(const error_code& ec, std::size_t size)
    {
        if (is_interrupted())
            end(interruption());
        else if (connection_->take_read(ec, size))
            read();
        else
            fail(errc::connection_lost);
    }

    void succeed()
    {
        attend_.reset();
        if (reader_->may_stay_open() && connection_->is_quiet()) {
            connection_->wipe();
            core().pool->put(std::move(connection_), request().url(), reader_->keep_alive_time());
        }
        end(reader_->take_response());
    }

    void fail(const error& reason)
    {
        attend_.reset();
        // As kept connections do that the server has closed meanwhile: no byte of an answer.
        const bool again =
            was_kept_ && !reader_->has_begun() && (request().repeatable() || !connection_->has_written());
        connection_.reset();
        if (again)
            connect_anew();
        else
            end(reason);
    }

    void end(result<http_response> outcome, std::exception_ptr thrown = nullptr)
    {
        attend_.reset();
        finish();
        connection_.reset();
        if (!complete_)
            return;
        const auto complete = std::exchange(complete_, nullptr);
        if (starting_)
            boost::asio::post(strand(), [complete, thrown, outcome = std::move(outcome)]() mutable {
                report(complete, thrown, std::move(outcome));
            });
        else
            report(complete, thrown, std::move(outcome));
    }

    transport_interface::completion complete_;
    connection_pointer connection_;
    std::optional<interruptible> attend_; // to connection_
    std::optional<response_reader> reader_;
    bool was_kept_ = false;
    bool starting_ = false;
};

/// One argument, as Boost 1.81 cannot await an exception_ptr and a value that is not a pointer.
class exchange_outcome {
public:
    exchange_outcome(std::exception_ptr exception, result<http_response> result)
        : thrown(std::move(exception)), answer(std::move(result))
    {
    }

    std::exception_ptr thrown;
    result<http_response> answer;
};

/// A connection outlives the exchange that made it, so it must not hold on to that caller's strand.
inline boost::asio::any_io_executor without_strand(const boost::asio::any_io_executor& executor)
{
    using boost::asio::strand;
    if (const auto* any = executor.target<strand<boost::asio::any_io_executor>>())
        return without_strand(any->get_inner_executor());
    if (const auto* io = executor.target<strand<boost::asio::io_context::executor_type>>())
        return io->get_inner_executor();
    return executor;
}

class exchange_initiation {
public:
    template <class Handler>
    void operator()(Handler&& handler, std::shared_ptr<https_core> core, http_request request) const
    {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const boost::asio::any_io_executor executor = boost::asio::get_associated_executor(handler);
        const caller<std::decay_t<Handler>> waits(std::forward<Handler>(handler), executor);
        // Thrown from here, an exception would destroy the waiting coroutine instead of reaching it.
        try {
            const auto x = std::make_shared<https_exchange>(
                std::move(core), std::move(request), without_strand(executor),
                [waits](std::exception_ptr thrown, result<http_response> answer) {
                    complete(waits, manner::at_once, thrown, std::move(answer));
                });
            if (slot.is_connected())
                slot.assign([weak = std::weak_ptr(x)](boost::asio::cancellation_type) {
                    if (const auto running = weak.lock())
                        running->stop();
                });
            x->start();
        } catch (...) {
            complete(waits, manner::later, std::current_exception(), errc::connection_lost);
        }
    }

private:
    template <class Handler>
    static void complete(const caller<Handler>& waits, manner how, std::exception_ptr thrown,
                         result<http_response>&& answer)
    {
        waits.go_on(how, [thrown, answer = std::move(answer)](auto&& target) mutable {
            if (auto slot = boost::asio::get_associated_cancellation_slot(target); slot.is_connected())
                slot.clear();
            std::move(target)(exchange_outcome(thrown, std::move(answer)));
        });
    }
};

inline boost::asio::awaitable<result<http_response>> send_through(std::shared_ptr<https_core> core,
                                                                  http_request request)
{
    try {
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() == boost::asio::cancellation_type::none) {
            auto exchanging =
                boost::asio::async_initiate<const boost::asio::deferred_t, void(exchange_outcome)>(
                    exchange_initiation(), boost::asio::deferred, std::move(core), std::move(request));
            exchange_outcome outcome = co_await std::move(exchanging);
            if (outcome.thrown)
                std::rethrow_exception(outcome.thrown);
            co_return std::move(outcome.answer);
        }
    } catch (const boost::system::system_error& thrown) {
        if (thrown.code() != boost::asio::error::operation_aborted)
            throw;
    }
    co_return error_code(boost::asio::error::operation_aborted);
}

} // namespace detail

COAUTH_DECL result<https_transport> https_transport::create(https_transport_settings settings)
{
    if (const auto& proxy = settings.proxy()) {
        if (proxy->host().empty() || proxy->port() == 0 || proxy->user_name().find(':') != std::string::npos)
            return detail::misconfigured("the proxy has no host, no port, or a colon in its user name");
    }
    if (!detail::is_http_field_value(settings.user_agent()))
        return detail::misconfigured("the user agent has a control character in it");
    auto context = detail::make_tls_context(settings);
    if (!context)
        return context.error();
    return https_transport(std::make_shared<detail::https_core>(std::move(settings), std::move(*context)));
}

COAUTH_DECL boost::asio::awaitable<result<http_response>> https_transport::send(http_request request) const
{
    return detail::send_through(core_, std::move(request));
}

COAUTH_DECL std::weak_ptr<detail::running_exchange>
https_transport::start(const boost::asio::any_io_executor& executor, http_request request,
                       detail::transport_interface::completion complete) const
{
    const auto x = std::make_shared<detail::https_exchange>(
        core_, std::move(request), detail::without_strand(executor), std::move(complete));
    x->start();
    return x;
}

COAUTH_DECL void https_transport::close_idle_connections() const { core_->pool->clear(); }

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
