#include <coauth/authorization_code.hpp>

#include "expect.hpp"
#include "memory.hpp"
#include "policy/logins.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <type_traits>

namespace {

using namespace coauth;
using namespace coauth::test;

template <class T>
concept printable = requires(std::ostream& stream, const T& value) { stream << value; };

} // namespace

BOOST_AUTO_TEST_SUITE(authorization_code_and_request)

// CB25: a code that was checked has one owner, and nobody else makes one with a code in it.
static_assert(!std::is_copy_constructible_v<authorization_code> &&
              !std::is_copy_assignable_v<authorization_code>);
static_assert(std::is_nothrow_move_constructible_v<authorization_code> &&
              std::is_nothrow_move_assignable_v<authorization_code>);
static_assert(!std::constructible_from<authorization_code, secret> &&
              !std::constructible_from<authorization_code, std::string> &&
              !std::constructible_from<authorization_code, secret, pending_login>);
// LG3
static_assert(printable<secret> && !printable<authorization_code> && !printable<authorization_request> &&
              !printable<pending_login> && !printable<random_value> && !printable<random_value::encoded>);

BOOST_AUTO_TEST_CASE(an_empty_code_holds_nothing)
{
    authorization_code one;
    const authorization_code other = std::move(one);
    BOOST_TEST(other.application_data() == "");
}

BOOST_AUTO_TEST_CASE(a_request_holds_url_and_binding)
{
    const authorization_request request("https://as.example/authorize?state=x", numbered(7));
    BOOST_TEST(request.url() == "https://as.example/authorize?state=x");
    BOOST_TEST(request.browser_binding() == numbered(7).to_string());
    const authorization_request copy = request;
    BOOST_TEST(copy.browser_binding() == request.browser_binding());
    BOOST_TEST(authorization_request().url().empty());
    BOOST_TEST(authorization_request().browser_binding().empty());
}

BOOST_AUTO_TEST_CASE(LG5_the_binding_is_wiped)
{
    const std::string binding = numbered(7).to_string();
    const freed_memory_watch watch(binding);
    {
        const auto request =
            std::make_unique<authorization_request>("https://as.example/authorize", numbered(7));
        const auto copy = std::make_unique<authorization_request>(*request);
        const auto moved = std::make_unique<authorization_request>(std::move(*request));
        BOOST_TEST(copy->browser_binding() == binding);
        BOOST_TEST(moved->browser_binding() == binding);
    }
    BOOST_TEST(watch.blocks() > 3u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
