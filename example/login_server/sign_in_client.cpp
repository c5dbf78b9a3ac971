#include "sign_in_client.hpp"

#include <coauth/protocol/client_assertion.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

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

coauth::openid_registration openid_of(const options& from, const site& here)
{
    coauth::openid_registration out;
    if (from.id_token_secret)
        out.set_id_token_signed_response_alg(*from.id_token_secret);
    else if (from.id_token_algorithms)
        out.set_id_token_signed_response_alg(*from.id_token_algorithms);
    return out.set_post_logout_redirect_uri(here.post_logout_redirect_uri());
}

/// The audience of what the client signs: the provider, or if nobody said who that is, the endpoint that was named.
template <class Method>
Method addressed(Method method, const options& from)
{
    if (from.provider == provider_kind::endpoints)
        method.set_audience(from.token_endpoint.string());
    return method;
}

} // namespace

template <class Policy>
sign_in_client sign_in_client::make_with(const options& from, const site& here, server at,
                                         coauth::any_transport transport,
                                         std::shared_ptr<typename Policy::state_store> store)
{
    const auto with = [&](auto authentication) {
        coauth::client_registration registration(from.client_id, std::move(authentication),
                                                 coauth::redirect_uri::parse(here.redirect_uri()).value());
        registration.set_openid(openid_of(from, here));
        coauth::basic_client<Policy> client(std::move(at), std::move(registration), std::move(transport),
                                            std::move(store), patience());
        if (!from.resource.empty())
            client.allow_resource_origin(from.resource);
        return sign_in_client(std::move(client));
    };
    switch (from.authentication) {
    case authentication_method::client_secret_basic:
        return with(coauth::client_secret_basic(from.client_secret));
    case authentication_method::client_secret_post:
        return with(coauth::client_secret_post(from.client_secret));
    case authentication_method::client_secret_jwt:
        return with(addressed(coauth::client_secret_jwt(from.client_assertion_secret.value()), from));
    case authentication_method::private_key_jwt:
        return with(addressed(coauth::private_key_jwt(from.client_key.value()), from));
    case authentication_method::none:
        break;
    }
    return with(coauth::public_client());
}

template <class Policy>
sign_in_client sign_in_client::make_for(const options& from, const site& here, server at,
                                        coauth::any_transport transport, const stores& kept)
{
    switch (from.state_store) {
    case state_store_kind::sealed:
        return make_with<in_the_cookie<Policy>>(
            from, here, std::move(at), std::move(transport),
            std::make_shared<coauth::sealed_state_store>(kept.keys.value()));
    case state_store_kind::redis:
        return make_with<at_a_distance<Policy>>(from, here, std::move(at), std::move(transport),
                                                kept.state_store);
    case state_store_kind::memory:
        break;
    }
    return make_with<Policy>(from, here, std::move(at), std::move(transport),
                             std::make_shared<typename Policy::state_store>(patience()));
}

sign_in_client sign_in_client::make(const options& from, const site& here, server at,
                                    coauth::any_transport transport, const stores& kept)
{
    if (from.policy == security_policy::oauth20_compatible)
        return make_for<coauth::oauth20_compatible>(from, here, std::move(at), std::move(transport), kept);
    return make_for<coauth::oauth21>(from, here, std::move(at), std::move(transport), kept);
}

std::shared_ptr<coauth::refresh_scheduler>
sign_in_client::make_scheduler(const boost::asio::any_io_executor& executor,
                               const coauth::any_token_store& store) const
{
    return std::visit(
        [&](const auto& client) {
            return std::make_shared<coauth::refresh_scheduler>(executor, client, store);
        },
        client_);
}

} // namespace login_server
