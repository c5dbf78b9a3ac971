// What connects clients to the testing authorization server, compiled once: one of the files of coauth::testing.
#include <coauth/testing/src/connection.hpp>
