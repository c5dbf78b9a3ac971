// A client that goes through the life of a sign-in, and the server that it talks to.
#ifndef COAUTH_TEST_HOSTILE_RELYING_PARTY_HPP
#define COAUTH_TEST_HOSTILE_RELYING_PARTY_HPP

#include "expectations.hpp"

#include <coauth/client.hpp>
#include <coauth/protocol/id_token.hpp>
#include <coauth/protocol/logout_request.hpp>
#include <coauth/protocol/logout_token.hpp>
#include <coauth/protocol/userinfo.hpp>
#include <coauth/testing/authorization_server.hpp>

#include <optional>
#include <string>
#include <vector>

namespace coauth_test {

/// The one server of all tests, listening with TLS. It behaves, and nobody has asked it for anything.
coauth::testing::authorization_server& fresh_server();

/// The same users and clients for another one; it listens then.
void prepare(coauth::testing::authorization_server& server);

inline constexpr std::string_view person = "person-1";

/// One client with a discovery and keys of its own, and one browser.
class relying_party {
public:
    explicit relying_party(coauth::testing::authorization_server& server, wish wanted = wish::nothing,
                           coauth::response_mode mode = coauth::response_mode::query);

    /// Go through all that leads to an operation, and through it.
    /// @return what went wrong; no code: nothing
    coauth::error live_until(stage last);

    /// Begin a sign-in, and do what the person and the browser do. What fails has its error in failure().
    bool begin();
    bool exchange();
    bool fetch_userinfo();
    bool refresh();
    bool begin_logout();
    /// The browser goes to the server and comes back.
    void leave();
    void leave_by_post();
    bool accept_logout_callback();
    bool accept_logout_token();
    bool accept_front_channel_logout();

    coauth::client& client() noexcept { return client_; }
    const coauth::error& failure() const noexcept { return failure_; }
    const coauth::token_set& tokens() const { return tokens_.value(); }
    const std::optional<coauth::userinfo>& userinfo() const noexcept { return userinfo_; }
    const std::optional<coauth::logout_token>& logout_token() const noexcept { return logout_token_; }
    /// How often begin() and refresh() were called with success, and so the token endpoint.
    std::size_t token_requests() const noexcept { return token_requests_; }

private:
    template <class T>
    bool succeeded(const coauth::result<T>& outcome)
    {
        if (!outcome)
            failure_ = outcome.error();
        return outcome.has_value();
    }

    wish wanted_;
    coauth::response_mode mode_;
    coauth::client client_;
    coauth::testing::browser browser_;
    coauth::error failure_;
    std::optional<coauth::authorization_request> request_;
    coauth::testing::browser_result at_;
    std::optional<coauth::token_set> tokens_;
    std::optional<coauth::userinfo> userinfo_;
    std::optional<coauth::logout_request> logout_;
    std::optional<coauth::logout_token> logout_token_;
    std::vector<std::string> logout_bodies_;
    std::size_t token_requests_ = 0;
};

} // namespace coauth_test

#endif
