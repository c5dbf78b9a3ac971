// expect: cannot convert|no viable conversion|no known conversion
// ID4: a key verifies with the algorithms of its own kind only.
#include <coauth/jose/verification_key.hpp>

using namespace coauth::detail;

bool verify(const rsa_key& key, std::string_view input, std::span<const unsigned char> signature);

bool verify(const rsa_key& key, std::string_view input, std::span<const unsigned char> signature)
{
#ifdef COAUTH_FAIL
    return key.verify(ecdsa_algorithm<ec_curve::p256>(), input, signature);
#else
    return key.verify(rsa_algorithm{rsa_padding::pss, hash_function::sha256}, input, signature);
#endif
}
