// expect: this provider does without PKCE or without the nonce
#include <coauth/client.hpp>
#include <coauth/providers.hpp>

#ifdef COAUTH_FAIL
using policy = coauth::provider_policy<coauth::providers::linkedin>;
#else
using policy = coauth::provider_policy<coauth::providers::github>;
#endif

// A provider's own rules do not weaken what protects the person who signs in.
static_assert(coauth::security_policy<policy>);
coauth::basic_client<policy>* client = nullptr;
