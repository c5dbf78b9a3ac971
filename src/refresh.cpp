// The refresh scheduler and the stores of tokens, compiled once: one of the files of coauth::compiled.
#include <coauth/src/refresh.hpp>
