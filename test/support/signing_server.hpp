// An OpenID provider on paper: its keys, and ID tokens signed with them.
#ifndef COAUTH_TEST_SIGNING_SERVER_HPP
#define COAUTH_TEST_SIGNING_SERVER_HPP

#include "flow_fixture.hpp"

#include <coauth/jose/signing_key.hpp>
#include <coauth/protocol/id_token.hpp>

#include <boost/json/object.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace coauth_test {

/// One of a few ES256 keys that all tests share.
const coauth::signing_key& key_number(std::size_t index);
std::string key_set_of(std::initializer_list<std::size_t> keys);

/// The claims of an ID token for that sign-in, with nothing wrong.
boost::json::object good_claims(std::string_view nonce);
std::string signed_id_token(const boost::json::object& claims, std::size_t key = 0);

/// The claims of a logout token for the session session-1 of that person, with nothing wrong.
boost::json::object good_logout_claims(std::string_view token_id);
/// A back-channel logout request's body with a token of these claims.
std::string logout_body(const boost::json::object& claims, std::size_t key = 0);

/// A token response with this ID token in it.
std::string token_response_with(std::string_view id_token);
std::string refresh_response_with(std::string_view id_token);

/// How many such requests were sent.
std::size_t count_requests(const scripted_transport& server, std::string_view method, std::string_view url);

/// A flow in which a person signs in with OpenID Connect.
template <class Flow = flow>
class openid_flow : public Flow {
public:
    using Flow::Flow;

    /// Begins a sign-in and comes back with a code; nonce() is that of it.
    coauth::authorization_code come_back(const coauth::authorization_parameters& parameters = {
                                             .scope = "openid profile"})
    {
        const auto request = this->begin_with(parameters);
        nonce_ = only_value(query_of(request.url()), "nonce");
        return this->accept(callback_query(request), request.browser_binding()).value();
    }
    const std::string& nonce() const noexcept { return nonce_; }

    scripted_exchange& expect_tokens(std::string_view id_token)
    {
        return this->server.expect("POST", token_endpoint).answer(200, token_response_with(id_token));
    }
    scripted_exchange& expect_keys(std::initializer_list<std::size_t> keys)
    {
        return this->server.expect("GET", jwks_uri).answer(200, key_set_of(keys), "application/jwk-set+json");
    }

    /// A good token for the sign-in that came back last.
    std::string good_token(std::size_t key = 0) const { return signed_id_token(good_claims(nonce_), key); }
    /// Exchanges a code of it, whatever the server answers.
    coauth::result<coauth::token_set> exchange(coauth::authorization_code&& from)
    {
        return run(this->client.exchange(std::move(from)));
    }
    /// How often the keys were asked for.
    std::size_t key_fetches() const { return count_requests(this->server, "GET", jwks_uri); }

    /// A whole sign-in with a good token; the keys are fetched if they are not known.
    coauth::token_set sign_in(std::initializer_list<std::size_t> keys = {0})
    {
        auto back = come_back();
        expect_tokens(good_token());
        if (keys.size() != 0)
            expect_keys(keys);
        return exchange(std::move(back)).value();
    }

private:
    std::string nonce_;
};

/// Tokens of a person who signed in before, as a process has them that knows no keys yet.
const coauth::token_set& tokens_of_a_person();

/// Checks that tokens were refused for this reason, and that the person has to sign in again.
void check_lost(const coauth::result<coauth::token_set>& outcome, coauth::errc reason);

} // namespace coauth_test

#endif
