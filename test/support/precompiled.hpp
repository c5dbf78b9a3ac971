// What nearly every test includes and nobody edits, parsed once. Nothing of coauth itself: it changes.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// BOOST_TEST with a message lets the compiler choose between two conversions of Boost.Test's, and g++ 16 says so where
// the message stands (-Wconversion), in the file of the test. This overload has chosen.
namespace boost::test_tools::tt_detail {

template <class Expression>
bool report_assertion(assertion_evaluate_t<Expression> evaluation, const unit_test::lazy_ostream& text,
                      const_string file, std::size_t line, tool_level level, check_type check,
                      std::size_t arguments)
{
    return report_assertion(evaluation.operator assertion_result(), text, file, line, level, check,
                            arguments);
}

} // namespace boost::test_tools::tt_detail
