// Floor 5. All out-of-line code: include it in exactly one file of a program that defines
// COAUTH_SEPARATE_COMPILATION for all of them. Where that file takes too much memory, include each of these parts in a
// file of its own, as coauth::compiled does.
#ifndef COAUTH_SRC_HPP
#define COAUTH_SRC_HPP

#include <coauth/src/client.hpp>
#include <coauth/src/messages.hpp>
#include <coauth/src/refresh.hpp>
#include <coauth/src/transport.hpp>

#endif
