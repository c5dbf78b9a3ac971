// expect: conversion from .*string.* to non-scalar type .*secret|no viable conversion from .*string.* to .*secret
#include <coauth/core/secret.hpp>

#include <string>

coauth::secret take(std::string text);

// Whoever makes a secret of a string says so, as the string should not live on beside it.
coauth::secret take(std::string text)
{
#ifdef COAUTH_FAIL
    coauth::secret out = std::move(text);
#else
    coauth::secret out(std::move(text));
#endif
    return out;
}
