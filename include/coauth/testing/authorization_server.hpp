// Floor 5. For tests. An OAuth 2.0 authorization server and OpenID Connect provider in the process.
#ifndef COAUTH_TESTING_AUTHORIZATION_SERVER_HPP
#define COAUTH_TESTING_AUTHORIZATION_SERVER_HPP

#include <coauth/core/url.hpp>
#include <coauth/jose/signing_key.hpp>
#include <coauth/testing/authorization_server_configuration.hpp>
#include <coauth/testing/browser.hpp>
#include <coauth/testing/in_process_transport.hpp>
#include <coauth/testing/registered_client.hpp>
#include <coauth/testing/server_exchange.hpp>
#include <coauth/testing/server_jwt.hpp>
#include <coauth/testing/user.hpp>

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

namespace detail {
class listener;
}

/** An authorization server to develop and test against.

    Discovery, JWKS, authorization with a login and a consent page, token, userinfo, revocation and end session
    endpoint, and a protected resource. It is strict: exact redirect URIs, PKCE with S256, codes and refresh tokens
    that work once and take their grant with them when they come again, duplicate parameters refused.

    It is reached over TLS on a loopback address after listen(), or without any socket through
    in_process_transport() and sign_in(). Both work at the same time, on the same state.

    @code
    coauth::testing::authorization_server server;
    server.add_user(coauth::testing::user("ada", "correct horse").set_claim("email", "ada@example.com"));
    server.add_client(coauth::testing::registered_client("my-client", "my-secret")
                          .add_redirect_uri("https://client.example/callback"));
    @endcode

    @warning For development and tests: passwords are kept as they are, and everything is forgotten.
    @par Thread safety Distinct and shared objects: safe, except construction, listen(), stop() and
    destruction.
    @par Specification RFC 6749, RFC 6750, RFC 7009, RFC 7636, RFC 8414, RFC 9207, RFC 9700; OpenID Connect
    Core and Discovery 1.0; OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0; OAuth 2.0
    Form Post Response Mode
*/
class authorization_server {
public:
    /// Called before a request is handled; a value is the answer, and the server does nothing.
    using request_hook = std::function<std::optional<server_answer>(const server_request&)>;
    /// Called with the answer of the server, to change it.
    using answer_hook = std::function<void(const server_request&, server_answer&)>;
    /// Called with header and claims of an ID token before it is signed.
    using id_token_hook = claims_hook;
    /// Called with a client's backchannel_logout_uri and the form to send there.
    using backchannel_logout_hook = std::function<void(const std::string& uri, const std::string& form_body)>;

    COAUTH_DECL explicit authorization_server(authorization_server_configuration configuration = {});
    authorization_server(const authorization_server&) = delete;
    authorization_server& operator=(const authorization_server&) = delete;
    COAUTH_DECL ~authorization_server();

    /** Listen on 127.0.0.1 with TLS and a certificate of an authority of its own, in a thread of its own.
        @throws boost::system::system_error if the port is taken
    */
    COAUTH_DECL void listen();
    /** Listen on 127.0.0.1 without TLS, for browsers during development. */
    COAUTH_DECL void listen(insecure::http_to_loopback_t);
    /** Close all connections, stop listening, and let in-process transports fail to connect. Final. */
    COAUTH_DECL void stop();

    /// The issuer identifier. It changes when the server begins to listen.
    COAUTH_DECL std::string issuer() const;
    /// The URL of an endpoint; endpoint::metadata gives that of OpenID Connect Discovery.
    COAUTH_DECL std::string url(testing::endpoint of) const;
    /// The root certificate, in PEM, for clients to trust. Empty unless it listens with TLS.
    COAUTH_DECL std::string ca_pem() const;

    COAUTH_DECL testing::in_process_transport in_process_transport() const;

    /// Replaces the user of the same name.
    COAUTH_DECL void add_user(user value);
    /// Replaces the client with the same identifier.
    COAUTH_DECL void add_client(registered_client value);

