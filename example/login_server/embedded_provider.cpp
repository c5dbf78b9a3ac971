#include "embedded_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <array>
#include <utility>

namespace asio = boost::asio;

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

/// What ID tokens are signed with, if the command line says it.
std::optional<coauth::testing::token_algorithm> signed_with(const options& from)
{
    if (from.id_token_hmac)
        return *from.id_token_hmac;
    for (unsigned char i = 0; i <= static_cast<unsigned char>(coauth::signing_algorithm::eddsa); ++i)
        if (from.id_token_algorithms && from.id_token_algorithms->contains(coauth::signing_algorithm(i)))
            return coauth::signing_algorithm(i);
    return std::nullopt;
}

asio::awaitable<void> deliver(coauth::any_transport transport, coauth::endpoint_url to, std::string form,
                              event_log log)
{
    coauth::http_request request("POST", std::move(to));
    request.add_field("Content-Type", coauth::secret("application/x-www-form-urlencoded"))
        .set_body(coauth::secret(std::move(form)));
    const coauth::result<coauth::http_response> answer = co_await transport.send(std::move(request));
    log.write("provider.logout_delivered", {{"status", std::int64_t{answer ? answer->status() : 0}}});
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

void embedded_provider::start(options& into, const site& here, const std::string& listen_origin)
{
    server_.listen(coauth::insecure::http_to_loopback);
    std::string secret = random_text() + random_text(); // enough for HS512
    into.client_id = "login-server";
    into.client_secret = coauth::secret(std::string_view(secret));
    into.authentication = authentication_method::client_secret_basic;
    into.issuer = coauth::issuer::parse(server_.issuer(), coauth::insecure::http_to_loopback).value();
    if (into.resource.empty())
        into.resource = parse_endpoint("--resource", server_.url(coauth::testing::endpoint::api), true);
    coauth::testing::registered_client application(into.client_id, std::move(secret));
    application.set_name("Login server")
        .add_redirect_uri(here.redirect_uri())
        .set_backchannel_logout_uri(listen_origin + "/backchannel-logout");
    if (!here.post_logout_redirect_uri().empty())
        application.add_post_logout_redirect_uri(here.post_logout_redirect_uri().string());
    if (const auto algorithm = signed_with(into))
        application.set_id_token_signed_response_alg(*algorithm);
    if (into.id_token_hmac)
        into.id_token_secret = secret_for_signing(into, *into.id_token_hmac, "--id-token-alg");
    server_.add_client(std::move(application));
}

void embedded_provider::deliver_logouts(asio::io_context& context, coauth::any_transport transport,
                                        event_log log)
{
    server_.on_backchannel_logout(
        [&context, transport = std::move(transport), log](const std::string& uri, const std::string& form) {
            const auto to = coauth::endpoint_url::parse(uri, coauth::insecure::http_to_loopback);
            if (to) // not if --listen is no loopback address
                asio::co_spawn(context, deliver(transport, *to, form, log), asio::detached);
        });
}

} // namespace login_server
