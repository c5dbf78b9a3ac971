// Floor 4. What the operations of a client do.
#ifndef COAUTH_CLIENT_IMPLEMENTATION_HPP
#define COAUTH_CLIENT_IMPLEMENTATION_HPP

// Header-only, a file that makes a client has to include this; the adapters do, as coauth/https_transport.hpp. Files
// that only call a client do without, and are compiled in half the time.
#include <coauth/client.hpp>
#include <coauth/detail/client_core.hpp>

#endif
