// The authorization server to test against, compiled once: the one file of coauth::testing.
#include <coauth/testing/src.hpp>
