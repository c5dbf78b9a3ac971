// Floor 5. All out-of-line code: include it in exactly one file of a program that defines
// COAUTH_SEPARATE_COMPILATION for all of them.
#ifndef COAUTH_SRC_HPP
#define COAUTH_SRC_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/client_implementation.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <coauth/impl/address_policy.ipp>
#include <coauth/impl/core/error.ipp>
#include <coauth/impl/core/openid_registration.ipp>
#include <coauth/impl/core/random_value.ipp>
#include <coauth/impl/core/scope.ipp>
#include <coauth/impl/core/secret.ipp>
#include <coauth/impl/core/url.ipp>
#include <coauth/impl/detail/base64url.ipp>
#include <coauth/impl/detail/basic_refresh_scheduler.ipp>
#include <coauth/impl/detail/client_core.ipp>
#include <coauth/impl/detail/grant_operation.ipp>
#include <coauth/impl/detail/grant_table.ipp>
#include <coauth/impl/detail/http_messages.ipp>
#include <coauth/impl/detail/https/addresses.ipp>
#include <coauth/impl/detail/https/connect.ipp>
#include <coauth/impl/detail/https/connection.ipp>
#include <coauth/impl/detail/https/connection_pool.ipp>
#include <coauth/impl/detail/https/deadline_watch.ipp>
#include <coauth/impl/detail/https/exchange.ipp>
#include <coauth/impl/detail/https/request_text.ipp>
#include <coauth/impl/detail/https/response_reader.ipp>
#include <coauth/impl/detail/https/tls_context.ipp>
#include <coauth/impl/detail/https/tls_engine.ipp>
#include <coauth/impl/detail/https/tls_session_cache.ipp>
#include <coauth/impl/detail/identity_check.ipp>
#include <coauth/impl/detail/json_document.ipp>
#include <coauth/impl/detail/kept_grant.ipp>
#include <coauth/impl/detail/known_server.ipp>
#include <coauth/impl/detail/login_codec.ipp>
#include <coauth/impl/detail/pending_table.ipp>
#include <coauth/impl/detail/refresh_machine.ipp>
#include <coauth/impl/detail/replay_cache.ipp>
#include <coauth/impl/detail/seal.ipp>
#include <coauth/impl/detail/sealed_text.ipp>
#include <coauth/impl/detail/sha256.ipp>
#include <coauth/impl/detail/shared_fetch.ipp>
#include <coauth/impl/detail/timer_wheel.ipp>
#include <coauth/impl/detail/token_codec.ipp>
#include <coauth/impl/discover.ipp>
#include <coauth/impl/https_transport.ipp>
#include <coauth/impl/jose/algorithm.ipp>
#include <coauth/impl/jose/jwk_set.ipp>
#include <coauth/impl/jose/jws.ipp>
#include <coauth/impl/jose/signing_key.ipp>
#include <coauth/impl/jose/verification_key.ipp>
#include <coauth/impl/policy/http.ipp>
#include <coauth/impl/policy/memory_state_store.ipp>
#include <coauth/impl/policy/memory_token_store.ipp>
#include <coauth/impl/policy/random_source.ipp>
#include <coauth/impl/policy/seal_key_ring.ipp>
#include <coauth/impl/policy/sealed_state_store.ipp>
#include <coauth/impl/protocol/authorization_request.ipp>
#include <coauth/impl/protocol/authorization_response.ipp>
#include <coauth/impl/protocol/bearer_challenge.ipp>
#include <coauth/impl/protocol/client_assertion.ipp>
#include <coauth/impl/protocol/client_authentication.ipp>
#include <coauth/impl/protocol/discovery.ipp>
#include <coauth/impl/protocol/form.ipp>
#include <coauth/impl/protocol/front_channel_logout.ipp>
#include <coauth/impl/protocol/id_token.ipp>
#include <coauth/impl/protocol/id_token_validation.ipp>
#include <coauth/impl/protocol/logout_request.ipp>
#include <coauth/impl/protocol/logout_token_validation.ipp>
#include <coauth/impl/protocol/pkce.ipp>
#include <coauth/impl/protocol/token_request.ipp>
#include <coauth/impl/protocol/token_response.ipp>
#include <coauth/impl/protocol/userinfo_response.ipp>
#include <coauth/impl/providers/description.ipp>
#include <coauth/impl/redis_settings.ipp>
#include <coauth/impl/refresh_scheduler_implementation.ipp>
#include <coauth/impl/resource.ipp>
#include <coauth/impl/secret_file.ipp>

#if defined(__unix__) || defined(__APPLE__)
#include <coauth/impl/detail/private_file.ipp>
#include <coauth/impl/policy/file_token_store.ipp>
#endif

namespace coauth::inline COAUTH_MODE {

template class detail::shared_fetch<>;
template class detail::server_directory<>;
template class detail::client_core<>;
template class basic_client<oauth21>;
template class basic_client<oauth20_compatible>;

} // namespace coauth::inline COAUTH_MODE

#endif
