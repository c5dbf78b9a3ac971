// Floor 4.
#ifndef COAUTH_CLIENT_HPP
#define COAUTH_CLIENT_HPP

#include <coauth/authorization_code.hpp>
#include <coauth/core/client_registration.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/core/token_set.hpp>
#include <coauth/detail/callback_check.hpp>
#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/client_interface.hpp>
#include <coauth/policy/any_transport.hpp>
#include <coauth/policy/security_policy.hpp>
#include <coauth/protocol/authorization_request.hpp>
#include <coauth/protocol/userinfo.hpp>
#include <coauth/resource.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {

/// A callback as it arrived. Views: they have to live until the operation was called.
struct callback_parameters {
    /// The query of the request target without the `?`, or the body of the form.
    std::string_view parameters{};
    /// The value of the binding cookie.
    std::string_view browser_binding{};
    /// By which way the parameters came.
    coauth::response_mode response_mode = coauth::response_mode::query;
    /// To which redirect URI they came, where several lead here; empty: to the only one.
    std::string_view redirect_uri{};
};
static_assert(std::is_trivially_copyable_v<callback_parameters> &&
              std::is_trivially_destructible_v<callback_parameters>);

/// What a refresh may ask for. Views: they have to live until the operation was called.
struct refresh_parameters {
    /// Scope tokens to narrow the new access token to; empty: the scope that was granted.
    std::string_view scope{};
    /// Given to the handler of on_abandoned(), to know whose tokens these are.
    std::string_view application_data{};
};
static_assert(std::is_trivially_copyable_v<refresh_parameters> &&
              std::is_trivially_destructible_v<refresh_parameters>);

template <security_policy>
class basic_provider_registry;

/** A client of one authorization server: signs people in by the authorization code flow.

    Every operation is an awaitable that completes with a `result`: what can go wrong in a working program
    is an error in it, not an exception. `std::bad_alloc` passes through.

    All arguments are copied before an operation returns its awaitable, and the awaitable keeps what it
    needs of the client: the client may be destroyed while operations run.

    Cancellation reaches an operation as far as the calling coroutine lets it through: Asio passes on terminal
    cancellation only, unless the coroutine calls `this_coro::reset_cancellation_state()`.

    @tparam Policy see security_policy; what it forbids does not compile
    @par Thread safety Distinct objects: safe. Shared objects: all operations are safe; the functions that
    configure (allow_resource_origin(), on_abandoned()) are not, and come first.
    @par Specification RFC 6749 4.1 with RFC 7636 (PKCE), RFC 9207 (issuer), RFC 9700 (best practice)
*/
template <security_policy Policy = oauth21>
class basic_client {
public:
    using policy = Policy;
    using state_store = typename Policy::state_store;

    /** Make a client with a state store of its own.

        @param server the authorization server: either its issuer identifier, by which it is discovered when it is
        needed first (a server that is down then stops nothing else), or its metadata, written down or fetched by
        discover_server_metadata()
        @param registration what the server knows of this client
        @param transport what carries the requests, as https_transport
        @param bounds every limit
        @throws coauth::exception
        - errc::invalid_configuration: something required is empty, as is the issuer of a server that sends `iss`,
          or the authorization endpoint's query sets a parameter of the protocol
        - errc::client_authentication_unsupported: the server's metadata does not list the method. No
          secret is sent to find out.
        With an issuer identifier these are found at the discovery instead, and are errors of the operations.
    */
    template <client_authentication_method Authentication>
    basic_client(server_or_issuer server, client_registration<Authentication> registration,
                 any_transport transport, const limits& bounds = {})
        requires std::constructible_from<state_store, const limits&>
        : basic_client(std::move(server), std::move(registration), std::move(transport),
                       std::make_shared<state_store>(bounds), bounds)
    {
    }

