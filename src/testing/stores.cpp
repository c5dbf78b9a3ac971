// The checks of stores, compiled once: one of the files of coauth::testing.
#include <coauth/testing/src/stores.hpp>
