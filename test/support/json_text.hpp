#ifndef COAUTH_TEST_JSON_TEXT_HPP
#define COAUTH_TEST_JSON_TEXT_HPP

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace coauth_test {

/// A member that has to be a string.
inline std::string text_in(const boost::json::object& object, std::string_view name)
{
    return std::string(object.at(name).as_string());
}

} // namespace coauth_test

#endif
