#ifndef COAUTH_IMPL_TESTING_SERVER_EXCHANGE_IPP
#define COAUTH_IMPL_TESTING_SERVER_EXCHANGE_IPP

#include <coauth/testing/detail/form_values.hpp>
#include <coauth/testing/server_exchange.hpp>

#include <boost/url/grammar/ci_string.hpp>

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

inline std::string_view value_of(const std::vector<http_field>& fields, std::string_view name) noexcept
{
    for (const http_field& field : fields)
        if (boost::urls::grammar::ci_is_equal(field.name, name))
            return field.value;
    return {};
}

} // namespace detail

COAUTH_DECL std::string_view server_request::query() const noexcept
{
    const auto mark = target_.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target_).substr(mark + 1);
}

COAUTH_DECL std::string_view server_request::field_value(std::string_view name) const noexcept
{
    return detail::value_of(fields_, name);
}

COAUTH_DECL std::optional<std::string> server_request::parameter(std::string_view name) const
{
    const auto values = detail::form_values::parse(method_ == "GET" ? query() : std::string_view(body_));
    if (!values)
        return std::nullopt;
    const std::string* found = values->find(name);
    if (found == nullptr)
        return std::nullopt;
    return *found;
}

COAUTH_DECL server_answer server_answer::json(unsigned status, std::string body)
{
    server_answer out(status);
    out.add_field("Content-Type", "application/json");
    out.add_field("Cache-Control", "no-store"); // RFC 6749 5.1
    out.set_body(std::move(body));
    return out;
}

COAUTH_DECL std::string_view server_answer::field_value(std::string_view name) const noexcept
{
    return detail::value_of(fields_, name);
}

COAUTH_DECL server_answer& server_answer::remove_field(std::string_view name)
{
    std::erase_if(fields_, [&](const http_field& field) {
        return boost::urls::grammar::ci_is_equal(field.name, name);
    });
    return *this;
}

} // namespace coauth::inline COAUTH_MODE::testing

#endif
