// Floor 5. The out-of-line code of the refresh scheduler and of the stores of tokens.
#ifndef COAUTH_SRC_REFRESH_HPP
#define COAUTH_SRC_REFRESH_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/refresh_scheduler_implementation.hpp>

#include <coauth/impl/detail/basic_refresh_scheduler.ipp>
#include <coauth/impl/detail/grant_table.ipp>
#include <coauth/impl/detail/kept_grant.ipp>
#include <coauth/impl/detail/refresh_machine.ipp>
#include <coauth/impl/detail/refresh_outcome.ipp>
#include <coauth/impl/detail/refresh_pace.ipp>
#include <coauth/impl/detail/timer_wheel.ipp>
#include <coauth/impl/policy/memory_token_store.ipp>
#include <coauth/impl/refresh_scheduler_implementation.ipp>

#if defined(__unix__) || defined(__APPLE__)
#include <coauth/impl/detail/private_file.ipp>
#include <coauth/impl/policy/file_token_store.ipp>
#endif

#endif
