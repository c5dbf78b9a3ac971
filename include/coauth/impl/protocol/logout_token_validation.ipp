#ifndef COAUTH_IMPL_PROTOCOL_LOGOUT_TOKEN_VALIDATION_IPP
#define COAUTH_IMPL_PROTOCOL_LOGOUT_TOKEN_VALIDATION_IPP

#include <coauth/impl/protocol/signed_claims.ipp>
#include <coauth/protocol/form.hpp>
#include <coauth/protocol/logout_token_validation.hpp>
#include <coauth/protocol/token_response.hpp>

namespace coauth::inline COAUTH_MODE::detail {

/// Back-Channel Logout 2.4: "logout+jwt" is RECOMMENDED. Providers from before that send `JWT`, or nothing.
inline bool is_logout_type(std::string_view type) noexcept
{
    return is_plain_jwt(type) || boost::urls::grammar::ci_is_equal(type, "logout+jwt");
}

class logout_token_reader {
public:
    logout_token_reader(const boost::json::object& claims, const logout_token_expectations& expected,
                        const limits& bounds) noexcept
        : claims_(claims), expected_(expected), bounds_(bounds)
    {
    }

    result<logout_token> read() const
    {
        logout_token out;
        if (const errc wrong = read_kind(); wrong != nothing_wrong)
            return wrong;
        if (const errc wrong = read_parties(out); wrong != nothing_wrong)
            return wrong;
        if (const errc wrong = read_times(out); wrong != nothing_wrong)
            return wrong;
        return out;
    }

private:
    errc read_kind() const
    {
        // Back-Channel Logout 2.6: "Verify that the Logout Token contains an events Claim whose value is JSON
        // object containing the member name http://schemas.openid.net/event/backchannel-logout." 2.4: "The
        // corresponding member value MUST be a JSON object".
        const auto* event = find_logout_event(claims_);
        if (!event || !event->is_object())
            return errc::logout_event_missing;
        // 2.6: "Verify that the Logout Token does not contain a nonce Claim." Not even an empty one.
        return claims_.contains("nonce") ? errc::nonce_in_logout_token : nothing_wrong;
    }

    errc read_parties(logout_token& out) const
    {
        std::string_view issuer;
        if (const errc wrong = check_issuer(claims_, expected_.issuer, *expected_.registration, issuer);
            wrong != nothing_wrong)
            return wrong;
        audience_claim audience;
        if (const errc wrong = read_audience(claims_, audience); wrong != nothing_wrong)
            return wrong;
        if (const errc wrong = check_audience(audience, expected_.client_id, *expected_.registration);
            wrong != nothing_wrong)
            return wrong;
        std::optional<std::string_view> subject;
        if (const errc wrong = read_text(claims_, "sub", subject); wrong != nothing_wrong)
            return wrong;
        if (subject && !is_subject(*subject))
            return errc::claim_invalid;
        std::optional<std::string_view> session;
        if (const errc wrong = read_text(claims_, "sid", session); wrong != nothing_wrong)
            return wrong;
        if (session && session->empty()) // or else it would mean all of the person's sessions
            return errc::claim_invalid;
        // 2.6: "Verify that the Logout Token contains a sub Claim, a sid Claim, or both."
        if (!session && (!subject || expected_.registration->logout_session_required()))
            return errc::session_unidentified;
        std::string_view token_id;
        if (const errc wrong = read_required_text(claims_, "jti", token_id); wrong != nothing_wrong)
            return wrong;
        out.issuer_ = issuer;
        out.subject_ = subject.value_or(std::string_view());
        out.session_id_ = session.value_or(std::string_view());
        out.token_id_ = token_id;
        return nothing_wrong;
    }

    errc read_times(logout_token& out) const
    {
        const instant now = instant_of(expected_.now);
        std::optional<instant> issued;
        std::optional<instant> expires;
        if (const errc wrong = read_time(claims_, "iat", issued); wrong != nothing_wrong)
            return wrong;
        if (const errc wrong = read_time(claims_, "exp", expires); wrong != nothing_wrong)
            return wrong;
        if (!issued)
            return errc::claim_missing;
        if (const errc wrong = check_past(*issued, now, bounds_); wrong != nothing_wrong)
            return wrong;
        // `exp` is required since the errata only; what has none is of use for a short time.
        const errc ended = expires ? check_expiry(*expires, now, bounds_)
                                   : check_age(*issued, now, bounds_.logout_token_age, bounds_);
        if (ended != nothing_wrong)
            return ended;
        out.issued_at_ = time_point_of(*issued);
        if (expires)
            out.expires_at_ = time_point_of(*expires);
        return check_not_before(claims_, now, bounds_);
    }

    const boost::json::object& claims_;
    const logout_token_expectations& expected_;
    const limits& bounds_;
};

COAUTH_LAZY_DECL result<logout_token>
verify_logout_token(std::string_view compact, const logout_token_expectations& expected, const limits& bounds)
{
    // 2.6: "Validate the Logout Token signature in the same way that an ID Token signature is validated"
    jws_keys keys;
    keys.algorithms = expected.algorithms;
    keys.published = expected.keys;
    keys.secret = expected.registration->id_token_secret();
    const auto token = verify_jws(compact, keys, bounds);
    if (!token)
        return token.error();
    if (!is_logout_type(token->type()))
        return errc::token_type_mismatch;
    return logout_token_reader(token->payload().object(), expected, bounds).read();
}

COAUTH_DECL logout_token::time_point replayable_until(const logout_token& token,
                                                      const limits& bounds) noexcept
{
    // An age still counts at the very end, hence the second more.
    const instant end = token.expires_at() ? instant_of(*token.expires_at())
                                           : instant_of(token.issued_at()) + bounds.logout_token_age +
                                                 std::chrono::seconds(1);
    return time_point_of(std::min(end + bounds.clock_tolerance, latest_instant));
}

COAUTH_LAZY_DECL result<secret> parse_logout_request(std::string_view content_type, std::string_view body,
                                                     const limits& bounds)
{
    // 2.5: "The POST body uses the application/x-www-form-urlencoded encoding and must include a logout_token
    // parameter"
    if (!is_media_type(content_type, "application/x-www-form-urlencoded"))
        return errc::unexpected_content_type;
    auto fields = parse_form(body, bounds);
    if (!fields)
        return fields.error();
    secret token;
    bool found = false;
    for (form_field& field : *fields) {
        if (field.name != "logout_token")
            continue; // 2.5: "Values that are not understood by the implementation MUST be ignored."
        if (found)
            return errc::duplicate_parameter;
        found = true;
        token = std::move(field.value);
    }
    if (token.empty())
        return errc::malformed_callback;
    return token;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