    /** Make a client with a state store that others may use, too. */
    template <client_authentication_method Authentication>
    basic_client(server_or_issuer server, client_registration<Authentication> registration,
                 any_transport transport, std::shared_ptr<state_store> store, const limits& bounds = {})
    {
        static_assert(Policy::template permits_authentication<Authentication>,
                      "coauth: the security policy of this client forbids this client authentication method; "
                      "register another one at the server, or choose a policy that names the leniency");
        detail::client_credentials credentials(registration.client_id(), registration.authentication());
        credentials.set_random_source(
            +[](std::span<unsigned char> out) -> result<void> { return Policy::random_source::fill(out); });
        static_assert(detail::client_is_implemented<Authentication>,
                      "coauth: a file that makes a client, and not only calls one, has to include "
                      "<coauth/client_implementation.hpp>, as <coauth/https_transport.hpp> does");
        detail::client_settings settings(
            std::move(credentials), registration.redirect_uri(), registration.openid(), bounds,
            Policy::tolerated,
            +[]() -> std::chrono::system_clock::time_point { return Policy::clock::now(); });
        self_ = std::make_shared<state>(
            detail::make_client_core(std::move(server), std::move(settings), std::move(transport)),
            std::move(store));
    }

    /** Begin a sign-in: make an authorization request and remember it.

        Makes state, nonce, code verifier and browser binding, stores them, and completes with the URL
        to redirect the browser to and the value for its binding cookie.

        @par Completion No HTTP request, and with a store in memory without suspending; but if the server is to be
        discovered, one or two GET requests the first time and then each limits::metadata_age.
        @par Errors
        - errc::reserved_parameter, errc::invalid_parameter, errc::openid_scope_missing: see authorization_parameters
        - errc::invalid_configuration, errc::key_set_unavailable: with the scope openid, a server without an issuer, or
          without keys
        - errc::random_source_failed
        - those of discover_server_metadata()
        - errc::state_store_failed and others of the state store, as errc::sealed_data_too_large
        @par Per-operation cancellation As the state store has it.
        @par Specification RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1
    */
    [[nodiscard]] boost::asio::awaitable<result<authorization_request>>
    begin_authorization(const authorization_parameters& parameters = {});

    /** Check the answer of the authorization server that a browser brought.

        Finds the pending sign-in by the browser's binding and the state, and consumes it whatever comes
        out of it. An error that the server reports is believed only after state and issuer were checked.

        @par Completion No HTTP request. With a store in memory, without suspending.
        @par Errors
        - errc::callback_too_large, errc::malformed_callback, errc::duplicate_parameter
        - errc::state_missing, errc::browser_binding_missing
        - errc::state_mismatch: forged, or not the latest
        - errc::unknown_transaction: completed already, evicted, or begun elsewhere
        - errc::expired_transaction: begun longer than limits::pending_login_lifetime ago
        - errc::seal_broken: with a store that seals, the cookie was changed, or sealed with a key that is not here
        - errc::issuer_missing, errc::issuer_mismatch: RFC 9207, also for error responses
        - errc::response_mode_mismatch, errc::redirect_uri_mismatch: it came by another way than was asked for
        - a server_errc, as server_errc::access_denied: the server or the person refused
        - errc::code_missing
        @par Per-operation cancellation As the state store has it; the sign-in may be consumed.
        @par Specification RFC 6749 4.1.2, 10.12; RFC 9207 2.4; RFC 9700 4.7
    */
    [[nodiscard]] boost::asio::awaitable<result<authorization_code>>
    accept_callback(const callback_parameters& callback);

    /** What is appended to the name of the binding cookie that belongs to a callback.

        Empty, if the policy's state store keeps sign-ins itself: one cookie of a browser serves all of them.
        With a store that seals them, authorization_request::cookie_suffix() of the request that is answered; empty,
        if the callback is none. Callbacks are strangers' words: it names the cookie to look for, and proves nothing.

        @param parameters callback_parameters::parameters
    */
    std::string cookie_suffix(std::string_view parameters) const
    {
        if constexpr (sealing_state_store<state_store>)
            return self_->core->cookie_suffix(parameters);
        else
            return {};
    }

