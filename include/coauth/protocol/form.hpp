// Floor 2. application/x-www-form-urlencoded, as RFC 6749 Appendix B uses it for everything that is sent.
#ifndef COAUTH_PROTOCOL_FORM_HPP
#define COAUTH_PROTOCOL_FORM_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/// A parameter of a request: a view, valid as long as what it was made from.
struct parameter {
    std::string_view name{};
    std::string_view value{};
};

namespace detail {

/** Append `name=value`, the value encoded, with a `&` in front unless the text is empty or ends in `?` or `&`.

    A space becomes %20: readers of forms and of plain URIs both understand that.
*/
COAUTH_DECL void append_form_parameter(std::string& out, std::string_view name, std::string_view value);
COAUTH_DECL void append_form_parameter(secure_bytes& out, std::string_view name, std::string_view value);

/// The encoded value alone.
COAUTH_DECL void append_form_encoded(std::string& out, std::string_view value);
COAUTH_DECL void append_form_encoded(secure_bytes& out, std::string_view value);

struct form_field {
    std::string name;
    secret value;
};

/** Read a query or form body.

    @par Errors
    - errc::callback_too_large: more bytes or parameters than the limits allow; nothing was decoded
    - errc::malformed_callback: a character or an escape that RFC 3986 does not allow
    @param only the names that matter; of others the form is checked, and nothing more. Empty: all.
*/
COAUTH_LAZY result<std::vector<form_field>> parse_form(std::string_view text, const limits& bounds,
                                                       std::span<const std::string_view> only = {});

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/form.ipp>
#endif

#endif
