#ifndef COAUTH_IMPL_TESTING_AUTHORIZATION_SERVER_IPP
#define COAUTH_IMPL_TESTING_AUTHORIZATION_SERVER_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/listener.hpp>
#include <coauth/testing/detail/server_core.hpp>

namespace coauth::inline COAUTH_MODE::testing {

COAUTH_DECL authorization_server::authorization_server(authorization_server_configuration configuration)
    : core_(std::make_shared<detail::server_core>(std::move(configuration)))
{
}

COAUTH_DECL authorization_server::~authorization_server() { stop(); }

COAUTH_DECL void authorization_server::listen()
{
    const auto& configuration = core_->configuration();
    const certificate_authority authority =
        configuration.authority() ? *configuration.authority() : certificate_authority();
    ca_pem_ = authority.certificate_pem();
    listen_with(configuration.certificate() ? *configuration.certificate() : authority.issue_for_loopback());
}

COAUTH_DECL void authorization_server::listen(insecure::http_to_loopback_t) { listen_with(std::nullopt); }

COAUTH_DECL void
authorization_server::listen_with(std::optional<certificate_authority::certificate> certificate)
{
    listener_.reset();
    listener_ = std::make_unique<detail::listener>(core_, core_->configuration().port(), certificate);
    core_->set_origin((certificate ? "https://127.0.0.1:" : "http://127.0.0.1:") +
                      std::to_string(listener_->port()));
    core_->current_key(); // made now, so that no request waits for it
    listener_->start();
}

COAUTH_DECL void authorization_server::stop()
{
    core_->stop();
    listener_.reset();
}

COAUTH_DECL std::string authorization_server::issuer() const { return core_->issuer(); }

COAUTH_DECL std::string authorization_server::url(testing::endpoint of) const
{
    return core_->origin() + core_->path_of(of);
}

COAUTH_DECL std::string authorization_server::ca_pem() const { return ca_pem_; }

COAUTH_DECL testing::in_process_transport authorization_server::in_process_transport() const
{
    return testing::in_process_transport(core_);
}

COAUTH_DECL void authorization_server::add_user(user value) { core_->add_user(std::move(value)); }

COAUTH_DECL void authorization_server::add_client(registered_client value)
{
    core_->add_client(std::move(value));
}

COAUTH_DECL browser_result authorization_server::sign_in(std::string_view authorization_url,
                                                         std::string_view user_name,
                                                         std::string_view password) const
{
    return browser(core_).sign_in(authorization_url, user_name, password);
}

COAUTH_DECL browser_result authorization_server::deny(std::string_view authorization_url,
                                                      std::string_view user_name,
                                                      std::string_view password) const
{
    return browser(core_).deny(authorization_url, user_name, password);
}

COAUTH_DECL std::vector<server_request> authorization_server::requests() const
{
    return core_->record().all(std::nullopt);
}

COAUTH_DECL std::vector<server_request> authorization_server::requests(testing::endpoint at) const
{
    return core_->record().all(at);
}

COAUTH_DECL std::size_t authorization_server::count(testing::endpoint at) const
{
    return core_->record().count(at);
}

COAUTH_DECL std::size_t authorization_server::count() const { return core_->record().count(std::nullopt); }

COAUTH_DECL void authorization_server::clear_requests() { core_->record().clear(); }

COAUTH_DECL void authorization_server::on_request(testing::endpoint at, request_hook hook)
{
    core_->request_hooks().set(at, std::move(hook));
}

COAUTH_DECL void authorization_server::on_answer(testing::endpoint at, answer_hook hook)
{
    core_->answer_hooks().set(at, std::move(hook));
}

COAUTH_DECL void authorization_server::on_id_token(id_token_hook hook)
{
    on_jwt(server_jwt::id_token, std::move(hook));
}

COAUTH_DECL void authorization_server::on_jwt(server_jwt kind, claims_hook hook)
{
    core_->claims_hooks().set(kind, std::move(hook));
}

COAUTH_DECL void authorization_server::on_signing(server_jwt kind, signing_hook hook)
{
    core_->signing_hooks().set(kind, std::move(hook));
}

COAUTH_DECL void authorization_server::clear_hooks()
{
    core_->request_hooks().clear();
    core_->answer_hooks().clear();
    core_->claims_hooks().clear();
    core_->signing_hooks().clear();
}

COAUTH_DECL void authorization_server::behave() { clear_hooks(); }

COAUTH_DECL std::string authorization_server::sign(const boost::json::object& header,
                                                   const boost::json::object& claims) const
{
    return signing_key().sign(header, claims);
}

COAUTH_DECL signing_key authorization_server::signing_key() const { return core_->current_key(); }

COAUTH_DECL signing_key authorization_server::signing_key(signing_algorithm algorithm) const
{
    return core_->keys().current(algorithm);
}

COAUTH_DECL std::string authorization_server::signing_key_id() const { return signing_key().key_id(); }

COAUTH_DECL void authorization_server::rotate_signing_key()
{
    core_->current_key(); // also if it has not signed anything yet
    core_->keys().rotate();
}

COAUTH_DECL void authorization_server::on_backchannel_logout(backchannel_logout_hook hook)
{
    core_->set_backchannel_hook(std::move(hook));
}

COAUTH_DECL std::string authorization_server::make_logout_token(std::string_view client_id,
                                                                std::string_view subject,
                                                                std::string_view session_id) const
{
    return core_->logout_token(client_id, subject, session_id);
}

COAUTH_DECL void authorization_server::revoke_everything() { core_->revoke_everything(); }

COAUTH_DECL browser::browser(const authorization_server& server) : core_(server.core_) {}

} // namespace coauth::inline COAUTH_MODE::testing

#endif
