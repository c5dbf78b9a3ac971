// Floor 4. For tests.
#ifndef COAUTH_TESTING_REGISTERED_CLIENT_HPP
#define COAUTH_TESTING_REGISTERED_CLIENT_HPP

#include <coauth/testing/server_jwt.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/// How a client authenticates at the token endpoint. RFC 7591 2 has the names.
enum class client_authentication { none, client_secret_basic, client_secret_post };

/// Whether people are asked before a client gets their data.
enum class consent {
    ask,     ///< Once for each user, client and scope, and whenever the request says `prompt=consent`.
    implied, ///< Only for `prompt=consent`.
};

/// Whether logout messages name the session: `iss` and `sid` in front-channel ones, `sid` in logout tokens.
enum class session_in_logout { named, not_named };

/** A client as a testing::authorization_server knows it.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class registered_client {
public:
    /// A public client: `none` as its authentication method.
    explicit registered_client(std::string id) : id_(std::move(id)), name_(id_) {}

    /// A confidential client with client_secret_basic.
    registered_client(std::string id, std::string secret)
        : id_(std::move(id)), name_(id_), secret_(std::move(secret))
    {
        authentication_ = client_authentication::client_secret_basic;
    }

    const std::string& id() const noexcept { return id_; }
    const std::string& secret() const noexcept { return secret_; }

    client_authentication authentication() const noexcept { return authentication_; }
    /// No other method than this one is accepted.
    registered_client& set_authentication(client_authentication value) noexcept
    {
        authentication_ = value;
        return *this;
    }

    /// What people read on the consent page; as it is made, the identifier.
    const std::string& name() const noexcept { return name_; }
    registered_client& set_name(std::string value)
    {
        name_ = std::move(value);
        return *this;
    }

    /// Compared character by character (RFC 9700 2.1).
    const std::vector<std::string>& redirect_uris() const noexcept { return redirect_uris_; }
    registered_client& add_redirect_uri(std::string value)
    {
        redirect_uris_.push_back(std::move(value));
        return *this;
    }

    /// What it may ask for, tokens with spaces between them.
    const std::string& scope() const noexcept { return scope_; }
    registered_client& set_scope(std::string value)
    {
        scope_ = std::move(value);
        return *this;
    }

    /// As it is made, ID tokens are signed as the server signs them for everybody.
    const std::optional<token_algorithm>& id_token_algorithm() const noexcept { return id_token_algorithm_; }
    /// With hmac_algorithm, the secret has to be at least as long as the hash.
    registered_client& set_id_token_signed_response_alg(token_algorithm value) noexcept
    {
        id_token_algorithm_ = value;
        return *this;
    }
    /// As it is made, userinfo is plain JSON.
    const std::optional<token_algorithm>& userinfo_algorithm() const noexcept { return userinfo_algorithm_; }
    registered_client& set_userinfo_signed_response_alg(token_algorithm value) noexcept
    {
        userinfo_algorithm_ = value;
        return *this;
    }

    /// Where people may be sent after a logout. Compared character by character.
    const std::vector<std::string>& post_logout_redirect_uris() const noexcept
    {
        return post_logout_redirect_uris_;
    }
    registered_client& add_post_logout_redirect_uri(std::string value)
    {
        post_logout_redirect_uris_.push_back(std::move(value));
        return *this;
    }
    /// Where logout tokens go; see authorization_server::on_backchannel_logout(). Empty: nowhere.
    const std::string& backchannel_logout_uri() const noexcept { return backchannel_logout_uri_; }
    /// OpenID Connect Back-Channel Logout 2.2.
    registered_client& set_backchannel_logout_uri(std::string value,
                                                  session_in_logout session = session_in_logout::named)
    {
        backchannel_logout_uri_ = std::move(value);
        backchannel_session_ = session;
        return *this;
    }
    session_in_logout backchannel_logout_session() const noexcept { return backchannel_session_; }
    /// What the page shown after a logout has in a frame. Empty: nothing.
    const std::string& frontchannel_logout_uri() const noexcept { return frontchannel_logout_uri_; }
    /// OpenID Connect Front-Channel Logout 2.
    registered_client& set_frontchannel_logout_uri(std::string value,
                                                   session_in_logout session = session_in_logout::named)
    {
        frontchannel_logout_uri_ = std::move(value);
        frontchannel_session_ = session;
        return *this;
    }
    session_in_logout frontchannel_logout_session() const noexcept { return frontchannel_session_; }

    testing::consent consent() const noexcept { return consent_; }
    registered_client& set_consent(testing::consent value) noexcept
    {
        consent_ = value;
        return *this;
    }

private:
    std::string id_;
    std::string name_;
    std::string secret_;
    std::string scope_ = "openid profile email address phone offline_access api";
    std::vector<std::string> redirect_uris_;
    std::vector<std::string> post_logout_redirect_uris_;
    std::string backchannel_logout_uri_;
    std::string frontchannel_logout_uri_;
    std::optional<token_algorithm> id_token_algorithm_;
    std::optional<token_algorithm> userinfo_algorithm_;
    session_in_logout backchannel_session_ = session_in_logout::named;
    session_in_logout frontchannel_session_ = session_in_logout::named;
    client_authentication authentication_ = client_authentication::none;
    testing::consent consent_ = testing::consent::ask;
};

} // namespace coauth::inline COAUTH_MODE::testing

#endif
