// One line an event on stderr. What it is given is names and numbers, never a secret.
#ifndef LOGIN_SERVER_LOG_HPP
#define LOGIN_SERVER_LOG_HPP

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace login_server {

enum class log_format { text, json, none };

/// What is said about an event, besides its name.
class log_detail {
public:
    log_detail(std::string_view name, std::string_view value) : name_(name), value_(std::string(value)) {}
    log_detail(std::string_view name, std::int64_t value) : name_(name), value_(value) {}

    std::string_view name() const noexcept { return name_; }
    const std::variant<std::string, std::int64_t>& value() const noexcept { return value_; }

private:
    std::string_view name_;
    std::variant<std::string, std::int64_t> value_;
};

class event_log {
public:
    explicit event_log(log_format format) : format_(format) {}

    void write(std::string_view event, std::initializer_list<log_detail> details = {}) const;

private:
    log_format format_;
};

} // namespace login_server

#endif
