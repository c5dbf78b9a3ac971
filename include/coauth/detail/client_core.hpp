// Floor 4.
#ifndef COAUTH_DETAIL_CLIENT_CORE_HPP
#define COAUTH_DETAIL_CLIENT_CORE_HPP

#include <coauth/detail/client_interface.hpp>
#include <coauth/detail/identity_check.hpp>
#include <coauth/detail/known_server.hpp>
#include <coauth/policy/any_transport.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

class replay_cache;

/** The implementation. A template without need of a parameter: header-only, unused templates cost nothing. */
template <class = void>
class client_core final : public client_interface, public std::enable_shared_from_this<client_core<>> {
public:
    /// @throws coauth::exception as basic_client's constructor says
    client_core(server_or_issuer server, std::shared_ptr<const client_settings> settings,
                any_transport transport);

    std::shared_ptr<const server_metadata> server() const override;
    const coauth::limits& bounds() const noexcept override { return settings_->bounds; }
    const coauth::redirect_uri& redirect_uri() const noexcept override { return settings_->redirect; }
    std::uint64_t tag() const noexcept override { return tag_; }
    bool names_issuer_in_response() const noexcept override;

    bool recently_discovered() const override { return directory_->is_usable(); }
    boost::asio::awaitable<result<void>> discover() const override;

    result<prepared_authorization> prepare(const authorization_parameters& parameters,
                                           const sign_in_random& random) const override;

    result<readable_callback> read_callback(std::string_view parameters, std::string_view binding,
                                            coauth::response_mode mode,
                                            std::string_view redirect_uri) const override;
    std::string cookie_suffix(const random_value& state) const override;
    std::string cookie_suffix(std::string_view parameters) const override;

    result<authorization_code> complete_callback(readable_callback&& callback,
                                                 pending_login&& login) const override;

    bool made(const authorization_code& code) const noexcept override
    {
        return code.login_.client_tag() == tag_;
    }

    boost::asio::awaitable<result<token_set>> exchange(authorization_code&& code) const override;
    boost::asio::awaitable<result<token_set>> refresh(const token_set& current,
                                                      std::string_view requested_scope,
                                                      std::string_view application_data,
                                                      std::shared_ptr<refresh_trace> trace) const override;
    boost::asio::awaitable<result<userinfo>> fetch_userinfo(const token_set& tokens) const override;
    boost::asio::awaitable<result<resource_response>>
    fetch_resource(const token_set& tokens, const resource_parameters& parameters) const override;
    boost::asio::awaitable<result<void>> revoke(const token_set& tokens) const override;
    boost::asio::awaitable<result<logout_request>> begin_logout(const logout_parameters& parameters,
                                                                const random_value& state) const override;
    boost::asio::awaitable<result<logout_token>> accept_logout_token(std::string_view content_type,
                                                                     std::string_view body) const override;
    result<void> accept_logout_callback(std::string_view query, std::string_view state) const override;
    result<void>
    accept_front_channel_logout(const front_channel_logout_parameters& parameters) const override;

    void allow_resource_origin(const endpoint_url& url) override;
    void on_abandoned(callback<void(abandoned_tokens)> handler) override
    {
        on_abandoned_ = std::move(handler);
    }

private:
    result<std::shared_ptr<const client_credentials>> credentials_for(const known_server& server) const;
    http_request token_endpoint_request(const endpoint_url& endpoint, const client_credentials& credentials,
                                        secret body) const;
    result<secret> bearer_field(const token_set& tokens) const;
    identity_check::surroundings surroundings() const;

    std::shared_ptr<const client_settings> settings_;
    any_transport transport_;
    std::shared_ptr<const server_directory<>> directory_;
    std::shared_ptr<shared_fetch<>> keys_;
    std::shared_ptr<replay_cache> logout_tokens_;
    std::uint64_t tag_ = 0;
    std::vector<std::string> resource_origins_;
    bool loopback_http_ = false; // some resource origin is http
    callback<void(abandoned_tokens)> on_abandoned_;
};

#ifdef COAUTH_SEPARATE_COMPILATION
extern template class client_core<>;
#endif

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/client_core.ipp>
#endif

#endif
