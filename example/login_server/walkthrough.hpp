// Signs a test user in, as a browser would, and says what happens at each step.
#ifndef LOGIN_SERVER_WALKTHROUGH_HPP
#define LOGIN_SERVER_WALKTHROUGH_HPP

#include "embedded_provider.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>

namespace login_server {

/** Begin; the server has to be listening.
    @param done called once at the end, with whether everything went as it should
*/
void start_walkthrough(boost::asio::io_context& context, std::string redirect_uri,
                       embedded_provider& provider, std::function<void(bool)> done);

} // namespace login_server

#endif
