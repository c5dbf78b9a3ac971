#include "sign_in_client.hpp"

namespace login_server {
namespace {

/// What one person, who is waiting, can be expected to wait.
coauth::limits patience()
{
    coauth::limits out;
    out.exchange_deadline = std::chrono::seconds(10);
    out.resource_deadline = std::chrono::seconds(10);
    return out;
}

} // namespace

template <class Policy>
sign_in_client sign_in_client::make_with(const options& from, const std::string& redirect_uri,
                                         coauth::server_metadata server, coauth::any_transport transport)
{
    const auto with = [&](auto authentication) {
        coauth::basic_client<Policy> client(
            std::move(server),
            coauth::client_registration(from.client_id, std::move(authentication),
                                        coauth::redirect_uri::parse(redirect_uri).value()),
            std::move(transport), patience());
        if (!from.resource.empty())
            client.allow_resource_origin(from.resource);
        return sign_in_client(std::move(client));
    };
    switch (from.authentication) {
    case authentication_method::client_secret_basic:
        return with(coauth::client_secret_basic(from.client_secret));
    case authentication_method::client_secret_post:
        return with(coauth::client_secret_post(from.client_secret));
    case authentication_method::none:
        break;
    }
    return with(coauth::public_client());
}

sign_in_client sign_in_client::make(const options& from, const std::string& redirect_uri,
                                    coauth::server_metadata server, coauth::any_transport transport)
{
    if (from.policy == security_policy::oauth20_compatible)
        return make_with<coauth::oauth20_compatible>(from, redirect_uri, std::move(server),
                                                     std::move(transport));
    return make_with<coauth::oauth21>(from, redirect_uri, std::move(server), std::move(transport));
}

} // namespace login_server
