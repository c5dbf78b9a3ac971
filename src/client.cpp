// The client and the stores of sign-ins, compiled once: one of the files of coauth::compiled.
#include <coauth/src/client.hpp>
