// Boost.Redis, compiled once. In a file of its own: a program that does so itself does not get this one from the archive.
#include <boost/redis/src.hpp>
