// Floor 4. For client_core.ipp: the operations of a person who signed in.
#ifndef COAUTH_IMPL_DETAIL_CLIENT_OPERATIONS_IPP
#define COAUTH_IMPL_DETAIL_CLIENT_OPERATIONS_IPP

#include <coauth/detail/client_core.hpp>
#include <coauth/detail/grant_operation.hpp>
#include <coauth/detail/replay_cache.hpp>
#include <coauth/protocol/front_channel_logout.hpp>
#include <coauth/protocol/logout_token_validation.hpp>
#include <coauth/protocol/token_request.hpp>
#include <coauth/protocol/userinfo_response.hpp>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/** Do what needs the server's keys, and once more with newer ones if it turns out that one is missing.

    @param by_secret no keys are needed: the client has the secret
*/
template <class T>
boost::asio::awaitable<result<T>> with_keys(identity_check::surroundings around, bool by_secret,
                                            callback<result<T>(const jwk_set*)> check)
{
    if (by_secret)
        co_return check(nullptr);
    if (around.server->metadata.jwks_uri().empty())
        co_return errc::key_set_unavailable;
    const std::uint64_t begun_before = around.keys->begun();
    result<shared_document> keys = co_await get_document(around.keys);
    if (!keys)
        co_return keys.error();
    result<T> outcome = check(static_cast<const jwk_set*>(keys->get()));
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (outcome || outcome.error() != errc::signing_key_unknown)
            break;
        result<shared_document> newer = co_await get_newer_document(around.keys, *keys, begun_before);
        if (!newer)
            co_return newer.error();
        keys = std::move(newer);
        outcome = check(static_cast<const jwk_set*>(keys->get()));
    }
    co_return std::move(outcome);
}

/// Reads a userinfo answer, with whatever keys there are. A class, as a coroutine's frame cannot hold a lambda in a header.
class userinfo_reader {
public:
    userinfo_reader(identity_check::surroundings around, std::shared_ptr<const verified_id_token> person,
                    bool needs_subject, std::shared_ptr<const http_response> response)
        : around_(std::move(around)),
          person_(std::move(person)),
          response_(std::move(response)),
          needs_subject_(needs_subject)
    {
    }

    result<userinfo> operator()(const jwk_set* keys) const
    {
        userinfo_expectations expected;
        expected.needs_subject = needs_subject_;
        expected.subject = person_ ? person_->subject() : std::string_view();
        expected.issuer = person_ ? person_->issuer() : around_.server->metadata.issuer().string();
        expected.client_id = around_.client->credentials.client_id();
        expected.registration = &around_.client->openid;
        expected.algorithms = around_.server->id_token_algorithms;
        expected.keys = keys;
        expected.now = around_.client->now();
        return parse_userinfo(answer_of(*response_), expected, around_.client->bounds);
    }

private:
    identity_check::surroundings around_;
    std::shared_ptr<const verified_id_token> person_;
    std::shared_ptr<const http_response> response_;
    bool needs_subject_;
};

COAUTH_LAZY boost::asio::awaitable<result<userinfo>>
run_userinfo(identity_check::surroundings around, any_transport transport, http_request request,
             std::shared_ptr<const verified_id_token> person, bool needs_subject)
{
    result<http_response> sent = co_await send_request(std::move(transport), std::move(request));
    if (!sent)
        co_return sent.error();
    const auto response = std::make_shared<const http_response>(std::move(*sent));
    // RFC 6750 3: what is wrong with the token stands in the challenge.
    if (response->status() == 401 || response->status() == 403)
        if (const auto challenge = challenge_in(*response))
            if (auto reason = challenge->reason())
                co_return reason->set_http_status(response->status());
    callback<result<userinfo>(const jwk_set*)> read =
        userinfo_reader(around, std::move(person), needs_subject, response);
    if (!is_signed_userinfo(answer_of(*response)))
        co_return read(nullptr);
    // Signed as ID tokens are, unless an algorithm of its own was agreed on.
    const openid_registration& agreed = around.client->openid;
    const bool by_secret = agreed.id_token_secret() && !agreed.userinfo_algorithm();
    auto reading = with_keys<userinfo>(std::move(around), by_secret, std::move(read));
    result<userinfo> outcome = co_await std::move(reading);
    co_return std::move(outcome);
}

