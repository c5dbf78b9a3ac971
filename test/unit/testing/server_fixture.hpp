// A testing::authorization_server with a user, three clients and a clock, and short words to talk to it.
#ifndef COAUTH_TEST_UNIT_TESTING_SERVER_FIXTURE_HPP
#define COAUTH_TEST_UNIT_TESTING_SERVER_FIXTURE_HPP

#include "../expect.hpp"

#include <coauth/testing/authorization_server.hpp>

#include <boost/json/object.hpp>

#include <atomic>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth_test {

using coauth::test::contains;

/// Parameters of a request, in order.
class form {
public:
    form() = default;
    form(std::initializer_list<std::pair<std::string, std::string>> values) : values_(values) {}

    form& set(std::string name, std::string value);
    form& add(std::string name, std::string value);
    form& remove(std::string_view name);
    std::string text() const;

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// What the server answered.
class reply {
public:
    explicit reply(coauth::http_response given) : response(std::move(given)) {}

    unsigned status() const { return response.status(); }
    std::string body() const { return std::string(response.body().expose()); }
    std::string field(std::string_view name) const { return std::string(response.field_value(name)); }
    boost::json::object json() const;
    /// A member that is a string; empty if it is not there.
    std::string text(std::string_view member) const;
    std::string error() const { return text("error"); }

    coauth::http_response response;
};

class server_fixture {
public:
    using fields = std::vector<std::pair<std::string, std::string>>;

    server_fixture() : server_fixture(coauth::testing::authorization_server_configuration()) {}
    explicit server_fixture(coauth::testing::authorization_server_configuration configuration);

    static constexpr std::string_view user_name = "ada";
    static constexpr std::string_view password = "correct horse";
    static constexpr std::string_view redirect = "https://client.example/callback";
    static constexpr std::string_view verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; // RFC 7636 B
    static constexpr std::string_view challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    void advance(std::chrono::seconds by) { *offset_ += by.count(); }
    std::chrono::system_clock::time_point now() const;

    reply send(std::string method, std::string url, std::string body, fields with) const;
    reply get(coauth::testing::endpoint at, fields with = {}) const;
    reply post(coauth::testing::endpoint at, const form& body, fields with = {}) const;

    /// A good authorization request of the confidential client, with the scope `openid profile email api`.
    form question() const;
    std::string url(const form& question) const;
    coauth::testing::browser_result sign_in(const form& question) const;
    /// Sign in and agree.
    std::string code() const { return code(question()); }
    std::string code(const form& question) const;

    /// A good token request for the code.
    form code_exchange(const std::string& code) const;
    form refreshing(const std::string& token) const;
    /// The header that proves the confidential client.
    static fields client_proof() { return basic("client", "se:cret+1"); }
    static fields basic(std::string_view id, std::string_view secret);
    static fields bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

    reply exchange(const std::string& code) const;
    reply refresh(const std::string& token) const;
    unsigned api_status(const std::string& access_token) const;

    std::shared_ptr<std::atomic<std::int64_t>> offset_ = std::make_shared<std::atomic<std::int64_t>>(0);
    coauth::testing::authorization_server server;
};

/// The claims of a JWT, its signature unchecked.
boost::json::object part_of_jwt(std::string_view jwt, std::size_t index);

} // namespace coauth_test

#endif
