// expect: required for the satisfaction of 'client_authentication_method<|does not satisfy 'client_authentication_method'
#include <coauth/core/client_registration.hpp>

#include <utility>

void use(coauth::redirect_uri redirect_uri);

// How a client authenticates is said by name, never guessed from what it has.
void use(coauth::redirect_uri redirect_uri)
{
    coauth::secret password("secret");
#ifdef COAUTH_FAIL
    coauth::client_registration registration("id", std::move(password), std::move(redirect_uri));
#else
    coauth::client_registration registration("id", coauth::client_secret_basic(std::move(password)),
                                             std::move(redirect_uri));
#endif
    static_cast<void>(registration);
}
