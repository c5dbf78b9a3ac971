// Floor 1.
#ifndef COAUTH_CORE_OPENID_REGISTRATION_HPP
#define COAUTH_CORE_OPENID_REGISTRATION_HPP

#include <coauth/core/url.hpp>
#include <coauth/jose/algorithm.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/** One provider whose tenants are issuers of their own, as Microsoft Entra's `common` and `organizations`.

    The metadata document then names an issuer with `{tenantid}` in it. A token's issuer must be that text with
    the token's own `tid` claim in its place, and the tenant one of those listed here.

    Without a list, people of every organization in the world can sign in: with issuer and subject as who they
    are, not with an e-mail address, which any tenant's administrator can set.
*/
class multi_tenant_issuer {
public:
    /**
        @param issuer_template exactly as in the metadata document, with `{tenantid}` in it once
        @param tenants whose people may sign in; empty: everybody's
        @throws coauth::exception errc::invalid_configuration
    */
    COAUTH_DECL explicit multi_tenant_issuer(std::string issuer_template,
                                             std::vector<std::string> tenants = {});

    const std::string& issuer_template() const noexcept { return template_; }
    const std::vector<std::string>& tenants() const noexcept { return tenants_; }

    /// Whether this is the issuer of that tenant, and the tenant one of those allowed.
    COAUTH_DECL bool matches(std::string_view token_issuer, std::string_view tenant) const noexcept;

private:
    std::string template_;
    std::vector<std::string> tenants_;
};

/** What an OpenID provider knows of this client, as far as it differs from what is usual.

    @par Specification OpenID Connect Dynamic Client Registration 2, for the names
*/
class openid_registration {
public:
    /** The algorithms that ID tokens may be signed with: those the client was registered with.

        By default default_signing_algorithms, and of them what the server's metadata announces.
    */
    openid_registration& set_id_token_signed_response_alg(signing_algorithms value) noexcept
    {
        algorithms_ = value;
        id_token_secret_ = nullptr;
        return *this;
    }
    /// ID tokens are signed with a shared secret, and with nothing else.
    COAUTH_DECL openid_registration& set_id_token_signed_response_alg(hmac_key value);
    /// No value: nothing was said, see above. Empty if there is a secret.
    std::optional<signing_algorithms> id_token_algorithms() const noexcept { return algorithms_; }
    /// Null unless ID tokens are signed with a secret.
    const hmac_key* id_token_secret() const noexcept { return id_token_secret_.get(); }

    /** Userinfo is signed: an answer that is not is refused (OpenID Connect Core 5.3.2). */
    openid_registration& set_userinfo_signed_response_alg(signing_algorithm value) noexcept
    {
        userinfo_algorithm_ = value;
        return *this;
    }
    /// No value: userinfo is plain JSON.
    std::optional<signing_algorithm> userinfo_algorithm() const noexcept { return userinfo_algorithm_; }

    /** Audiences that may stand in an ID token beside this client.

        OpenID Connect Core 3.1.3.7: "The ID Token MUST be rejected if [...] it contains additional audiences not
        trusted by the Client."
    */
    openid_registration& set_trusted_audiences(std::vector<std::string> value)
    {
        trusted_audiences_ = std::move(value);
        return *this;
    }
    const std::vector<std::string>& trusted_audiences() const noexcept { return trusted_audiences_; }

    openid_registration& set_multi_tenant_issuer(coauth::multi_tenant_issuer value)
    {
        multi_tenant_issuer_ = std::move(value);
        return *this;
    }
    const std::optional<coauth::multi_tenant_issuer>& multi_tenant_issuer() const noexcept
    {
        return multi_tenant_issuer_;
    }

    /** Authorization responses have to name their issuer, whatever the metadata says (RFC 9207 2.4). */
    openid_registration& set_issuer_in_response_required(bool value) noexcept
    {
        issuer_in_response_required_ = value;
        return *this;
    }
    bool issuer_in_response_required() const noexcept { return issuer_in_response_required_; }

    /// Where the provider sends the browser after a logout, exactly as it is registered.
    openid_registration& set_post_logout_redirect_uri(redirect_uri value)
    {
        post_logout_redirect_uri_ = std::move(value);
        return *this;
    }
    const redirect_uri& post_logout_redirect_uri() const noexcept { return post_logout_redirect_uri_; }

    /// Logout messages have to name the session, not only the person (OpenID Connect Back-Channel Logout 2.2).
    openid_registration& set_logout_session_required(bool value) noexcept
    {
        logout_session_required_ = value;
        return *this;
    }
    bool logout_session_required() const noexcept { return logout_session_required_; }

private:
    std::optional<signing_algorithms> algorithms_;
    std::shared_ptr<const hmac_key> id_token_secret_;
    std::optional<signing_algorithm> userinfo_algorithm_;
    std::vector<std::string> trusted_audiences_;
    std::optional<coauth::multi_tenant_issuer> multi_tenant_issuer_;
    redirect_uri post_logout_redirect_uri_;
    bool issuer_in_response_required_ = false;
    bool logout_session_required_ = false;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/core/openid_registration.ipp>
#endif

#endif
