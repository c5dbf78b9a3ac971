// Where a provider tells a client over the back channel that somebody signed out.
#ifndef COAUTH_TEST_INTEROP_LOGOUT_LISTENER_HPP
#define COAUTH_TEST_INTEROP_LOGOUT_LISTENER_HPP

#include "loopback_server.hpp"

#include <coauth/core/result.hpp>
#include <coauth/protocol/logout_token.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace coauth_test {

/// A back-channel logout request as it came, and what a client said of it.
class received_logout {
public:
    std::string content_type;
    std::string body;
    coauth::result<coauth::logout_token> outcome;
};

/** Listens for the logout requests of a provider, without TLS.

    Answers 200 to what the client accepts, 400 to anything else.
*/
class logout_listener {
public:
    using check = std::function<coauth::result<coauth::logout_token>(const std::string& content_type,
                                                                     const std::string& body)>;

    logout_listener();

    std::string url(const std::string& path) const { return server_.url(path); }
    /// Who checks the requests to a path. Called on a thread of its own.
    void set_check(const std::string& path, check client);
    /// What has come to a path since the last call.
    std::vector<received_logout> take(const std::string& path);

private:
    void answer(server_peer& peer);

    std::mutex mutex_;
    std::map<std::string, check> checks_;
    std::map<std::string, std::vector<received_logout>> received_;
    loopback_server server_; // the last: it stops first
};

} // namespace coauth_test

#endif
