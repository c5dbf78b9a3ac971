#ifndef COAUTH_IMPL_DETAIL_CLIENT_CORE_IPP
#define COAUTH_IMPL_DETAIL_CLIENT_CORE_IPP

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/client_core.hpp>
#include <coauth/detail/grant_operation.hpp>
#include <coauth/detail/replay_cache.hpp>
#include <coauth/detail/sha256.hpp>
#include <coauth/protocol/front_channel_logout.hpp>
#include <coauth/protocol/token_request.hpp>

#include <algorithm>
#include <cstring>
#include <span>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

template <class Void>
client_core<Void>::client_core(server_or_issuer server, std::shared_ptr<const client_settings> settings,
                               any_transport transport)
    : settings_(std::move(settings)), transport_(std::move(transport))
{
    std::string identity;
    if (auto* metadata = boost::variant2::get_if<server_metadata>(&server)) {
        identity =
            metadata->issuer().empty() ? metadata->token_endpoint().string() : metadata->issuer().string();
        directory_ = std::make_shared<const server_directory<>>(
            known_server::make(std::move(*metadata), *settings_).value());
    } else {
        issuer& name = boost::variant2::get<issuer>(server);
        if (name.empty() || settings_->credentials.client_id().empty() || settings_->redirect.empty())
            throw exception(errc::invalid_configuration);
        identity = name.string();
        directory_ = std::make_shared<const server_directory<>>(transport_, std::move(name), settings_);
    }
    keys_ = make_key_fetch(transport_, directory_, *settings_);
    logout_tokens_ = std::make_shared<replay_cache>(settings_->bounds.logout_tokens);
    identity += '\n' + settings_->credentials.client_id() + '\n' + settings_->redirect.string();
    const auto digest = sha256(identity);
    if (!digest)
        throw exception(errc::invalid_configuration);
    std::memcpy(&tag_, digest->data(), sizeof tag_);
}

template <class Void>
std::shared_ptr<const server_metadata> client_core<Void>::server() const
{
    const auto known = directory_->latest();
    return known ? std::shared_ptr<const server_metadata>(known, &known->metadata) : nullptr;
}

template <class Void>
bool client_core<Void>::names_issuer_in_response() const noexcept
{
    // Of a server that is to be discovered, only what was demanded is certain.
    return settings_->openid.issuer_in_response_required() ||
           (!directory_->discovery() && directory_->latest()->metadata.sends_issuer_in_response());
}

COAUTH_LAZY boost::asio::awaitable<result<void>> run_discovery(std::shared_ptr<shared_fetch<>> metadata)
{
    result<shared_document> known = co_await get_document(std::move(metadata));
    if (!known)
        co_return known.error();
    co_return result<void>();
}

template <class Void>
boost::asio::awaitable<result<void>> client_core<Void>::discover() const
{
    return run_discovery(directory_->discovery());
}

template <class T, class Core, class Operation>
boost::asio::awaitable<result<T>> run_after_discovery(std::shared_ptr<const Core> self, Operation operation)
{
    result<void> known = co_await self->discover();
    if (!known)
        co_return known.error();
    auto begun = operation(*self);
    result<T> outcome = co_await std::move(begun);
    co_return std::move(outcome);
}

/// An operation on a server about which something has to be found out first.
template <class T, class Core, class Operation>
boost::asio::awaitable<result<T>> after_discovery(std::shared_ptr<const Core> self, Operation operation)
{
    return cancellation_as_error(run_after_discovery<T>(std::move(self), std::move(operation)));
}

template <class Void>
identity_check::surroundings client_core<Void>::surroundings() const
{
    return {settings_, directory_->latest(), keys_};
}

template <class Void>
result<prepared_authorization> client_core<Void>::prepare(const authorization_parameters& parameters,
                                                          const sign_in_random& random) const
{
    const auto part = [&random](std::size_t i) {
        return random_value(std::span<const unsigned char, random_value::size_bytes>(
            random.data() + i * random_value::size_bytes, random_value::size_bytes));
    };
    const random_value state = part(0);
    const random_value nonce = part(1);
    const random_value verifier = part(2);
    // A binding that is not one of ours, whoever put it there, is replaced.
    const random_value binding = random_value::decode(parameters.browser_binding).value_or(part(3));

    const auto verifier_text = verifier.encode();
    const auto challenge = sha256({verifier_text.data(), verifier_text.size()}); // RFC 7636 4.2: S256
    if (!challenge)
        return errc::invalid_configuration;
    const auto server = directory_->latest();
    auto url = server->url_prefix.build(parameters, state, nonce, random_value(*challenge));
    if (!url)
        return url.error();
    // Nobody is sent to sign in if it is clear now that it will not be known who did.
    if (scope_contains(parameters.scope, "openid")) {
        if (server->metadata.issuer().empty())
            return errc::invalid_configuration;
        if (server->metadata.jwks_uri().empty() && !settings_->openid.id_token_secret())
            return errc::key_set_unavailable;
    }
    return result<prepared_authorization>(boost::system::in_place_value, std::move(*url), state, binding,
                                          nonce, verifier, tag_, parameters);
}

