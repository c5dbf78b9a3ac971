// Floor 5. The out-of-line code of the client and of the stores of sign-ins.
#ifndef COAUTH_SRC_CLIENT_HPP
#define COAUTH_SRC_CLIENT_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/client_implementation.hpp>

#include <coauth/impl/detail/client_core.ipp>
#include <coauth/impl/detail/grant_operation.ipp>
#include <coauth/impl/detail/http_messages.ipp>
#include <coauth/impl/detail/identity_check.ipp>
#include <coauth/impl/detail/known_server.ipp>
#include <coauth/impl/detail/pending_table.ipp>
#include <coauth/impl/detail/replay_cache.ipp>
#include <coauth/impl/detail/shared_fetch.ipp>
#include <coauth/impl/discover.ipp>
#include <coauth/impl/policy/http.ipp>
#include <coauth/impl/policy/memory_state_store.ipp>
#include <coauth/impl/policy/sealed_state_store.ipp>
#include <coauth/impl/resource.ipp>

namespace coauth::inline COAUTH_MODE {

template class detail::shared_fetch<>;
template class detail::server_directory<>;
template class detail::client_core<>;
template class basic_client<oauth21>;
template class basic_client<oauth20_compatible>;

} // namespace coauth::inline COAUTH_MODE

#endif
