// For bench/check: does one operation so many times: instructions OPERATION COUNT. Without arguments it names them.
#include "support/grants.hpp"
#include "support/measure.hpp"
#include "support/sign_in.hpp"

#include <coauth/jose/signing_key.hpp>
#include <coauth/protocol/id_token_validation.hpp>
#include <coauth/protocol/token_response.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using namespace bench;

boost::asio::awaitable<void> begin_sign_ins(coauth::client& client, int count)
{
    const coauth::authorization_parameters parameters{.scope = scope, .prompt = prompt};
    for (int i = 0; i < count; ++i) {
        auto request = co_await client.begin_authorization(parameters);
        require(request.has_value(), "begin_authorization");
    }
}

void begin_authorization(int count)
{
    coauth::client client = make_client();
    run(begin_sign_ins(client, count));
}

boost::asio::awaitable<void> complete_sign_ins(coauth::client& client, int count)
{
    const coauth::authorization_parameters parameters{.scope = scope, .prompt = prompt};
    for (int i = 0; i < count; ++i) {
        auto request = co_await client.begin_authorization(parameters);
        require(request.has_value(), "begin_authorization");
        std::string query = "code=4%2F0AX4XfWhCkuGcX2bpF1i6m3nVqTsYzR8aLdUoEwBvJ9KhNfQpMgSxZtIyDcOrPlA&";
        const std::string_view url = request->url();
        query += url.substr(url.find("&state=") + 1, std::string_view("state=").size() + 43);
        query += "&iss=https%3A%2F%2Faccounts.provider.example&scope=openid+email+profile";
        const coauth::callback_parameters arrived{.parameters = query,
                                                  .browser_binding = request->browser_binding()};
        auto code = co_await client.accept_callback(arrived);
        require(code.has_value(), "accept_callback");
    }
}

/// With the sign-in that it completes, whose share bench/check subtracts.
void begin_and_accept(int count)
{
    coauth::client client = make_client();
    run(complete_sign_ins(client, count));
}

void parse_token_response(int count)
{
    const std::string body = R"({"access_token":"ya29.)" + std::string(600, 'a') +
                             R"(","expires_in":3599,"refresh_token":"1//0)" + std::string(100, 'r') +
                             R"(","scope":"openid email profile","token_type":"Bearer"})";
    const coauth::detail::answer answer{200, "application/json; charset=utf-8", {}, body};
    coauth::detail::token_expectations expected;
    expected.requested_scope = scope;
    for (int i = 0; i < count; ++i) {
        coauth::secret id_token;
        const auto tokens =
            coauth::detail::parse_token_response(answer, expected, coauth::limits(), id_token);
        require(tokens.has_value(), "parse_token_response");
    }
}

/// A function of its own, as bench/check counts in it alone: making a key takes now more, now less.
[[gnu::noinline]] void verify_many(std::string_view token,
                                   const coauth::detail::id_token_expectations& expected, int count)
{
    for (int i = 0; i < count; ++i) {
        const auto verified = coauth::detail::verify_id_token(token, expected, coauth::limits());
        require(verified.has_value(), "verify_id_token");
    }
}

void verify_id_token(int count)
{
    constexpr std::int64_t issued_at = 1'900'000'000;
    const auto algorithm = coauth::signing_algorithm::rs256;
    const coauth::signing_key key = coauth::signing_key::generate(algorithm);
    const coauth::random_value nonce;
    boost::json::object header;
    header["alg"] = name(algorithm);
    header["kid"] = key.key_id();
    boost::json::object claims;
    claims["iss"] = issuer;
    claims["aud"] = client_id;
    claims["sub"] = "10769150350006150715113082367";
    claims["email"] = "jane.doe@mail.example";
    claims["email_verified"] = true;
    claims["name"] = "Jane Doe";
    claims["picture"] = "https://images.provider.example/a/ACg8ocKJ3vFN8xQbTzUo=s96-c";
    claims["nonce"] = nonce.to_string();
    claims["iat"] = issued_at;
    claims["exp"] = issued_at + 3600;
    const std::string token = key.sign(header, claims);
    boost::json::object published;
    published["keys"] = boost::json::array(1, key.public_jwk());
    const auto keys = coauth::jwk_set::parse(boost::json::serialize(published)).value();

    const coauth::openid_registration registration;
    coauth::detail::id_token_expectations expected;
    expected.registration = &registration;
    expected.issuer = issuer;
    expected.client_id = client_id;
    expected.algorithms = coauth::default_signing_algorithms;
    expected.keys = &keys;
    expected.nonce = &nonce;
    expected.now = std::chrono::system_clock::time_point(std::chrono::seconds(issued_at + 1));
    verify_many(token, expected, count);
}

boost::asio::awaitable<void> ask(coauth::managed_grant& grant, int count)
{
    for (int i = 0; i < count; ++i) {
        auto tokens = co_await grant.token();
        require(tokens.has_value(), "token");
    }
}

void token(int count)
{
    scheduler_fixture fixture;
    fixture.run(fixture.manage(1));
    coauth::managed_grant grant;
    fixture.run(fixture.find(0, grant));
    fixture.run(ask(grant, count));
}

constexpr struct {
    std::string_view name;
    void (*run)(int count);
} operations[] = {{"begin_authorization", begin_authorization},
                  {"begin_and_accept", begin_and_accept},
                  {"parse_token_response", parse_token_response},
                  {"verify_id_token", verify_id_token},
                  {"token", token}};

} // namespace

int main(int argument_count, char** arguments)
{
    for (const auto& one : operations) {
        if (argument_count == 3 && one.name == arguments[1]) {
            one.run(std::atoi(arguments[2]));
            return 0;
        }
        if (argument_count == 1)
            std::cout << one.name << '\n';
    }
    return argument_count == 1 ? 0 : 2;
}
