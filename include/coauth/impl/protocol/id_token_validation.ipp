#ifndef COAUTH_IMPL_PROTOCOL_ID_TOKEN_VALIDATION_IPP
#define COAUTH_IMPL_PROTOCOL_ID_TOKEN_VALIDATION_IPP

#include <coauth/core/scope.hpp>
#include <coauth/impl/detail/json_claims.ipp>
#include <coauth/impl/protocol/signed_claims.ipp>
#include <coauth/protocol/id_token_validation.hpp>

namespace coauth::inline COAUTH_MODE::detail {

inline errc check_parties(const id_token_expectations& expected, id_token_storage& out)
{
    const boost::json::object& claims = out.claims.object();
    if (const errc wrong = check_issuer(claims, expected.issuer, *expected.registration, out.issuer);
        wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = read_audience(claims, out.audience); wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = check_audience(out.audience, expected.client_id, *expected.registration);
        wrong != nothing_wrong)
        return wrong;
    std::optional<std::string_view> party;
    if (const errc wrong = read_text(claims, "azp", party); wrong != nothing_wrong)
        return wrong;
    // OpenID Connect Core 3.1.3.7 (4): "If the ID Token contains multiple audiences, the Client SHOULD verify
    // that an azp Claim is present."
    if (!party && out.audience.list().size() > 1)
        return errc::claim_missing;
    // (5): "If an azp (authorized party) Claim is present, the Client SHOULD verify that its client_id is the
    // Claim Value."
    if (party && *party != expected.client_id)
        return errc::authorized_party_mismatch;
    out.authorized_party = party.value_or(std::string_view());
    if (const errc wrong = read_required_text(claims, "sub", out.subject); wrong != nothing_wrong)
        return wrong;
    return is_subject(out.subject) ? nothing_wrong : errc::claim_invalid;
}

inline errc check_times(const id_token_expectations& expected, const limits& bounds, id_token_storage& out)
{
    const boost::json::object& claims = out.claims.object();
    const instant now = instant_of(expected.now);
    std::optional<instant> expires;
    std::optional<instant> issued;
    if (const errc wrong = read_time(claims, "exp", expires); wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = read_time(claims, "iat", issued); wrong != nothing_wrong)
        return wrong;
    if (!expires || !issued) // OpenID Connect Core 2: both are "REQUIRED"
        return errc::claim_missing;
    if (const errc wrong = check_expiry(*expires, now, bounds); wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = check_past(*issued, now, bounds); wrong != nothing_wrong)
        return wrong;
    // OpenID Connect Core 3.1.3.7 (10): "The iat Claim can be used to reject tokens that were issued too far
    // away from the current time". At a refresh, too: 12.2, "its iat Claim MUST represent the time that the
    // new ID Token is issued".
    if (const errc wrong = check_age(*issued, now, bounds.id_token_age, bounds); wrong != nothing_wrong)
        return wrong;
    out.expires_at = time_point_of(*expires);
    out.issued_at = time_point_of(*issued);
    return check_not_before(claims, now, bounds);
}

inline errc check_nonce(const id_token_expectations& expected, const boost::json::object& claims,
                        const id_token_storage* sign_in)
{
    const bool absent = is_absent(claims, "nonce");
    const std::string_view nonce = string_member(claims, "nonce").value_or(std::string_view());
    if (sign_in) {
        // OpenID Connect Core 12.2: "it SHOULD NOT have a nonce Claim", but if it has, it is the sign-in's.
        const auto original = string_member(sign_in->claims.object(), "nonce");
        return absent || (original && constant_time_equal(nonce, *original)) ? nothing_wrong
                                                                             : errc::nonce_mismatch;
    }
    if (!expected.nonce)
        return absent ? nothing_wrong : errc::nonce_mismatch;
    // OpenID Connect Core 3.1.3.7 (11): "a nonce Claim MUST be present and its value checked to verify that
    // it is the same value as the one that was sent in the Authentication Request."
    const random_value::encoded sent = expected.nonce->encode();
    return constant_time_equal(nonce, {sent.data(), sent.size()}) ? nothing_wrong : errc::nonce_mismatch;
}

/// A hash in the token is of that very text. The code flow allows to leave it out.
inline errc check_hash(const boost::json::object& claims, std::string_view name, hash_function hash,
                       std::string_view text)
{
    std::optional<std::string_view> claim;
    if (const errc wrong = read_text(claims, name, claim); wrong != nothing_wrong)
        return wrong;
    return !claim || token_hash_matches(hash, text, *claim) ? nothing_wrong : errc::token_hash_mismatch;
}

inline errc check_authentication(const id_token_expectations& expected, const limits& bounds,
                                 id_token_storage& out)
{
    const boost::json::object& claims = out.claims.object();
    const instant now = instant_of(expected.now);
    std::optional<instant> authenticated;
    if (const errc wrong = read_time(claims, "auth_time", authenticated); wrong != nothing_wrong)
        return wrong;
    if (authenticated) {
        if (const errc wrong = check_past(*authenticated, now, bounds); wrong != nothing_wrong)
            return wrong;
        out.authenticated_at = time_point_of(*authenticated);
    }
    std::optional<std::string_view> context;
    if (const errc wrong = read_text(claims, "acr", context); wrong != nothing_wrong)
        return wrong;
    out.authentication_context = context.value_or(std::string_view());
    if (expected.previous)
        return nothing_wrong;
    // OpenID Connect Core 2: "When a max_age request is made [...] then this Claim is REQUIRED", and 3.1.3.7
    // (13): "the Client SHOULD check the auth_time Claim value".
    if (expected.max_age &&
        (!authenticated || check_age(*authenticated, now, *expected.max_age, bounds) != nothing_wrong))
        return errc::authentication_too_old;
    // OpenID Connect Core 3.1.3.7 (12): "If the acr Claim was requested, the Client SHOULD check that the
    // asserted Claim Value is appropriate."
    if (!expected.required_acr.empty() && !scope_contains(expected.required_acr, out.authentication_context))
        return errc::authentication_context_mismatch;
    return nothing_wrong;
}

/// A refreshed token is of the same server, person and client. OpenID Connect Core 12.2.
inline errc check_same_parties(const verified_id_token& original, const id_token_storage& refreshed)
{
    // "its iss Claim Value MUST be the same as in the ID Token issued when the original authentication
    // occurred"
    if (refreshed.issuer != original.issuer())
        return errc::id_token_issuer_mismatch;
    // "its sub Claim Value MUST be the same [...]"
    if (refreshed.subject != original.subject())
        return errc::subject_mismatch;
    // "its aud Claim Value MUST be the same [...]", in whatever order
    const auto includes = [](auto whole, auto part) {
        return std::all_of(part.begin(), part.end(),
                           [&](std::string_view one) { return contains_text(whole, one); });
    };
    const auto audience = refreshed.audience.list();
    if (!includes(audience, original.audience()) || !includes(original.audience(), audience))
        return errc::audience_mismatch;
    // "its azp Claim Value MUST be the same [...]; if no azp Claim was present in the original ID Token, one
    // MUST NOT be present in the new ID Token"
    return refreshed.authorized_party == original.authorized_party() ? nothing_wrong
                                                                     : errc::authorized_party_mismatch;
}

/// And of the sign-in that it continues.
inline errc check_continuity(const verified_id_token& original, const id_token_storage& refreshed)
{
    // "its iat Claim MUST represent the time that the new ID Token is issued"
    if (refreshed.issued_at < original.issued_at())
        return errc::token_too_old;
    // "if the ID Token contains an auth_time Claim, its value MUST represent the time of the original authentication". Last,
    // as it alone takes nothing from the tokens.
    if (refreshed.authenticated_at && original.authenticated_at() &&
        *refreshed.authenticated_at != *original.authenticated_at())
        return errc::authentication_changed;
    if (refreshed.authenticated_at && refreshed.sign_in->authenticated_at &&
        *refreshed.authenticated_at != *refreshed.sign_in->authenticated_at)
        return errc::authentication_changed;
    return nothing_wrong;
}

inline errc check_id_token(const verified_jws& token, const id_token_expectations& expected,
                           const limits& bounds, id_token_storage& out)
{
    const boost::json::object& claims = out.claims.object();
    // OpenID Connect Back-Channel Logout 4.1: a logout token is not to be taken for an ID token.
    if (!is_plain_jwt(token.type()) || find_logout_event(claims))
        return errc::token_type_mismatch;
    if (const errc wrong = check_parties(expected, out); wrong != nothing_wrong)
        return wrong;
    // Before the times: those may become right, and somebody else stays somebody else.
    if (const errc wrong = expected.previous ? check_same_parties(*expected.previous, out) : nothing_wrong;
        wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = check_times(expected, bounds, out); wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = check_nonce(expected, claims, out.sign_in.get()); wrong != nothing_wrong)
        return wrong;
    // OpenID Connect Core 3.1.3.8: "If [at_hash] is present, the Client MAY use it to validate the Access
    // Token"
    if (const errc wrong = check_hash(claims, "at_hash", token.hash(), expected.access_token);
        wrong != nothing_wrong)
        return wrong;
    // 3.3.2.10, likewise. At a refresh there is no code any more.
    if (const errc wrong =
            expected.previous ? nothing_wrong : check_hash(claims, "c_hash", token.hash(), expected.code);
        wrong != nothing_wrong)
        return wrong;
    if (const errc wrong = check_authentication(expected, bounds, out); wrong != nothing_wrong)
        return wrong;
    std::optional<std::string_view> session;
    if (const errc wrong = read_text(claims, "sid", session); wrong != nothing_wrong)
        return wrong;
    out.session_id = session.value_or(std::string_view());
    return expected.previous ? check_continuity(*expected.previous, out) : nothing_wrong;
}

COAUTH_LAZY_DECL result<verified_id_token>
verify_id_token(std::string_view compact, const id_token_expectations& expected, const limits& bounds)
{
    jws_keys keys;
    keys.algorithms = expected.algorithms;
    keys.published = expected.keys;
    keys.secret = expected.registration->id_token_secret();
    const auto token = verify_jws(compact, keys, bounds);
    if (!token)
        return token.error();
    auto storage = std::make_shared<id_token_storage>();
    storage->claims = share_claims(token->payload().share());
    if (expected.previous)
        storage->sign_in = id_token_access::sign_in_of(*expected.previous);
    if (const errc wrong = check_id_token(*token, expected, bounds, *storage); wrong != nothing_wrong)
        return wrong;
    storage->encoded = secret(compact);
    return id_token_access::make(std::move(storage));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
