// The one file of an application that makes the transport.
#include <coauth/https_transport.hpp>

coauth::any_transport make_transport();

coauth::any_transport make_transport() { return coauth::https_transport::create().value(); }
