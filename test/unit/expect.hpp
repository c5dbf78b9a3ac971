// What unit tests compare: outcomes with error codes, printed by their names.
#ifndef COAUTH_TEST_UNIT_EXPECT_HPP
#define COAUTH_TEST_UNIT_EXPECT_HPP

#include <coauth/core/error.hpp>
#include <coauth/core/result.hpp>

#include <ostream>
#include <string>
#include <string_view>

namespace coauth {

// Found by Boost.Test through argument-dependent lookup.
inline std::ostream& boost_test_print_type(std::ostream& stream, errc code) { return stream << name(code); }
inline std::ostream& boost_test_print_type(std::ostream& stream, server_errc code)
{
    return stream << name(code);
}
inline std::ostream& boost_test_print_type(std::ostream& stream, condition value)
{
    return stream << make_error_condition(value).message();
}

namespace test {

/// The error in a result; one without a code if there is none.
template <class T>
error failure(const result<T>& outcome)
{
    return outcome ? error() : outcome.error();
}

/// `ok`, or the error's qualified name.
template <class T>
std::string outcome_name(const result<T>& outcome)
{
    return outcome ? "ok" : outcome.error().qualified_name();
}

/// `ok`, or `coauth.client:<name>`: what outcome_name() has to say.
inline std::string expected_name(errc code) { return code == errc() ? "ok" : error(code).qualified_name(); }

/// All 256 bytes, for tests of what is let through.
inline std::string all_bytes()
{
    std::string out;
    for (int i = 0; i < 256; ++i)
        out += static_cast<char>(i);
    return out;
}

inline std::string repeated(std::string_view text, std::size_t times)
{
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// A text with NULs in it.
template <std::size_t N>
std::string_view bytes(const char (&literal)[N])
{
    return {literal, N - 1};
}

} // namespace test
} // namespace coauth

#endif
