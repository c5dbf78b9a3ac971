// Floor 4. For tests.
#ifndef COAUTH_TESTING_REGISTERED_CLIENT_HPP
#define COAUTH_TESTING_REGISTERED_CLIENT_HPP

#include <string>
#include <utility>
#include <vector>

namespace coauth::testing {

/// How a client authenticates at the token endpoint. RFC 7591 2 has the names.
enum class client_authentication { none, client_secret_basic, client_secret_post };

/// Whether people are asked before a client gets their data.
enum class consent {
    ask,     ///< Once for each user, client and scope, and whenever the request says `prompt=consent`.
    implied, ///< Only for `prompt=consent`.
};

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
    client_authentication authentication_ = client_authentication::none;
    testing::consent consent_ = testing::consent::ask;
};

} // namespace coauth::testing

#endif
