// Floor 5. The out-of-line code of what the testing authorization server answers.
#ifndef COAUTH_TESTING_SRC_SERVER_HPP
#define COAUTH_TESTING_SRC_SERVER_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/testing/browser.ipp>
#include <coauth/impl/testing/certificate_authority.ipp>
#include <coauth/impl/testing/detail/form_values.ipp>
#include <coauth/impl/testing/detail/grants.ipp>
#include <coauth/impl/testing/detail/key_ring.ipp>
#include <coauth/impl/testing/detail/random_token.ipp>
#include <coauth/impl/testing/detail/server_core.ipp>
#include <coauth/impl/testing/detail/sessions.ipp>
#include <coauth/impl/testing/page.ipp>
#include <coauth/impl/testing/server_exchange.ipp>

#endif
