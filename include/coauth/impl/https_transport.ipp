#ifndef COAUTH_IMPL_HTTPS_TRANSPORT_IPP
#define COAUTH_IMPL_HTTPS_TRANSPORT_IPP

#include <coauth/detail/https/connect.hpp>
#include <coauth/detail/https/exchange.hpp>
#include <coauth/detail/https/request_text.hpp>
#include <coauth/detail/https/response_reader.hpp>
#include <coauth/https_transport.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <tuple>
#include <utility>

namespace coauth {
namespace detail {

/// What one connection made of the request.
class attempt {
public:
    explicit attempt(connection_pointer used, bool kept) noexcept
        : connection(std::move(used)), was_kept(kept)
    {
    }

    connection_pointer connection;
    bool was_kept;
    bool may_be_repeated = false; ///< It failed as kept connections do: no byte of an answer.
};

/// Write the request and read the answer.
inline on_strand<result<http_response>> converse(exchange& x, attempt& a)
{
    connection& c = *a.connection;
    const exchange::interruptible guard(x, c);
    append_request(c.request(), x.request(), x.settings().user_agent());
    if (!x.commit())
        co_return error_code(boost::asio::error::operation_aborted);
    bool healthy = c.send();
    if (healthy && c.flush() != connection::status::done)
        healthy = co_await write_all(x, c);
    if (x.is_interrupted())
        co_return x.interruption();

    response_reader reader(x.request().response_header_bytes(), x.request().response_body_bytes(),
                           x.request().method() == "HEAD");
    auto progress = response_reader::status::needs_more;
    while (healthy && progress == response_reader::status::needs_more) {
        const auto arrived = c.receive();
        if (arrived == connection::status::done) {
            std::size_t consumed = 0;
            progress = reader.read(c.received(), consumed);
            c.consume(consumed);
        } else if (arrived == connection::status::closed) {
            progress = reader.read_end();
        } else if (arrived == connection::status::needs_input) {
            // TLS may have something to answer by itself.
            healthy = c.flush() != connection::status::failed;
            auto reading =
                c.socket().async_read_some(c.read_buffer(), boost::asio::as_tuple(boost::asio::deferred));
            const std::tuple<error_code, std::size_t> read = co_await std::move(reading);
            if (x.is_interrupted())
                co_return x.interruption();
            healthy = healthy && c.take_read(std::get<0>(read), std::get<1>(read));
        } else {
            healthy = false;
        }
    }
    if (progress == response_reader::status::done) {
        if (!reader.may_stay_open() || !c.is_quiet())
            a.connection.reset();
        co_return reader.take_response();
    }
    a.may_be_repeated = a.was_kept && !reader.has_begun() && x.request().repeatable();
    if (healthy)
        co_return reader.failure();
    co_return errc::connection_lost;
}

class exchange_end {
public:
    explicit exchange_end(exchange& ending) noexcept : x_(ending) {}
    exchange_end(const exchange_end&) = delete;
    exchange_end& operator=(const exchange_end&) = delete;
    ~exchange_end() { x_.finish(); }

private:
    exchange& x_;
};

inline on_strand<result<http_response>> run_exchange(std::shared_ptr<exchange> owner)
{
    exchange& x = *owner;
    const exchange_end guard(x);
    if (error wrong = check_request(x.request()); wrong.code())
        co_return wrong;
    if (x.request().deadline().count() <= 0)
        co_return errc::timed_out;
    x.set_limit(x.deadline());
    auto kept = x.core().pool->take(x.strand().context(), x.request().url());
    const bool was_kept = kept != nullptr;
    attempt a(std::move(kept), was_kept);
    for (;;) {
        if (!a.connection) {
            result<connection_pointer> made = co_await connect(x);
            if (x.is_interrupted())
                co_return x.interruption();
            if (!made)
                co_return made.error();
            a = attempt(std::move(*made), false);
            x.set_limit(x.deadline());
        }
        result<http_response> answer = co_await converse(x, a);
        if (answer && a.connection) {
            a.connection->wipe();
            x.core().pool->put(std::move(a.connection), x.request().url());
        }
        if (!a.may_be_repeated)
            co_return answer;
        a = attempt(nullptr, false);
    }
}

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

/// Goes on as the caller, on the caller's executor.
template <class Handler>
class exchange_completion {
public:
    explicit exchange_completion(Handler&& handler) : handler_(std::move(handler)) {}

