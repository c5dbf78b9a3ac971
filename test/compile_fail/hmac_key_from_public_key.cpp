// expect: no matching function for call|no matching constructor
// ID2: what a server publishes is no secret.
#include <coauth/jose/jwk_set.hpp>

#include <boost/json/object.hpp>

coauth::hmac_key secret_of(const boost::json::object& jwk, const coauth::jwk_set& keys);

coauth::hmac_key secret_of(const boost::json::object& jwk, const coauth::jwk_set& keys)
{
#ifdef COAUTH_FAIL
    return coauth::hmac_key(coauth::hmac_algorithm::hs256,
                            *keys.find(coauth::signing_algorithm::rs256, jwk.at("kid").as_string()));
#else
    (void)jwk;
    (void)keys;
    return coauth::hmac_key(coauth::hmac_algorithm::hs256,
                            coauth::secret("01234567890123456789012345678901"));
#endif
}
