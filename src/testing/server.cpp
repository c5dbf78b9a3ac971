// What the testing authorization server answers, compiled once: one of the files of coauth::testing.
#include <coauth/testing/src/server.hpp>
