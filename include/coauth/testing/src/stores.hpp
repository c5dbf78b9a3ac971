// Floor 5. The out-of-line code that checks stores.
#ifndef COAUTH_TESTING_SRC_STORES_HPP
#define COAUTH_TESTING_SRC_STORES_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/testing/check_state_store.ipp>
#include <coauth/impl/testing/check_token_store.ipp>

#endif
