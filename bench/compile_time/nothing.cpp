// What every file with a coroutine of Asio's compiles.
#include <boost/asio/awaitable.hpp>
