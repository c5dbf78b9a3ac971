#ifndef COAUTH_IMPL_PROTOCOL_USERINFO_RESPONSE_IPP
#define COAUTH_IMPL_PROTOCOL_USERINFO_RESPONSE_IPP

#include <coauth/impl/detail/json_claims.ipp>
#include <coauth/impl/protocol/signed_claims.ipp>
#include <coauth/protocol/userinfo_response.hpp>

namespace coauth::inline COAUTH_MODE::detail {

/// Some servers leave out what OpenID Connect Core 5.3.2 requires: "the Claims iss (issuer) and aud
/// (audience)".
inline errc check_signed_userinfo(const verified_jws& token, const userinfo_expectations& expected,
                                  const limits& bounds)
{
    const boost::json::object& claims = token.payload().object();
    if (!is_plain_jwt(token.type()) || find_logout_event(claims))
        return errc::token_type_mismatch;
    // "The iss value MUST be the OP's Issuer Identifier URL."
    std::optional<std::string_view> issuer;
    if (const errc wrong = read_text(claims, "iss", issuer); wrong != nothing_wrong)
        return wrong;
    if (issuer && *issuer != expected.issuer)
        return errc::id_token_issuer_mismatch;
    // "The aud value MUST be or include the RP's Client ID value."
    if (!is_absent(claims, "aud")) {
        audience_claim audience;
        if (const errc wrong = read_audience(claims, audience); wrong != nothing_wrong)
            return wrong;
        if (!contains_text(audience.list(), expected.client_id))
            return errc::audience_mismatch;
    }
    const instant now = instant_of(expected.now);
    std::optional<instant> expires;
    if (const errc wrong = read_time(claims, "exp", expires); wrong != nothing_wrong)
        return wrong;
    if (expires && check_expiry(*expires, now, bounds) != nothing_wrong)
        return errc::token_expired;
    return check_not_before(claims, now, bounds);
}

COAUTH_LAZY result<json_document>
read_signed_userinfo(std::string_view compact, const userinfo_expectations& expected, const limits& bounds)
{
    jws_keys keys;
    keys.algorithms = expected.algorithms;
    keys.published = expected.keys;
    // The one algorithm that was agreed on for userinfo is one of the server's keys.
    if (const auto agreed = expected.registration->userinfo_algorithm())
        keys.algorithms = *agreed;
    else
        keys.secret = expected.registration->id_token_secret();
    const auto token = verify_jws(compact, keys, bounds);
    if (!token)
        return token.error();
    if (const errc wrong = check_signed_userinfo(*token, expected, bounds); wrong != nothing_wrong)
        return wrong;
    return token->payload();
}

COAUTH_DECL bool is_signed_userinfo(const answer& from) noexcept
{
    return from.status == 200 && is_media_type(from.content_type, "application/jwt");
}

COAUTH_LAZY_DECL result<userinfo> parse_userinfo(const answer& from, const userinfo_expectations& expected,
                                                 const limits& bounds)
{
    if (from.status != 200)
        return parse_error_response(from, bounds);
    const auto fail = [&from](error reason) { return reason.set_http_status(from.status); };
    const bool is_signed = expected.registration && is_signed_userinfo(from);
    if (!is_signed && !is_media_type(from.content_type, "application/json"))
        return fail(errc::unexpected_content_type);
    // OpenID Connect Core 5.3.2: "If the UserInfo Response is signed [...] the content-type MUST be
    // application/jwt." Plain in its place, it could be anybody's.
    if (!is_signed && expected.registration && expected.registration->userinfo_algorithm())
        return fail(errc::userinfo_not_signed);
    auto document = is_signed ? read_signed_userinfo(from.body, expected, bounds)
                              : json_document::parse_for_callers(from.body, bounds);
    if (!document)
        return fail(document.error());
    const boost::json::object& claims = document->object();
    // GitHub and others answer 200 with an error in it.
    if (!is_signed && claims.contains("error") && !claims.contains("sub"))
        return parse_error_response({400, from.content_type, from.retry_after, from.body}, bounds)
            .set_http_status(from.status);
    const auto subject = string_member(claims, "sub");
    const bool usable = subject && is_subject(*subject);
    if (!usable && (expected.needs_subject || !is_absent(claims, "sub")))
        return fail(errc::subject_missing);
    std::string name(subject.value_or(std::string_view()));
    // OpenID Connect Core 5.3.2: "The sub Claim in the UserInfo Response MUST be verified to exactly match
    // the sub Claim in the ID Token; if they do not match, the UserInfo Response values MUST NOT be used."
    if (!expected.subject.empty() && name != expected.subject)
        return fail(errc::subject_mismatch);
    return userinfo(share_claims(document->share()), std::move(name));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
