// expect: required for the satisfaction of 'state_store<|does not satisfy 'state_store'
#include <coauth/client.hpp>

#include <map>
#include <string>

struct policy : coauth::oauth21 {
#ifdef COAUTH_FAIL
    using state_store = std::map<std::string, coauth::pending_login>; // neither bounded nor atomic
#endif
};

void use(coauth::basic_client<policy>& client);
void use(coauth::basic_client<policy>&) {}
