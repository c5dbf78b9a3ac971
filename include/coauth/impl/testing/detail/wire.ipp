#ifndef COAUTH_IMPL_TESTING_DETAIL_WIRE_IPP
#define COAUTH_IMPL_TESTING_DETAIL_WIRE_IPP

#include <coauth/testing/detail/wire.hpp>

#include <boost/beast/http/status.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// RFC 9110 5.6.7: IMF-fixdate.
inline std::string http_date(std::chrono::system_clock::time_point time)
{
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr)
        return {};
    std::array<char, 64> text;
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                                   days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

inline bool has_field(const server_answer& answer, std::string_view name)
{
    const auto& fields = answer.fields();
    return std::any_of(fields.begin(), fields.end(), [&](const http_field& each) {
        return boost::urls::grammar::ci_is_equal(each.name, name);
    });
}

/// RFC 9112 7.1: "If any transfer coding other than chunked is applied [...] chunked as the final transfer coding".
inline bool is_chunked(const server_answer& answer)
{
    static constexpr std::string_view chunked = "chunked";
    std::string_view last = answer.field_value("Transfer-Encoding");
    last = last.substr(std::min(last.find_last_of(", \t") + 1, last.size()));
    return boost::urls::grammar::ci_is_equal(last, chunked);
}

inline void append_chunked(std::string& out, std::string_view body)
{
    if (!body.empty()) {
        std::array<char, 16> size;
        const auto end = std::to_chars(size.data(), size.data() + size.size(), body.size(), 16).ptr;
        out.append(size.data(), end).append("\r\n").append(body).append("\r\n");
    }
    out += "0\r\n\r\n";
}

COAUTH_DECL std::string to_wire(const server_answer& answer, body_sent body, connection_after after,
                                std::chrono::system_clock::time_point now)
{
    if (answer.raw())
        return *answer.raw();
    const unsigned status = std::min(answer.status(), 999u); // a status code has three digits
    const std::string digits = std::to_string(status);
    const std::string_view reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
    std::string out = "HTTP/1.1 " + std::string(3 - digits.size(), '0') + digits + ' ';
    out.append(reason).append("\r\n");
    const auto add = [&out](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    for (const http_field& field : answer.fields())
        add(field.name, field.value);
    const bool without_body = answer.status() < 200 || answer.status() == 204 || answer.status() == 304;
    // A hook may have set them to something wrong, and wants just that.
    if (!without_body && !has_field(answer, "Content-Length") && !has_field(answer, "Transfer-Encoding"))
        add("Content-Length", std::to_string(answer.body().size()));
    if (!has_field(answer, "Date"))
        add("Date", http_date(now));
    if (after == connection_after::closed && !has_field(answer, "Connection"))
        add("Connection", "close");
    out += "\r\n";
    if (body == body_sent::yes && !without_body) {
        if (is_chunked(answer))
            append_chunked(out, answer.body());
        else
            out += answer.body();
    }
    return out;
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
