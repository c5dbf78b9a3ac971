// Floor 2. For other .ipp files: the claims that all signed messages of OpenID Connect have in common.
#ifndef COAUTH_IMPL_PROTOCOL_SIGNED_CLAIMS_IPP
#define COAUTH_IMPL_PROTOCOL_SIGNED_CLAIMS_IPP

// First: header-only, it ends with code that needs the next one to be complete.
#include <coauth/protocol/id_token.hpp>

#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/result.hpp>
#include <coauth/impl/detail/json_member.ipp>
#include <coauth/impl/protocol/id_token_storage.ipp>
#include <coauth/jose/jws.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

// The checks return what is wrong, or this.
inline constexpr errc nothing_wrong{};

/// Seconds since the epoch. A double, so that no arithmetic on a stranger's numbers overflows.
using instant = std::chrono::duration<double>;

/// The year 2255: nanoseconds in 64 bits reach seven years further.
inline constexpr instant latest_instant{9e9};

inline instant instant_of(std::chrono::system_clock::time_point time) noexcept
{
    return time.time_since_epoch();
}

/// @param value from the epoch to latest_instant
inline std::chrono::system_clock::time_point time_point_of(instant value) noexcept
{
    // In two steps: nanoseconds of today take more bits than a double has.
    using clock = std::chrono::system_clock;
    const auto whole = std::chrono::floor<std::chrono::seconds>(value);
    return clock::time_point(whole) + std::chrono::duration_cast<clock::duration>(value - whole);
}

/// A claim that is a string if it is there.
inline errc read_text(const boost::json::object& claims, std::string_view name,
                      std::optional<std::string_view>& out)
{
    const auto* member = claims.if_contains(name);
    if (!member || member->is_null())
        return nothing_wrong;
    const auto* text = member->if_string();
    if (text)
        out = *text;
    return text ? nothing_wrong : errc::claim_invalid;
}

/// A claim that is a string with something in it.
inline errc read_required_text(const boost::json::object& claims, std::string_view name,
                               std::string_view& out)
{
    std::optional<std::string_view> text;
    if (const errc wrong = read_text(claims, name, text); wrong != nothing_wrong)
        return wrong;
    if (!text)
        return errc::claim_missing;
    out = *text;
    return out.empty() ? errc::claim_invalid : nothing_wrong;
}

/** A NumericDate if it is there.

    RFC 7519 2: "A JSON numeric value representing the number of seconds from 1970-01-01T00:00:00Z UTC",
    which may have a fraction. What is beyond the reach of the clock is as far away as the clock reaches.
*/
inline errc read_time(const boost::json::object& claims, std::string_view name, std::optional<instant>& out)
{
    const auto* member = claims.if_contains(name);
    if (!member || member->is_null())
        return nothing_wrong;
    if (!member->is_number())
        return errc::claim_invalid;
    const double seconds = member->to_number<double>();
    if (!std::isfinite(seconds) || seconds < 0) // Boost.JSON makes infinity of 1e400
        return errc::claim_invalid;
    out = std::min(instant(seconds), latest_instant);
    return nothing_wrong;
}

inline errc read_audience(const boost::json::object& claims, audience_claim& out)
{
    const auto* member = claims.if_contains("aud");
    if (!member || member->is_null())
        return errc::claim_missing;
    if (const auto* text = member->if_string()) {
        out.only = *text;
        return nothing_wrong;
    }
    const auto* array = member->if_array();
    if (!array)
        return errc::claim_invalid;
    if (array->size() > 1)
        out.several.reserve(array->size());
    for (const auto& element : *array) {
        const auto* text = element.if_string();
        if (!text)
            return errc::claim_invalid;
        out.only = *text;
        if (array->size() > 1)
            out.several.push_back(out.only);
    }
    return nothing_wrong; // of an empty array there is the empty name, which no client has
}

template <class Range>
bool contains_text(const Range& range, std::string_view text) noexcept
{
    return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

inline errc check_audience(const audience_claim& audience, std::string_view client_id,
                           const openid_registration& registration)
{
    // OpenID Connect Core 3.1.3.7 (3): "The ID Token MUST be rejected if the ID Token does not list the
    // Client as a valid audience, or if it contains additional audiences not trusted by the Client."
    const auto list = audience.list();
    const bool addressed = !client_id.empty() && contains_text(list, client_id);
    const bool trusted = std::all_of(list.begin(), list.end(), [&](std::string_view one) {
        return one == client_id || contains_text(registration.trusted_audiences(), one);
    });
    return addressed && trusted ? nothing_wrong : errc::audience_mismatch;
}

inline errc check_issuer(const boost::json::object& claims, std::string_view issuer,
                         const openid_registration& registration, std::string_view& out)
{
    if (const errc wrong = read_required_text(claims, "iss", out); wrong != nothing_wrong)
        return wrong;
    // OpenID Connect Core 3.1.3.7 (2): "The Issuer Identifier for the OpenID Provider [...] MUST exactly
    // match the value of the iss (issuer) Claim."
    const auto& tenants = registration.multi_tenant_issuer();
    const bool known = tenants
                           ? tenants->matches(out, string_member(claims, "tid").value_or(std::string_view()))
                           : out == issuer;
    return known ? nothing_wrong : errc::id_token_issuer_mismatch;
}

inline errc check_expiry(instant expires, instant now, const limits& bounds) noexcept
{
    // OpenID Connect Core 3.1.3.7 (9): "The current time MUST be before the time represented by the exp
    // Claim."
    return now < expires + bounds.clock_tolerance ? nothing_wrong : errc::token_expired;
}

/// Whether it is from the past, as far as the clocks can tell.
inline errc check_past(instant time, instant now, const limits& bounds) noexcept
{
    return time <= now + bounds.clock_tolerance ? nothing_wrong : errc::token_not_yet_valid;
}

inline errc check_age(instant issued, instant now, std::chrono::seconds most, const limits& bounds) noexcept
{
    return now - issued <= instant(most) + bounds.clock_tolerance ? nothing_wrong : errc::token_too_old;
}

/// RFC 7519 4.1.5: "the time before which the JWT MUST NOT be accepted for processing"
inline errc check_not_before(const boost::json::object& claims, instant now, const limits& bounds)
{
    std::optional<instant> not_before;
    if (const errc wrong = read_time(claims, "nbf", not_before); wrong != nothing_wrong)
        return wrong;
    return not_before ? check_past(*not_before, now, bounds) : nothing_wrong;
}

/// OpenID Connect Core 2: "It MUST NOT exceed 255 ASCII characters in length." A control character in it
/// would make two people one for whoever reads up to a NUL or a line's end.
inline bool is_subject(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 255 && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

/// RFC 8725 3.11: where kinds of tokens could be taken for one another, their `typ` tells them apart. Not all
/// providers send it.
inline bool is_plain_jwt(std::string_view type) noexcept
{
    return type.empty() || boost::urls::grammar::ci_is_equal(type, "JWT");
}

inline constexpr std::string_view logout_event = "http://schemas.openid.net/event/backchannel-logout";

/// The logout event; null if there is none.
inline const boost::json::value* find_logout_event(const boost::json::object& claims)
{
    const auto* member = claims.if_contains("events");
    const auto* events = member ? member->if_object() : nullptr;
    return events ? events->if_contains(logout_event) : nullptr;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
