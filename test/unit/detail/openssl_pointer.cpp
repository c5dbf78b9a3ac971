#include <coauth/detail/openssl_pointer.hpp>

#include <boost/test/unit_test.hpp>

namespace {

int freed = 0;
void free_int(int* object)
{
    ++freed;
    delete object;
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_openssl_pointer)

BOOST_AUTO_TEST_CASE(it_frees_once_with_the_function_it_was_given)
{
    using pointer = coauth::detail::openssl_pointer<int, free_int>;
    static_assert(sizeof(pointer) == sizeof(int*));
    freed = 0;
    {
        pointer one(new int(1));
        const pointer two = std::move(one);
        const pointer none;
        BOOST_TEST(*two == 1);
        BOOST_TEST(freed == 0);
    }
    BOOST_TEST(freed == 1);
}

BOOST_AUTO_TEST_SUITE_END()
