// As much of a browser as the walkthrough needs: one tab, cookies, forms, no scripts.
#ifndef LOGIN_SERVER_WALKTHROUGH_BROWSER_HPP
#define LOGIN_SERVER_WALKTHROUGH_BROWSER_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace login_server {

/// Decoded names and values of a query or a form.
using name_values = std::vector<std::pair<std::string, std::string>>;

name_values parse_form(std::string_view encoded);
std::string encode_form(const name_values& values);

/// What a browser has on its screen.
class browser_page {
public:
    browser_page() = default;
    browser_page(unsigned status, std::string url, std::string location, std::string body,
                 std::vector<std::string> cookies_set);

    unsigned status() const noexcept { return status_; }
    const std::string& url() const noexcept { return url_; }
    /// Absolute; empty if it is no redirect.
    const std::string& location() const noexcept { return location_; }
    const std::string& body() const noexcept { return body_; }
    /// Values of Set-Cookie.
    const std::vector<std::string>& cookies_set() const noexcept { return cookies_set_; }

    struct form {
        form(std::string at, name_values hidden_fields)
            : action(std::move(at)), fields(std::move(hidden_fields))
        {
        }
        std::string action; // absolute
        name_values fields; // the hidden ones
    };
    /// The first form in the page's main part.
    std::optional<form> first_form() const;

private:
    unsigned status_ = 0;
    std::string url_;
    std::string location_;
    std::string body_;
    std::vector<std::string> cookies_set_;
};

class walkthrough_browser {
public:
    explicit walkthrough_browser(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /** Open a URL; redirects are not followed.
        @throws boost::system::system_error if there is no answer
    */
    boost::asio::awaitable<browser_page> get(std::string url, std::string accept = "text/html");
    /// Send a form from a page of the same origin.
    boost::asio::awaitable<browser_page> post(std::string url, name_values fields,
                                              std::string accept = "text/html");

    /// Empty if there is none.
    std::string cookie(std::string_view name) const;

private:
    boost::asio::awaitable<browser_page> send(std::string method, std::string url, std::string body,
                                              std::string accept);

    boost::asio::any_io_executor executor_;
    std::map<std::string, std::string> cookies_; // of the one host there is: cookies do not tell ports apart
};

} // namespace login_server

#endif
