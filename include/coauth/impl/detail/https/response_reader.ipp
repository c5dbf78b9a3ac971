#ifndef COAUTH_IMPL_DETAIL_HTTPS_RESPONSE_READER_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_RESPONSE_READER_IPP

#include <coauth/detail/https/response_reader.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL response_parser::response_parser(std::size_t header_bytes, std::size_t body_bytes,
                                             request_method method)
    : method_(method)
{
    header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(header_bytes, std::numeric_limits<std::uint32_t>::max() / 2)));
    body_limit(static_cast<std::uint64_t>(body_bytes));
    eager(true);
    // The body of a refusal to CONNECT does not matter, as the connection ends.
    if (method_ != request_method::usual)
        skip(true);
}

COAUTH_DECL bool response_parser::is_before_last_chunk() const
{
    return is_header_done() && chunked() && !has_last_chunk_;
}

COAUTH_DECL std::optional<std::chrono::seconds> response_parser::keep_alive_time() const
{
    constexpr std::string_view name = "timeout=";
    std::string_view rest = response_.field_value("Keep-Alive");
    while (!rest.empty()) {
        std::string_view parameter = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
        parameter.remove_prefix(std::min(parameter.size(), parameter.find_first_not_of(" \t")));
        if (!boost::beast::iequals(parameter.substr(0, name.size()), name))
            continue;
        parameter.remove_prefix(name.size());
        std::uint32_t seconds = 0;
        const auto [end, failure] =
            std::from_chars(parameter.data(), parameter.data() + parameter.size(), seconds);
        if (failure == std::errc())
            return std::chrono::seconds(seconds);
    }
    return {};
}

COAUTH_DECL http_response response_parser::take_response()
{
    response_.set_body(secret(std::move(body_)));
    return std::move(response_);
}

COAUTH_DECL void response_parser::on_response_impl(int code, string_view, int version, error_code&)
{
    status_ = static_cast<unsigned>(code);
    version_ = version;
    response_ = http_response(status_);
}

COAUTH_DECL void response_parser::on_field_impl(field name, string_view name_string, string_view value,
                                                error_code& ec)
{
    if (in_trailer_)
        return check_trailer_field(name, ec);
    // RFC 9110 9.3.6: "A client MUST ignore any Content-Length or Transfer-Encoding header fields received in a successful
    // response to CONNECT". There is no content to be encoded either.
    if (method_ == request_method::connect && status_ / 100 == 2 &&
        (name == field::content_length || name == field::transfer_encoding ||
         name == field::content_encoding))
        return;
    if (name == field::content_length && std::exchange(has_length_, true))
        ec = make_error_code(errc::malformed_http); // RFC 9112 6.3: not even two equal ones have to be borne
    else if (name == field::transfer_encoding &&
             (std::exchange(has_transfer_coding_, true) || !boost::beast::iequals(value, "chunked")))
        ec = make_error_code(errc::unsupported_coding); // Beast takes any other for a body without coding
    else if (name == field::content_encoding && !boost::beast::iequals(value, "identity"))
        ec = make_error_code(errc::unsupported_coding);
    else
        response_.add_field({name_string.data(), name_string.size()}, {value.data(), value.size()});
}

/// RFC 9112 7.1.2: a recipient may discard them, and none may change what the header said.
COAUTH_DECL void response_parser::check_trailer_field(field name, error_code& ec)
{
    // RFC 9110 6.5.1 forbids fields for message framing. Beast 1.81 to 1.91 refuses these two, 1.92 passes them on.
    if (name == field::content_length || name == field::transfer_encoding)
        ec = make_error_code(errc::malformed_http);
}

#if BOOST_VERSION >= 109000
COAUTH_DECL void response_parser::on_trailer_field_impl(field name, string_view, string_view, error_code& ec)
{
    check_trailer_field(name, ec);
}
#endif

