// The HTTPS transport, compiled once: one of the files of coauth::compiled.
#include <coauth/src/transport.hpp>
