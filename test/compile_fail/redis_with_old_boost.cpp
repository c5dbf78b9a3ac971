// expect: coauth/redis_store.hpp needs Boost.Redis, which comes with Boost 1.84 and newer
#include <coauth/redis_settings.hpp>

#ifdef COAUTH_FAIL
#undef BOOST_VERSION
#define BOOST_VERSION 108300
#include <coauth/redis_store.hpp>
#endif
