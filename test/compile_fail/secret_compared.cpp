// expect: use of deleted function|overload resolution selected deleted operator
#include <coauth/core/secret.hpp>

bool same(const coauth::secret& left, const coauth::secret& right);

bool same(const coauth::secret& left, const coauth::secret& right)
{
#ifdef COAUTH_FAIL
    return left == right;
#else
    return left.equals(right);
#endif
}
