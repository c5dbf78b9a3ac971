// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_RESPONSE_READER_HPP
#define COAUTH_DETAIL_HTTPS_RESPONSE_READER_HPP

#include <coauth/core/result.hpp>
#include <coauth/policy/http.hpp>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/version.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// The method of the request, as far as it says how its response ends (RFC 9112 6.3).
enum class request_method {
    usual,
    head,    ///< The response has no body.
    connect, ///< After a 2xx the connection is a tunnel.
};

inline request_method method_of(const http_request& request) noexcept
{
    return request.method() == "HEAD" ? request_method::head : request_method::usual;
}

/// Beast's parser with the checks that it leaves to its users.
class response_parser final : public boost::beast::http::basic_parser<false> {
public:
    using field = boost::beast::http::field;
    using string_view = boost::beast::string_view;

    COAUTH_DECL response_parser(std::size_t header_bytes, std::size_t body_bytes, request_method method);

    unsigned status() const noexcept { return status_; }
    /// In a chunked body, and the line of its last chunk is not consumed.
    COAUTH_DECL bool is_before_last_chunk() const;
    /// HTTP/1.0 connections are not kept: intermediaries of that age forward the header field blindly (RFC
    /// 9112 C.2.2).
    bool may_stay_open() const { return version_ == 11 && keep_alive(); }
    /// How long the server keeps the connection open when nothing is sent, if it says so in the field Keep-Alive.
    COAUTH_DECL std::optional<std::chrono::seconds> keep_alive_time() const;
    COAUTH_DECL http_response take_response();

private:
    COAUTH_DECL void on_response_impl(int code, string_view reason, int version, error_code& ec) override;
    COAUTH_DECL void on_field_impl(field name, string_view name_string, string_view value,
                                   error_code& ec) override;
    COAUTH_DECL void on_header_impl(error_code& ec) override;
    COAUTH_DECL void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code& ec) override;
    COAUTH_DECL std::size_t on_body_impl(string_view body, error_code& ec) override;
    COAUTH_DECL std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code& ec) override;
    COAUTH_DECL void on_chunk_header_impl(std::uint64_t size, string_view extension, error_code& ec) override;
#if BOOST_VERSION >= 109000 // Beast 1.81 to 1.89 passes the trailer's fields to on_field_impl().
    COAUTH_DECL void on_trailer_field_impl(field name, string_view name_string, string_view value,
                                           error_code& ec) override;
#endif
    static COAUTH_DECL void check_trailer_field(field name, error_code& ec);

    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
    void on_finish_impl(error_code&) override {}

    const request_method method_;
    http_response response_;
    secure_bytes body_;
    unsigned status_ = 0;
    int version_ = 0;
    bool in_trailer_ = false;
    bool has_last_chunk_ = false;
    bool has_length_ = false;
    bool has_transfer_coding_ = false;
};

/** Reads one final response out of a stream of bytes, over up to five interim ones.

    @par Thread safety Unsafe.
*/
class response_reader {
public:
    enum class status { done, needs_more, failed };

    response_reader(std::size_t header_bytes, std::size_t body_bytes,
                    request_method method = request_method::usual)
        : header_bytes_(header_bytes), body_bytes_(body_bytes), method_(method)
    {
        parser_.emplace(header_bytes_, body_bytes_, method_);
    }

    /** Read on.
        @param bytes what came and was not consumed yet
        @param consumed so much of it is not to be given again
    */
    COAUTH_DECL status read(std::string_view bytes, std::size_t& consumed);
    /// The connection ended, as its protocol ends.
    COAUTH_DECL status read_end();
    /// Why it failed.
    const error& failure() const noexcept { return failure_; }

    bool has_begun() const noexcept { return has_begun_; }
    bool may_stay_open() const { return parser_->may_stay_open(); }
    std::optional<std::chrono::seconds> keep_alive_time() const { return parser_->keep_alive_time(); }
    http_response take_response() { return parser_->take_response(); }

private:
    static constexpr int most_interim_responses = 5;

    COAUTH_DECL status fail(const error_code& ec);

    std::optional<response_parser> parser_;
    std::size_t header_bytes_;
    std::size_t body_bytes_;
    request_method method_;
    bool has_begun_ = false;
    int interim_responses_ = 0;
    error failure_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/response_reader.ipp>
#endif

#endif
