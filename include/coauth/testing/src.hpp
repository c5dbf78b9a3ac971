// Floor 5. All out-of-line code of coauth/testing/: include it in exactly one file, next to coauth/src.hpp.
#ifndef COAUTH_TESTING_SRC_HPP
#define COAUTH_TESTING_SRC_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/testing/certificate_authority.ipp>

#endif
