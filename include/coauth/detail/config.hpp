// Floor 1. How the library is built: header-only, or once through coauth/src.hpp.
#ifndef COAUTH_DETAIL_CONFIG_HPP
#define COAUTH_DETAIL_CONFIG_HPP

#include <boost/version.hpp>

#if BOOST_VERSION < 108100
#error "coauth needs Boost 1.81 or newer"
#endif

// COAUTH_LAZY, and COAUTH_LAZY_DECL in the .ipp, stand before functions that only some users need: header-only, they
// are templates, as the compiler makes code for every inline coroutine it sees, but not for unused templates.
//
// COAUTH_MODE names the inline namespace of every declaration, so that a header-only and a compiled file of one program
// do not link what only looks alike: a function of one mode that takes a type of the other is not found. COAUTH_TAG does
// the same for functions that only return such a type, and for variables, whose types are no part of a symbol.
#ifdef COAUTH_SEPARATE_COMPILATION
#define COAUTH_MODE compiled
#define COAUTH_TAG "coauth_compiled"
#define COAUTH_DECL
#define COAUTH_LAZY
#define COAUTH_LAZY_DECL
#else
#define COAUTH_MODE header_only
#define COAUTH_TAG "coauth_header_only"
#define COAUTH_DECL inline
#define COAUTH_LAZY template <int = 0>
#define COAUTH_LAZY_DECL template <int>
#endif

#if __has_cpp_attribute(gnu::abi_tag)
namespace coauth {
inline namespace [[gnu::abi_tag(COAUTH_TAG)]] COAUTH_MODE {
}
} // namespace coauth
#endif

// COAUTH_COROUTINES_BEGIN and COAUTH_COROUTINES_END enclose the coroutines of a file. g++ (seen with 12 and 16) says
// -Wmismatched-new-delete, which is in -Wall, of coroutines of Asio as soon as it optimises: it expands the frame's
// operator delete, which frees, but not its operator new, and takes that for a mismatch.
#ifdef __GNUC__
#define COAUTH_COROUTINES_BEGIN                                                                              \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wmismatched-new-delete\"")
#define COAUTH_COROUTINES_END _Pragma("GCC diagnostic pop")
#else
#define COAUTH_COROUTINES_BEGIN
#define COAUTH_COROUTINES_END
#endif

#endif
