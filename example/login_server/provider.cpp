#include "provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>

namespace asio = boost::asio;

namespace login_server {
namespace {

constexpr std::size_t most_exchanges_at_once = 64;
constexpr std::chrono::seconds longest_wait_for_an_exchange{10};

} // namespace

provider::provider(asio::any_io_executor executor, options from, std::string redirect_uri,
                   coauth::any_transport transport, event_log log)
    : executor_(std::move(executor)),
      options_(std::move(from)),
      redirect_uri_(std::move(redirect_uri)),
      transport_(std::move(transport)),
      log_(log),
      back_channel_(executor_, most_exchanges_at_once, longest_wait_for_an_exchange)
{
}

std::shared_ptr<provider> provider::make(asio::any_io_executor executor, options from,
                                         std::string redirect_uri, coauth::any_transport transport,
                                         event_log log)
{
    std::shared_ptr<provider> out(new provider(std::move(executor), std::move(from), std::move(redirect_uri),
                                               std::move(transport), log));
    if (out->options_.provider == provider_kind::endpoints) {
        coauth::server_metadata server(out->options_.authorization_endpoint, out->options_.token_endpoint);
        server.set_userinfo_endpoint(out->options_.userinfo_endpoint);
        try {
            out->client_ = std::make_shared<sign_in_client>(
                sign_in_client::make(out->options_, out->redirect_uri_, std::move(server), out->transport_));
        } catch (const coauth::exception& failure) {
            throw option_error("the provider's endpoints cannot be used: " +
                               failure.reason().code().message());
        }
    }
    return out;
}

std::string provider::name() const
{
    switch (options_.provider) {
    case provider_kind::discovered:
        return options_.issuer.url().host();
    case provider_kind::endpoints:
        return options_.authorization_endpoint.host();
    case provider_kind::embedded:
        break;
    }
    return "the embedded provider";
}

asio::awaitable<provider::client_result> provider::client()
{
    const auto self = shared_from_this();
    if (client_)
        co_return client_;
    if (!flight_) {
        flight_ = std::make_shared<flight<client_result>>(executor_);
        // By itself: whoever waits may go away without taking it along.
        asio::co_spawn(executor_, discover(self, flight_), asio::detached);
    }
    const auto mine = flight_;
    co_await mine->wait();
    if (!mine->outcome())
        co_return coauth::error(coauth::error_code(asio::error::operation_aborted));
    co_return *mine->outcome();
}

asio::awaitable<void> provider::discover(std::shared_ptr<provider> self,
                                         std::shared_ptr<flight<client_result>> mine)
{
    const landing at_the_end(self->flight_);
    coauth::result<coauth::server_metadata> found =
        co_await coauth::discover_server_metadata(self->transport_, self->options_.issuer);
    client_result outcome = coauth::error(coauth::errc::invalid_metadata);
    if (found) {
        try {
            outcome = std::make_shared<sign_in_client>(sign_in_client::make(
                self->options_, self->redirect_uri_, std::move(*found), self->transport_));
        } catch (const coauth::exception& failure) {
            outcome = failure.reason();
        }
    } else {
        outcome = found.error();
    }
    const std::string& issuer = self->options_.issuer.string();
    if (outcome) {
        self->client_ = *outcome;
        self->log_.write("provider.discovered", {{"issuer", issuer}});
    } else {
        self->log_.write("provider.discovery_failed",
                         {{"issuer", issuer}, {"code", outcome.error().qualified_name()}});
    }
    mine->land(std::move(outcome));
}

} // namespace login_server
