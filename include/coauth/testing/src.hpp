// Floor 5. All out-of-line code of coauth/testing/: include it in exactly one file, next to coauth/src.hpp.
#ifndef COAUTH_TESTING_SRC_HPP
#define COAUTH_TESTING_SRC_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/testing/authorization_server.ipp>
#include <coauth/impl/testing/browser.ipp>
#include <coauth/impl/testing/certificate_authority.ipp>
#include <coauth/impl/testing/check_state_store.ipp>
#include <coauth/impl/testing/check_token_store.ipp>
#include <coauth/impl/testing/detail/form_values.ipp>
#include <coauth/impl/testing/detail/grants.ipp>
#include <coauth/impl/testing/detail/key_ring.ipp>
#include <coauth/impl/testing/detail/listener.ipp>
#include <coauth/impl/testing/detail/random_token.ipp>
#include <coauth/impl/testing/detail/server_core.ipp>
#include <coauth/impl/testing/detail/sessions.ipp>
#include <coauth/impl/testing/detail/spoiling.ipp>
#include <coauth/impl/testing/detail/wire.ipp>
#include <coauth/impl/testing/in_process_transport.ipp>
#include <coauth/impl/testing/misbehaviours.ipp>
#include <coauth/impl/testing/page.ipp>
#include <coauth/impl/testing/server_exchange.ipp>

#endif
