#ifndef COAUTH_IMPL_PROTOCOL_FRONT_CHANNEL_LOGOUT_IPP
#define COAUTH_IMPL_PROTOCOL_FRONT_CHANNEL_LOGOUT_IPP

#include <coauth/protocol/form.hpp>
#include <coauth/protocol/front_channel_logout.hpp>

#include <optional>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_LAZY_DECL result<void> check_front_channel_logout(std::string_view query,
                                                         const front_channel_logout_expectations& expected,
                                                         const limits& bounds)
{
    const auto fields = parse_form(query, bounds);
    if (!fields)
        return fields.error();
    std::optional<std::string_view> issuer;
    std::optional<std::string_view> session;
    for (const form_field& field : *fields) {
        if (field.name != "iss" && field.name != "sid")
            continue;
        auto& place = field.name == "iss" ? issuer : session;
        if (place)
            return errc::duplicate_parameter;
        place = field.value.expose();
    }
    // Front-Channel Logout 2: "if either is included, both MUST be"
    if (issuer.has_value() != session.has_value() || (!issuer && expected.session_required))
        return errc::session_unidentified;
    if (!issuer)
        return {};
    if (expected.issuer.empty() || *issuer != expected.issuer)
        return errc::issuer_mismatch;
    if (expected.session_id.empty() || !constant_time_equal(*session, expected.session_id))
        return errc::session_unidentified;
    return {};
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
