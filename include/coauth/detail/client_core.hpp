// Floor 4. What of basic_client does not depend on the policy's types.
#ifndef COAUTH_DETAIL_CLIENT_CORE_HPP
#define COAUTH_DETAIL_CLIENT_CORE_HPP

#include <coauth/authorization_code.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/core/token_set.hpp>
#include <coauth/policy/pending_login.hpp>
#include <coauth/policy/transport.hpp>
#include <coauth/protocol/authorization_request.hpp>
#include <coauth/protocol/authorization_response.hpp>
#include <coauth/protocol/client_authentication.hpp>
#include <coauth/protocol/token_response.hpp>
#include <coauth/protocol/userinfo.hpp>
#include <coauth/resource.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coauth {

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
    prepared_authorization(authorization_request made, pending_login kept)
        : request(std::move(made)), login(std::move(kept))
    {
    }
    authorization_request request;
    pending_login login;
};

/// A callback that is well-formed, and has what is needed to look for its sign-in.
struct readable_callback {
    readable_callback(authorization_response parsed, const random_value& state_value, const random_value& binding,
                      coauth::response_mode arrived_by)
        : response(std::move(parsed)), state(state_value), browser_binding(binding), mode(arrived_by)
    {
    }
    authorization_response response;
    random_value state;
    random_value browser_binding;
    coauth::response_mode mode;
};

class client_core : public std::enable_shared_from_this<client_core> {
public:
    using wall_clock = std::chrono::system_clock::time_point (*)();

    /// @throws coauth::exception as basic_client's constructor says
    COAUTH_DECL client_core(server_metadata server, client_credentials credentials, redirect_uri redirect,
                            any_transport transport, const coauth::limits& bounds, const leniencies& tolerated,
                            wall_clock now);

    const server_metadata& server() const noexcept { return server_; }
    const coauth::limits& bounds() const noexcept { return bounds_; }

    COAUTH_DECL result<prepared_authorization> prepare(const authorization_parameters& parameters,
                                                       const sign_in_random& random) const;

    COAUTH_DECL result<readable_callback> read_callback(std::string_view parameters, std::string_view binding,
                                                        coauth::response_mode mode) const;

    /// Precondition: state and binding of the login are those of the callback.
    COAUTH_DECL result<authorization_code> complete_callback(readable_callback callback, pending_login login) const;

    COAUTH_DECL boost::asio::awaitable<result<token_set>> exchange(authorization_code code) const;
    COAUTH_DECL boost::asio::awaitable<result<token_set>> refresh(std::string_view refresh_token,
                                                                  std::string_view requested_scope,
                                                                  std::string_view granted_scope,
                                                                  std::string_view application_data) const;
    COAUTH_DECL boost::asio::awaitable<result<userinfo>> fetch_userinfo(const token_set& tokens) const;
    COAUTH_DECL boost::asio::awaitable<result<resource_response>> fetch_resource(
        const token_set& tokens, const resource_parameters& parameters) const;
    COAUTH_DECL boost::asio::awaitable<result<void>> revoke(const token_set& tokens) const;

    COAUTH_DECL void allow_resource_origin(const endpoint_url& url);
    void on_abandoned(std::function<void(abandoned_tokens)> handler) { on_abandoned_ = std::move(handler); }

private:
    COAUTH_DECL http_request token_endpoint_request(const endpoint_url& endpoint, secret body) const;
    COAUTH_DECL result<secret> bearer_field(const token_set& tokens) const;

    server_metadata server_;
    client_credentials credentials_;
    redirect_uri redirect_uri_;
    any_transport transport_;
    coauth::limits bounds_;
    leniencies tolerated_;
    wall_clock now_;
    authorization_url_prefix url_prefix_;
    std::uint64_t tag_ = 0; // of this registration at this server; RFC 9700 4.4: answers of one are not for another
    std::vector<std::string> resource_origins_;
    bool loopback_http_ = false; // some resource origin is http
    std::function<void(abandoned_tokens)> on_abandoned_;
};

} // namespace detail
} // namespace coauth

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/client_core.ipp>
#endif

#endif
