// Floor 3. All that is needed to hand a transport over.
#ifndef COAUTH_POLICY_TRANSPORT_HPP
#define COAUTH_POLICY_TRANSPORT_HPP

#include <coauth/detail/transport_model.hpp>
#include <coauth/policy/any_transport.hpp>

#endif
