#include "relying_party.hpp"

#include "run.hpp"

#include <stdexcept>

namespace coauth_test {

coauth::https_transport make_transport()
{
    coauth::https_transport_settings settings;
    settings.trust_only_added_authorities().add_authorities(provider::authority().certificate_pem());
    return coauth::https_transport::create(std::move(settings)).value();
}

web_browser make_browser() { return web_browser(provider::authority().certificate_pem()); }

namespace {

template <class Authentication>
coauth::client make(const provider& at, const std::string& client_id, Authentication authentication,
                    const coauth::https_transport& over)
{
    auto server = run(coauth::discover_server_metadata(over, coauth::issuer::parse(at.issuer()).value()));
    return coauth::client(std::move(server).value(),
                          coauth::client_registration(client_id, std::move(authentication),
                                                      coauth::redirect_uri::parse(web_redirect_uri).value()),
                          over);
}

coauth::client make(const provider& at, const provider_client& as, const std::string& secret,
                    const coauth::https_transport& over)
{
    if (as.authentication_method == "none")
        return make(at, as.client_id, coauth::public_client(), over);
    if (as.authentication_method == "client_secret_post")
        return make(at, as.client_id, coauth::client_secret_post(coauth::secret(secret)), over);
    return make(at, as.client_id, coauth::client_secret_basic(coauth::secret(secret)), over);
}

} // namespace

coauth::client make_client(const provider& at, const provider_client& as, const coauth::https_transport& over)
{
    return make(at, as, as.client_secret, over);
}

coauth::client make_client_with_secret(const provider& at, const provider_client& as, std::string secret)
{
    return make(at, as, secret, make_transport());
}

coauth::authorization_parameters usual_parameters()
{
    coauth::authorization_parameters out;
    out.scope = "openid profile email offline_access";
    out.prompt = "consent"; // without it no offline_access (OpenID Connect Core 11)
    return out;
}

landing sign_in_at(coauth::client& client, web_browser& browser,
                   const coauth::authorization_parameters& parameters, web_browser::decision decided)
{
    const auto request = run(client.begin_authorization(parameters));
    const web_page page = browser.walk(request.value().url(), web_redirect_uri, decided);
    if (page.status != 0)
        throw std::runtime_error("the provider's pages end with:\n" + page.body);
    return landing(*request, page);
}

coauth::token_set sign_in(coauth::client& client, const coauth::authorization_parameters& parameters)
{
    web_browser browser = make_browser();
    const landing back = sign_in_at(client, browser, parameters);
    auto code = run(client.accept_callback(back.callback()));
    auto tokens = run(client.exchange(std::move(code).value()));
    return std::move(tokens).value();
}

} // namespace coauth_test
