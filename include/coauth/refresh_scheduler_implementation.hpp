// Floor 4. What the operations of a refresh scheduler do.
#ifndef COAUTH_REFRESH_SCHEDULER_IMPLEMENTATION_HPP
#define COAUTH_REFRESH_SCHEDULER_IMPLEMENTATION_HPP

// Header-only, a file that makes a refresh_scheduler has to include this, as one that makes a client has to include
// coauth/client_implementation.hpp. Files that only use a scheduler do without.
#include <coauth/client_implementation.hpp>
#include <coauth/refresh_scheduler.hpp>

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/refresh_scheduler_implementation.ipp>
#endif

#endif