template <class Void>
boost::asio::awaitable<result<userinfo>> client_core<Void>::fetch_userinfo(const token_set& tokens) const
{
    const auto server = directory_->latest();
    if (!server) {
        auto fetch = [tokens](const client_core& self) { return self.fetch_userinfo(tokens); };
        return after_discovery<userinfo>(this->shared_from_this(), std::move(fetch));
    }
    if (server->metadata.userinfo_endpoint().empty())
        return failed<userinfo>(errc::endpoint_missing);
    auto authorization = bearer_field(tokens);
    if (!authorization)
        return failed<userinfo>(authorization.error());
    http_request request("GET", server->metadata.userinfo_endpoint());
    request.add_field("Accept", secret("application/json, application/jwt"))
        .add_field("Authorization", std::move(*authorization))
        .set_deadline(settings_->bounds.exchange_deadline)
        .set_response_limits(settings_->bounds.response_header_bytes, settings_->bounds.response_body_bytes);
    std::shared_ptr<const verified_id_token> person;
    if (tokens.has_id_token())
        person = std::make_shared<const verified_id_token>(tokens.id_token());
    const bool openid = person || tokens.scope().contains("openid");
    return cancellation_as_error(
        run_userinfo(surroundings(), transport_, std::move(request), std::move(person), openid));
}

template <class Void>
void client_core<Void>::allow_resource_origin(const endpoint_url& url)
{
    resource_origins_.push_back(url.origin());
    loopback_http_ = loopback_http_ || !url.is_https();
}

COAUTH_LAZY boost::asio::awaitable<result<resource_response>> run_resource(any_transport transport,
                                                                           http_request request)
{
    result<http_response> response = co_await send_request(std::move(transport), std::move(request));
    if (!response)
        co_return response.error();
    co_return resource_response(std::move(*response));
}

template <class Void>
boost::asio::awaitable<result<resource_response>>
client_core<Void>::fetch_resource(const token_set& tokens, const resource_parameters& parameters) const
{
    auto request = make_resource_request(parameters, loopback_http_);
    if (!request)
        return failed<resource_response>(request.error());
    if (std::find(resource_origins_.begin(), resource_origins_.end(), request->url().origin()) ==
        resource_origins_.end())
        return failed<resource_response>(errc::origin_not_allowed);
    auto authorization = bearer_field(tokens);
    if (!authorization)
        return failed<resource_response>(authorization.error());
    request->add_field("Authorization", std::move(*authorization))
        .set_deadline(settings_->bounds.resource_deadline)
        .set_response_limits(settings_->bounds.response_header_bytes, settings_->bounds.resource_body_bytes);
    return run_resource(transport_, std::move(*request));
}

COAUTH_LAZY boost::asio::awaitable<result<void>>
run_revocation(any_transport transport, std::vector<http_request> requests, limits bounds)
{
    result<void> outcome;
    for (http_request& request : requests) {
        result<http_response> response = co_await send_request(transport, std::move(request));
        if (!response && response.error() == error_code(boost::asio::error::operation_aborted))
            co_return response.error();
        if (!response)
            outcome = response.error();
        else if (response->status() != 200) // RFC 7009 2.2
            outcome = parse_error_response(answer_of(*response), bounds);
    }
    co_return outcome;
}

template <class Void>
boost::asio::awaitable<result<void>> client_core<Void>::revoke(const token_set& tokens) const
{
    const auto server = directory_->latest();
    if (!server) {
        auto revocation = [tokens](const client_core& self) { return self.revoke(tokens); };
        return after_discovery<void>(this->shared_from_this(), std::move(revocation));
    }
    const endpoint_url& endpoint = server->metadata.revocation_endpoint();
    if (endpoint.empty())
        return failed<void>(errc::endpoint_missing);
    std::vector<http_request> requests;
    const auto add = [&](const secret& token, std::string_view hint) -> result<void> {
        if (token.empty())
            return {};
        const auto credentials = credentials_for(*server);
        if (!credentials)
            return credentials.error();
        requests.push_back(token_endpoint_request(endpoint, **credentials,
                                                  revocation_request(**credentials, token.expose(), hint)));
        return {};
    };
    for (const auto& added :
         {add(tokens.refresh_token(), "refresh_token"), add(tokens.access_token(), "access_token")})
        if (!added)
            return failed<void>(added.error());
    return cancellation_as_error(run_revocation(transport_, std::move(requests), settings_->bounds));
}

