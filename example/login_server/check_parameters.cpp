#include "options.hpp"

#include <coauth/policy/transport.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>
#include <optional>

namespace login_server {
namespace {

/// Nothing is sent to find out.
struct no_transport {
    boost::asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request)
    {
        co_return coauth::error(coauth::errc::connection_failed);
    }
};

/// What the library says to a request with these parameters.
std::optional<coauth::error> judge(const coauth::authorization_parameters& parameters)
{
    const auto endpoint = coauth::endpoint_url::parse("https://provider.invalid/").value();
    coauth::server_metadata server(endpoint, endpoint);
    server.set_issuer(coauth::issuer::parse("https://provider.invalid").value()).set_jwks_uri(endpoint);
    coauth::client client(
        std::move(server),
        coauth::client_registration("client", coauth::public_client(),
                                    coauth::redirect_uri::parse("https://client.invalid/").value()),
        no_transport());
    std::optional<coauth::error> out;
    boost::asio::io_context context;
    boost::asio::co_spawn(
        context, client.begin_authorization(parameters),
        [&out](std::exception_ptr failure, const coauth::result<coauth::authorization_request>& made) {
            if (failure)
                std::rethrow_exception(failure);
            if (!made)
                out = made.error();
        });
    context.run();
    return out;
}

} // namespace

void check_authorization_parameters(const options& from)
{
    coauth::authorization_parameters parameters;
    parameters.scope = from.scope;
    if (judge(parameters))
        throw option_error("--scope holds a character that a scope cannot have");
    std::vector<coauth::parameter> extra;
    for (const auto& [name, value] : from.authorize_parameters) {
        extra.push_back({name, value});
        parameters.extra = extra;
        const auto wrong = judge(parameters);
        if (!wrong)
            continue;
        // Names go to the terminal only if they could be names.
        const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
        const std::string line = "--authorize-param " + (plain ? name + ": " : "");
        throw option_error(*wrong == coauth::errc::reserved_parameter
                               ? line + "the library sets this parameter itself, or it is given twice"
                               : line + wrong->code().message());
    }
}

} // namespace login_server
