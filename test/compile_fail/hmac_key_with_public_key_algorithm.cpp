// expect: no matching function for call|no matching constructor
// ID2: a secret signs with HMAC only.
#include <coauth/jose/algorithm.hpp>

coauth::hmac_key configured(coauth::secret value);

coauth::hmac_key configured(coauth::secret value)
{
#ifdef COAUTH_FAIL
    return coauth::hmac_key(coauth::signing_algorithm::rs256, std::move(value));
#else
    return coauth::hmac_key(coauth::hmac_algorithm::hs256, std::move(value));
#endif
}
