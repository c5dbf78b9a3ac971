// main() of every test executable. Written out, because the precompiled header has included Boost.Test before
// BOOST_TEST_MODULE could be defined here.
#include <boost/test/unit_test.hpp>

namespace {

bool name_the_suite()
{
    boost::unit_test::framework::master_test_suite().p_name.value = "coauth";
    return true;
}

} // namespace

int main(int argument_count, char** arguments)
{
    return boost::unit_test::unit_test_main(&name_the_suite, argument_count, arguments);
}
