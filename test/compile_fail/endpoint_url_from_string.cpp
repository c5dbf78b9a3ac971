// expect: conversion from .* to non-scalar type .*endpoint_url|no viable conversion from .*endpoint_url
#include <coauth/core/url.hpp>

coauth::endpoint_url token_endpoint();

// A URL that nobody has looked at is not an endpoint.
coauth::endpoint_url token_endpoint()
{
#ifdef COAUTH_FAIL
    coauth::endpoint_url url = "https://as.example/token";
    return url;
#else
    return coauth::endpoint_url::parse("https://as.example/token").value();
#endif
}
