#include "relying_party.hpp"
#include "run.hpp"

#include <coauth/https_transport.hpp>

#include <boost/test/unit_test.hpp>

namespace coauth_test {

using namespace coauth::testing;

namespace {

constexpr const char* redirect_uri = "https://client.example/callback";
constexpr const char* post_logout_uri = "https://client.example/signed-out";
constexpr const char* client_secret = "a secret that is long enough to sign with";
constexpr const char* context = "urn:example:strong";
constexpr std::chrono::minutes long_enough(1); // no server here is slow, but the machine may be

registered_client registered(std::string id)
{
    return registered_client(std::move(id), client_secret)
        .set_consent(consent::implied)
        .add_redirect_uri(redirect_uri)
        .add_post_logout_redirect_uri(post_logout_uri)
        .set_backchannel_logout_uri("https://client.example/back")
        .set_frontchannel_logout_uri("https://client.example/front");
}

class shared_server {
public:
    shared_server()
        : server(
              authorization_server_configuration().set_authentication_contexts({"urn:example:weak", context}))
    {
        prepare(server);
    }

    authorization_server server;
};

coauth::https_transport transport_for(const authorization_server& server)
{
    coauth::https_transport_settings settings;
    settings.trust_only_added_authorities().add_authorities(server.ca_pem());
    settings.set_connect_timeout(long_enough).set_handshake_timeout(long_enough);
    return coauth::https_transport::create(std::move(settings)).value();
}

std::string client_id(wish wanted)
{
    return wanted == wish::hs256 ? "hs256" : wanted == wish::signed_userinfo ? "signed" : "client";
}

coauth::client make_client(const authorization_server& server, wish wanted)
{
    coauth::openid_registration openid;
    openid.set_post_logout_redirect_uri(coauth::redirect_uri::parse(post_logout_uri).value());
    if (wanted == wish::hs256)
        openid.set_id_token_signed_response_alg(
            coauth::hmac_key(coauth::hmac_algorithm::hs256, coauth::secret(std::string_view(client_secret))));
    if (wanted == wish::signed_userinfo)
        openid.set_userinfo_signed_response_alg(coauth::signing_algorithm::rs256);
    if (wanted == wish::named_session)
        openid.set_logout_session_required(true);
    coauth::client_registration registration(
        client_id(wanted), coauth::client_secret_basic(coauth::secret(std::string_view(client_secret))),
        coauth::redirect_uri::parse(redirect_uri).value());
    registration.set_openid(std::move(openid));
    coauth::limits bounds;
    bounds.exchange_deadline = bounds.discovery_deadline = bounds.resource_deadline = long_enough;
    return coauth::client(coauth::issuer::parse(server.issuer()).value(), std::move(registration),
                          transport_for(server), bounds);
}

} // namespace

authorization_server& fresh_server()
{
    static shared_server shared;
    shared.server.behave();
    shared.server.on_backchannel_logout(nullptr);
    shared.server.revoke_everything();
    shared.server.clear_requests();
    return shared.server;
}

void prepare(authorization_server& server)
{
    server.add_user(user("ada", "correct horse")
                        .set_subject(std::string(person))
                        .set_claim("name", "Ada")
                        .set_claim("email", "ada@example.com"));
    server.add_client(registered("client"));
    server.add_client(registered("hs256").set_id_token_signed_response_alg(coauth::hmac_algorithm::hs256));
    server.add_client(
        registered("signed").set_userinfo_signed_response_alg(coauth::signing_algorithm::rs256));
    server.listen();
}

relying_party::relying_party(authorization_server& server, wish wanted, coauth::response_mode mode)
    : wanted_(wanted), mode_(mode), client_(make_client(server, wanted)), browser_(server)
{
    server.on_backchannel_logout(
        [this](const std::string&, const std::string& body) { logout_bodies_.push_back(body); });
}

bool relying_party::begin()
{
    coauth::authorization_parameters parameters;
    parameters.scope = "openid profile email";
    parameters.response_mode = mode_;
    if (wanted_ == wish::max_age)
        parameters.max_age = std::chrono::hours(1);
    if (wanted_ == wish::acr)
        parameters.required_acr_values = context;
    auto request = run(client_.begin_authorization(parameters));
    if (!succeeded(request))
        return false;
    at_ = browser_.sign_in(request->url(), "ada", "correct horse");
    BOOST_TEST_REQUIRE(at_.returned(), at_.page());
    request_ = *std::move(request);
    return true;
}

bool relying_party::exchange()
{
    auto code = run(client_.accept_callback({.parameters = at_.parameters(),
                                             .browser_binding = request_->browser_binding(),
                                             .response_mode = mode_}));
    BOOST_TEST_REQUIRE(code.has_value(), code.error().message());
    auto tokens = run(client_.exchange(std::move(*code)));
    ++token_requests_;
    if (!succeeded(tokens))
        return false;
    tokens_ = *std::move(tokens);
    return true;
}

bool relying_party::fetch_userinfo()
{
    auto about = run(client_.fetch_userinfo(*tokens_));
    if (!succeeded(about))
        return false;
    userinfo_ = *std::move(about);
    return true;
}

bool relying_party::refresh()
{
    auto tokens = run(client_.refresh(*tokens_));
    ++token_requests_;
    if (!succeeded(tokens))
        return false;
    tokens_ = *std::move(tokens);
    return true;
}

bool relying_party::begin_logout()
{
    auto request = run(client_.begin_logout({.id_token = &tokens_->id_token()}));
    if (!succeeded(request))
        return false;
    logout_ = *std::move(request);
    return true;
}

void relying_party::leave()
{
    at_ = browser_.open(logout_->url().expose());
    BOOST_TEST_REQUIRE(at_.returned(), at_.page());
}

void relying_party::leave_by_post()
{
    at_ = browser_.open(logout_->endpoint().string(), logout_->form_body().expose());
    BOOST_TEST_REQUIRE(at_.returned(), at_.page());
}

bool relying_party::accept_logout_callback()
{
    return succeeded(client_.accept_logout_callback(at_.parameters(), logout_->state().expose()));
}

bool relying_party::accept_logout_token()
{
    BOOST_TEST_REQUIRE(!logout_bodies_.empty());
    auto token = run(client_.accept_logout_token("application/x-www-form-urlencoded", logout_bodies_.back()));
    if (!succeeded(token))
        return false;
    logout_token_ = *std::move(token);
    return true;
}

bool relying_party::accept_front_channel_logout()
{
    BOOST_TEST_REQUIRE(at_.frames().size() == 1u);
    const std::string& uri = at_.frames().front();
    const auto mark = uri.find('?');
    const std::string query = mark == std::string::npos ? std::string() : uri.substr(mark + 1);
    return succeeded(client_.accept_front_channel_logout({.query = query,
                                                          .issuer = tokens_->id_token().issuer(),
                                                          .session_id = tokens_->id_token().session_id()}));
}

coauth::error relying_party::live_until(stage last)
{
    const auto sign_in = [this] { return begin() && exchange(); };
    const auto sign_out = [this] {
        if (!begin_logout())
            return false;
        leave();
        return true;
    };
    bool good = begin();
    if (good && last != stage::begin)
        good = exchange();
    if (!good)
        return failure_;
    switch (last) {
    case stage::begin:
    case stage::exchange:
        break;
    case stage::second_sign_in:
        good = sign_in();
        break;
    case stage::userinfo:
        good = fetch_userinfo();
        break;
    case stage::refresh:
        good = refresh() && fetch_userinfo();
        break;
    case stage::begin_logout:
        good = begin_logout();
        break;
    case stage::logout_callback:
        good = sign_out() && accept_logout_callback();
        break;
    case stage::logout_token:
        good = sign_out() && accept_logout_token();
        break;
    case stage::second_logout_token:
        good = sign_out() && accept_logout_token() && sign_in() && sign_out() && accept_logout_token();
        break;
    case stage::front_channel_logout:
        good = sign_out() && accept_front_channel_logout();
        break;
    }
    return good ? coauth::error() : failure_;
}

} // namespace coauth_test
