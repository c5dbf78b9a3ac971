#ifndef COAUTH_IMPL_TESTING_DETAIL_GRANTS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_GRANTS_IPP

#include <coauth/detail/sha256.hpp>
#include <coauth/testing/detail/grants.hpp>
#include <coauth/testing/detail/random_token.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing::detail {

COAUTH_DECL bool verifier_fits(std::string_view verifier, std::string_view challenge)
{
    const auto digest = coauth::detail::sha256(verifier);
    return digest &&
           coauth::detail::constant_time_equal(
               base64url({reinterpret_cast<const char*>(digest->data()), digest->size()}), challenge);
}

COAUTH_DECL grant_table::grant_table(const authorization_server_configuration& configuration)
    : code_lifetime_(configuration.code_lifetime()),
      access_token_lifetime_(configuration.access_token_lifetime()),
      refresh_token_lifetime_(configuration.refresh_token_lifetime()),
      refresh_policy_(configuration.refresh_tokens()),
      codes_(configuration.most_entries()),
      access_tokens_(configuration.most_entries()),
      refresh_entries_(configuration.most_entries())
{
}

COAUTH_DECL std::string grant_table::issue_code(std::shared_ptr<grant> from, std::string redirect_uri,
                                                std::string challenge, time_point now)
{
    std::string code = random_token();
    code_entry& entry = codes_.insert(code, code_entry());
    entry.from = std::move(from);
    entry.redirect_uri = std::move(redirect_uri);
    entry.challenge = std::move(challenge);
    entry.expires_at = now + code_lifetime_;
    return code;
}

COAUTH_DECL issued_tokens grant_table::redeem_code(std::string_view code, std::string_view client_id,
                                                   std::string_view redirect_uri, std::string_view verifier,
                                                   time_point now)
{
    code_entry* entry = codes_.find(code);
    if (entry == nullptr)
        return issued_tokens("The code is unknown.");
    // Not a use of the code: whoever stole it must not be able to spend it in the name of another client.
    if (entry->from->client_id != client_id)
        return issued_tokens("The code was issued to another client.");
    if (entry->spent) {
        // RFC 6749 4.1.2: "If an authorization code is used more than once, the authorization server MUST
        // deny the request and SHOULD revoke (when possible) all tokens previously issued based on that
        // authorization code."
        entry->from->revoked = true;
        return issued_tokens("The code was used before. What it gave is revoked.");
    }
    entry->spent = true;
    if (entry->from->revoked)
        return issued_tokens("The grant is revoked.");
    if (now >= entry->expires_at)
        return issued_tokens("The code has expired.");
    // RFC 6749 4.1.3: "their values MUST be identical".
    if (entry->redirect_uri != redirect_uri)
        return issued_tokens("The redirect_uri is not that of the authorization request.");
    if (!verifier_fits(verifier, entry->challenge))
        return issued_tokens("The code_verifier does not fit the code_challenge.");
    issued_tokens out = issue(entry->from, entry->from->allowed, now);
    if (refresh_policy_ != refresh_tokens::none)
        add_refresh_token(out, now);
    return out;
}

COAUTH_DECL issued_tokens grant_table::refresh(std::string_view token, std::string_view client_id,
                                               const scope& wanted, time_point now)
{
    refresh_entry* entry = refresh_entries_.find(token);
    if (entry == nullptr || entry->from->client_id != client_id)
        return issued_tokens("The refresh token is unknown.");
    if (entry->from->revoked)
        return issued_tokens("The grant is revoked.");
    if (entry->spent) {
        // RFC 9700 4.14.2: the server cannot tell who the thief is, so both lose what they have.
        entry->from->revoked = true;
        return issued_tokens("The refresh token was used before. The grant is revoked.");
    }
    if (now >= entry->expires_at)
        return issued_tokens("The refresh token has expired.");
    // RFC 6749 6: "The requested scope MUST NOT include any scope not originally granted by the resource
    // owner". Found out before the token is spent.
    if (!entry->from->allowed.includes(wanted)) {
        issued_tokens out("The scope is more than was granted.");
        out.problem_code = "invalid_scope";
        return out;
    }
    issued_tokens out = issue(entry->from, wanted.empty() ? entry->from->allowed : wanted, now);
    if (refresh_policy_ == refresh_tokens::rotated) {
        entry->spent = true;
        add_refresh_token(out, now);
    }
    return out;
}

COAUTH_DECL issued_tokens grant_table::issue(std::shared_ptr<grant> from, const scope& allowed,
                                             time_point now)
{
    issued_tokens out(std::move(from));
    out.allowed = allowed;
    out.access_token = random_token();
    access_entry& entry = access_tokens_.insert(out.access_token, access_entry());
    entry.from = out.from;
    entry.allowed = allowed;
    entry.expires_at = now + access_token_lifetime_;
    return out;
}

COAUTH_DECL void grant_table::add_refresh_token(issued_tokens& to, time_point now)
{
    to.refresh_token = random_token();
    refresh_entry& entry = refresh_entries_.insert(to.refresh_token, refresh_entry());
    entry.from = to.from;
    entry.expires_at = now + refresh_token_lifetime_;
}

COAUTH_DECL std::optional<grant_table::access> grant_table::find_access_token(std::string_view token,
                                                                              time_point now)
{
    access_entry* entry = access_tokens_.find(token);
    if (entry == nullptr || entry->from->revoked || now >= entry->expires_at)
        return std::nullopt;
    access out;
    out.from = entry->from;
    out.allowed = entry->allowed;
    return out;
}

COAUTH_DECL bool grant_table::revoke(std::string_view token, std::string_view client_id)
{
    if (const access_entry* entry = access_tokens_.find(token)) {
        if (entry->from->client_id != client_id)
            return false;
        access_tokens_.erase(token);
    } else if (refresh_entry* refresh = refresh_entries_.find(token)) {
        if (refresh->from->client_id != client_id)
            return false;
        // RFC 7009 2.1: with a refresh token, "the authorization server SHOULD also invalidate all access
        // tokens based on the same authorization grant".
        refresh->from->revoked = true;
    }
    return true;
}

COAUTH_DECL void grant_table::clear()
{
    codes_.clear();
    access_tokens_.clear();
    refresh_entries_.clear();
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
