// Floor 5. The out-of-line code of values, messages, keys and signatures. There are no coroutines in it.
#ifndef COAUTH_SRC_MESSAGES_HPP
#define COAUTH_SRC_MESSAGES_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/core/error.ipp>
#include <coauth/impl/core/openid_registration.ipp>
#include <coauth/impl/core/random_value.ipp>
#include <coauth/impl/core/scope.ipp>
#include <coauth/impl/core/secret.ipp>
#include <coauth/impl/core/url.ipp>
#include <coauth/impl/detail/base64url.ipp>
#include <coauth/impl/detail/json_document.ipp>
#include <coauth/impl/detail/login_codec.ipp>
#include <coauth/impl/detail/seal.ipp>
#include <coauth/impl/detail/sealed_text.ipp>
#include <coauth/impl/detail/sha256.ipp>
#include <coauth/impl/detail/token_codec.ipp>
#include <coauth/impl/jose/algorithm.ipp>
#include <coauth/impl/jose/jwk_set.ipp>
#include <coauth/impl/jose/jws.ipp>
#include <coauth/impl/jose/signing_key.ipp>
#include <coauth/impl/jose/verification_key.ipp>
#include <coauth/impl/policy/random_source.ipp>
#include <coauth/impl/policy/seal_key_ring.ipp>
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
#include <coauth/impl/secret_file.ipp>

#endif
