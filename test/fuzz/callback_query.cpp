// The query of a callback.
#include "fuzz.hpp"

#include <coauth/protocol/authorization_response.hpp>
#include <coauth/protocol/form.hpp>

using coauth::detail::append_form_parameter;
using coauth::detail::authorization_response;
using coauth::detail::parse_authorization_response;

namespace {

bool same(const std::optional<coauth::secret>& left, const std::optional<coauth::secret>& right)
{
    return left.has_value() == right.has_value() && (!left || left->equals(*right));
}
bool same(const authorization_response& left, const authorization_response& right)
{
    return same(left.state, right.state) && same(left.code, right.code) && left.issuer == right.issuer &&
           left.error == right.error && left.error_description == right.error_description;
}

std::string written(const authorization_response& response)
{
    std::string out;
    if (response.state)
        append_form_parameter(out, "state", response.state->expose());
    if (response.code)
        append_form_parameter(out, "code", response.code->expose());
    if (response.issuer)
        append_form_parameter(out, "iss", *response.issuer);
    if (response.error)
        append_form_parameter(out, "error", *response.error);
    append_form_parameter(out, "error_description", response.error_description);
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view query = fuzz::text(data, size);
    const coauth::limits bounds;
    const auto response = parse_authorization_response(query, bounds);

    coauth::limits tight;
    tight.callback_bytes = 48;
    tight.callback_parameters = 3;
    tight.code_bytes = 8;
    const auto small = parse_authorization_response(query, tight);
    if (small) {
        fuzz::require(size <= 48 && (!small->code || small->code->size() <= 8), "limits hold");
        fuzz::require(response && same(*small, *response), "limits only refuse");
    }

    if (!response) {
        fuzz::check_error(response.error());
        return 0;
    }
    fuzz::require(size <= bounds.callback_bytes, "limits::callback_bytes");
    for (const auto* value : {&response->state, &response->code})
        if (*value) {
            fuzz::require((*value)->size() <= bounds.code_bytes, "limits::code_bytes");
            fuzz::require(fuzz::visible_or_space((*value)->expose()), "RFC 6749 Appendix A");
        }
    for (const auto* value : {&response->issuer, &response->error})
        if (*value)
            fuzz::require(fuzz::visible_or_space(**value), "RFC 6749 Appendix A");
    const auto again = parse_authorization_response(written(*response), bounds);
    fuzz::require(again || again.error().code() == coauth::errc::callback_too_large,
                  "what was read can be read again");
    if (again)
        fuzz::require(same(*again, *response), "what was read is read again");
    return 0;
}