    /** Exchange an authorization code for tokens.

        With the scope openid the ID token is verified before anything is handed over: who signed in is then
        known (token_set::id_token()). Otherwise an ID token is ignored.

        @par Completion One POST request to the token endpoint; never a second one for the same code. GET requests
        to the server's jwks_uri if its keys are not known yet or have changed.
        @par Errors
        - those of ID tokens, from errc::key_set_unavailable to errc::authentication_context_mismatch; the tokens are
          dropped
        - server_errc::invalid_grant and others: the server said so
        - errc::access_token_missing, errc::token_type_missing, errc::unsupported_token_type,
          errc::id_token_missing, errc::malformed_response: the answer is not one to build on
        - errc::malformed_json, errc::duplicate_member, errc::unexpected_content_type: it cannot be read
        - errc::redirect_refused, errc::server_unavailable, errc::unexpected_status: by the HTTP status; with
          error::grant_spent() if it may be a gateway that says so, after the server took the request
        - errc::outcome_unknown: the connection broke after the request was sent
        - errc::issuer_mismatch: the code is from the callback of another client; nothing was sent
        - errc::timed_out and the other errors of the transport
        @par Per-operation cancellation terminal, partial and total, until the request is sent. After that the
        caller is released with `operation_aborted` and error::grant_spent(), and the exchange goes on; its outcome
        goes to the handler of on_abandoned().
        @par Specification RFC 6749 4.1.3, 5; RFC 7636 4.5
    */
    [[nodiscard]] boost::asio::awaitable<result<token_set>> exchange(authorization_code&& code)
    {
        return self_->core->exchange(std::move(code));
    }

    /** Get a new access token with a refresh token.

        If the server sends a new ID token, it has to be of the same person and sign-in. If it sends none, or one with another
        time of authentication, the old one stays.

        What comes back holds the refresh token to use next: the new one, or the old one if the server
        sent none. Keep it before using the access token. Do not refresh one grant twice at the same time:
        servers that rotate take the second for theft.

        @par Completion One POST request to the token endpoint.
        @par Errors
        - errc::refresh_token_missing: nothing was sent
        - server_errc::invalid_grant: the person has to sign in again
        - all others of exchange()
        @par Per-operation cancellation As exchange().
        @par Specification RFC 6749 6
        @param current the tokens so far; its access token is not used
    */
    [[nodiscard]] boost::asio::awaitable<result<token_set>> refresh(const token_set& current,
                                                                    const refresh_parameters& parameters = {})
    {
        return self_->core->refresh(current, parameters.scope, parameters.application_data, nullptr);
    }

    /** Ask the userinfo endpoint who the access token stands for.

        @par Completion One GET request, which is repeated only if a kept-alive connection turns out dead. If the
        answer is signed, maybe others for the keys.
        @par Errors
        - errc::endpoint_missing: the server has no userinfo endpoint
        - server_errc::invalid_token, server_errc::insufficient_scope: from the challenge
        - errc::subject_missing, errc::subject_mismatch: with an ID token, no `sub` or that of another person
        - errc::userinfo_not_signed, and the errors of ID tokens, where userinfo is signed
        - errc::unexpected_content_type and the others of exchange() about answers and transport
        @par Per-operation cancellation terminal, partial and total
        @par Specification OpenID Connect Core 5.3, RFC 6750 2.1
    */
    [[nodiscard]] boost::asio::awaitable<result<userinfo>> fetch_userinfo(const token_set& tokens)
    {
        return self_->core->fetch_userinfo(tokens);
    }

    /** Call a protected resource with the access token in the Authorization header.

        @par Completion One request. The answer is given back whatever its status, a redirect included; see
        resource_response::challenge() for 401 and 403.
        @par Errors
        - errc::origin_not_allowed: see allow_resource_origin(); nothing was sent
        - errc::invalid_url, errc::insecure_url, errc::invalid_parameter, errc::reserved_parameter: likewise
        - errc::timed_out and the other errors of the transport
        @par Per-operation cancellation terminal, partial and total; the resource may have acted
        @par Specification RFC 6750 2.1, 3; RFC 9700 4.9.1
    */
    [[nodiscard]] boost::asio::awaitable<result<resource_response>>
    fetch_resource(const token_set& tokens, const resource_parameters& parameters)
    {
        return self_->core->fetch_resource(tokens, parameters);
    }

