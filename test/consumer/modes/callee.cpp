#include "passing.hpp"

#if defined(PASSED_BY_parameter)
std::string describe(const coauth::error& reason) { return reason.code().message(); }
#elif defined(PASSED_BY_returned)
coauth::error refusal() { return coauth::errc::state_mismatch; }
#elif defined(PASSED_BY_variable)
const coauth::error refusal = coauth::errc::state_mismatch;
#elif defined(PASSED_BY_nothing)
std::string refusal() { return coauth::error(coauth::errc::state_mismatch).code().message(); }
#endif
