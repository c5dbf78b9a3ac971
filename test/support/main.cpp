// The start of every test executable. Written out, because the precompiled header has included Boost.Test before
// BOOST_TEST_MODULE could be defined here.
#include <boost/test/unit_test.hpp>

namespace {

void name_the_suite() { boost::unit_test::framework::master_test_suite().p_name.value = "coauth"; }

} // namespace

#ifdef __SANITIZE_THREAD__
// Asio's any_executor counts its references with a fence, which the thread sanitizer does not know of: it takes the
// last owner's delete for a race with the others' decrements.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions()
{
    return "race:boost::asio::execution::detail::shared_target_executor\n";
}
#endif

#ifdef BOOST_TEST_DYN_LINK
int main(int argument_count, char** arguments)
{
    const auto initialise = [] {
        name_the_suite();
        return true;
    };
    return boost::unit_test::unit_test_main(initialise, argument_count, arguments);
}
#else
// The static library has a main(), which calls this.
boost::unit_test::test_suite* init_unit_test_suite(int, char**)
{
    name_the_suite();
    return nullptr;
}
#endif
