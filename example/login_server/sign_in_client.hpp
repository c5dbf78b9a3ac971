// coauth::basic_client, whichever policy the command line chose.
#ifndef LOGIN_SERVER_SIGN_IN_CLIENT_HPP
#define LOGIN_SERVER_SIGN_IN_CLIENT_HPP

#include "options.hpp"
#include "site.hpp"
#include "stores.hpp"

#include <coauth.hpp>
#include <coauth/policy/sealed_state_store.hpp>
#include <coauth/refresh_scheduler.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <variant>

namespace login_server {

/// A policy whose pending sign-ins other processes have, too.
template <class Policy>
struct at_a_distance : Policy {
    using state_store = distant_state_store;
};

/// A policy whose pending sign-ins browsers keep, sealed.
template <class Policy>
struct in_the_cookie : Policy {
    using state_store = coauth::sealed_state_store;
};

/// Copies are of the same client.
class sign_in_client {
public:
    using server = coauth::server_or_issuer;

    /** @throws coauth::exception as the constructor of basic_client */
    static sign_in_client make(const options& from, const site& here, server at,
                               coauth::any_transport transport, const stores& kept);

    boost::asio::awaitable<coauth::result<coauth::authorization_request>>
    begin_authorization(const coauth::authorization_parameters& parameters)
    {
        return std::visit([&](auto& client) { return client.begin_authorization(parameters); }, client_);
    }
    boost::asio::awaitable<coauth::result<coauth::authorization_code>>
    accept_callback(const coauth::callback_parameters& callback)
    {
        return std::visit([&](auto& client) { return client.accept_callback(callback); }, client_);
    }
    std::string cookie_suffix(std::string_view parameters) const
    {
        return std::visit([&](const auto& client) { return client.cookie_suffix(parameters); }, client_);
    }
    boost::asio::awaitable<coauth::result<coauth::token_set>> exchange(coauth::authorization_code&& code)
    {
        return std::visit([&](auto& client) { return client.exchange(std::move(code)); }, client_);
    }
    std::shared_ptr<coauth::refresh_scheduler> make_scheduler(const boost::asio::any_io_executor& executor,
                                                              const coauth::any_token_store& store) const;
    boost::asio::awaitable<coauth::result<coauth::userinfo>> fetch_userinfo(const coauth::token_set& tokens)
    {
        return std::visit([&](auto& client) { return client.fetch_userinfo(tokens); }, client_);
    }
    boost::asio::awaitable<coauth::result<coauth::resource_response>>
    fetch_resource(const coauth::token_set& tokens, const coauth::resource_parameters& parameters)
    {
        return std::visit([&](auto& client) { return client.fetch_resource(tokens, parameters); }, client_);
    }
    boost::asio::awaitable<coauth::result<void>> revoke(const coauth::token_set& tokens)
    {
        return std::visit([&](auto& client) { return client.revoke(tokens); }, client_);
    }
    boost::asio::awaitable<coauth::result<coauth::logout_request>>
    begin_logout(const coauth::logout_parameters& parameters)
    {
        return std::visit([&](auto& client) { return client.begin_logout(parameters); }, client_);
    }
    coauth::result<void> accept_logout_callback(std::string_view query, std::string_view expected_state) const
    {
        return std::visit(
            [&](const auto& client) { return client.accept_logout_callback(query, expected_state); },
            client_);
    }
    boost::asio::awaitable<coauth::result<coauth::logout_token>>
    accept_logout_token(std::string_view content_type, std::string_view body)
    {
        return std::visit([&](auto& client) { return client.accept_logout_token(content_type, body); },
                          client_);
    }
    coauth::result<void>
    accept_front_channel_logout(const coauth::front_channel_logout_parameters& parameters) const
    {
        return std::visit([&](const auto& client) { return client.accept_front_channel_logout(parameters); },
                          client_);
    }
    /// Null until the provider was discovered.
    std::shared_ptr<const coauth::server_metadata> server_metadata() const
    {
        return std::visit([](const auto& client) { return client.server(); }, client_);
    }

private:
    template <class Policy>
    explicit sign_in_client(coauth::basic_client<Policy> client) : client_(std::move(client))
    {
    }
    template <class Policy>
    static sign_in_client make_with(const options& from, const site& here, server at,
                                    coauth::any_transport transport,
                                    std::shared_ptr<typename Policy::state_store> store);
    template <class Policy>
    static sign_in_client make_for(const options& from, const site& here, server at,
                                   coauth::any_transport transport, const stores& kept);

    std::variant<coauth::client, coauth::basic_client<coauth::oauth20_compatible>,
                 coauth::basic_client<at_a_distance<coauth::oauth21>>,
                 coauth::basic_client<at_a_distance<coauth::oauth20_compatible>>,
                 coauth::basic_client<in_the_cookie<coauth::oauth21>>,
                 coauth::basic_client<in_the_cookie<coauth::oauth20_compatible>>>
        client_;
};

} // namespace login_server

#endif
