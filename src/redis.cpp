// The adapter to Redis, compiled once: coauth::redis, which is there with Boost 1.84 or newer.
#include <coauth/redis/src.hpp>
