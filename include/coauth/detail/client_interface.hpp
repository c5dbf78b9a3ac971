// Floor 4. What basic_client knows of the part that knows the server.
#ifndef COAUTH_DETAIL_CLIENT_INTERFACE_HPP
#define COAUTH_DETAIL_CLIENT_INTERFACE_HPP

#include <coauth/authorization_code.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/core/token_set.hpp>
#include <coauth/detail/callback.hpp>
#include <coauth/detail/client_settings.hpp>
#include <coauth/detail/refresh_trace.hpp>
#include <coauth/policy/any_transport.hpp>
#include <coauth/policy/pending_login.hpp>
#include <coauth/protocol/authorization_request.hpp>
#include <coauth/protocol/authorization_response.hpp>
#include <coauth/protocol/logout_request.hpp>
#include <coauth/protocol/logout_token.hpp>
#include <coauth/protocol/userinfo.hpp>
#include <coauth/resource.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/// A front-channel logout as it arrived, and the session of the browser that it came with. Views.
struct front_channel_logout_parameters {
    /// The query of the request target without the `?`.
    std::string_view query{};
    /// verified_id_token::issuer() of the session.
    std::string_view issuer{};
    /// verified_id_token::session_id() of the session.
    std::string_view session_id{};
};
static_assert(std::is_trivially_copyable_v<front_channel_logout_parameters> &&
              std::is_trivially_destructible_v<front_channel_logout_parameters>);

/** Tokens that arrived after their caller was cancelled. */
class abandoned_tokens {
public:
    abandoned_tokens(result<token_set> outcome, std::string application_data)
        : outcome_(std::move(outcome)), application_data_(std::move(application_data))
    {
    }
    result<token_set>& outcome() noexcept { return outcome_; }
    /// From begin_authorization() for an exchange, from refresh_parameters for a refresh.
    const std::string& application_data() const noexcept { return application_data_; }

private:
    result<token_set> outcome_;
    std::string application_data_;
};

namespace detail {

/// All random values of one sign-in, as one call of the random source fills them.
using sign_in_random = std::array<unsigned char, 4 * random_value::size_bytes>;

struct prepared_authorization {
    /// Made in its place: to move what is wiped costs as much as to make it.
    prepared_authorization(std::string url, const random_value& state, const random_value& binding,
                           const random_value& nonce, const random_value& code_verifier,
                           std::uint64_t client_tag, const authorization_parameters& asked)
        : request(std::move(url), binding),
          login(state, binding, nonce, code_verifier, client_tag, asked.response_mode, asked.scope,
                asked.application_data, asked.max_age, asked.required_acr_values)
    {
    }
    authorization_request request;
    pending_login login;
};

/// A callback that is well-formed, and has what is needed to look for its sign-in.
struct readable_callback {
    readable_callback(authorization_response parsed, const random_value& state_value,
                      const random_value& binding, coauth::response_mode arrived_by,
                      std::string_view arrived_at)
        : response(std::move(parsed)),
          state(state_value),
          browser_binding(binding),
          mode(arrived_by),
          redirect_uri(arrived_at)
    {
    }
    authorization_response response;
    random_value state;
    random_value browser_binding;
    coauth::response_mode mode;
    std::string redirect_uri; // empty: the only one
};

/** All of a client that does not depend on the policy's types.

    Behind virtual functions, so that files that call a client do not compile what only those need that
    make one; see client_core.
*/
class client_interface {
public:
    virtual ~client_interface() = default;

    /// Null: discovery comes first.
    virtual std::shared_ptr<const server_metadata> server() const = 0;
    virtual const coauth::limits& bounds() const noexcept = 0;
    virtual const coauth::redirect_uri& redirect_uri() const noexcept = 0;
    /// Of this registration at this server. RFC 9700 4.4: answers of one are not for another.
    virtual std::uint64_t tag() const noexcept = 0;
    virtual bool names_issuer_in_response() const noexcept = 0;

    /// Whether what is known of the server is recent enough to begin with.
    virtual bool recently_discovered() const = 0;
    virtual boost::asio::awaitable<result<void>> discover() const = 0;

    // All of these need the server to be known.
    virtual result<prepared_authorization> prepare(const authorization_parameters& parameters,
                                                   const sign_in_random& random) const = 0;
    virtual result<readable_callback> read_callback(std::string_view parameters, std::string_view binding,
                                                    coauth::response_mode mode,
                                                    std::string_view redirect_uri) const = 0;
    /// Of the binding cookie of the sign-in with this state, if it has a cookie of its own.
    virtual std::string cookie_suffix(const random_value& state) const = 0;
    /// Of the one that a callback belongs to; empty if it has no state of ours.
    virtual std::string cookie_suffix(std::string_view parameters) const = 0;
    /// Precondition: state and binding of the login are those of the callback.
    virtual result<authorization_code> complete_callback(readable_callback&& callback,
                                                         pending_login&& login) const = 0;

    /// Whether complete_callback() made it.
    virtual bool made(const authorization_code& code) const noexcept = 0;

    // These find out about it first, if it is not.
    virtual boost::asio::awaitable<result<token_set>> exchange(authorization_code&& code) const = 0;
    /// @param trace takes what is known besides the outcome; may be null
    virtual boost::asio::awaitable<result<token_set>> refresh(const token_set& current,
                                                              std::string_view requested_scope,
                                                              std::string_view application_data,
                                                              std::shared_ptr<refresh_trace> trace) const = 0;
    virtual boost::asio::awaitable<result<userinfo>> fetch_userinfo(const token_set& tokens) const = 0;
    virtual boost::asio::awaitable<result<resource_response>>
    fetch_resource(const token_set& tokens, const resource_parameters& parameters) const = 0;
    virtual boost::asio::awaitable<result<void>> revoke(const token_set& tokens) const = 0;
    virtual boost::asio::awaitable<result<logout_request>> begin_logout(const logout_parameters& parameters,
                                                                        const random_value& state) const = 0;
    virtual boost::asio::awaitable<result<logout_token>> accept_logout_token(std::string_view content_type,
                                                                             std::string_view body) const = 0;

    virtual result<void> accept_logout_callback(std::string_view query, std::string_view state) const = 0;
    virtual result<void>
    accept_front_channel_logout(const front_channel_logout_parameters& parameters) const = 0;

    virtual void allow_resource_origin(const endpoint_url& url) = 0;
    virtual void on_abandoned(callback<void(abandoned_tokens)> handler) = 0;
};

/** Make the implementation: client_core. In coauth/client_implementation.hpp, for the reason given there.
    @throws coauth::exception as basic_client's constructor says
*/
COAUTH_LAZY std::shared_ptr<client_interface>
make_client_core(server_or_issuer server, client_settings settings, any_transport transport);

#ifndef COAUTH_SEPARATE_COMPILATION
/// Whether coauth/client_implementation.hpp is there. @tparam Late makes it be looked at late
template <class Late, class Core = client_core<std::conditional_t<true, void, Late>>>
concept client_is_implemented = requires { sizeof(Core); };
#else
template <class Late>
concept client_is_implemented = true;
#endif

/// For what works with the client of some policy, and does not depend on the policy.
struct client_access {
    template <class Client>
    static const std::shared_ptr<client_interface>& core(const Client& of)
    {
        return of.self_->core;
    }
};

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#endif