COAUTH_DECL void response_parser::on_header_impl(error_code& ec)
{
    in_trailer_ = true;
    // RFC 9112 6.1: Transfer-Encoding in HTTP/1.0 is to be treated "as if the framing is faulty".
    if (version_ == 10 && has_transfer_coding_)
        ec = make_error_code(errc::malformed_http);
    else if (status_ == 101 || status_ < 100 || status_ > 599) // nobody asked to switch protocols
        ec = make_error_code(errc::malformed_http);
}

COAUTH_DECL void response_parser::on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&)
{
    if (size) // within the limit, as the parser has checked
        body_.reserve(static_cast<std::size_t>(*size));
}

COAUTH_DECL std::size_t response_parser::on_body_impl(string_view body, error_code&)
{
    append_text(body_, {body.data(), body.size()});
    return body.size();
}

COAUTH_DECL std::size_t response_parser::on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec)
{
    return on_body_impl(body, ec);
}

COAUTH_DECL void response_parser::on_chunk_header_impl(std::uint64_t size, string_view, error_code&)
{
    has_last_chunk_ = size == 0;
}

/** Beast 1.91 and newer bounds the line of a chunk by itself, and gives a bad extension for the reason.

    It adds up the lengths of the line at two readings: its bound is between 4 and 8 KiB.
*/
inline bool is_long_chunk_line(const error_code& ec, std::string_view left) noexcept
{
    // The line follows the line end of the chunk before it.
    return ec == boost::beast::http::error::bad_chunk_extension && left.size() >= 4096 &&
           left.substr(0, 4096).find("\r\n", 2) == left.npos;
}

COAUTH_DECL response_reader::status response_reader::read(std::string_view bytes, std::size_t& consumed)
{
    consumed = 0;
    has_begun_ = has_begun_ || !bytes.empty();
    for (;;) {
        const std::string_view left = bytes.substr(consumed);
        // A chunked body ends with at least five bytes. Beast 1.81 to 1.85 asserts if it sees the last chunk, consumes
        // nothing, and then sees four of them. Beast 1.87 and newer consumes the last chunk's line by itself, and
        // after it two bytes are enough.
        if (left.empty() || (parser_->is_before_last_chunk() && left.size() < 5))
            return status::needs_more;
        error_code ec;
        const std::size_t taken = parser_->put(boost::asio::const_buffer(left.data(), left.size()), ec);
        consumed += taken;
        if (is_long_chunk_line(ec, left.substr(taken)))
            return fail(make_error_code(errc::header_too_large));
        if (ec && ec != boost::beast::http::error::need_more)
            return fail(ec);
        if (!parser_->is_done()) {
            // Whatever a parser leaves without an error, it is not asked again with the same bytes.
            if (!ec && taken > 0)
                continue;
            // Beast 1.81 to 1.90 bounds no chunk extensions, 1.81 to 1.86 no trailers.
            if (left.size() - taken > header_bytes_)
                return fail(make_error_code(errc::header_too_large));
            return status::needs_more;
        }
        if (parser_->status() >= 200)
            return status::done;
        // RFC 9110 15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final
        // response"
        if (++interim_responses_ > most_interim_responses)
            return fail(make_error_code(errc::malformed_http));
        parser_.emplace(header_bytes_, body_bytes_, method_);
    }
}

COAUTH_DECL response_reader::status response_reader::read_end()
{
    if (!parser_->got_some())
        return fail(make_error_code(errc::connection_lost));
    error_code ec;
    parser_->put_eof(ec);
    return ec ? fail(make_error_code(errc::connection_lost)) : status::done;
}

COAUTH_DECL response_reader::status response_reader::fail(const error_code& ec)
{
    using http_error = boost::beast::http::error;
    if (ec.category() == client_category())
        failure_ = ec;
    else if (ec == http_error::header_limit)
        failure_ = errc::header_too_large;
    else if (ec == http_error::body_limit)
        failure_ = errc::body_too_large;
    else
        failure_ = errc::malformed_http;
    return status::failed;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
