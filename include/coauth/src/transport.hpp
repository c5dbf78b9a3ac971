// Floor 5. The out-of-line code of the HTTPS transport.
#ifndef COAUTH_SRC_TRANSPORT_HPP
#define COAUTH_SRC_TRANSPORT_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/address_policy.ipp>
#include <coauth/impl/detail/https/addresses.ipp>
#include <coauth/impl/detail/https/connect.ipp>
#include <coauth/impl/detail/https/connection.ipp>
#include <coauth/impl/detail/https/connection_pool.ipp>
#include <coauth/impl/detail/https/deadline_watch.ipp>
#include <coauth/impl/detail/https/exchange.ipp>
#include <coauth/impl/detail/https/request_text.ipp>
#include <coauth/impl/detail/https/response_reader.ipp>
#include <coauth/impl/detail/https/tls_context.ipp>
#include <coauth/impl/detail/https/tls_engine.ipp>
#include <coauth/impl/detail/https/tls_session_cache.ipp>
#include <coauth/impl/https_transport.ipp>

#endif
