#ifndef COAUTH_IMPL_PROTOCOL_TOKEN_RESPONSE_IPP
#define COAUTH_IMPL_PROTOCOL_TOKEN_RESPONSE_IPP

#include <coauth/detail/json_document.hpp>
#include <coauth/impl/detail/json_member.ipp>
#include <coauth/protocol/token_response.hpp>

#include <boost/json/object.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL bool is_media_type(std::string_view content_type, std::string_view type) noexcept
{
    std::string_view essence = content_type.substr(0, content_type.find(';'));
    while (essence.ends_with(' ') || essence.ends_with('\t'))
        essence.remove_suffix(1);
    return boost::urls::grammar::ci_is_equal(essence, type);
}

/// Seconds only: a date would need the server's clock, and errs on the side of trying too early.
inline void set_retry_after(error& to, std::string_view field_value)
{
    std::uint64_t seconds = 0;
    const char* const end = field_value.data() + field_value.size();
    const auto [stop, failure] = std::from_chars(field_value.data(), end, seconds);
    if (failure == std::errc::invalid_argument || stop != end)
        return;
    if (failure == std::errc::result_out_of_range || seconds > 300)
        seconds = 300;
    to.set_retry_after(std::chrono::seconds(seconds));
}

/// Whether an answer says that it is an error. Some servers write a member for every success, too, with nothing in it.
inline bool has_error(const boost::json::object& object)
{
    const auto* member = object.if_contains("error");
    return member && !member->is_null() && !(member->is_string() && member->get_string().empty());
}

/// @param out what it is if the member says nothing that the protocol knows
inline error server_error_in(const boost::json::object& object, const answer& from, error out,
                             const leniencies& tolerated)
{
    if (const auto* code = object.if_contains("error"); code && code->is_string()) {
        const std::string_view text = code->get_string();
        server_errc known = server_error_from(text);
        if (known == server_errc::unrecognized && scope_contains(tolerated.words_for_invalid_grant, text))
            known = server_errc::invalid_grant;
        // An overloaded server that says so in words of its own is overloaded none the less.
        if (known != server_errc::unrecognized || out != errc::server_unavailable)
            out = known;
        out.set_server_error(text);
        if (const auto* description = object.if_contains("error_description"))
            if (const auto* words = description->if_string())
                out.set_description(*words);
        out.set_grant_spent(out == server_errc::invalid_grant);
    }
    set_retry_after(out, from.retry_after);
    return out.set_http_status(from.status);
}

COAUTH_LAZY_DECL error parse_error_response(const answer& from, const limits& bounds,
                                            const leniencies& tolerated)
{
    error out(errc::unexpected_status);
    if (from.status >= 300 && from.status < 400)
        out = errc::redirect_refused;
    else if (from.status == 429 || from.status >= 500)
        out = errc::server_unavailable;
    if (from.status >= 300) {
        const auto document = json_document::parse(from.body, bounds);
        if (document && has_error(document->object()))
            return server_error_in(document->object(), from,
                                   out == errc::server_unavailable ? out : errc::malformed_response,
                                   tolerated);
    }
    set_retry_after(out, from.retry_after);
    return out.set_http_status(from.status);
}

COAUTH_LAZY_DECL error document_error(const answer& from, const limits& bounds)
{
    return parse_error_response({from.status, {}, from.retry_after, {}}, bounds);
}

inline bool is_token(std::string_view text) noexcept
{
    // RFC 6749 A.12 allows VSCHAR. RFC 6750 2.1 sends it as a b64token; without spaces and control characters
    // it cannot end the header field.
    unsigned char others = 0;
    for (const char c : text) // to the end, without a branch: the compiler takes many at once
        others |= static_cast<unsigned char>(c - 0x21) > 0x7e - 0x21;
    return !text.empty() && others == 0;
}

/// A token that can be sent back as it is.
inline std::optional<std::string_view> token_member(const boost::json::object& object, std::string_view name,
                                                    const limits& bounds)
{
    const auto text = string_member(object, name);
    return text && text->size() <= bounds.token_bytes && is_token(*text) ? text : std::nullopt;
}