    /** Follow an authorization URL in a new browser, sign in and agree. */
    COAUTH_DECL browser_result sign_in(std::string_view authorization_url, std::string_view user_name,
                                       std::string_view password) const;
    /** Follow an authorization URL in a new browser, sign in and refuse. */
    COAUTH_DECL browser_result deny(std::string_view authorization_url, std::string_view user_name,
                                    std::string_view password) const;

    /// Every request since the last clear_requests(), oldest first.
    COAUTH_DECL std::vector<server_request> requests() const;
    COAUTH_DECL std::vector<server_request> requests(testing::endpoint at) const;
    COAUTH_DECL std::size_t count(testing::endpoint at) const;
    /// The number of all requests.
    COAUTH_DECL std::size_t count() const;
    COAUTH_DECL void clear_requests();

    /** Answer in place of an endpoint. One hook each; an empty function takes it away.

        Hooks are called without a lock held, from the thread that the request is handled on, and maybe
        from several at once. They may call the server, but not stop() it. One that blocks holds up
        every connection: server_answer::set_delay() does not.
    */
    COAUTH_DECL void on_request(testing::endpoint at, request_hook hook);
    /// Change, delay or break the answers of an endpoint.
    COAUTH_DECL void on_answer(testing::endpoint at, answer_hook hook);
    /// Change ID tokens before they are signed.
    COAUTH_DECL void on_id_token(id_token_hook hook);
    /// Change anything that is signed, before it is.
    COAUTH_DECL void on_jwt(server_jwt kind, claims_hook hook);
    /// Sign in place of the server, or not at all. With a hook for it, userinfo is signed for every client.
    COAUTH_DECL void on_signing(server_jwt kind, signing_hook hook);
    /// Take all of these away.
    COAUTH_DECL void clear_hooks();

    /** Do something wrong, or odd, from now on: see misbehaviours(). Ends what it did wrong before.

        It takes the place of hooks, and of those set before. Keys that it needs stay published.
        Header-only, a file that calls it has to include coauth/testing/misbehaviours.hpp: other files are
        compiled without the misbehaviours, which take memory.
        @throws std::invalid_argument if there is none of that name
    */
    COAUTH_DECL void misbehave(std::string_view name);
    /// Do nothing wrong any more. clear_hooks() does the same.
    COAUTH_DECL void behave();

    /** Sign with signing_key(), whatever the header says.
        @return the compact JWS
    */
    COAUTH_DECL std::string sign(const boost::json::object& header, const boost::json::object& claims) const;
    /// The key that ID tokens are signed with, unless a client has an algorithm of its own. RS256 if that is HMAC.
    COAUTH_DECL coauth::signing_key signing_key() const;
    /// The key of an algorithm. From now on the server announces and publishes it.
    COAUTH_DECL coauth::signing_key signing_key(signing_algorithm algorithm) const;
    /// The identifier of signing_key().
    COAUTH_DECL std::string signing_key_id() const;
    /** Make other keys to sign with. Those before stay in the JWKS; older ones leave it. */
    COAUTH_DECL void rotate_signing_key();

    /** Say how clients learn of a logout: called once for each that was told the person's identity in the session
        and has a backchannel_logout_uri. Without one, nothing is sent.

        What goes for other hooks goes for it. It stays when the others are cleared.
        @par Specification OpenID Connect Back-Channel Logout 1.0 2.5
    */
    COAUTH_DECL void on_backchannel_logout(backchannel_logout_hook hook);
    /** Make a logout token.

        @param subject left out if it is empty; likewise session_id
        @throws std::invalid_argument if there is no such client
    */
    COAUTH_DECL std::string make_logout_token(std::string_view client_id, std::string_view subject,
                                              std::string_view session_id) const;

    /** Make every code, access and refresh token invalid, and sign everybody out. */
    COAUTH_DECL void revoke_everything();

private:
    friend class browser;

    void listen_with(std::optional<certificate_authority::certificate> certificate);

    std::shared_ptr<detail::server_core> core_;
    std::unique_ptr<detail::listener> listener_;
    std::string ca_pem_;
};

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/authorization_server.ipp>
#endif

#endif
