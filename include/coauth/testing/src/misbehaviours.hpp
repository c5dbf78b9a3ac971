// Floor 5. The out-of-line code of the misbehaviours of the testing authorization server.
#ifndef COAUTH_TESTING_SRC_MISBEHAVIOURS_HPP
#define COAUTH_TESTING_SRC_MISBEHAVIOURS_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/testing/detail/spoiling.ipp>
#include <coauth/impl/testing/misbehaviours.ipp>

#endif
