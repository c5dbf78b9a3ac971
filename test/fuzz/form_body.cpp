// A form body: what form_post and logout messages are read from.
#include "fuzz.hpp"

#include <coauth/protocol/authorization_response.hpp>
#include <coauth/protocol/form.hpp>
#include <coauth/protocol/logout_token_validation.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view body = fuzz::text(data, size);
    const coauth::limits bounds;
    const auto fields = coauth::detail::parse_form(body, bounds);
    if (!fields) {
        fuzz::check_error(fields.error());
        fuzz::require(!coauth::detail::parse_authorization_response(body, bounds), "no form is no response");
        return 0;
    }
    const auto token =
        coauth::detail::parse_logout_request("application/x-www-form-urlencoded", body, bounds);
    const auto named = std::count_if(fields->begin(), fields->end(),
                                     [](const auto& field) { return field.name == "logout_token"; });
    if (token)
        fuzz::require(named == 1 && !token->empty(), "a logout token that is there once");
    else
        fuzz::check_error(token.error());

    fuzz::require(size <= bounds.callback_bytes && fields->size() <= bounds.callback_parameters,
                  "limits hold");

    coauth::detail::secure_bytes written;
    for (const auto& field : *fields)
        coauth::detail::append_form_parameter(written, field.name, field.value.expose());
    coauth::limits wide;
    wide.callback_bytes = written.size();
    wide.callback_parameters = bounds.callback_parameters + 1;
    const auto again = coauth::detail::parse_form({written.data(), written.size()}, wide);
    fuzz::require(again.has_value(), "what was written is a form");
    fuzz::require(again->size() == fields->size(), "of as many parameters");
    for (std::size_t i = 0; i < fields->size(); ++i)
        fuzz::require((*again)[i].name == (*fields)[i].name && (*again)[i].value.equals((*fields)[i].value),
                      "with the same names and values");
    return 0;
}
