// expect: is private within this context|calling a private constructor
#include <coauth/authorization_code.hpp>

coauth::authorization_code unchecked(coauth::pending_login login);

// Only a callback that was checked makes a code. (The one without a code in it is refused by exchange().)
coauth::authorization_code unchecked(coauth::pending_login login)
{
#ifdef COAUTH_FAIL
    return coauth::authorization_code(coauth::secret("from the query of a request"), std::move(login));
#else
    static_cast<void>(login);
    return coauth::authorization_code();
#endif
}