template <class Void>
result<readable_callback>
client_core<Void>::read_callback(std::string_view parameters, std::string_view binding,
                                 coauth::response_mode mode, std::string_view redirect_uri) const
{
    auto response = parse_authorization_response(parameters, settings_->bounds);
    if (!response)
        return response.error();
    // RFC 6749 10.12: the client MUST require "a binding value that enables the client to validate the
    // validity of the request" to come back with every response, errors included.
    if (!response->state)
        return errc::state_missing;
    if (binding.empty())
        return errc::browser_binding_missing;
    const auto state = random_value::decode(response->state->expose());
    if (!state)
        return errc::state_mismatch;
    const auto browser = random_value::decode(binding);
    if (!browser)
        return errc::unknown_transaction;
    return readable_callback(std::move(*response), *state, *browser, mode, redirect_uri);
}

template <class Void>
std::string client_core<Void>::cookie_suffix(const random_value& state) const
{
    // Not the state itself: names of cookies get about more than their values do.
    const auto digest = sha256("coauth cookie suffix, version 1:" + state.to_string());
    std::string out;
    if (!digest)
        return out;
    constexpr std::size_t size_bytes = 6;
    out.resize(1 + base64url_encoded_size(size_bytes), '-');
    base64url_encode({digest->data(), size_bytes}, out.data() + 1);
    return out;
}

template <class Void>
std::string client_core<Void>::cookie_suffix(std::string_view parameters) const
{
    const auto response = parse_authorization_response(parameters, settings_->bounds);
    if (!response || !response->state)
        return {};
    const auto state = random_value::decode(response->state->expose());
    return state ? cookie_suffix(*state) : std::string();
}

template <class Void>
result<authorization_code> client_core<Void>::complete_callback(readable_callback&& callback,
                                                                pending_login&& login) const
{
    if (login.client_tag() != tag_) // a state store that clients of several servers share
        return errc::issuer_mismatch;
    if (login.response_mode() != callback.mode)
        return errc::response_mode_mismatch;
    // RFC 9700 4.4.2: "clients [...] MUST check that the authorization response was received at that redirection URI".
    if (!callback.redirect_uri.empty() && callback.redirect_uri != settings_->redirect.string())
        return errc::redirect_uri_mismatch;
    authorization_response& response = callback.response;
    const auto known = directory_->latest();
    const server_metadata& server = known->metadata;
    const bool issuer_known = !server.issuer().empty();
    // RFC 9207 2.4: clients "MUST compare the result to the issuer identifier of the authorization server where
    // the authorization request was sent to [...] If the value does not match the expected issuer identifier,
    // clients MUST reject the authorization response and MUST NOT proceed". Error responses included.
    if (issuer_known && response.issuer && !(server.issuer() == *response.issuer))
        return errc::issuer_mismatch;
    if (server.sends_issuer_in_response() && !response.issuer)
        return errc::issuer_missing;
    if (response.error) {
        error reason(server_error_from(*response.error));
        return reason.set_server_error(*response.error).set_description(response.error_description);
    }
    if (!response.code || response.code->empty())
        return errc::code_missing;
    return authorization_code(std::move(*response.code), std::move(login));
}

template <class Void>
result<std::shared_ptr<const client_credentials>>
client_core<Void>::credentials_for(const known_server& server) const
{
    if (!settings_->credentials.signs())
        return std::shared_ptr<const client_credentials>(settings_, &settings_->credentials);
    auto made = settings_->credentials.for_request(server.metadata.issuer().string(), settings_->now());
    if (!made)
        return made.error();
    return std::make_shared<const client_credentials>(std::move(*made));
}

template <class Void>
http_request client_core<Void>::token_endpoint_request(const endpoint_url& endpoint,
                                                       const client_credentials& credentials,
                                                       secret body) const
{
    http_request request("POST", endpoint);
    request.add_field("Accept", secret("application/json"))
        .add_field("Content-Type", secret("application/x-www-form-urlencoded"))
        .set_body(std::move(body))
        .set_deadline(settings_->bounds.exchange_deadline)
        .set_response_limits(settings_->bounds.response_header_bytes, settings_->bounds.response_body_bytes);
    if (!credentials.authorization_field().empty())
        request.add_field("Authorization", credentials.authorization_field());
    return request;
}

inline callback<void(result<token_set>)> bind_abandoned(const callback<void(abandoned_tokens)>& handler,
                                                        std::string_view application_data)
{
    if (!handler)
        return nullptr;
    return [handler, data = std::string(application_data)](result<token_set> outcome) {
        handler(abandoned_tokens(std::move(outcome), data));
    };
}

