// expect: use of deleted function .*pending_login|call to implicitly-deleted copy constructor of .*pending_login
#include <coauth/policy/pending_login.hpp>

#include <utility>

coauth::pending_login keep(coauth::pending_login& login);

coauth::pending_login keep(coauth::pending_login& login)
{
#ifdef COAUTH_FAIL
    return login;
#else
    return std::move(login);
#endif
}
