#include <coauth/policy/constant_time.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using coauth::constant_time_comparison;

struct throwing_comparison {
    static bool equal(std::string_view left, std::string_view right) { return left == right; }
};
struct odd_comparison {
    static int equal(std::string_view, std::string_view) noexcept { return 1; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_constant_time)

static_assert(coauth::secret_comparison<constant_time_comparison>);
static_assert(!coauth::secret_comparison<throwing_comparison> && !coauth::secret_comparison<odd_comparison> &&
              !coauth::secret_comparison<int>);

BOOST_AUTO_TEST_CASE(CR1_it_compares)
{
    using coauth::test::bytes;
    BOOST_TEST(constant_time_comparison::equal("", ""));
    BOOST_TEST(constant_time_comparison::equal({}, ""));
    BOOST_TEST(constant_time_comparison::equal(bytes("a\0b"), bytes("a\0b")));
    BOOST_TEST(!constant_time_comparison::equal(bytes("a\0b"), bytes("a\0c")));
    BOOST_TEST(!constant_time_comparison::equal("a", ""));
    BOOST_TEST(!constant_time_comparison::equal("", "a"));
    BOOST_TEST(!constant_time_comparison::equal("a", "A"));
    BOOST_TEST(!constant_time_comparison::equal("ab", "a"));
}

BOOST_AUTO_TEST_SUITE_END()
