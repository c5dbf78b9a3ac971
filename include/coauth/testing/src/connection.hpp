// Floor 5. The out-of-line code that connects clients to the testing authorization server.
#ifndef COAUTH_TESTING_SRC_CONNECTION_HPP
#define COAUTH_TESTING_SRC_CONNECTION_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/testing/authorization_server.ipp>
#include <coauth/impl/testing/detail/listener.ipp>
#include <coauth/impl/testing/detail/wire.ipp>
#include <coauth/impl/testing/in_process_transport.ipp>

#endif
