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

coauth::client make(const provider& at, const provider_client& as, const std::string& secret,
                    const coauth::openid_registration& openid, const coauth::https_transport& over)
{
    if (as.authentication_method == "none")
        return make_client_of(at, as.client_id, coauth::public_client(), openid, over);
    if (as.authentication_method == "client_secret_post")
        return make_client_of(at, as.client_id, coauth::client_secret_post(coauth::secret(secret)), openid,
                              over);
    return make_client_of(at, as.client_id, coauth::client_secret_basic(coauth::secret(secret)), openid,
                          over);
}

} // namespace

coauth::client make_client(const provider& at, const provider_client& as,
                           const coauth::openid_registration& openid, const coauth::https_transport& over)
{
    return make(at, as, as.client_secret, openid, over);
}

coauth::client make_client(const provider& at, const provider_client& as, const coauth::https_transport& over)
{
    return make_client(at, as, {}, over);
}

coauth::client make_client_with_secret(const provider& at, const provider_client& as, std::string secret)
{
    return make(at, as, secret, {}, make_transport());
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

coauth::result<coauth::token_set> finish(coauth::client& client, const landing& back)
{
    auto code = run(client.accept_callback(back.callback()));
    if (!code)
        return code.error();
    return run(client.exchange(std::move(*code)));
}

coauth::token_set sign_in(coauth::client& client, web_browser& browser,
                          const coauth::authorization_parameters& parameters)
{
    auto tokens = finish(client, sign_in_at(client, browser, parameters));
    return std::move(tokens).value();
}

coauth::token_set sign_in(coauth::client& client, const coauth::authorization_parameters& parameters)
{
    web_browser browser = make_browser();
    return sign_in(client, browser, parameters);
}

} // namespace coauth_test
