// expect: use of deleted function .*authorization_code\(const .*authorization_code|call to deleted constructor of .*authorization_code
#include <coauth/authorization_code.hpp>

#include <utility>

coauth::authorization_code keep(coauth::authorization_code code);

// A code is spent by type: there is never a second one.
coauth::authorization_code keep(coauth::authorization_code code)
{
#ifdef COAUTH_FAIL
    coauth::authorization_code copy = code;
    return copy;
#else
    coauth::authorization_code moved = std::move(code);
    return moved;
#endif
}
