// Values, messages, keys and signatures, compiled once: one of the files of coauth::compiled.
#include <coauth/src/messages.hpp>
