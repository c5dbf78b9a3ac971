#include "server_fixture.hpp"
#include "run.hpp"

#include <coauth/detail/base64url.hpp>
#include <coauth/protocol/form.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>

namespace coauth_test {

using coauth::testing::endpoint;

form& form::set(std::string name, std::string value)
{
    return remove(name).add(std::move(name), std::move(value));
}

form& form::add(std::string name, std::string value)
{
    values_.emplace_back(std::move(name), std::move(value));
    return *this;
}

form& form::remove(std::string_view name)
{
    std::erase_if(values_, [&](const auto& value) { return value.first == name; });
    return *this;
}

std::string form::text() const
{
    std::string out;
    for (const auto& [name, value] : values_)
        coauth::detail::append_form_parameter(out, name, value);
    return out;
}

boost::json::object reply::json() const
{
    boost::system::error_code failure;
    const auto value = boost::json::parse(body(), failure);
    BOOST_TEST_REQUIRE(!failure);
    return value.as_object();
}

std::string reply::text(std::string_view member) const
{
    const auto object = json();
    const auto* value = object.if_contains(member);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

namespace {

coauth::testing::authorization_server_configuration
with_clock(coauth::testing::authorization_server_configuration configuration,
           std::shared_ptr<std::atomic<std::int64_t>> offset)
{
    return configuration.set_clock([offset = std::move(offset)] {
        return std::chrono::system_clock::time_point(std::chrono::seconds(2'000'000'000 + *offset));
    });
}

} // namespace

server_fixture::server_fixture(coauth::testing::authorization_server_configuration configuration)
    : server(with_clock(std::move(configuration), offset_))
{
    using coauth::testing::registered_client;
    server.add_user(coauth::testing::user(std::string(user_name), std::string(password))
                        .set_subject("248289761001")
                        .set_claim("name", "Ada")
                        .set_claim("email", "ada@example.com")
                        .set_claim("email_verified", true)
                        .set_claim("updated_at", 1'700'000'000));
    server.add_user(coauth::testing::user("bea", "another password"));
    const std::string uri(redirect);
    server.add_client(registered_client("client", "se:cret+1").set_name("The Client").add_redirect_uri(uri));
    server.add_client(registered_client("posting", "other secret")
                          .set_authentication(coauth::testing::client_authentication::client_secret_post)
                          .add_redirect_uri(uri));
    server.add_client(
        registered_client("public").add_redirect_uri(uri).add_redirect_uri("com.example.app:/callback"));
}

std::chrono::system_clock::time_point server_fixture::now() const
{
    return std::chrono::system_clock::time_point(std::chrono::seconds(2'000'000'000 + *offset_));
}

reply server_fixture::send(std::string method, std::string url, std::string body, fields with) const
{
    coauth::http_request request(
        std::move(method), coauth::endpoint_url::parse(url, coauth::insecure::http_to_loopback).value());
    for (auto& [name, value] : with)
        request.add_field(name, coauth::secret(value));
    request.set_body(coauth::secret(std::move(body)));
    auto transport = server.in_process_transport();
    return reply(run(transport.send(std::move(request))).value());
}

reply server_fixture::get(endpoint at, fields with) const
{
    return send("GET", server.url(at), {}, std::move(with));
}

reply server_fixture::post(endpoint at, const form& body, fields with) const
{
    with.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return send("POST", server.url(at), body.text(), std::move(with));
}

form server_fixture::question() const
{
    return form({{"response_type", "code"},
                 {"client_id", "client"},
                 {"redirect_uri", std::string(redirect)},
                 {"scope", "openid profile email api"},
                 {"state", "the state"},
                 {"nonce", "the nonce"},
                 {"code_challenge", std::string(challenge)},
                 {"code_challenge_method", "S256"}});
}

std::string server_fixture::url(const form& question) const
{
    return server.url(endpoint::authorization) + '?' + question.text();
}

coauth::testing::browser_result server_fixture::sign_in(const form& question) const
{
    return server.sign_in(url(question), user_name, password);
}

std::string server_fixture::code(const form& question) const
{
    const auto result = sign_in(question);
    BOOST_TEST_REQUIRE(result.returned(), result.page());
    return result.parameter("code");
}

form server_fixture::code_exchange(const std::string& code) const
{
    return form({{"grant_type", "authorization_code"},
                 {"code", code},
                 {"redirect_uri", std::string(redirect)},
                 {"code_verifier", std::string(verifier)}});
}

form server_fixture::refreshing(const std::string& token) const
{
    return form({{"grant_type", "refresh_token"}, {"refresh_token", token}});
}

server_fixture::fields server_fixture::basic(std::string_view id, std::string_view secret)
{
    coauth::detail::secure_bytes pair;
    coauth::detail::append_form_encoded(pair, id);
    pair.push_back(':');
    coauth::detail::append_form_encoded(pair, secret);
    std::string text(pair.size() / 3 * 4 + 5, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(pair.data()), static_cast<int>(pair.size()));
    return {{"Authorization", "Basic " + text.substr(0, static_cast<std::size_t>(size))}};
}

reply server_fixture::exchange(const std::string& code) const
{
    return post(endpoint::token, code_exchange(code), client_proof());
}

reply server_fixture::refresh(const std::string& token) const
{
    return post(endpoint::token, refreshing(token), client_proof());
}

unsigned server_fixture::api_status(const std::string& access_token) const
{
    return get(endpoint::api, bearer(access_token)).status();
}

boost::json::object part_of_jwt(std::string_view jwt, std::size_t index)
{
    for (; index != 0; --index)
        jwt.remove_prefix(jwt.find('.') + 1);
    jwt = jwt.substr(0, jwt.find('.'));
    std::string out(coauth::detail::base64url_decoded_size(jwt.size()), '\0');
    BOOST_TEST_REQUIRE(coauth::detail::base64url_decode(jwt, reinterpret_cast<unsigned char*>(out.data())));
    return boost::json::parse(out).as_object();
}

} // namespace coauth_test
