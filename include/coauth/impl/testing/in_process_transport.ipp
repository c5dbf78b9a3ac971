#ifndef COAUTH_IMPL_TESTING_IN_PROCESS_TRANSPORT_IPP
#define COAUTH_IMPL_TESTING_IN_PROCESS_TRANSPORT_IPP

#include <coauth/detail/https/request_text.hpp>
#include <coauth/detail/https/response_reader.hpp>
#include <coauth/testing/detail/server_core.hpp>
#include <coauth/testing/detail/wire.hpp>
#include <coauth/testing/in_process_transport.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

/// The request as it would arrive.
inline server_request arrived(const http_request& request)
{
    server_request out(request.method(), std::string(request.url().target()));
    out.add_field("Host", request.url().host_header());
    out.add_field("Accept-Encoding", "identity");
    for (const http_request::field& field : request.fields())
        out.add_field(field.name, std::string(field.value.expose()));
    if (request.method() == "POST" || !request.body().empty())
        out.add_field("Content-Length", std::to_string(request.body().size()));
    return out.set_body(std::string(request.body().expose()));
}

inline bool is_at(const server_core& core, const endpoint_url& url)
{
    const auto origin = endpoint_url::parse(core.origin(), insecure::http_to_loopback);
    return !core.stopped() && origin && origin->origin() == url.origin();
}

/// What a client sees of an answer's bytes, as they come in.
class in_process_reading {
public:
    in_process_reading(const http_request& request, const server_answer& answer, time_point now)
        : reader_(request.response_header_bytes(), request.response_body_bytes(),
                  coauth::detail::method_of(request)),
          bytes_(to_wire(answer, request.method() == "HEAD" ? body_sent::no_as_for_head : body_sent::yes,
                         connection_after::kept, now)),
          whole_size_(bytes_.size())
    {
        if (answer.truncation())
            bytes_.resize(std::min(bytes_.size(), *answer.truncation()));
    }

    bool has_ended() const noexcept { return status_ != status::needs_more || arrived_ == bytes_.size(); }

    void receive(std::size_t count)
    {
        arrived_ = std::min(arrived_ + count, bytes_.size());
        std::size_t consumed = 0;
        status_ = reader_.read(std::string_view(bytes_).substr(consumed_, arrived_ - consumed_), consumed);
        consumed_ += consumed;
    }

    result<http_response> finish()
    {
        // Cut off without a close_notify: TLS does not let that pass for the end of a body.
        if (status_ == status::needs_more && bytes_.size() < whole_size_)
            return errc::connection_lost;
        if (status_ == status::needs_more)
            status_ = reader_.read_end();
        if (status_ == status::failed)
            return reader_.failure();
        return reader_.take_response();
    }

private:
    using status = coauth::detail::response_reader::status;

    coauth::detail::response_reader reader_;
    std::string bytes_;
    std::size_t whole_size_;
    std::size_t arrived_ = 0;
    std::size_t consumed_ = 0;
    status status_ = status::needs_more;
};

inline boost::asio::awaitable<result<http_response>> carry(std::shared_ptr<server_core> core,
                                                           http_request request)
{
    namespace asio = boost::asio;
    using clock = std::chrono::steady_clock;
    const clock::time_point deadline = clock::now() + request.deadline();
    const error_code aborted = asio::error::operation_aborted;

    const error malformed = coauth::detail::check_request(request);
    if (malformed.code())
        co_return malformed;
    if (!is_at(*core, request.url()))
        co_return errc::connection_failed;
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
        co_return aborted;
    if (request.deadline() <= std::chrono::milliseconds::zero())
        co_return errc::timed_out;
    if (!request.commit())
        co_return aborted;
    const server_answer answer = core->handle(arrived(request));
    in_process_reading reading(request, answer, core->now());

    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    std::chrono::milliseconds pause = answer.delay();
    const bool byte_by_byte = answer.byte_pause().has_value();
    // Also without a delay it suspends once, as a transport with a network behind it does.
    for (bool first = true; first || !reading.has_ended(); first = false) {
        const auto left = deadline - clock::now();
        if (first || pause > pause.zero()) {
            error_code failure;
            timer.expires_after(std::min<clock::duration>(pause, left));
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
            if (failure || cancellation.cancelled() != asio::cancellation_type::none)
                co_return aborted;
        }
        if (pause >= left)
            co_return errc::timed_out;
        reading.receive(byte_by_byte ? 1 : SIZE_MAX / 2);
        pause = answer.byte_pause().value_or(pause.zero());
    }
    co_return reading.finish();
}

} // namespace detail

COAUTH_DECL boost::asio::awaitable<result<http_response>> in_process_transport::send(http_request request)
{
    return detail::carry(core_, std::move(request));
}

} // namespace coauth::inline COAUTH_MODE::testing

COAUTH_COROUTINES_END

#endif
