#include <all_headers.hpp>

int other_file();

int main() { return other_file(); }
