#include "provider.hpp"

namespace asio = boost::asio;

namespace login_server {
namespace {

constexpr std::size_t most_exchanges_at_once = 64;
constexpr std::chrono::seconds longest_wait_for_an_exchange{10};

sign_in_client make_client(const options& from, const site& here, coauth::any_transport transport,
                           const stores& kept)
{
    if (from.provider != provider_kind::endpoints)
        return sign_in_client::make(from, here, from.issuer, std::move(transport), kept);
    coauth::server_metadata server(from.authorization_endpoint, from.token_endpoint);
    server.set_userinfo_endpoint(from.userinfo_endpoint);
    try {
        return sign_in_client::make(from, here, std::move(server), std::move(transport), kept);
    } catch (const coauth::exception& failure) {
        throw option_error("the provider's endpoints cannot be used: " + failure.reason().code().message());
    }
}

std::string name_of(const options& from)
{
    switch (from.provider) {
    case provider_kind::discovered:
        return from.issuer.url().host();
    case provider_kind::endpoints:
        return from.authorization_endpoint.host();
    case provider_kind::embedded:
        break;
    }
    return "the embedded provider";
}

} // namespace

provider::provider(asio::any_io_executor executor, const options& from, const site& here,
                   coauth::any_transport transport, const stores& kept)
    : client_(make_client(from, here, std::move(transport), kept)),
      name_(name_of(from)),
      back_channel_(std::move(executor), most_exchanges_at_once, longest_wait_for_an_exchange)
{
}

} // namespace login_server
