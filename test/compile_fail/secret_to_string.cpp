// expect: conversion from .*secret.* to non-scalar type|no viable conversion from
#include <coauth/core/secret.hpp>

#include <string>

std::string print(const coauth::secret& token);

std::string print(const coauth::secret& token)
{
#ifdef COAUTH_FAIL
    std::string text = token;
    return text;
#else
    return std::string(token.expose());
#endif
}
