// Floor 4.
#ifndef COAUTH_DETAIL_CLIENT_CORE_HPP
#define COAUTH_DETAIL_CLIENT_CORE_HPP

#include <coauth/detail/client_interface.hpp>
#include <coauth/policy/transport.hpp>
#include <coauth/protocol/client_authentication.hpp>
#include <coauth/protocol/token_response.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace coauth::detail {

/** The implementation. A template without need of a parameter: header-only, unused templates cost nothing. */
template <class = void>
class client_core final : public client_interface {
public:
    using wall_clock = std::chrono::system_clock::time_point (*)();

    /// @throws coauth::exception as basic_client's constructor says
    client_core(server_metadata server, client_credentials credentials, redirect_uri redirect,
                any_transport transport, const coauth::limits& bounds, const leniencies& tolerated,
                wall_clock now);

    const server_metadata& server() const noexcept override { return server_; }
    const coauth::limits& bounds() const noexcept override { return bounds_; }

    result<prepared_authorization> prepare(const authorization_parameters& parameters,
                                           const sign_in_random& random) const override;

    result<readable_callback> read_callback(std::string_view parameters, std::string_view binding,
                                            coauth::response_mode mode) const override;

    result<authorization_code> complete_callback(readable_callback callback,
                                                 pending_login login) const override;

    boost::asio::awaitable<result<token_set>> exchange(authorization_code&& code) const override;
    boost::asio::awaitable<result<token_set>> refresh(std::string_view refresh_token,
                                                      std::string_view requested_scope,
                                                      std::string_view granted_scope,
                                                      std::string_view application_data) const override;
    boost::asio::awaitable<result<userinfo>> fetch_userinfo(const token_set& tokens) const override;
    boost::asio::awaitable<result<resource_response>>
    fetch_resource(const token_set& tokens, const resource_parameters& parameters) const override;
    boost::asio::awaitable<result<void>> revoke(const token_set& tokens) const override;

    void allow_resource_origin(const endpoint_url& url) override;
    void on_abandoned(std::function<void(abandoned_tokens)> handler) override
    {
        on_abandoned_ = std::move(handler);
    }

private:
    http_request token_endpoint_request(const endpoint_url& endpoint, secret body) const;
    result<secret> bearer_field(const token_set& tokens) const;

    server_metadata server_;
    client_credentials credentials_;
    redirect_uri redirect_uri_;
    any_transport transport_;
    coauth::limits bounds_;
    leniencies tolerated_;
    wall_clock now_;
    authorization_url_prefix url_prefix_;
    std::uint64_t tag_ =
        0; // of this registration at this server; RFC 9700 4.4: answers of one are not for another
    std::vector<std::string> resource_origins_;
    bool loopback_http_ = false; // some resource origin is http
    std::function<void(abandoned_tokens)> on_abandoned_;
};

#ifdef COAUTH_SEPARATE_COMPILATION
extern template class client_core<>;
#endif

} // namespace coauth::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/client_core.ipp>
#endif

#endif
