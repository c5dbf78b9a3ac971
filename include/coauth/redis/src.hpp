// Floor 5. All out-of-line code of coauth/redis_store.hpp: include it in exactly one file, next to coauth/src.hpp. One
// file of the program, this one or another, also has to include <boost/redis/src.hpp>.
#ifndef COAUTH_REDIS_SRC_HPP
#define COAUTH_REDIS_SRC_HPP

#ifndef COAUTH_SEPARATE_COMPILATION
#error "define COAUTH_SEPARATE_COMPILATION for every file of the program to compile coauth once"
#endif

#include <coauth/impl/detail/redis/link.ipp>
#include <coauth/impl/detail/redis/script.ipp>
#include <coauth/impl/redis_store.ipp>

#endif
