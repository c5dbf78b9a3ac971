// Floor 4. For tests.
#ifndef COAUTH_TESTING_BROWSER_HPP
#define COAUTH_TESTING_BROWSER_HPP

#include <coauth/detail/config.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

class authorization_server;
namespace detail {
class server_core;
}

/** Where a testing::browser ended up: at the client's redirect URI, or on a page of the server. */
class browser_result {
public:
    browser_result() = default;
    browser_result(unsigned status, std::string page) : page_(std::move(page)), status_(status) {}
    browser_result(std::string callback_url, std::string parameters, std::string method)
        : callback_url_(std::move(callback_url)),
          parameters_(std::move(parameters)),
          method_(std::move(method))
    {
    }

    /// Whether the browser was sent back to the client, with a code or an error.
    bool returned() const noexcept { return !callback_url_.empty(); }

    /// The redirect URI as the browser would ask for it; with its query for response mode `query`.
    const std::string& callback_url() const noexcept { return callback_url_; }
    /// The authorization response: the query, or the body of the form with response mode `form_post`.
    const std::string& parameters() const noexcept { return parameters_; }
    /// `GET` or `POST`.
    const std::string& method() const noexcept { return method_; }
    /// The decoded value of a parameter of the response; empty if it is missing.
    COAUTH_DECL std::string parameter(std::string_view name) const;

    /// What the pages on the way had in frames: those that front-channel logout calls.
    const std::vector<std::string>& frames() const noexcept { return frames_; }

    /// The page that the browser got stuck on, and its status.
    const std::string& page() const noexcept { return page_; }
    unsigned status() const noexcept { return status_; }

private:
    friend class browser;

    std::vector<std::string> frames_;
    std::string callback_url_;
    std::string parameters_;
    std::string method_;
    std::string page_;
    unsigned status_ = 0;
};

/** A person's browser in front of a testing::authorization_server, without sockets.

    It fills in the server's pages and keeps its cookies.

    @par Lifetimes May outlive the server.
    @par Thread safety Distinct objects: safe. Shared objects: unsafe.
*/
class browser {
public:
    COAUTH_DECL explicit browser(const authorization_server& server);
    explicit browser(std::shared_ptr<detail::server_core> core) noexcept : core_(std::move(core)) {}

    /** Follow an authorization request: sign in if asked to, then agree.
        @param url the authorization URL
    */
    COAUTH_DECL browser_result sign_in(std::string_view url, std::string_view user_name,
                                       std::string_view password);

    /** Follow an authorization request, sign in if asked to, then refuse.

        Without a `prompt` of its own the request gets `prompt=consent`, so that there is something to refuse.
    */
    COAUTH_DECL browser_result deny(std::string_view url, std::string_view user_name,
                                    std::string_view password);

    /** Follow an authorization request without typing anything in: the first page, or the way back. */
    COAUTH_DECL browser_result open(std::string_view url);

    /** The same by POST. @param fields form-encoded */
    COAUTH_DECL browser_result open(std::string_view url, std::string_view fields);

    /** Follow a logout request, and sign out if asked to. */
    COAUTH_DECL browser_result sign_out(std::string_view url);

    /** Send the form on a page of the server, with these fields set and everything hidden in it.
        @param fields form-encoded
    */
    COAUTH_DECL browser_result submit(const browser_result& on, std::string_view fields);

    /// By name; what the server set.
    const std::map<std::string, std::string>& cookies() const noexcept { return cookies_; }

private:
    static browser_result left_for(std::string location);
    browser_result request(std::string method, std::string target, std::string body);
    browser_result walk(std::string_view url, std::string_view user_name, std::string_view password,
                        std::string_view decision);

    std::shared_ptr<detail::server_core> core_;
    std::map<std::string, std::string> cookies_;
};

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/browser.ipp>
#endif

#endif
