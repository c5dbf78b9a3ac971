// expect: opened_seal.* is private within this context|calling a private constructor of class .*opened_seal
#include <coauth/detail/seal.hpp>

// Tokens come out of a store only if a key of the ring vouches for them.
coauth::detail::opened_seal open(coauth::detail::secure_bytes bytes, coauth::detail::opened_seal other);

coauth::detail::opened_seal open(coauth::detail::secure_bytes bytes, coauth::detail::opened_seal other)
{
#ifdef COAUTH_FAIL
    return coauth::detail::opened_seal(std::move(bytes));
#else
    bytes.clear();
    return other;
#endif
}