    void operator()(std::exception_ptr thrown, result<http_response> answer)
    {
        const auto executor = boost::asio::get_associated_executor(handler_);
        boost::asio::dispatch(
            executor, [handler = std::move(handler_),
                       outcome = exchange_outcome(std::move(thrown), std::move(answer))]() mutable {
                if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected())
                    slot.clear();
                std::move(handler)(std::move(outcome));
            });
    }

private:
    Handler handler_;
};

/** Starts an exchange on its strand.

    Not awaited through co_spawn's own cancellation: in Boost 1.81 that hands the strand a pointer into the
    caller's slot, which may be gone when the strand gets to it.
*/
class exchange_initiation {
public:
    template <class Handler>
    void operator()(Handler handler, std::shared_ptr<exchange> x) const
    {
        if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected())
            slot.assign([weak = std::weak_ptr<exchange>(x)](boost::asio::cancellation_type) {
                if (auto cancelled = weak.lock()) {
                    const auto strand = cancelled->strand();
                    boost::asio::dispatch(strand, [x = std::move(cancelled)] { x->cancel(); });
                }
            });
        const auto strand = x->strand();
        boost::asio::co_spawn(strand, run_exchange(std::move(x)),
                              exchange_completion<Handler>(std::move(handler)));
    }
};

/// Tells who began the exchange how it ended.
class exchange_report {
public:
    explicit exchange_report(transport_interface::completion&& complete) noexcept
        : complete_(std::move(complete))
    {
    }

    void operator()(std::exception_ptr thrown, result<http_response> answer)
    {
        if (!thrown) {
            try {
                complete_(nullptr, std::move(answer));
                return;
            } catch (...) { // no memory to take the answer; that has to be said, too
                thrown = std::current_exception();
            }
        }
        complete_(thrown, errc::connection_lost);
    }

private:
    transport_interface::completion complete_;
};

/// Does not keep the exchange, whose request may keep who holds this.
class started_exchange final : public running_exchange {
public:
    explicit started_exchange(const std::shared_ptr<exchange>& x) noexcept : x_(x) {}

    void stop() override
    {
        if (auto x = x_.lock()) {
            const auto strand = x->strand();
            boost::asio::dispatch(strand, [x = std::move(x)] { x->cancel(); });
        }
    }

private:
    std::weak_ptr<exchange> x_;
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

inline boost::asio::awaitable<result<http_response>> send_through(std::shared_ptr<https_core> core,
                                                                  http_request request)
{
    try {
        const boost::asio::any_io_executor caller = co_await boost::asio::this_coro::executor;
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() == boost::asio::cancellation_type::none) {
            auto x = std::make_shared<exchange>(std::move(core), std::move(request), without_strand(caller));
            auto exchanging =
                boost::asio::async_initiate<const boost::asio::deferred_t, void(exchange_outcome)>(
                    exchange_initiation(), boost::asio::deferred, std::move(x));
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

COAUTH_DECL std::shared_ptr<detail::running_exchange>
https_transport::start(const boost::asio::any_io_executor& executor, http_request request,
                       detail::transport_interface::completion complete) const
{
    auto x = std::make_shared<detail::exchange>(core_, std::move(request), detail::without_strand(executor));
    auto started = std::make_shared<detail::started_exchange>(x);
    const auto strand = x->strand();
    boost::asio::co_spawn(strand, detail::run_exchange(std::move(x)),
                          detail::exchange_report(std::move(complete)));
    return started;
}

COAUTH_DECL void https_transport::close_idle_connections() const { core_->pool->clear(); }

} // namespace coauth

#endif