template <class Void>
boost::asio::awaitable<result<token_set>> client_core<Void>::exchange(authorization_code&& code) const
{
    if (code.code_.empty()) // moved from
        return failed<token_set>(errc::code_missing);
    if (!made(code))
        return failed<token_set>(errc::issuer_mismatch);
    const auto server = directory_->latest();
    if (!server) {
        auto exchange = [kept = std::move(code)](const client_core& self) mutable {
            return self.exchange(std::move(kept));
        };
        return after_discovery<token_set>(this->shared_from_this(), std::move(exchange));
    }
    const auto credentials = credentials_for(*server);
    if (!credentials)
        return failed<token_set>(credentials.error());
    auto context = std::make_unique<grant_context>();
    context->bounds = settings_->bounds;
    context->tolerated = settings_->tolerated;
    context->now = settings_->now;
    context->requested_scope = code.login_.scope();
    context->abandoned = bind_abandoned(on_abandoned_, code.application_data());
    const auto verifier = code.login_.code_verifier().encode();
    secret body = authorization_code_request(**credentials, code.code_.expose(), settings_->redirect.string(),
                                             {verifier.data(), verifier.size()});
    // Without the scope openid an ID token that was not asked for is of no interest.
    if (scope_contains(code.login_.scope(), "openid"))
        context->identity = std::make_shared<identity_check>(surroundings());
    const auto identity = context->identity;
    auto exchange = run_grant(
        transport_, token_endpoint_request(server->metadata.token_endpoint(), **credentials, std::move(body)),
        std::move(context));
    // Only now: bad_alloc leaves the code to the caller.
    authorization_code spent = std::move(code);
    if (identity)
        identity->set_login(std::move(spent.login_), std::move(spent.code_));
    return exchange;
}

template <class Void>
boost::asio::awaitable<result<token_set>>
client_core<Void>::refresh(const token_set& current, std::string_view requested_scope,
                           std::string_view application_data, std::shared_ptr<refresh_trace> trace) const
{
    const std::string_view refresh_token = current.refresh_token().expose();
    if (refresh_token.empty())
        return failed<token_set>(errc::refresh_token_missing);
    const auto narrowed = scope::parse(requested_scope);
    if (!narrowed)
        return failed<token_set>(narrowed.error());
    const auto server = directory_->latest();
    if (!server) {
        auto refresh = [current, wanted = std::string(requested_scope), data = std::string(application_data),
                        trace](const client_core& self) {
            return self.refresh(current, wanted, data, trace);
        };
        return after_discovery<token_set>(this->shared_from_this(), std::move(refresh));
    }
    const auto credentials = credentials_for(*server);
    if (!credentials)
        return failed<token_set>(credentials.error());
    auto context = std::make_unique<grant_context>();
    context->bounds = settings_->bounds;
    context->tolerated = settings_->tolerated;
    context->now = settings_->now;
    // RFC 6749 6: without a scope in the request, it "is treated as equal to the scope originally granted".
    context->requested_scope = narrowed->empty() ? current.scope().to_string() : narrowed->to_string();
    context->previous_refresh_token = secret(refresh_token);
    // Without an ID token to compare with, a new one would make somebody of nobody.
    if (current.has_id_token())
        context->identity = std::make_shared<identity_check>(
            surroundings(), std::make_shared<const verified_id_token>(current.id_token()));
    context->trace = std::move(trace);
    context->abandoned = bind_abandoned(on_abandoned_, application_data);
    secret body = refresh_request(**credentials, refresh_token, narrowed->to_string());
    return run_grant(
        transport_, token_endpoint_request(server->metadata.token_endpoint(), **credentials, std::move(body)),
        std::move(context));
}

template <class Void>
result<secret> client_core<Void>::bearer_field(const token_set& tokens) const
{
    const std::string_view token = tokens.access_token().expose();
    // A token of the caller's own making must not end the header field.
    if (token.empty() ||
        !std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c <= 0x7e; }))
        return errc::access_token_missing;
    constexpr std::string_view scheme = "Bearer ";
    secure_bytes value;
    value.reserve(scheme.size() + token.size());
    value.insert(value.end(), scheme.begin(), scheme.end());
    value.insert(value.end(), token.begin(), token.end());
    return secret(std::move(value));
}

COAUTH_LAZY_DECL std::shared_ptr<client_interface>
make_client_core(server_or_issuer server, client_settings settings, any_transport transport)
{
    return std::make_shared<client_core<>>(std::move(server),
                                           std::make_shared<const client_settings>(std::move(settings)),
                                           std::move(transport));
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#include <coauth/impl/detail/client_operations.ipp>

#endif
