#include <all_headers.hpp>

int other_file();

int other_file() { return 0; }
