// Stores in Redis. redis_stores.cpp is the one file that compiles Boost.Redis; it is left out where there is none.
#ifndef LOGIN_SERVER_REDIS_STORES_HPP
#define LOGIN_SERVER_REDIS_STORES_HPP

#include "stores.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace login_server {

/** Make the stores that the command line wants in Redis.

    Precondition: there are keys.
*/
void add_redis_stores(const boost::asio::any_io_executor& executor, const options& from, stores& to);

} // namespace login_server

#endif
