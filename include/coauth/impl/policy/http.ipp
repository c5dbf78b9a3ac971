#ifndef COAUTH_IMPL_POLICY_HTTP_IPP
#define COAUTH_IMPL_POLICY_HTTP_IPP

#include <coauth/policy/http.hpp>

#include <boost/url/grammar/ci_string.hpp>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL std::string_view http_response::field_value(std::string_view name) const noexcept
{
    for (const field& candidate : fields_)
        if (boost::urls::grammar::ci_is_equal(candidate.name, name))
            return candidate.value;
    return {};
}

} // namespace coauth::inline COAUTH_MODE

#endif
