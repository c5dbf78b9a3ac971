// expect: the security policy of this client forbids this client authentication method
#include <coauth/client_implementation.hpp>

#ifdef COAUTH_FAIL
using policy = coauth::oauth21;
#else
using policy = coauth::oauth20_compatible;
#endif

coauth::basic_client<policy> make(coauth::server_metadata server, coauth::redirect_uri redirect_uri,
                                  coauth::any_transport transport);

// What weakens a check is in the namespace insecure, and in a policy that permits it by name.
coauth::basic_client<policy> make(coauth::server_metadata server, coauth::redirect_uri redirect_uri,
                                  coauth::any_transport transport)
{
    const coauth::insecure::unencoded_client_secret_basic method(coauth::secret("secret"));
    return {std::move(server), coauth::client_registration("id", method, std::move(redirect_uri)),
            std::move(transport)};
}
