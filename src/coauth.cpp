// The whole library, compiled once: the one file of coauth::compiled.
#include <coauth/src.hpp>
