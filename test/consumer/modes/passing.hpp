// Between the two files, exactly one of these.
#include <coauth/core/error.hpp>

#include <string>

#if defined(PASSED_BY_parameter)
std::string describe(const coauth::error& reason);
#elif defined(PASSED_BY_returned)
coauth::error refusal();
#elif defined(PASSED_BY_variable)
extern const coauth::error refusal;
#elif defined(PASSED_BY_nothing)
std::string refusal();
#endif
