// expect: the required expression 'T::fill.out.' is invalid|'T::fill.out.' would be invalid
#include <coauth/client.hpp>

#include <random>

struct policy : coauth::oauth21 {
#ifdef COAUTH_FAIL
    using random_source = std::mt19937_64; // foreseeable after a few values
#endif
};

void use(coauth::basic_client<policy>& client);
void use(coauth::basic_client<policy>&) {}