    /** Revoke the refresh token, if there is one, and the access token.

        @par Completion One or two POST requests to the revocation endpoint; the second one also if the first
        fails.
        @par Errors
        - errc::endpoint_missing: the server has no revocation endpoint
        - the last error of the server or the transport
        @par Per-operation cancellation terminal, partial and total; tokens may be revoked
        @par Specification RFC 7009 2
    */
    [[nodiscard]] boost::asio::awaitable<result<void>> revoke(const token_set& tokens)
    {
        return self_->core->revoke(tokens);
    }

    /** Send a person to the server to sign out there, too.

        End the local session first, whatever comes of this, and revoke() its tokens.

        @par Completion No HTTP request, unless the server has to be discovered first.
        @par Errors
        - errc::endpoint_missing: the server has no end_session_endpoint; the local sign-out is all there is
        - errc::invalid_parameter: a NUL in a parameter
        - errc::random_source_failed
        @par Per-operation cancellation terminal, partial and total, while discovering
        @par Specification OpenID Connect RP-Initiated Logout 1.0 2
    */
    [[nodiscard]] boost::asio::awaitable<result<logout_request>>
    begin_logout(const logout_parameters& parameters = {})
    {
        std::array<unsigned char, random_value::size_bytes> bytes;
        if (const result<void> filled = Policy::random_source::fill(bytes); !filled)
            return detail::failed<logout_request>(filled.error());
        return self_->core->begin_logout(parameters, random_value(bytes));
    }

    /** Check that a browser comes back from the logout that it was sent to. The session ended before.

        @param query of the post-logout redirect URI, as it was requested
        @param expected_state logout_request::state(), which a cookie of the browser kept
        @par Errors
        - errc::callback_too_large, errc::malformed_callback, errc::duplicate_parameter
        - errc::state_missing, errc::state_mismatch: it was not sent there from here
        @par Specification OpenID Connect RP-Initiated Logout 1.0 3
    */
    result<void> accept_logout_callback(std::string_view query, std::string_view expected_state) const
    {
        return self_->core->accept_logout_callback(query, expected_state);
    }

    /** Check a back-channel logout request: the server's order to end sessions.

        Answer 200 after the sessions were ended, 400 on every error, and `Cache-Control: no-store` either way.

        @par Completion Without an HTTP request if the server and its keys are known, else GET requests for them.
        @par Errors
        - errc::unexpected_content_type, errc::callback_too_large, errc::malformed_callback, errc::duplicate_parameter
        - errc::logout_event_missing, errc::nonce_in_logout_token, errc::session_unidentified
        - errc::token_replayed: it was accepted before
        - those of ID tokens, and of the fetches
        @par Per-operation cancellation terminal, partial and total; nothing has changed then
        @par Specification OpenID Connect Back-Channel Logout 1.0 2.5, 2.6
        @param content_type the request's Content-Type
        @param body the request's body; at most limits::callback_bytes
    */
    [[nodiscard]] boost::asio::awaitable<result<logout_token>>
    accept_logout_token(std::string_view content_type, std::string_view body)
    {
        return self_->core->accept_logout_token(content_type, body);
    }

    /** Check whether a front-channel logout is meant for the session of the browser that it came with.

        Any page can load the logout URI: end nothing on its word but this browser's session.

        @par Errors
        - errc::callback_too_large, errc::malformed_callback, errc::duplicate_parameter
        - errc::issuer_mismatch, errc::session_unidentified: it is not meant, or does not say so
        @par Specification OpenID Connect Front-Channel Logout 1.0 2
    */
    result<void> accept_front_channel_logout(const front_channel_logout_parameters& parameters) const
    {
        return self_->core->accept_front_channel_logout(parameters);
    }

    /** Let access tokens be sent to an origin: scheme, host and port of the URL. By default there is none.

        Precondition: no operation has begun.
    */
    void allow_resource_origin(const endpoint_url& url) { self_->core->allow_resource_origin(url); }

    /** Say what becomes of tokens whose caller was cancelled after the request was sent.

        The handler is called once for each of them, on a strand of the executor that the operation ran on;
        it must not throw. Without one they are dropped.

        Precondition: no operation has begun.
    */
    void on_abandoned(std::function<void(abandoned_tokens)> handler)
    {
        self_->core->on_abandoned(std::move(handler));
    }

