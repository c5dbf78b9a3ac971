// expect: constraints not satisfied|no matching (constructor|function)
#include <coauth/client.hpp>
#include <coauth/client_implementation.hpp>
#include <coauth/policy/sealed_state_store.hpp>

struct policy : coauth::oauth21 {
    using state_store = coauth::sealed_state_store;
};
using client = coauth::basic_client<policy>;

client make(coauth::issuer server, coauth::client_registration<coauth::public_client> registration,
            coauth::any_transport transport, std::shared_ptr<coauth::sealed_state_store> store);

client make(coauth::issuer server, coauth::client_registration<coauth::public_client> registration,
            coauth::any_transport transport, std::shared_ptr<coauth::sealed_state_store> store)
{
#ifdef COAUTH_FAIL
    return client(std::move(server), std::move(registration), std::move(transport)); // with which keys?
#else
    return client(std::move(server), std::move(registration), std::move(transport), std::move(store));
#endif
}
