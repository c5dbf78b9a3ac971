// A request and an answer of the web application, without the library that reads and writes them.
#ifndef LOGIN_SERVER_WEB_HPP
#define LOGIN_SERVER_WEB_HPP

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace login_server {

struct web_field {
    web_field(std::string field_name, std::string field_value)
        : name(std::move(field_name)), value(std::move(field_value))
    {
    }
    std::string name;
    std::string value;
};

class web_request {
public:
    web_request(std::string method, std::string path, std::string query)
        : method_(std::move(method)), path_(std::move(path)), query_(std::move(query))
    {
    }

    /// `GET` for HEAD requests, too.
    const std::string& method() const noexcept { return method_; }
    /// As it was sent, not decoded.
    const std::string& path() const noexcept { return path_; }
    /// Without the question mark. May hold a code and a state: not for logs.
    const std::string& query() const noexcept { return query_; }

    void add_field(std::string name, std::string value)
    {
        fields_.emplace_back(std::move(name), std::move(value));
    }
    /// The first field of that name, compared without case; empty if there is none.
    std::string_view field(std::string_view name) const noexcept;
    bool has_field(std::string_view name) const noexcept;
    /// The first cookie of that name; empty if there is none.
    std::string_view cookie(std::string_view name) const;
    /// Each `name=value`.
    std::vector<std::string_view> cookies() const;

    void set_body(std::string body) { body_ = std::move(body); }
    const std::string& body() const noexcept { return body_; }

    /// Whether a program is asking, rather than a browser for a page.
    bool wants_json() const noexcept;

private:
    std::string method_;
    std::string path_;
    std::string query_;
    std::vector<web_field> fields_;
    std::string body_;
};

class web_answer {
public:
    explicit web_answer(unsigned status = 200) : status_(status) {}

    /// 302 to a URL or path that was checked already.
    static web_answer redirect(std::string_view to);
    static web_answer json(unsigned status, std::string body,
                           std::string_view content_type = "application/json");

    unsigned status() const noexcept { return status_; }
    const std::vector<web_field>& fields() const noexcept { return fields_; }
    web_answer& add_field(std::string name, std::string value)
    {
        fields_.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    const std::string& body() const noexcept { return body_; }
    web_answer& set_body(std::string body)
    {
        body_ = std::move(body);
        return *this;
    }

private:
    unsigned status_;
    std::vector<web_field> fields_;
    std::string body_;
};

using web_handler = std::function<boost::asio::awaitable<web_answer>(web_request)>;

} // namespace login_server

#endif
