// The whole library as one file for the coroutine lint: all headers, all out-of-line code, and the templates with what
// people put into them, as the compiled library instantiates them.
#define COAUTH_SEPARATE_COMPILATION
#include <all_headers.hpp>

#include <coauth/src.hpp>
#include <coauth/testing/src.hpp>