inline result<std::optional<std::chrono::seconds>> expires_in_of(const boost::json::object& object)
{
    const auto* member = object.if_contains("expires_in");
    if (!member || member->is_null())
        return std::optional<std::chrono::seconds>();
    double seconds = 0;
    if (const auto* text = member->if_string()) { // as PayPal sends it
        std::uint64_t whole = UINT64_MAX;         // stays so if there are more digits than fit
        const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), whole);
        if (failure == std::errc::invalid_argument || end != text->data() + text->size())
            return errc::malformed_response;
        seconds = static_cast<double>(whole);
    } else if (member->is_number()) {
        seconds = member->to_number<double>();
    } else {
        return errc::malformed_response;
    }
    if (!std::isfinite(seconds) || seconds < 0)
        return errc::malformed_response;
    constexpr double most = 2'147'483'647;
    return std::optional(std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, most))));
}

COAUTH_LAZY_DECL std::optional<secret> refresh_token_in(const answer& from, const limits& bounds)
{
    const auto document = json_document::parse(from.body, bounds);
    if (!document || has_error(document->object()))
        return {};
    const auto token = token_member(document->object(), "refresh_token", bounds);
    return token ? secret(*token) : secret();
}

COAUTH_LAZY_DECL result<token_set> parse_token_response(const answer& from,
                                                        const token_expectations& expected,
                                                        const limits& bounds, secret& id_token)
{
    // RFC 6749 5.1 wants 200. RFC 9110 15.3: whatever 2xx it is, the request "was successfully received, understood, and
    // accepted".
    if (from.status / 100 != 2)
        return parse_error_response(from, bounds, expected.tolerated);
    const auto fail = [&from](errc code) { return error(code).set_http_status(from.status); };
    const auto document = json_document::parse(from.body, bounds);
    if (document && has_error(document->object()))
        return server_error_in(document->object(), from, errc::malformed_response, expected.tolerated);
    // RFC 6749 5.1: "using the "application/json" media type"
    if (!expected.tolerated.any_token_content_type && !is_media_type(from.content_type, "application/json"))
        return fail(errc::unexpected_content_type);
    if (!document)
        return error(document.error()).set_http_status(from.status);
    const boost::json::object& object = document->object();

    const auto access_token = token_member(object, "access_token", bounds);
    if (!access_token)
        return fail(errc::access_token_missing);

    // RFC 6749 7.1: "The client MUST NOT use an access token if it does not understand the token type."
    auto token_type = string_member(object, "token_type");
    if (!token_type && !object.contains("token_type") && expected.tolerated.missing_token_type)
        token_type = "Bearer";
    if (!token_type)
        return fail(errc::token_type_missing);
    if (!boost::urls::grammar::ci_is_equal(*token_type, "bearer"))
        return fail(errc::unsupported_token_type);

    const auto expires_in = expires_in_of(object);
    if (!expires_in)
        return error(expires_in.error()).set_http_status(from.status);

    // RFC 6749 5.1: scope is "OPTIONAL, if identical to the scope requested by the client"
    auto granted = string_member(object, "scope");
    if (granted ? granted->size() > bounds.scope_bytes : !is_absent(object, "scope"))
        return fail(errc::malformed_response);
    const auto scope_set = scope::parse(granted ? *granted : expected.requested_scope,
                                        expected.tolerated.comma_separated_scope ? ',' : ' ');
    if (!scope_set)
        return fail(errc::malformed_response);

    const auto identity = token_member(object, "id_token", bounds);
    if (expected.id_token && !identity) // OpenID Connect Core 3.1.3.3
        return fail(errc::id_token_missing);

    token_set out(secret(*access_token), std::string(*token_type), *scope_set);
    out.set_scope_assumed(!granted).set_received_at(expected.now);
    if (*expires_in)
        out.set_expires_at(expected.now + **expires_in);
    const auto refresh_token = string_member(object, "refresh_token");
    if (refresh_token && !refresh_token->empty()) {
        if (!token_member(object, "refresh_token", bounds))
            return fail(errc::malformed_response);
        out.set_refresh_token(secret(*refresh_token));
    } else if (!refresh_token && !is_absent(object, "refresh_token")) {
        return fail(errc::malformed_response);
    }
    if (identity)
        id_token = secret(*identity);
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
