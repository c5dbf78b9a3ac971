// expect: use of deleted function|overload resolution selected deleted operator
#include <coauth/core/random_value.hpp>

bool same(const coauth::random_value& left, const coauth::random_value& right);

bool same(const coauth::random_value& left, const coauth::random_value& right)
{
#ifdef COAUTH_FAIL
    return left == right;
#else
    return left.equals(right);
#endif
}
