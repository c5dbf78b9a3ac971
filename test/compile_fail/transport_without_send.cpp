// expect: required for the satisfaction of 'transport<T>'|'blocking_transport' does not satisfy 'transport'
#include <coauth/policy/transport.hpp>

struct blocking_transport {
#ifdef COAUTH_FAIL
    coauth::result<coauth::http_response> send(coauth::http_request request);
#else
    boost::asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request request);
#endif
};

coauth::any_transport make();

coauth::any_transport make() { return coauth::any_transport(blocking_transport()); }
