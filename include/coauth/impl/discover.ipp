#ifndef COAUTH_IMPL_DISCOVER_IPP
#define COAUTH_IMPL_DISCOVER_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/grant_operation.hpp>
#include <coauth/discover.hpp>
#include <coauth/protocol/discovery.hpp>

namespace coauth {
namespace detail {

inline http_request metadata_request(endpoint_url url, const limits& bounds)
{
    http_request request("GET", std::move(url));
    request.add_field("Accept", secret("application/json"))
        .set_deadline(bounds.discovery_deadline)
        .set_response_limits(bounds.response_header_bytes, bounds.discovery_body_bytes);
    return request;
}

COAUTH_LAZY boost::asio::awaitable<result<server_metadata>> run_discovery(any_transport transport,
                                                                          issuer from, limits bounds)
{
    http_request request = metadata_request(openid_configuration_url(from), bounds);
    result<http_response> response = co_await send_request(transport, std::move(request));
    if (response && response->status() == 404) {
        http_request second = metadata_request(oauth_metadata_url(from), bounds);
        result<http_response> other = co_await send_request(transport, std::move(second));
        response = std::move(other);
    }
    if (!response)
        co_return response.error();
    co_return parse_server_metadata(answer_of(*response), from, bounds);
}

} // namespace detail

COAUTH_LAZY_DECL boost::asio::awaitable<result<server_metadata>>
discover_server_metadata(any_transport transport, issuer from, limits bounds)
{
    return detail::cancellation_as_error(
        detail::run_discovery(std::move(transport), std::move(from), bounds));
}

} // namespace coauth

#endif
