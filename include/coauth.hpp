// Floor 4. The umbrella: what files that sign people in need. By themselves, as not all do and they cost: adapters
// (https_transport.hpp), refresh_scheduler.hpp, provider_registry.hpp, providers.hpp, discover.hpp,
// protocol/client_assertion.hpp, testing/.
#ifndef COAUTH_HPP
#define COAUTH_HPP

#include <coauth/detail/config.hpp>

// Asio's headers, too, where this header is the first to include them: that silences coroutines of users.
COAUTH_COROUTINES_BEGIN

#include <coauth/authorization_code.hpp>
#include <coauth/client.hpp>
#include <coauth/core/client_registration.hpp>
#include <coauth/core/error.hpp>
#include <coauth/core/limits.hpp>
#include <coauth/core/openid_registration.hpp>
#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/scope.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/core/server_metadata.hpp>
#include <coauth/core/token_set.hpp>
#include <coauth/core/url.hpp>
#include <coauth/jose/algorithm.hpp>
#include <coauth/policy/any_transport.hpp>
#include <coauth/policy/constant_time.hpp>
#include <coauth/policy/http.hpp>
#include <coauth/policy/memory_state_store.hpp>
#include <coauth/policy/pending_login.hpp>
#include <coauth/policy/random_source.hpp>
#include <coauth/policy/security_policy.hpp>
#include <coauth/policy/state_store.hpp>
#include <coauth/protocol/authorization_request.hpp>
#include <coauth/protocol/bearer_challenge.hpp>
#include <coauth/protocol/id_token.hpp>
#include <coauth/protocol/logout_request.hpp>
#include <coauth/protocol/logout_token.hpp>
#include <coauth/protocol/pkce.hpp>
#include <coauth/protocol/userinfo.hpp>
#include <coauth/resource.hpp>

COAUTH_COROUTINES_END

#endif
