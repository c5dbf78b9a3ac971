// Floor 1.
#ifndef COAUTH_CORE_RESULT_HPP
#define COAUTH_CORE_RESULT_HPP

#include <coauth/core/error.hpp>

#include <boost/system/result.hpp>

namespace coauth::inline COAUTH_MODE {

/** A value or the coauth::error that stands in its place. `.value()` throws coauth::exception. */
template <class T>
using result = boost::system::result<T, error>;

} // namespace coauth::inline COAUTH_MODE

#endif
