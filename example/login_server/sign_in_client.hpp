// coauth::basic_client, whichever policy the command line chose.
#ifndef LOGIN_SERVER_SIGN_IN_CLIENT_HPP
#define LOGIN_SERVER_SIGN_IN_CLIENT_HPP

#include "options.hpp"

#include <coauth.hpp>

#include <string>
#include <utility>
#include <variant>

namespace login_server {

class sign_in_client {
public:
    /** @throws coauth::exception as the constructor of basic_client */
    static sign_in_client make(const options& from, const std::string& redirect_uri,
                               coauth::server_metadata server, coauth::any_transport transport);

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
    boost::asio::awaitable<coauth::result<coauth::token_set>> exchange(coauth::authorization_code&& code)
    {
        return std::visit([&](auto& client) { return client.exchange(std::move(code)); }, client_);
    }
    boost::asio::awaitable<coauth::result<coauth::token_set>> refresh(const coauth::token_set& current)
    {
        return std::visit([&](auto& client) { return client.refresh(current); }, client_);
    }
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
    const coauth::server_metadata& server() const
    {
        return std::visit(
            [](const auto& client) -> const coauth::server_metadata& { return client.server(); }, client_);
    }

private:
    template <class Policy>
    explicit sign_in_client(coauth::basic_client<Policy> client) : client_(std::move(client))
    {
    }
    template <class Policy>
    static sign_in_client make_with(const options& from, const std::string& redirect_uri,
                                    coauth::server_metadata server, coauth::any_transport transport);

    std::variant<coauth::client, coauth::basic_client<coauth::oauth20_compatible>> client_;
};

} // namespace login_server

#endif