    /// What is known of the server; null until it was discovered.
    std::shared_ptr<const server_metadata> server() const { return self_->core->server(); }

private:
    template <security_policy>
    friend class basic_provider_registry;
    friend struct detail::client_access;

    struct state {
        state(std::shared_ptr<detail::client_interface> client, std::shared_ptr<state_store> logins)
            : core(std::move(client)), store(std::move(logins))
        {
        }
        std::shared_ptr<detail::client_interface> core;
        std::shared_ptr<state_store> store;
    };

    static result<detail::prepared_authorization> prepare(const detail::client_interface& core,
                                                          const authorization_parameters& parameters);

    static boost::asio::awaitable<result<authorization_request>>
    begin_after_discovery(std::shared_ptr<state> self, detail::kept_authorization_parameters parameters);

    static boost::asio::awaitable<result<authorization_request>>
    store(std::shared_ptr<state> self, result<detail::prepared_authorization> prepared);

    /// The one client that there is.
    struct own_core {
        std::shared_ptr<detail::client_interface> operator()(std::uint64_t) const { return core; }
        std::shared_ptr<detail::client_interface> core;
    };

    std::shared_ptr<state> self_;
};

// Not in the class: there they would be inline, and files compile those although they are instantiated elsewhere.

template <security_policy Policy>
boost::asio::awaitable<result<authorization_request>>
basic_client<Policy>::begin_authorization(const authorization_parameters& parameters)
{
    if (!self_->core->recently_discovered())
        return detail::cancellation_as_error(
            begin_after_discovery(self_, detail::kept_authorization_parameters(parameters)));
    return store(self_, prepare(*self_->core, parameters));
}

template <security_policy Policy>
boost::asio::awaitable<result<authorization_code>>
basic_client<Policy>::accept_callback(const callback_parameters& callback)
{
    return detail::check_callback<Policy>(self_->store, *self_->core, callback, own_core(self_->core));
}

template <security_policy Policy>
result<detail::prepared_authorization>
basic_client<Policy>::prepare(const detail::client_interface& core,
                              const authorization_parameters& parameters)
{
    detail::sign_in_random random;
    const result<void> filled = Policy::random_source::fill(random);
    auto prepared =
        filled ? core.prepare(parameters, random) : result<detail::prepared_authorization>(filled.error());
    detail::cleanse(random.data(), random.size());
    return prepared;
}

template <security_policy Policy>
boost::asio::awaitable<result<authorization_request>>
basic_client<Policy>::begin_after_discovery(std::shared_ptr<state> self,
                                            detail::kept_authorization_parameters parameters)
{
    result<void> known = co_await self->core->discover();
    if (!known)
        co_return known.error();
    auto stored = store(self, prepare(*self->core, parameters.view()));
    result<authorization_request> request = co_await std::move(stored);
    co_return std::move(request);
}

template <security_policy Policy>
boost::asio::awaitable<result<authorization_request>>
basic_client<Policy>::store(std::shared_ptr<state> self, result<detail::prepared_authorization> prepared)
{
    if (!prepared)
        co_return prepared.error();
    const auto lifetime = self->core->bounds().pending_login_lifetime;
    result<void> kept;
    if constexpr (sealing_state_store<state_store>) {
        auto cookie = self->store->seal(prepared->login, lifetime);
        if (!cookie)
            co_return cookie.error();
        co_return authorization_request(prepared->request.url(), secret(std::move(*cookie)),
                                        self->core->cookie_suffix(prepared->login.state()));
    } else if constexpr (synchronous_state_store<state_store>)
        kept = self->store->put(std::move(prepared->login), lifetime);
    else
        kept = co_await detail::cancellation_as_error(self->store->put(std::move(prepared->login), lifetime));
    if (!kept)
        co_return kept.error();
    co_return std::move(prepared->request);
}

using client = basic_client<>;

#ifdef COAUTH_SEPARATE_COMPILATION
extern template class basic_client<oauth21>;
extern template class basic_client<oauth20_compatible>;
#endif

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
