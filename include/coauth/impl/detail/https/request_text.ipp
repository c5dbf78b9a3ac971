#ifndef COAUTH_IMPL_DETAIL_HTTPS_REQUEST_TEXT_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_REQUEST_TEXT_IPP

#include <coauth/detail/https/request_text.hpp>

#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/grammar/lut_chars.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>

namespace coauth::inline COAUTH_MODE::detail {

inline bool is_http_token(std::string_view text) noexcept
{
    // RFC 9110 5.6.2
    static constexpr boost::urls::grammar::lut_chars characters =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), characters);
}

inline bool is_http_field_value(std::string_view text) noexcept
{
    // RFC 9110 5.5: CR, LF and NUL are dangerous, other controls invalid.
    unsigned char controls = 0;
    for (const char c : text) { // to the end, without a branch: the compiler takes many at once
        const auto byte = static_cast<unsigned char>(c);
        controls |= (byte < 0x20) & (byte != '\t');
        controls |= byte == 0x7f;
    }
    return controls == 0;
}

inline bool is_transport_field(std::string_view name) noexcept
{
    static constexpr std::array<std::string_view, 12> names{
        "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent",
        "te",   "trailer",        "upgrade",           "expect",     "keep-alive",      "proxy-connection"};
    return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
        return name.size() == known.size() && boost::urls::grammar::ci_is_equal(name, known);
    });
}

COAUTH_DECL error check_request(const http_request& request)
{
    if (request.url().empty())
        return errc::invalid_url;
    if (!is_http_token(request.method()) || request.method() == "CONNECT")
        return errc::invalid_parameter;
    for (const http_request::field& field : request.fields()) {
        if (!is_http_token(field.name) || !is_http_field_value(field.value.expose()))
            return errc::invalid_parameter;
        if (is_transport_field(field.name))
            return errc::reserved_parameter;
    }
    return {};
}

template <class... Texts>
void append_texts(secure_bytes& out, const Texts&... texts)
{
    const std::size_t before = out.size();
    out.resize(before + (std::string_view(texts).size() + ...));
    char* to = out.data() + before;
    const auto append = [&to](std::string_view text) { to = std::copy(text.begin(), text.end(), to); };
    (append(std::string_view(texts)), ...);
}

COAUTH_DECL void append_request(secure_bytes& out, const http_request& request, std::string_view user_agent)
{
    const endpoint_url& url = request.url();
    const std::string host = url.host_header();
    const std::string_view body = request.body().expose();

    std::size_t size = 128 + request.method().size() + url.target().size() + host.size() + user_agent.size();
    for (const http_request::field& field : request.fields())
        size += field.name.size() + field.value.size() + 4;
    out.reserve(out.size() + size + body.size());

    append_texts(out, request.method(), " ", url.target(), " HTTP/1.1\r\nHost: ", host, "\r\n");
    if (!user_agent.empty())
        append_texts(out, "User-Agent: ", user_agent, "\r\n");
    // RFC 9110 12.5.3: without it any coding would be acceptable.
    append_texts(out, "Accept-Encoding: identity\r\n");
    // RFC 9110 8.6: methods that define a meaning for content send its length also if that is zero.
    if (!body.empty() || request.method() == "POST" || request.method() == "PUT" ||
        request.method() == "PATCH")
        append_texts(out, "Content-Length: ", std::to_string(body.size()), "\r\n");
    for (const http_request::field& field : request.fields())
        append_texts(out, field.name, ": ", field.value.expose(), "\r\n");
    append_texts(out, "\r\n", body);
}

/// RFC 7617 2: the Base64 of `user-id ":" password`.
inline void append_basic_credentials(secure_bytes& out, const http_proxy& proxy)
{
    secure_bytes both;
    append_texts(both, proxy.user_name(), ":", proxy.password().expose());
    secure_bytes encoded(both.size() / 3 * 4 + 5); // with padding and the NUL that OpenSSL adds
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(both.data()), static_cast<int>(both.size()));
    append_texts(out, std::string_view(encoded.data(), static_cast<std::size_t>(length)));
}

COAUTH_DECL void append_tunnel_request(secure_bytes& out, const endpoint_url& url, const http_proxy& proxy)
{
    // RFC 9110 9.3.6: only host and port, and the port always.
    const bool ipv6 = url.host().find(':') != std::string::npos;
    const std::string authority =
        (ipv6 ? '[' + url.host() + ']' : url.host()) + ':' + std::to_string(url.port());
    append_texts(out, "CONNECT ", authority, " HTTP/1.1\r\nHost: ", authority, "\r\n");
    if (proxy.has_credentials()) {
        append_texts(out, "Proxy-Authorization: Basic ");
        append_basic_credentials(out, proxy);
        append_texts(out, "\r\n");
    }
    append_texts(out, "\r\n");
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
