// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_GRANTS_HPP
#define COAUTH_TESTING_DETAIL_GRANTS_HPP

#include <coauth/core/scope.hpp>
#include <coauth/testing/authorization_server_configuration.hpp>
#include <coauth/testing/detail/bounded_table.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::testing::detail {

using time_point = std::chrono::system_clock::time_point;

/// What a person agreed to. Codes and tokens are good as long as theirs is not revoked.
class grant {
public:
    std::string client_id;
    std::string user_name;
    std::string nonce;
    std::string session_id;             // `sid`
    std::string authentication_context; // `acr`; may be empty
    scope allowed;
    time_point authenticated_at{};
    bool revoked = false;
};

/// What a code or refresh token became; no tokens if it was no good, and why.
class issued_tokens {
public:
    explicit issued_tokens(std::string_view reason) : problem(reason) {}
    explicit issued_tokens(std::shared_ptr<grant> of) : from(std::move(of)) {}

    std::string_view problem;
    std::string_view problem_code = "invalid_grant";
    std::shared_ptr<grant> from;
    std::string access_token;
    std::string refresh_token;
    scope allowed;
};

/** Codes and tokens, and what each is good for. Not safe from several threads. */
class grant_table {
public:
    COAUTH_DECL explicit grant_table(const authorization_server_configuration& configuration);

    COAUTH_DECL std::string issue_code(std::shared_ptr<grant> from, std::string redirect_uri,
                                       std::string challenge, time_point now);

    /** Spend a code. Whatever is wrong, the client that it was issued to has one try. */
    COAUTH_DECL issued_tokens redeem_code(std::string_view code, std::string_view client_id,
                                          std::string_view redirect_uri, std::string_view verifier,
                                          time_point now);

    /// @param wanted the scope, not more than the grant's; empty for all of it
    COAUTH_DECL issued_tokens refresh(std::string_view token, std::string_view client_id, const scope& wanted,
                                      time_point now);

    class access {
    public:
        std::shared_ptr<const grant> from;
        scope allowed;
    };
    COAUTH_DECL std::optional<access> find_access_token(std::string_view token, time_point now);

    /// @return false if the token is another client's
    COAUTH_DECL bool revoke(std::string_view token, std::string_view client_id);

    COAUTH_DECL void clear();

private:
    class code_entry {
    public:
        std::shared_ptr<grant> from;
        std::string redirect_uri;
        std::string challenge;
        time_point expires_at;
        bool spent = false;
    };
    class access_entry {
    public:
        std::shared_ptr<grant> from;
        scope allowed;
        time_point expires_at;
    };
    class refresh_entry {
    public:
        std::shared_ptr<grant> from;
        time_point expires_at;
        bool spent = false;
    };

    issued_tokens issue(std::shared_ptr<grant> from, const scope& allowed, time_point now);
    void add_refresh_token(issued_tokens& to, time_point now);

    std::chrono::seconds code_lifetime_;
    std::chrono::seconds access_token_lifetime_;
    std::chrono::seconds refresh_token_lifetime_;
    refresh_tokens refresh_policy_;
    bounded_table<code_entry> codes_;
    bounded_table<access_entry> access_tokens_;
    bounded_table<refresh_entry> refresh_entries_;
};

/// RFC 7636 4.6: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge
COAUTH_DECL bool verifier_fits(std::string_view verifier, std::string_view challenge);

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/grants.ipp>
#endif

#endif
