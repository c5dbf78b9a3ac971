// A real provider's part in a sign-in, as its documentation has it, for the client that its description makes.
#ifndef COAUTH_TEST_FLOW_PROVIDER_REPLAY_HPP
#define COAUTH_TEST_FLOW_PROVIDER_REPLAY_HPP

#include "flow_fixture.hpp"
#include "json_text.hpp"

#include <coauth/jose/jws.hpp>
#include <coauth/jose/signing_key.hpp>
#include <coauth/protocol/client_assertion.hpp>
#include <coauth/protocol/id_token.hpp>
#include <coauth/providers.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth_test {

/// Just what the provider needs tolerated, with time and chance in the hands of the test.
template <const coauth::provider_description& Provider>
using replay_client = coauth::basic_client<coauth::provider_policy<Provider, manual_policy>>;

template <class T>
std::string outcome_of(const coauth::result<T>& outcome)
{
    return outcome ? "ok" : outcome.error().qualified_name();
}

inline std::string key_set_of(const coauth::signing_key& key)
{
    boost::json::object out;
    out["keys"] = boost::json::array{key.public_jwk()};
    return boost::json::serialize(out);
}

/// The claims of something that the client signed.
inline boost::json::object verified_claims(const std::string& compact, const coauth::signing_key& key)
{
    const auto keys = coauth::jwk_set::parse(key_set_of(key)).value();
    coauth::detail::jws_keys trusted;
    trusted.algorithms = key.algorithm();
    trusted.published = &keys;
    const auto jws = coauth::detail::verify_jws(compact, trusted, coauth::limits()).value();
    return {jws.payload().object(), boost::json::storage_ptr()};
}

/// Their keys are all RS256; this one is everybody's.
inline const coauth::signing_key& provider_key()
{
    static const auto key = coauth::signing_key::generate(coauth::signing_algorithm::rs256);
    return key;
}

/// A sign-in up to the code.
template <class Client>
coauth::result<coauth::authorization_code> come_back(Client& client,
                                                     const coauth::authorization_request& request,
                                                     coauth::response_mode mode, const std::string& extra)
{
    const std::string query = "code=made-up-code&state=" + state_of(request) + extra;
    return run(client.accept_callback(
        {.parameters = query, .browser_binding = request.browser_binding(), .response_mode = mode}));
}

/// A provider with discovery. Everything arrived as expected, or its end fails the test.
template <const coauth::provider_description& Provider, class Authentication = coauth::client_secret_post>
class openid_replay {
public:
    openid_replay(std::initializer_list<coauth::parameter> values, std::string_view metadata_document,
                  std::vector<std::string> tenants = {},
                  Authentication authentication = Authentication(coauth::secret("made-up-secret")))
        : metadata(boost::json::parse(metadata_document).as_object()),
          claims("{}"),
          client(coauth::provider_issuer(Provider, values).value(),
                 coauth::client_registration("client-1", std::move(authentication),
                                             coauth::redirect_uri::parse(callback_url).value())
                     .set_openid(coauth::provider_registration(Provider, std::move(tenants))),
                 server)
    {
        std::string issuer = coauth::provider_issuer(Provider, values)->string();
        if (issuer.ends_with('/'))
            issuer.pop_back();
        always(issuer + "/.well-known/openid-configuration", std::string(metadata_document));
        always(text_in(metadata, "jwks_uri"), key_set_of(provider_key()));
    }
    ~openid_replay() { BOOST_CHECK_EQUAL(server.surprises(), 0u); }
    openid_replay(const openid_replay&) = delete;

    /// The token answer is given an ID token of these claims.
    coauth::result<coauth::token_set> sign_in(const coauth::authorization_parameters& parameters,
                                              std::string_view token_answer)
    {
        return exchange(parameters, 200, token_answer, true);
    }
    /// The outcome of a token request that is answered like this.
    coauth::result<coauth::token_set> refusal(unsigned status, std::string_view token_answer)
    {
        return exchange(Provider.sign_in_parameters(), status, token_answer, false);
    }
    coauth::result<coauth::userinfo> userinfo_answer(const coauth::token_set& tokens, unsigned status,
                                                     std::string_view answer)
    {
        server.expect("GET", text_in(metadata, "userinfo_endpoint")).answer(status, answer, json_type);
        return run(client.fetch_userinfo(tokens));
    }
    /// Who userinfo says it is.
    std::string person(const coauth::token_set& tokens, std::string_view answer)
    {
        const auto about = userinfo_answer(tokens, 200, answer);
        BOOST_TEST_REQUIRE(outcome_of(about) == "ok");
        const auto who = coauth::person_identifier(Provider, *about);
        BOOST_TEST(*who == tokens.id_token().subject());
        return who.value();
    }
    recorded_request token_request() const
    {
        const auto requests = server.sent();
        for (auto one = requests.rbegin(); one != requests.rend(); ++one)
            if (one->method() == "POST")
                return *one;
        throw std::logic_error("no token request was sent");
    }

    scripted_transport server;
    boost::json::object metadata;
    /// Of the ID token: iss, aud, iat, exp and nonce are added unless they are there.
    std::string claims;
    /// More parameters of the callback.
    std::string callback_extra;
    /// The last authorization request.
    parameter_map asked;
    replay_client<Provider> client;

private:
    static constexpr std::string_view json_type = "application/json; charset=utf-8";

    void always(const std::string& url, std::string body)
    {
        server.always("GET", url, [url, body = std::move(body)](const recorded_request&) {
            return scripted_exchange("GET", url).answer(200, body, json_type);
        });
    }

    std::string id_token(const std::string& nonce) const
    {
        boost::json::object header;
        header["alg"] = "RS256";
        header["kid"] = provider_key().key_id();
        boost::json::object payload = boost::json::parse(claims).as_object();
        payload.emplace("iss", metadata.at("issuer"));
        payload.emplace("aud", "client-1");
        payload.emplace("iat", seconds_now());
        payload.emplace("exp", seconds_now() + 3600);
        payload.emplace("nonce", nonce);
        return provider_key().sign(header, payload);
    }

    coauth::result<coauth::token_set> exchange(const coauth::authorization_parameters& parameters,
                                               unsigned status, std::string_view token_answer,
                                               bool with_id_token)
    {
        const auto request = run(client.begin_authorization(parameters));
        if (!request)
            return request.error();
        BOOST_TEST(request->url().starts_with(text_in(metadata, "authorization_endpoint") + '?'));
        asked = query_of(request->url());
        auto code = come_back(client, *request, parameters.response_mode, callback_extra);
        if (!code)
            return code.error();
        boost::json::object answer = boost::json::parse(token_answer).as_object();
        if (with_id_token)
            answer.emplace("id_token", id_token(only_value(asked, "nonce")));
        server.expect("POST", text_in(metadata, "token_endpoint"))
            .answer(status, boost::json::serialize(answer), json_type);
        return run(client.exchange(std::move(*code)));
    }
};

} // namespace coauth_test

#endif
