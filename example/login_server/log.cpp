#include "log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdio>
#include <ctime>

namespace login_server {
namespace {

std::string timestamp()
{
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(milliseconds));
    return std::string(text, size) + fraction;
}

} // namespace

void event_log::write(std::string_view event, std::initializer_list<log_detail> details) const
{
    if (format_ == log_format::none)
        return;
    std::string line;
    if (format_ == log_format::json) {
        boost::json::object object;
        object["time"] = timestamp();
        object["event"] = event;
        for (const log_detail& each : details)
            std::visit([&](const auto& value) { object[each.name()] = value; }, each.value());
        line = boost::json::serialize(object);
    } else {
        line = timestamp() + ' ';
        line += event;
        for (const log_detail& each : details) {
            line += ' ';
            line += each.name();
            line += '=';
            // Quoted and escaped as JSON: what is in a value can neither end the line nor pass for another detail.
            if (const auto* text = std::get_if<std::string>(&each.value()))
                line += text->find_first_of(" \"\\=\n\r\t") == text->npos
                            ? *text
                            : boost::json::serialize(boost::json::string(*text));
            else
                line += std::to_string(std::get<std::int64_t>(each.value()));
        }
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace login_server
