// The whole library as one file for the coroutine lint, and its templates with what people put into them.
#include <all_headers.hpp>
