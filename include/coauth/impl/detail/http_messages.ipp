#ifndef COAUTH_IMPL_DETAIL_HTTP_MESSAGES_IPP
#define COAUTH_IMPL_DETAIL_HTTP_MESSAGES_IPP

#include <coauth/detail/http_messages.hpp>

#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL answer answer_of(const http_response& response) noexcept
{
    return {response.status(), response.field_value("Content-Type"), response.field_value("Retry-After"),
            response.body().expose()};
}

COAUTH_DECL http_request document_request(endpoint_url url, const char* accepted, const limits& bounds)
{
    http_request request("GET", std::move(url));
    request.add_field("Accept", secret(accepted))
        .set_deadline(bounds.discovery_deadline)
        .set_response_limits(bounds.response_header_bytes, bounds.discovery_body_bytes);
    return request;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
