// Floor 1. How the library is built: header-only, or once through coauth/src.hpp.
#ifndef COAUTH_DETAIL_CONFIG_HPP
#define COAUTH_DETAIL_CONFIG_HPP

#include <boost/version.hpp>

#if BOOST_VERSION < 108100
#error "coauth needs Boost 1.81 or newer"
#endif

#ifdef COAUTH_SEPARATE_COMPILATION
#define COAUTH_DECL
#else
#define COAUTH_DECL inline
#endif

#endif
