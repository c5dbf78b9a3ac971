// A person's browser: cookies as browsers keep them, redirects, forms. Over TLS, or without it to loopback.
#ifndef COAUTH_TEST_INTEROP_WEB_BROWSER_HPP
#define COAUTH_TEST_INTEROP_WEB_BROWSER_HPP

#include <boost/asio/ssl/context.hpp>

#include <map>
#include <string>
#include <string_view>

namespace coauth_test {

/// Where the browser is: what it asked for, and what it was given.
class web_page {
public:
    std::string url;
    std::string method;
    /// The form that was, or with `status` 0 would be, sent.
    std::string request_body;

    /// 0: the browser stopped before asking.
    unsigned status = 0;
    std::string content_type;
    std::string body;
    /// Absolute; empty if the answer is no redirect.
    std::string location;

    /// What the authorization response carries: the query, or the form.
    std::string parameters() const;
};

class web_browser {
public:
    enum class decision { agree, cancel };

    /// @param authorities_pem whom it trusts
    explicit web_browser(const std::string& authorities_pem);

    /// The value of Accept; that of a browser at first.
    void set_accept(std::string value) { accept_ = std::move(value); }

    /// One request. @param from the URL of the page that made it; empty: the person did
    web_page get(const std::string& url, const std::string& from = {});
    web_page post(const std::string& url, const std::string& body, const std::string& from = {});

    /** Follow redirects and send forms, with any name and password typed in.

        @param stop_at the browser stops before it asks for a URL that begins with this
        @param decided at the first page with a choice
        @return that URL, or the page that leads nowhere
    */
    web_page walk(const std::string& url, std::string_view stop_at, decision decided = decision::agree);
    /// The same, from a page with a form to post.
    web_page walk_from_form(const std::string& page, const std::string& action, const std::string& body,
                            std::string_view stop_at);

    /// All cookies, as `name=value` lines.
    std::string cookies() const;

    /// Who types in what at the pages.
    std::string user_name = "ada";

private:
    struct cookie {
        std::string value;
        std::string path;
        std::string same_site; // in lower case
        bool secure = false;
    };

    web_page walk_on(web_page next, std::string from, std::string_view stop_at, decision decided);
    web_page request(web_page asked, const std::string& from);
    void keep_cookie(std::string_view text, const std::string& host, bool https);
    std::string cookies_for(const web_page& asked, const std::string& from) const;
    web_page next_of(const web_page& page, decision decided) const;

    boost::asio::ssl::context tls_;
    std::string accept_ = "text/html,application/xhtml+xml,*/*;q=0.8";
    std::map<std::pair<std::string, std::string>, cookie> cookies_; // by host and name; ports do not count
};

/// A decoded parameter of a query or form; empty if it is missing.
std::string parameter_of(std::string_view encoded, std::string_view name);
/// The query or form with another value for this parameter.
std::string with_parameter(std::string_view encoded, std::string_view name, std::string_view value);
/// The query or form, or the URL with such a query, without this parameter.
std::string without_parameter(std::string_view encoded, std::string_view name);

} // namespace coauth_test

#endif
