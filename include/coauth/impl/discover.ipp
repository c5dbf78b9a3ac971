#ifndef COAUTH_IMPL_DISCOVER_IPP
#define COAUTH_IMPL_DISCOVER_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/grant_operation.hpp>
#include <coauth/discover.hpp>
#include <coauth/protocol/discovery.hpp>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {
namespace detail {

COAUTH_LAZY boost::asio::awaitable<result<server_metadata>> run_discovery(any_transport transport,
                                                                          issuer from, limits bounds)
{
    http_request request = document_request(openid_configuration_url(from), "application/json", bounds);
    result<http_response> response = co_await send_request(transport, std::move(request));
    if (response && response->status() == 404) {
        http_request second = document_request(oauth_metadata_url(from), "application/json", bounds);
        result<http_response> other = co_await send_request(transport, std::move(second));
        response = std::move(other);
    }
    if (!response)
        co_return response.error();
    co_return parse_server_metadata(answer_of(*response), from, nullptr, bounds);
}

} // namespace detail

COAUTH_LAZY_DECL boost::asio::awaitable<result<server_metadata>>
discover_server_metadata(any_transport transport, issuer from, limits bounds)
{
    return detail::cancellation_as_error(
        detail::run_discovery(std::move(transport), std::move(from), bounds));
}

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
