#include "passing.hpp"

#include <iostream>

int main()
{
    const coauth::error expected = coauth::errc::state_mismatch;
#if defined(PASSED_BY_parameter)
    const std::string found = describe(expected);
#elif defined(PASSED_BY_returned)
    const std::string found = refusal().code().message();
#elif defined(PASSED_BY_variable)
    const std::string found = refusal.code().message();
#elif defined(PASSED_BY_nothing)
    const std::string found = refusal();
#endif
    std::cout << (found == expected.code().message() ? "the same error" : "another error") << '\n';
}
