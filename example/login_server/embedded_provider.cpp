#include "embedded_provider.hpp"

#include <array>

namespace login_server {
namespace {

coauth::testing::authorization_server_configuration configuration()
{
    coauth::testing::authorization_server_configuration out;
    out.set_sign_in_note(embedded_provider::hint());
    out.set_api_scope("profile"); // among those that are asked for if nothing else is said
    return out;
}

std::string random_text()
{
    std::array<unsigned char, coauth::random_value::size_bytes> bytes{};
    coauth::openssl_random_source::fill(bytes).value();
    return coauth::random_value(bytes).to_string();
}

} // namespace

embedded_provider::embedded_provider() : server_(configuration())
{
    server_.add_user(coauth::testing::user(std::string(user_name), std::string(password))
                         .set_claim("name", "Alice")
                         .set_claim("email", "alice@example.com")
                         .set_claim("email_verified", true)
                         .set_claim("locale", "en"));
    server_.add_user(coauth::testing::user("bob", "builder")
                         .set_claim("name", "Bob")
                         .set_claim("email", "bob@example.com")
                         .set_claim("email_verified", false));
}

std::string embedded_provider::hint()
{
    return "For trying it out: sign in as " + std::string(user_name) + " with the password " +
           std::string(password) + ", or as bob with the password builder.";
}

void embedded_provider::start(options& into, const std::string& redirect_uri)
{
    server_.listen(coauth::insecure::http_to_loopback);
    std::string secret = random_text();
    into.client_id = "login-server";
    into.client_secret = coauth::secret(std::string_view(secret));
    into.authentication = authentication_method::client_secret_basic;
    into.issuer = coauth::issuer::parse(server_.issuer(), coauth::insecure::http_to_loopback).value();
    if (into.resource.empty())
        into.resource = parse_endpoint("--resource", server_.url(coauth::testing::endpoint::api), true);
    server_.add_client(coauth::testing::registered_client(into.client_id, std::move(secret))
                           .set_name("Login server")
                           .add_redirect_uri(redirect_uri));
}

} // namespace login_server
