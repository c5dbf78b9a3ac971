#ifndef COAUTH_IMPL_DETAIL_HTTPS_RESPONSE_READER_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_RESPONSE_READER_IPP

#include <coauth/detail/https/response_reader.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL response_parser::response_parser(std::size_t header_bytes, std::size_t body_bytes,
                                             bool without_body)
{
    header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(header_bytes, std::numeric_limits<std::uint32_t>::max() / 2)));
    body_limit(static_cast<std::uint64_t>(body_bytes));
    eager(true);
    if (without_body)
        skip(true);
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
    if (in_trailer_) // RFC 9112 7.1.2: a recipient may discard them, and none may change what the header said
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

COAUTH_DECL response_reader::status response_reader::read(std::string_view bytes, std::size_t& consumed)
{
    consumed = 0;
    has_begun_ = has_begun_ || !bytes.empty();
    for (;;) {
        const std::string_view left = bytes.substr(consumed);
        // The end of a chunked body is at least five bytes; Beast 1.81 asserts if it sees four of them.
        if (left.empty() || (parser_->is_header_done() && parser_->chunked() && left.size() < 5))
            return status::needs_more;
        error_code ec;
        consumed += parser_->put(boost::asio::const_buffer(left.data(), left.size()), ec);
        if (ec == boost::beast::http::error::need_more) {
            // Beast bounds the header, but not chunk extensions and trailers.
            if (bytes.size() - consumed > header_bytes_)
                return fail(make_error_code(errc::header_too_large));
            return status::needs_more;
        }
        if (ec)
            return fail(ec);
        if (!parser_->is_done())
            continue;
        if (parser_->status() >= 200)
            return status::done;
        // RFC 9110 15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final
        // response"
        if (++interim_responses_ > most_interim_responses)
            return fail(make_error_code(errc::malformed_http));
        parser_.emplace(header_bytes_, body_bytes_, without_body_);
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
