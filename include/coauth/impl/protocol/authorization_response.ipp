#ifndef COAUTH_IMPL_PROTOCOL_AUTHORIZATION_RESPONSE_IPP
#define COAUTH_IMPL_PROTOCOL_AUTHORIZATION_RESPONSE_IPP

#include <coauth/protocol/authorization_response.hpp>
#include <coauth/protocol/form.hpp>

#include <algorithm>
#include <array>

namespace coauth::inline COAUTH_MODE::detail {

inline bool is_visible_or_space(std::string_view text) noexcept
{
    // RFC 6749 Appendix A: VSCHAR = %x20-7E
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

COAUTH_LAZY_DECL result<authorization_response> parse_authorization_response(std::string_view parameters,
                                                                             const limits& bounds)
{
    enum known { state, code, iss, error, description, error_uri, response, access_token, id_token };
    constexpr std::array<std::string_view, 9> names{
        "state",     "code",     "iss",          "error",   "error_description",
        "error_uri", "response", "access_token", "id_token"};
    // RFC 6749 4.1.2: "The client MUST ignore unrecognized response parameters."
    auto fields = parse_form(parameters, bounds, names);
    if (!fields)
        return fields.error();

    std::array<secret*, names.size()> found{};
    for (form_field& field : *fields) {
        const auto at = std::find(names.begin(), names.end(), field.name);
        secret*& place = found[static_cast<std::size_t>(at - names.begin())];
        if (place) // RFC 6749 3.1: "MUST NOT be included more than once"
            return errc::duplicate_parameter;
        place = &field.value;
    }
    if (found[response] || found[access_token] || found[id_token])
        return errc::response_mode_mismatch;

    authorization_response out;
    for (const known one : {state, code, iss, error}) {
        if (!found[one])
            continue;
        if (found[one]->size() > bounds.code_bytes)
            return errc::callback_too_large;
        if (!is_visible_or_space(found[one]->expose()))
            return errc::malformed_callback;
    }
    if (found[state])
        out.state = std::move(*found[state]);
    if (found[code])
        out.code = std::move(*found[code]);
    if (found[iss])
        out.issuer = found[iss]->expose();
    if (found[error])
        out.error = found[error]->expose();
    if (found[description])
        out.error_description = found[description]->expose();
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
