// Floor 3. Between HTTP and the messages in it.
#ifndef COAUTH_DETAIL_HTTP_MESSAGES_HPP
#define COAUTH_DETAIL_HTTP_MESSAGES_HPP

#include <coauth/core/limits.hpp>
#include <coauth/policy/http.hpp>
#include <coauth/protocol/token_response.hpp>

namespace coauth::inline COAUTH_MODE::detail {

/// A GET request for a metadata document or a key set.
COAUTH_DECL http_request document_request(endpoint_url url, const char* accepted, const limits& bounds);

/// Views into the response.
COAUTH_DECL answer answer_of(const http_response& response) noexcept;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/http_messages.ipp>
#endif

#endif
