// What the fuzz targets share. A target is one file with one LLVMFuzzerTestOneInput(); see CMakeLists.txt and run.
#ifndef COAUTH_TEST_FUZZ_FUZZ_HPP
#define COAUTH_TEST_FUZZ_FUZZ_HPP

#include <coauth/core/error.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// What has to hold whatever the input is.
inline void require(bool holds, const char* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

inline std::string_view text(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

/// What is before the separator, which is taken off with it; everything if there is none.
inline std::string_view take(std::string_view& rest, char separator)
{
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
}

inline bool visible_or_space(std::string_view value)
{
    return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

/// An error says what happened, and on one line.
inline void check_error(const coauth::error& error)
{
    require(error.code().failed(), "an error has a code");
    std::ostringstream out;
    out << error;
    require(!out.str().empty() && visible_or_space(out.str()), "an error is printed on one line");
    require(visible_or_space(error.description()), "a description is filtered");
}

/// OpenSSL's queue of errors is as empty as it was.
inline void check_error_queue() { require(ERR_peek_error() == 0, "no error is left in OpenSSL's queue"); }

} // namespace fuzz

#endif
