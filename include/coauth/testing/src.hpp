// Floor 5. All out-of-line code of coauth/testing/: include it in exactly one file, next to coauth/src.hpp; or each of its
// parts in a file of its own.
#ifndef COAUTH_TESTING_SRC_HPP
#define COAUTH_TESTING_SRC_HPP

#include <coauth/testing/src/connection.hpp>
#include <coauth/testing/src/misbehaviours.hpp>
#include <coauth/testing/src/server.hpp>
#include <coauth/testing/src/stores.hpp>

#endif