template <class Void>
boost::asio::awaitable<result<logout_request>>
client_core<Void>::begin_logout(const logout_parameters& parameters, const random_value& state) const
{
    const auto server = directory_->latest();
    if (!server) {
        std::optional<verified_id_token> person;
        if (parameters.id_token)
            person = *parameters.id_token;
        auto begin = [person, hint = std::string(parameters.logout_hint),
                      locales = std::string(parameters.ui_locales), state](const client_core& self) {
            return self.begin_logout({person ? &*person : nullptr, hint, locales}, state);
        };
        return after_discovery<logout_request>(this->shared_from_this(), std::move(begin));
    }
    return settled(make_logout_request(server->metadata.end_session_endpoint(),
                                       settings_->openid.post_logout_redirect_uri(),
                                       settings_->credentials.client_id(), parameters, state));
}

template <class Void>
result<void> client_core<Void>::accept_logout_callback(std::string_view query, std::string_view state) const
{
    return check_logout_response(query, state, settings_->bounds);
}

template <class Void>
result<void>
client_core<Void>::accept_front_channel_logout(const front_channel_logout_parameters& parameters) const
{
    front_channel_logout_expectations expected;
    expected.issuer = parameters.issuer;
    expected.session_id = parameters.session_id;
    expected.session_required = settings_->openid.logout_session_required();
    return check_front_channel_logout(parameters.query, expected, settings_->bounds);
}

/// Reads a logout token, with whatever keys there are.
class logout_token_check {
public:
    logout_token_check(identity_check::surroundings around, secret compact)
        : around_(std::move(around)), compact_(std::move(compact))
    {
    }

    result<logout_token> operator()(const jwk_set* keys) const
    {
        logout_token_expectations expected;
        expected.registration = &around_.client->openid;
        expected.issuer = around_.server->metadata.issuer().string();
        expected.client_id = around_.client->credentials.client_id();
        expected.algorithms = around_.server->id_token_algorithms;
        expected.keys = keys;
        expected.now = around_.client->now();
        return verify_logout_token(compact_.expose(), expected, around_.client->bounds);
    }

private:
    identity_check::surroundings around_;
    secret compact_;
};

COAUTH_LAZY boost::asio::awaitable<result<logout_token>>
run_logout_token(identity_check::surroundings around, std::shared_ptr<replay_cache> seen, secret compact)
{
    const std::shared_ptr<const client_settings> client = around.client;
    callback<result<logout_token>(const jwk_set*)> check = logout_token_check(around, std::move(compact));
    const bool by_secret = client->openid.id_token_secret() != nullptr;
    auto checking = with_keys<logout_token>(std::move(around), by_secret, std::move(check));
    result<logout_token> token = co_await std::move(checking);
    if (!token)
        co_return token.error();
    // OpenID Connect Back-Channel Logout 2.6: "Optionally verify that another Logout Token with the same jti value
    // has not been recently received." Remembered as long as it would be accepted.
    const auto until = replayable_until(*token, client->bounds);
    if (!seen->insert(token->issuer(), token->token_id(), until, client->now()))
        co_return errc::token_replayed;
    co_return std::move(token);
}

template <class Void>
boost::asio::awaitable<result<logout_token>>
client_core<Void>::accept_logout_token(std::string_view content_type, std::string_view body) const
{
    auto compact = parse_logout_request(content_type, body, settings_->bounds);
    if (!compact)
        return failed<logout_token>(compact.error());
    if (!directory_->latest()) {
        auto accept = [type = std::string(content_type), form = secret(body)](const client_core& self) {
            return self.accept_logout_token(type, form.expose());
        };
        return after_discovery<logout_token>(this->shared_from_this(), std::move(accept));
    }
    return cancellation_as_error(run_logout_token(surroundings(), logout_tokens_, std::move(*compact)));
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
