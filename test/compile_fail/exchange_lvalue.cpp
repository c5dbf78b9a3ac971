// expect: cannot bind rvalue reference of type .*authorization_code&&|rvalue reference to type .*authorization_code.* cannot bind to lvalue
#include <coauth/client.hpp>

boost::asio::awaitable<coauth::result<coauth::token_set>> exchange(coauth::client& client,
                                                                   coauth::authorization_code& code);

// Whoever exchanges a code says that it is gone afterwards.
boost::asio::awaitable<coauth::result<coauth::token_set>> exchange(coauth::client& client,
                                                                   coauth::authorization_code& code)
{
#ifdef COAUTH_FAIL
    return client.exchange(code);
#else
    return client.exchange(std::move(code));
#endif
}
