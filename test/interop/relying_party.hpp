// The library as a client of the provider.
#ifndef COAUTH_TEST_INTEROP_RELYING_PARTY_HPP
#define COAUTH_TEST_INTEROP_RELYING_PARTY_HPP

#include "provider.hpp"
#include "web_browser.hpp"

#include <coauth.hpp>
#include <coauth/https_transport.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace coauth_test {

/// Trusts the provider's certificate, and no other.
coauth::https_transport make_transport();
web_browser make_browser();

/// A client that knows the provider by its issuer only, and asks for the rest when it needs it.
template <class Authentication>
coauth::client make_client_of(const provider& at, const std::string& client_id, Authentication authentication,
                              coauth::openid_registration openid = {},
                              const coauth::https_transport& over = make_transport())
{
    openid.set_post_logout_redirect_uri(coauth::redirect_uri::parse(post_logout_redirect_uri).value());
    coauth::client_registration registration(client_id, std::move(authentication),
                                             coauth::redirect_uri::parse(web_redirect_uri).value());
    registration.set_openid(std::move(openid));
    coauth::limits bounds;
    bounds.discovery_deadline = bounds.exchange_deadline; // the provider's first answer takes it a while
    return coauth::client(coauth::issuer::parse(at.issuer()).value(), std::move(registration), over, bounds);
}

/// The same with a secret, or as a public client.
coauth::client make_client(const provider& at, const provider_client& as,
                           const coauth::openid_registration& openid,
                           const coauth::https_transport& over = make_transport());
coauth::client make_client(const provider& at, const provider_client& as,
                           const coauth::https_transport& over = make_transport());
/// The client with another secret than the provider has.
coauth::client make_client_with_secret(const provider& at, const provider_client& as, std::string secret);

/// Where an authorization request led.
class landing {
public:
    landing(const coauth::authorization_request& request, const web_page& page)
        : parameters(page.parameters()), method(page.method), browser_binding(request.browser_binding())
    {
    }

    /// The callback as it is; change parameters and browser_binding to forge it.
    coauth::callback_parameters callback() const
    {
        coauth::callback_parameters out;
        out.parameters = parameters;
        out.browser_binding = browser_binding;
        if (method == "POST")
            out.response_mode = coauth::response_mode::form_post;
        return out;
    }

    std::string parameters;
    std::string method;
    std::string browser_binding;
};

/// What is asked for if nothing else is said: everything, refresh tokens included.
coauth::authorization_parameters usual_parameters();

/// Begin, and walk through the provider's pages until they send the browser back.
landing sign_in_at(coauth::client& client, web_browser& browser,
                   const coauth::authorization_parameters& parameters = usual_parameters(),
                   web_browser::decision decided = web_browser::decision::agree);

/// From where an authorization request led to tokens.
coauth::result<coauth::token_set> finish(coauth::client& client, const landing& back);

/// The whole way to tokens, in this browser or in a new one.
coauth::token_set sign_in(coauth::client& client, web_browser& browser,
                          const coauth::authorization_parameters& parameters = usual_parameters());
coauth::token_set sign_in(coauth::client& client,
                          const coauth::authorization_parameters& parameters = usual_parameters());

/// The error's qualified name, or `ok`.
template <class T>
std::string outcome(const coauth::result<T>& of)
{
    return of ? "ok" : of.error().qualified_name();
}

} // namespace coauth_test

#endif
