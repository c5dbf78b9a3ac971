#ifndef COAUTH_IMPL_TESTING_DETAIL_WIRE_IPP
#define COAUTH_IMPL_TESTING_DETAIL_WIRE_IPP

#include <coauth/testing/detail/wire.hpp>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// RFC 9110 5.6.7: IMF-fixdate.
inline std::string http_date(std::chrono::system_clock::time_point time)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr)
        return {};
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::put_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
    return out.str();
}

COAUTH_DECL std::string to_wire(const server_answer& answer, body_sent body, connection_after after,
                                std::chrono::system_clock::time_point now)
{
    if (answer.raw())
        return *answer.raw();
    namespace http = boost::beast::http;
    http::response<http::string_body> message;
    message.version(11);
    message.result(std::min(answer.status(), 999u)); // Beast's numbers have three digits
    for (const http_field& field : answer.fields())
        message.insert(field.name, field.value);
    const bool without_body = answer.status() < 200 || answer.status() == 204 || answer.status() == 304;
    // A hook may have set them to something wrong, and wants just that.
    if (!without_body && message.find(http::field::content_length) == message.end() &&
        message.find(http::field::transfer_encoding) == message.end())
        message.set(http::field::content_length, std::to_string(answer.body().size()));
    if (message.find(http::field::date) == message.end())
        message.set(http::field::date, http_date(now));
    if (after == connection_after::closed && message.find(http::field::connection) == message.end())
        message.set(http::field::connection, "close");
    if (body == body_sent::yes && !without_body)
        message.body() = answer.body();
    std::ostringstream out;
    out << message;
    return out.str();
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
